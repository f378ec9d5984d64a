"""What is done with one film: making it again, saving it again."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, cast

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from assets_app import engine
from assets_app.engine.locating import save_anew
from assets_app.forms.continuing import continued
from assets_app.middleware import TeamRequest
from assets_app.models import Origin
from assets_app.models.generation import takes_of_click
from assets_app.money.limits import OverBudget
from assets_app.views.access import editors_only
from assets_app.views.answers import go_to, said
from assets_app.views.one_film import film_of
from assets_app.views.starting import follow, follow_first, start_at_once
from assets_app.views.takes import Take

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@require_POST
@editors_only
def make_again(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """The very same request once more, for one that failed through nobody's fault. Where that cannot be, the form.

    The click follows from what failed: however often and by whomever it is pressed, one is made.
    """
    failed = film_of(request, pk)
    if not Take(failed).may_be_made_again:
        return redirect("video", request.team.slug, pk)
    click = uuid.uuid5(failed.pk, "again")
    if made := takes_of_click(request.team, click):
        return follow_first(request, made[0])
    form = continued(request.team, failed, {"as": Origin.AGAIN}, click=click)
    composer = f"{reverse('studio', args=[request.team.slug])}?from={failed.pk}"
    try:
        again = start_at_once(request, form, model=failed.model)
    except OverBudget:  # the composer says why
        again = None
    return follow(request, again) if again else go_to(request, composer)


@require_POST
@editors_only
def save_again(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Try once more to fetch our own copy from the provider, asking it first where the film is now."""
    take = Take(film_of(request, pk))
    if take.may_be_saved_again and save_anew(take.generation, cast("User", request.user)):
        engine.wake()
        return said(request, "Asking the provider for it again.", "video", request.team.slug, pk)
    if take.film or (take.video and take.video.state == "copying"):
        return said(request, "It is saved, or on its way.", "video", request.team.slug, pk)
    words = "There is no job to ask the provider about."
    return said(request, words, "video", request.team.slug, pk, is_problem=True)

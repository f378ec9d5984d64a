"""What is made of a film: the shot after it, a reference, the same again, the final of a draft."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from assets_app import engine
from assets_app.films import making
from assets_app.films.making import CannotMake
from assets_app.forms.continuing import continued
from assets_app.middleware import TeamRequest
from assets_app.models import Generation, MadeBy, Origin
from assets_app.models.generation import takes_of_click
from assets_app.money.limits import OverBudget
from assets_app.views.access import editors_only
from assets_app.views.answers import go_to, said
from assets_app.views.one_film import film_of
from assets_app.views.starting import follow, follow_first, start_at_once
from assets_app.views.takes import Take

if TYPE_CHECKING:
    from django.contrib.auth.models import User


# --- assets ----------------------------------------------------------------------------------------------------------
@require_POST
@editors_only
def next_shot(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Its last frame becomes an asset, and the composer opens with that as the start of the next film. The picture may
    still be in the making: the next film waits for it.
    """
    generation = film_of(request, pk)
    try:
        frame = making.make(generation, MadeBy.LAST_FRAME, cast("User", request.user))
    except CannotMake as why:
        return _back(request, generation, str(why))
    engine.wake()
    return go_to(request, f"{reverse('studio', args=[request.team.slug])}?{urlencode({'from': pk, 'then': frame.pk})}")


@require_http_methods(["GET", "HEAD", "POST"])
@editors_only
def as_reference(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """The film becomes an asset and the composer opens with it, beside what was being composed. Where the provider may
    refuse it, that is said first, on a page of its own, and it is done all the same when `anyway` is sent.
    """
    generation = film_of(request, pk)
    take = Take(generation)
    problems = making.problems_as_reference(take.film) if take.film else []
    if request.method != "POST":
        is_refused = any(problem.severity == "refuse" for problem in problems)
        context = {"take": take, "problems": problems, "is_refused": is_refused, "place": "videos"}
        return render(request, "making/reference.html", context)
    if problems and not request.POST.get("anyway"):
        return go_to(request, request.path)
    try:
        asset = making.make(generation, MadeBy.FILM, cast("User", request.user))
    except CannotMake as why:
        return _back(request, generation, str(why))
    engine.wake()
    return go_to(request, f"{reverse('studio', args=[request.team.slug])}?{urlencode({'asset': asset.pk})}")


# --- generations -----------------------------------------------------------------------------------------------------
@require_POST
@editors_only
def run_again(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """The very same request as a new take.

    `?n=` is how many came of it before, as the page knew it; the press follows from it, so that a double click, a
    second tab or an answer that was lost make one.
    """
    generation = film_of(request, pk)
    number = request.GET.get("n", "")
    runs: int = generation.runs  # type: ignore[attr-defined]
    press = min(int(number), runs) if number.isascii() and number.isdecimal() and len(number) < 6 else runs
    return _started(request, generation, Origin.AGAIN, uuid.uuid5(pk, f"again:{press}"))


@require_POST
@editors_only
def make_final(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """A draft as it was meant: the same words, references and settings, with the model and resolution it stands for.
    However often it is pressed, there is one.
    """
    generation = film_of(request, pk)
    if not generation.is_draft:
        return _back(request, generation, "This is no draft: it is as final as it gets.")
    return _started(request, generation, Origin.FINAL, uuid.uuid5(pk, "final"))


def _started(request: TeamRequest, generation: Generation, origin: Origin, click: uuid.UUID) -> HttpResponse:
    """Where it cannot be sent as it stands, the composer says why, with everything filled in."""
    if made := takes_of_click(request.team, click):
        return _followed_before(request, made[0])
    form = continued(request.team, generation, {"as": origin}, click=click)
    model = form.plan.model.id if origin == Origin.FINAL else generation.model
    address = f"{reverse('studio', args=[request.team.slug])}?{urlencode({'from': generation.pk, 'as': origin})}"
    try:
        again = start_at_once(request, form, model=model)
    except OverBudget as why:
        return _back(request, generation, str(why))
    return follow(request, again) if again else go_to(request, address)


def _followed_before(request: TeamRequest, made: Generation) -> HttpResponse:
    """A final was made before, and is shown; a press of "Run again" has only come twice, and says nothing."""
    if made.origin == Origin.FINAL:
        return follow_first(request, made)
    if request.htmx:  # type: ignore[attr-defined]
        return trigger_client_event(HttpResponse(status=204), "castboard:changed", {})
    return redirect("video", request.team.slug, made.pk)


# --- going on --------------------------------------------------------------------------------------------------------
def _back(request: TeamRequest, generation: Generation, why: str) -> HttpResponse:
    return said(request, why, "video", request.team.slug, generation.pk, is_problem=True)

"""What a person says became of a film that was sent and never heard of again: it ran, or it never ran."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, cast

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from assets_app import engine
from assets_app.apiframe.values import LONGEST_ID
from assets_app.engine import lost
from assets_app.middleware import TeamRequest
from assets_app.views.access import editors_only
from assets_app.views.answers import said
from assets_app.views.one_film import film_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User

KNOWN_BY_NOW = "It is known by now what became of it."
UNCLEAR = "Say whether it ran or never ran. Nothing was changed."
ANOTHER_FILMS = "That job belongs to another film. Nothing was changed."


@require_POST
@editors_only
def say_outcome(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """`outcome` is "ran" or "never"; with "ran" goes `job`, its id at the provider, where it is known."""
    film, user = film_of(request, pk), cast("User", request.user)
    job_id = request.POST.get("job", "").strip()
    if not lost.is_asked_about(film):
        return _say(request, pk, KNOWN_BY_NOW, is_problem=True)
    outcome = request.POST.get("outcome")
    if outcome not in ("ran", "never"):
        return _say(request, pk, UNCLEAR, is_problem=True)
    if outcome == "never":
        done, words = lost.say_it_never_ran(film, user), "It counts 0 credits now. Should it turn up, it is shown."
    elif len(job_id) > LONGEST_ID or not job_id.isprintable():
        return _say(request, pk, "This is no id of a job. Nothing was changed.", is_problem=True)
    else:
        done = lost.say_it_ran(film, user, job_id)
        held = f"It counts the {film.spend:,} credits that were held for it."
        words = "It is being asked about by that id." if job_id else held
    if not done:
        return _say(request, pk, ANOTHER_FILMS if job_id else KNOWN_BY_NOW, is_problem=True)
    engine.wake()
    return _say(request, pk, words)


def _say(request: TeamRequest, pk: uuid.UUID, words: str, *, is_problem: bool = False) -> HttpResponse:
    return said(request, words, "video", request.team.slug, pk, is_problem=is_problem)

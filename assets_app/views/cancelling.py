"""Calling films off: one, or all takes of a press. What is said is what came of it, never what the page had shown."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import TYPE_CHECKING, cast

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from assets_app.middleware import TeamRequest
from assets_app.models import Cancel
from assets_app.models.generation import takes_of_click
from assets_app.views.access import editors_only
from assets_app.views.answers import said
from assets_app.views.one_film import film_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User

OF_ONE = {
    Cancel.ASKED: "It is being sent right now. It is cancelled unless the provider takes it.",
    Cancel.UNKNOWN: "It was sent and no answer came back, so the provider may have it. It is not sent again.",
    Cancel.TOO_LATE: "Too late: it is with the provider already, which has no way to cancel.",
    Cancel.OVER: "There is nothing left to cancel: it is over.",
}
OF_SEVERAL = {  # by number: "1 is being sent…", "2 are being sent…"
    Cancel.ASKED: "being sent right now, and cancelled unless the provider takes {them}",
    Cancel.UNKNOWN: "with the provider or not, for no answer came back; {they} not sent again",
    Cancel.TOO_LATE: "with the provider already, which has no way to cancel",
}
GOOD = (Cancel.DONE, Cancel.ASKED)


@require_POST
@editors_only
def cancel(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    film = film_of(request, pk)
    outcome = film.cancel(cast("User", request.user))
    words = film.reason if outcome is Cancel.DONE else OF_ONE[outcome]
    return said(request, words, "video", request.team.slug, pk, is_problem=outcome not in GOOD)


@require_POST
@editors_only
def cancel_set(request: TeamRequest, click: uuid.UUID) -> HttpResponse:
    takes = takes_of_click(request.team, click)
    if not takes:
        return said(request, "There are no such takes.", "videos", request.team.slug, is_problem=True)
    outcomes = Counter(take.cancel(cast("User", request.user)) for take in takes)
    is_problem = not any(outcomes[outcome] for outcome in GOOD)
    return said(request, _words_of(outcomes), "videos", request.team.slug, is_problem=is_problem)


def _words_of(outcomes: Counter[Cancel]) -> str:
    number = outcomes[Cancel.DONE]
    words = []
    if number or set(outcomes) == {Cancel.OVER}:
        words.append(f"{number} of {outcomes.total()} cancelled.")
    if number:
        words.append(f"Nothing was charged for {'it' if number == 1 else 'them'}.")
    for outcome, told in OF_SEVERAL.items():
        if number := outcomes[outcome]:
            they = ("it is", "it") if number == 1 else ("they are", "them")
            words.append(f"{number} {'is' if number == 1 else 'are'} {told.format(they=they[0], them=they[1])}.")
    return " ".join(words)

"""What is done to many films at once, from the bar over the list of videos, and their trash."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from django.contrib.auth.models import User
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from assets_app.films.actions import ACTIONS
from assets_app.films.finding import Reel
from assets_app.films.query import FilmQuery
from assets_app.many import Action
from assets_app.middleware import TeamRequest
from assets_app.models import Generation
from assets_app.views.many import MOST, Bar, named

BAR = Bar(ACTIONS, do="videos-do", page="videos")


@require_POST
def do(request: TeamRequest, action: str) -> HttpResponse:
    """Do it to the films named by `film`, or with `all` to all that `query` finds right now."""
    return BAR.do(request, action, _chosen)


def _chosen(request: TeamRequest, action: Action[Generation]) -> Sequence[Generation]:
    films = Generation.objects.filter(team=request.team).defer("request", "provider_answer")
    films = films.in_trash() if action.of_trash else films.live()
    if not request.POST.get("all"):
        return named(films, request.POST.getlist("film"))
    if action.of_trash:
        return list(films[: MOST + 1])
    query = FilmQuery.from_string(request.POST.get("query", ""))
    found = Reel(request.team, cast("User", request.user), query).films()
    return list(found.defer("request", "provider_answer")[: MOST + 1])

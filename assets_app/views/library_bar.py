"""What is done to many assets at once, from the bar of the library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from assets_app.library.actions import ACTIONS
from assets_app.library.finding import Shelf
from assets_app.library.query import LibraryQuery
from assets_app.many import Action
from assets_app.middleware import TeamRequest
from assets_app.models import Asset
from assets_app.views.many import MOST, Bar, named

BAR = Bar(ACTIONS, do="assets-do", page="assets")


@require_POST
def do(request: TeamRequest, action: str) -> HttpResponse:
    """Do it to the assets named by `asset`, or with `all` to all that the library's `query` finds right now."""
    return BAR.do(request, action, _chosen)


def _chosen(request: TeamRequest, action: Action[Asset]) -> Sequence[Asset]:
    assets = Asset.objects.filter(team=request.team)
    assets = assets.in_trash() if action.of_trash else assets.live()
    if not request.POST.get("all"):
        return named(assets, request.POST.getlist("asset"))
    if action.of_trash:
        return list(assets[: MOST + 1])
    query = LibraryQuery.from_string(request.POST.get("query", ""))
    return list(Shelf(request.team, cast("User", request.user), query).assets()[: MOST + 1])


@require_safe
def lines(request: TeamRequest) -> HttpResponse:
    """The `asset://` lines of all that a query finds, as text to copy."""
    query = LibraryQuery.from_params(request.GET)
    found = Shelf(request.team, cast("User", request.user), query).assets().exclude(provider_id="")
    ids = found.order_by("-number").values_list("provider_id", flat=True)[:MOST]
    return HttpResponse("\n".join(f"asset://{pk}" for pk in ids), content_type="text/plain; charset=utf-8")


@require_safe
def keys(request: TeamRequest) -> HttpResponse:
    """The map of keys."""
    return render(request, "library/_keys.html")

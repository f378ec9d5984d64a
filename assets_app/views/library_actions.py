"""What is done to many assets at once, from the bar of the library."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from assets_app import engine
from assets_app.library.actions import ACTIONS, Action, Answer, Doer
from assets_app.library.finding import Shelf
from assets_app.library.query import LibraryQuery
from assets_app.middleware import TeamRequest
from assets_app.models import Asset

# More at once would hold up everybody else's work.
MOST = 20_000


@require_POST
def do(request: TeamRequest, action: str) -> HttpResponse:
    """Do it to the assets named by `asset`, or with `all` to all that the library's `query` finds right now."""
    found = ACTIONS.get(action)
    if found is None:
        raise Http404
    if not found.may(request.membership):
        raise PermissionDenied
    form = found.form(request.POST)
    if not form.is_valid():
        problem = next(iter(form.errors.values()))[0]
        return _answer(request, str(problem), status=422)
    assets = _chosen(request, found)
    if not assets:
        return _answer(request, "Nothing is selected any more.", status=422)
    if len(assets) > MOST:
        return _answer(request, f"That is more than {MOST:,} at once. Narrow the library down first.", status=422)
    doer = Doer(request.team, cast("User", request.user), request.membership)
    answer = found.in_batches(doer, assets, form)
    if found.wakes_engine and answer.done:
        engine.wake()
    return _answer(request, found.sentence(answer), done=answer, undone_by=found.undone_by)


def _chosen(request: TeamRequest, action: Action) -> Sequence[Asset]:
    assets = Asset.objects.filter(team=request.team)
    assets = assets.in_trash() if action.name in ("restore", "purge") else assets.live()
    if request.POST.get("all"):
        if action.name in ("restore", "purge"):
            return list(assets[: MOST + 1])
        query = LibraryQuery.from_string(request.POST.get("query", ""))
        return list(Shelf(request.team, cast("User", request.user), query).assets()[: MOST + 1])
    ids = [pk for pk in map(_uuid, request.POST.getlist("asset")[: MOST + 1]) if pk]
    chosen: list[Asset] = []
    for start in range(0, len(ids), 500):
        chosen += assets.filter(pk__in=ids[start : start + 500])
    return chosen


def _answer(
    request: TeamRequest, said: str, *, status: int = 200, done: Answer | None = None, undone_by: str = ""
) -> HttpResponse:
    """In words: as JSON for the bar's own script, with what takes it back; else as a message on the page before."""
    if request.headers.get("Accept", "").startswith("application/json"):
        body: dict[str, Any] = {"said": said, "done": [str(asset.pk) for asset in done.done] if done else []}
        body["removed"] = undone_by == "restore"
        if done and done.done and undone_by and len(done.done) <= 1000:
            body["undo"] = reverse("assets-do", args=[request.team.slug, undone_by])
        return JsonResponse(body, status=status)
    (messages.info if status == 200 else messages.error)(request, said)
    back = request.POST.get("back", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = reverse("assets", args=[request.team.slug])
    return redirect(back)


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


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None

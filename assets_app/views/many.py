"""How a bar's verb is carried out and answered, whatever kind of row it is done to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse

from assets_app import engine
from assets_app.addresses import uuid_or_none
from assets_app.many import Action, Answer, Doer
from assets_app.middleware import TeamRequest
from assets_app.views.answers import way_back

# More at once would hold up everybody else's work.
MOST = 20_000
MOST_UNDONE = 1000

Row = TypeVar("Row", bound=Model)


class Bar:
    """A bar as its view knows it: the verbs, the route `do` that carries them out, and the page to go back to."""

    def __init__(self, actions: Mapping[str, Action[Any]], *, do: str, page: str) -> None:
        self.actions, self.route, self.page = actions, do, page

    def addresses(self, request: TeamRequest, names: Sequence[str]) -> dict[str, str]:
        """Where each verb is sent, for those this member may use."""
        return {
            name.replace("-", "_"): reverse(self.route, args=[request.team.slug, name])
            for name in names
            if self.actions[name].may(request.membership)
        }

    def do(
        self, request: TeamRequest, name: str, chosen: Callable[[TeamRequest, Action[Row]], Sequence[Row]]
    ) -> HttpResponse:
        """Carry out the verb `name` on what `chosen` finds."""
        action = self.actions.get(name)
        if action is None:
            raise Http404
        if not action.may(request.membership):
            raise PermissionDenied
        form = action.form(request.POST)
        if not form.is_valid():
            return self._answer(request, str(next(iter(form.errors.values()))[0]), status=422)
        rows = chosen(request, action)
        if not rows:
            return self._answer(request, "Nothing is selected any more.", status=422)
        if len(rows) > MOST:
            return self._answer(request, f"That is more than {MOST:,} at once. Narrow it down first.", status=422)
        doer = Doer(request.team, cast("User", request.user), request.membership)
        answer = action.in_batches(doer, rows, form)
        if action.wakes_engine and answer.done:
            engine.wake()
        return self._answer(request, action.sentence(answer), done=answer, undone_by=action.undone_by)

    def _answer(
        self,
        request: TeamRequest,
        said: str,
        *,
        status: int = 200,
        done: Answer[Any] | None = None,
        undone_by: str = "",
    ) -> HttpResponse:
        """In words: as JSON for the bar's own script, with what takes it back; else as a message on the page before."""
        if request.headers.get("Accept", "").startswith("application/json"):
            body: dict[str, Any] = {"said": said, "done": [str(row.pk) for row in done.done] if done else []}
            body["removed"] = undone_by == "restore"
            if done and done.done and undone_by and len(done.done) <= MOST_UNDONE:
                body["undo"] = reverse(self.route, args=[request.team.slug, undone_by])
            return JsonResponse(body, status=status)
        return self.back(request, said, is_problem=status != 200)

    def back(self, request: TeamRequest, said: str, *, is_problem: bool = False) -> HttpResponse:
        """The page that the bar was on, with a message."""
        (messages.error if is_problem else messages.info)(request, said)
        return redirect(way_back(request, "back", reverse(self.page, args=[request.team.slug])))


def named(rows: QuerySet[Row], ids: Sequence[str]) -> list[Row]:
    """Those of the rows that are named, in batches that every database takes."""
    keys = [key for key in map(uuid_or_none, ids[: MOST + 1]) if key]
    found: list[Row] = []
    for start in range(0, len(keys), 500):
        found += rows.filter(pk__in=keys[start : start + 500])
    return found

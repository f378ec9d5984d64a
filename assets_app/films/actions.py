"""The verbs of the bar over the list of videos, and of their trash."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assets_app.films import changes, trash
from assets_app.forms.library import RatingForm
from assets_app.many import Action, Answer, Doer
from assets_app.models import Generation, Membership

if TYPE_CHECKING:
    from django.forms import Form


class Rate(Action[Generation]):
    name, label, past, icon = "rate", "Rate", "Rated", "star"
    form = RatingForm

    def apply(self, doer: Doer, rows: Sequence[Generation], form: Form) -> Answer[Generation]:
        changes.rate(doer.team, doer.user, rows, form.cleaned_data["rating"])
        return Answer(list(rows))


class AddStar(Action[Generation]):
    name, label, past, icon = "star", "Star", "Starred", "star"
    undone_by = "unstar"

    def may(self, membership: Membership) -> bool:
        return True

    def apply(self, doer: Doer, rows: Sequence[Generation], form: Form) -> Answer[Generation]:
        changes.star(doer.user, rows)
        return Answer(list(rows))


class RemoveStar(Action[Generation]):
    name, label, past, icon = "unstar", "Unstar", "Unstarred", "star"
    undone_by = "star"

    def may(self, membership: Membership) -> bool:
        return True

    def apply(self, doer: Doer, rows: Sequence[Generation], form: Form) -> Answer[Generation]:
        changes.unstar(doer.user, rows)
        return Answer(list(rows))


class ThrowAway(Action[Generation]):
    name, label, past, icon = "trash", "Trash", "To the trash:", "trash"
    undone_by = "restore"

    def apply(self, doer: Doer, rows: Sequence[Generation], form: Form) -> Answer[Generation]:
        done = changes.throw_away(doer.team, doer.user, rows)
        busy, gone = "it is still being made; trash it when it is done", "it is in the trash already"
        others = _others(rows, done, "")
        return Answer(done, [(film, busy if film.state in changes.UNDER_WAY else gone) for film, _ in others])


class Restore(Action[Generation]):
    name, label, past, icon = "restore", "Restore", "Restored", "undo"
    undone_by = "trash"
    of_trash = True

    def apply(self, doer: Doer, rows: Sequence[Generation], form: Form) -> Answer[Generation]:
        done = changes.restore(doer.team, doer.user, rows)
        return Answer(done, _others(rows, done, "it is no longer in the trash"))


class Purge(Action[Generation]):
    name, label, past, icon = "purge", "Delete for good", "Deleted for good:", "trash"
    of_trash = True

    def may(self, membership: Membership) -> bool:
        return membership.is_admin

    def apply(self, doer: Doer, rows: Sequence[Generation], form: Form) -> Answer[Generation]:
        done = [film for row in rows for film in trash.purge([row], doer.user)]
        return Answer(done, _others(rows, done, "it is still being saved, or no longer in the trash"))


def _others(rows: Sequence[Generation], done: Sequence[Generation], why: str) -> list[tuple[Generation, str]]:
    keys = {film.pk for film in done}
    return [(film, why) for film in rows if film.pk not in keys]


ACTIONS: dict[str, Action[Generation]] = {
    action.name: action for action in (Rate(), AddStar(), RemoveStar(), ThrowAway(), Restore(), Purge())
}

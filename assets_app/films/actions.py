"""The verbs of the bar over the list of videos, and of their trash."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assets_app.films import changes, trash
from assets_app.library.verb_forms import RatingForm
from assets_app.many import Action, AddStar, Answer, Doer, Purge, RemoveStar, Restore, others
from assets_app.models import Generation

if TYPE_CHECKING:
    from django.forms import Form


class Rate(Action[Generation]):
    name, label, past, icon = "rate", "Rate", "Rated", "star"
    form = RatingForm

    def apply(self, doer: Doer, rows: Sequence[Generation], form: Form) -> Answer[Generation]:
        changes.rate(doer.team, doer.user, rows, form.cleaned_data["rating"])
        return Answer(list(rows))


class ThrowAway(Action[Generation]):
    name, label, past, icon = "trash", "Trash", "To the trash:", "trash"
    undone_by = "restore"

    def apply(self, doer: Doer, rows: Sequence[Generation], form: Form) -> Answer[Generation]:
        done = changes.throw_away(doer.team, doer.user, rows)
        busy, gone = "it is still being made; trash it when it is done", "it is in the trash already"
        failed = [(film, busy if film.state in changes.UNDER_WAY else gone) for film, _ in others(rows, done, "")]
        return Answer(done, failed)


ACTIONS: dict[str, Action[Generation]] = {
    action.name: action
    for action in (
        Rate(),
        AddStar(changes.star),
        RemoveStar(changes.unstar),
        ThrowAway(),
        Restore(changes.restore),
        Purge(trash.purge, "it is still being saved"),
    )
}

"""What can be done to many rows at once, from a bar: a class for each verb, and an answer for each row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from django import forms
from django.db import models

from assets_app.models import Membership, Team

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# So many rows are changed in one transaction: the engine waits for the lock meanwhile.
BATCH = 500
NAMED = 3

Row = TypeVar("Row", bound=models.Model)


class NoChoice(forms.Form):
    """For what needs no more than the press of a button."""


@dataclass
class Answer(Generic[Row]):
    """What came of it: which rows were done, and why the others were not."""

    done: list[Row] = field(default_factory=list)
    failed: list[tuple[Row, str]] = field(default_factory=list)
    remark: str = ""

    def add(self, other: Answer[Row]) -> None:
        self.done += other.done
        self.failed += other.failed
        self.remark = self.remark or other.remark


@dataclass(frozen=True)
class Doer:
    """Who does it, and where."""

    team: Team
    user: User
    membership: Membership


class Action(Generic[Row]):
    """One verb of the bar. `name` stands in the address, `label` on the button, `past` begins the answer."""

    name: ClassVar[str]
    label: ClassVar[str]
    past: ClassVar[str]
    icon: ClassVar[str] = ""
    form: ClassVar[type[forms.Form]] = NoChoice
    undone_by: ClassVar[str] = ""
    wakes_engine: ClassVar[bool] = False
    of_trash: ClassVar[bool] = False
    """Whether it is done to what is in the trash, and not to what is out of it."""

    def may(self, membership: Membership) -> bool:
        return membership.may_edit

    def apply(self, doer: Doer, rows: Sequence[Row], form: forms.Form) -> Answer[Row]:
        """Do it to some hundred rows; `form` is valid."""
        raise NotImplementedError

    def in_batches(self, doer: Doer, rows: Sequence[Row], form: forms.Form) -> Answer[Row]:
        answer: Answer[Row] = Answer()
        for batch in _batches(rows):
            answer.add(self.apply(doer, batch, form))
        return answer

    def sentence(self, answer: Answer[Row]) -> str:
        """ "Tagged 11, 1 failed: tram 4 (moved on meanwhile)"."""
        said = f"{self.past} {len(answer.done):,}"
        if answer.failed:
            named = "; ".join(f"{row} ({why})" for row, why in answer.failed[:NAMED])
            rest = f" and {len(answer.failed) - NAMED:,} more" if len(answer.failed) > NAMED else ""
            said += f", {len(answer.failed):,} failed: {named}{rest}"
        return f"{said}. {answer.remark}".strip()


def _batches(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


# --- verbs that every list has ---------------------------------------------------------------------------------------
class AddStar(Action[Row]):
    name, label, past, icon = "star", "Star", "Starred", "star"
    undone_by = "unstar"

    def __init__(self, star: Callable[[User, Sequence[Row]], None]) -> None:
        self.star = star

    def may(self, membership: Membership) -> bool:
        return True  # a star is a person's own

    def apply(self, doer: Doer, rows: Sequence[Row], form: forms.Form) -> Answer[Row]:
        self.star(doer.user, rows)
        return Answer(list(rows))


class RemoveStar(AddStar[Row]):
    name, label, past = "unstar", "Unstar", "Unstarred"
    undone_by = "star"


class Restore(Action[Row]):
    name, label, past, icon = "restore", "Restore", "Restored", "undo"
    undone_by = "trash"
    of_trash = True

    def __init__(self, restore: Callable[[Team, User, Sequence[Row]], list[Row]]) -> None:
        self.restore = restore

    def apply(self, doer: Doer, rows: Sequence[Row], form: forms.Form) -> Answer[Row]:
        done = self.restore(doer.team, doer.user, rows)
        return Answer(done, others(rows, done, "it is no longer in the trash"))


class Purge(Action[Row]):
    name, label, past, icon = "purge", "Delete for good", "Deleted for good:", "trash"
    of_trash = True

    def __init__(self, purge: Callable[[list[Row], User], object], busy: str) -> None:
        """`purge` is true of those that are gone; `busy` says what may keep the others."""
        self.purge, self.busy = purge, busy

    def may(self, membership: Membership) -> bool:
        return membership.is_admin

    def apply(self, doer: Doer, rows: Sequence[Row], form: forms.Form) -> Answer[Row]:
        done = [row for row in rows if self.purge([row], doer.user)]
        return Answer(done, others(rows, done, f"{self.busy}, or no longer in the trash"))


def others(rows: Sequence[Row], done: Sequence[Row], why: str) -> list[tuple[Row, str]]:
    """Those of the rows to which it was not done, each with the reason."""
    keys = {row.pk for row in done}
    return [(row, why) for row in rows if row.pk not in keys]

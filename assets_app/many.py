"""What can be done to many rows at once, from a bar: a class for each verb, and an answer for each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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

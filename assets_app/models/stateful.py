"""A row with a state: every move is one short transaction that also writes the history people see."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models, transaction
from django.utils import timezone

from assets_app.models.due import Due
from assets_app.models.states import Machine, State

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from assets_app.models.team import Team


class Stateful(Due):
    """`state` plus the one way to change it, `move`."""

    machine: ClassVar[Machine]

    state = models.CharField(max_length=16)
    state_since = models.DateTimeField(default=timezone.now)
    reason = models.TextField(blank=True, default="", help_text="Why it is in this state, as its cause put it.")
    doubted_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was first seen to be in this state for far too long."
    )

    class Meta:
        abstract = True

    team_id: uuid.UUID

    @property
    def status(self) -> State:
        return self.machine[self.state]

    @property
    def in_flight(self) -> bool:
        return not self.status.is_final

    def owner_of_event(self) -> dict[str, Any]:
        """Which columns of the event point at this row."""
        raise NotImplementedError

    def record(self, **columns: Any) -> None:
        """Put a move into the history."""
        from assets_app.models.event import Event

        Event.objects.create(team_id=self.team_id, **columns, **self.owner_of_event())

    def stamp(self, revision: int) -> dict[str, Any]:
        """The columns that tell live pages that this row changed."""
        return {"revision": revision}

    def move(
        self,
        to: str,
        *,
        reason: str = "",
        actor: User | None = None,
        due_at: datetime | None = None,
        note: dict[str, Any] | None = None,
        expecting: dict[str, Any] | None = None,
        **changes: Any,
    ) -> bool:
        """Move to state `to` if the row is still as we read it; False when somebody else moved or claimed it first.

        `due_at` is when the engine acts on the new state; `reason` is kept as said by whoever caused the move (the
        provider's raw words, say). The claim ends, attempts start again. `expecting` are lookups that must
        hold in the database at that moment. Raises ForbiddenMove for a move the machine
        does not know.
        """
        self.machine.check_move(self.state, to)
        now = timezone.now()
        if due_at is None and not self.machine[to].is_final:
            due_at = now
        columns = {
            "state": to,
            "state_since": now,
            "due_at": due_at,
            "claim": None,
            "claimed_until": None,
            "attempts": 0,
            "last_error": "",
            "doubted_at": None,
            "reason": reason,
            **changes,
        }
        with transaction.atomic():
            columns |= self.stamp(self._team().next_revision())
            moved = (
                type(self)
                ._default_manager.filter(pk=self.pk, state=self.state, claim=self.claim, **(expecting or {}))
                .update(**columns)
            )
            if not moved:
                return False
            self.record(actor=actor, from_state=self.state, to_state=to, reason=reason, note=note or {})
        for name, value in columns.items():
            setattr(self, name, value)
        return True

    def locked(self) -> Self:
        """The row as it is now, whoever has claimed it: nobody else writes it until the transaction ends. What a person
        decides must not fail because the engine took the row, or let go of it, since their page was made.
        """
        self._team().next_revision()  # first, as every move does: two that wait for each other would wait for ever
        return type(self)._default_manager.select_for_update().get(pk=self.pk)

    def _team(self) -> Team:
        from assets_app.models.team import Team

        return Team(pk=self.team_id)

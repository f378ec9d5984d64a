"""Calling a generation off: at once while it is still ours, as a wish while it is being sent.

The provider has no cancel and charges at submit (FACTS §0.8), so a cancel is true only of what was never sent. Who
holds the row does not matter: each write of the engine names its own claim, which a cancel ends, so it never sends what
was cancelled under it.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from assets_app.models.stateful import Stateful

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import User

    from assets_app.models.team import Team

OURS = ("approval", "waiting", "queued")
NEVER_SENT = "Cancelled before it was sent. Nothing was charged."
NOT_TAKEN = "Cancelled: the provider did not take it. Nothing was charged."
CAME_TOO_LATE = "Somebody asked to cancel it while it was being sent; the provider took it."


class Cancel(Enum):
    """What came of asking to cancel."""

    DONE = "it is cancelled, and was never sent"
    ASKED = "it is being sent at this moment: cancelled unless the provider takes it"
    UNKNOWN = "it was sent, and nobody knows yet whether the provider has it: it is not sent again"
    TOO_LATE = "the provider has it"
    OVER = "it had ended before"


class Cancellable(Stateful):
    cancel_asked_at = models.DateTimeField(
        null=True, blank=True, help_text="When somebody wanted it cancelled that was being sent, or had been."
    )
    cancel_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    sent_at: datetime | None
    job_id: str

    class Meta:
        abstract = True

    def say(self, actor: User | None, sentence: str) -> None:
        raise NotImplementedError

    @property
    def may_be_cancelled(self) -> bool:
        """While it is ours; one that is being sent may still come back. Asked for once, it is not offered again."""
        return self.state in OURS and self.cancel_asked_at is None

    def cancel(self, actor: User | None) -> Cancel:
        """Call it off as far as that can still be done. The answer says how far, of the row as it is, whatever it was
        when it was read.
        """
        with transaction.atomic():
            now = self.locked()
            outcome = now.call_off(actor)
        for column in ("state", "state_since", "due_at", "claim", "reason", "cancel_asked_at", "cancel_asked_by_id"):
            setattr(self, column, getattr(now, column))
        return outcome

    def call_off(self, actor: User | None) -> Cancel:
        """`cancel` for a row that is locked."""
        if self.state in OURS and self.sent_at is None:
            self.move("cancelled", actor=actor, reason=NEVER_SENT)
            return Cancel.DONE
        if self.state == "queued":
            self._keep_wish(actor, "Asked to cancel it while it was being sent")
            return Cancel.ASKED
        if self.state == "unconfirmed":
            self._keep_wish(actor, "Asked to cancel it: it is not sent again")
            return Cancel.UNKNOWN
        if self.status.step:
            return Cancel.TOO_LATE
        return Cancel.DONE if self.state == "cancelled" and not self.job_id else Cancel.OVER

    def _keep_wish(self, actor: User | None, said: str) -> None:
        if self.cancel_asked_at:
            return
        self._write(cancel_asked_at=timezone.now(), cancel_asked_by=actor, **self.stamp(self._team().next_revision()))
        self.say(actor, said)

    def come_back(self) -> bool:
        """The provider certainly does not have it: it is ours again. False when that was its end, for somebody had
        asked to cancel it, or when the row is another's by now.
        """
        mine: models.QuerySet[Any] = type(self)._default_manager.filter(pk=self.pk, claim=self.claim)
        if mine.filter(cancel_asked_at=None).update(sent_at=None):
            self.sent_at = None
            return True
        self.refresh_from_db(fields=["cancel_asked_at", "cancel_asked_by"])
        if self.cancel_asked_at:
            self.move("cancelled", actor=self.cancel_asked_by, reason=NOT_TAKEN, sent_at=None)
        return False

    def _write(self, **columns: Any) -> None:
        type(self)._default_manager.filter(pk=self.pk).update(**columns)
        for name, value in columns.items():
            setattr(self, name, value)


def cancel_unsent_of(person: User, team: Team, actor: User) -> int:
    """Call off what somebody asked the team's money for who may not any more, as far as it was never sent. Returns how
    many generations; one that is being sent at this moment is among them. Call it in the transaction of that change.
    """
    from assets_app.models.generation import Generation

    mine = Generation.objects.filter(team=team, created_by=person, state__in=OURS)
    return sum(each.cancel(actor) in (Cancel.DONE, Cancel.ASKED) for each in mine)

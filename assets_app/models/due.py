"""A row that the engine must act on at a given time, and may be acting on right now."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from assets_app.models import holding

LONGEST_CLAIM = timedelta(minutes=2)  # one that lasts longer was made before the clock jumped back


class DueQuerySet(models.QuerySet):
    """Claims: the only way to get the right to act on a row."""

    def due(self, *, within: float = 0.0) -> Self:
        """Rows that nobody holds and whose time has come, or comes within so many seconds (negative: came that long
        ago).
        """
        now = timezone.now()
        return self.filter(due_at__lte=now + timedelta(seconds=within)).filter(
            Q(claimed_until=None) | Q(claimed_until__lte=now) | Q(claimed_until__gt=now + LONGEST_CLAIM)
        )

    def recall(self, beyond: timedelta) -> int:
        """Make those due now that are planned for later than `beyond` from now, and give how many. For plans that were
        made by a clock that went wrong.
        """
        now = timezone.now()
        far = self.filter(due_at__gt=now + beyond)
        return far.update(due_at=now) if far.exists() else 0

    def claim(self, ids: list[uuid.UUID], seconds: float, *, within: float = 0.0) -> tuple[uuid.UUID, list[Any]]:
        """Claim those of `ids` that are still free, for `seconds`; rows due `within` so many seconds count as due.

        Returns the claim's token and the rows won. One UPDATE decides on every database alike; the attempt is counted
        in that same UPDATE, before any work starts, so that a row that kills its worker still runs out of attempts.
        """
        token, now = holding.token(), timezone.now()
        won = (
            self.filter(pk__in=ids)
            .due(within=within)
            .update(claim=token, claimed_until=now + timedelta(seconds=seconds), attempts=F("attempts") + 1)
        )
        return token, list(self.filter(claim=token)) if won else []

    def let_go_of_the_dead(self) -> int:
        """End the claims whose holders are known to have died; returns how many rows these were on."""
        now = timezone.now()
        held = self.filter(claim__isnull=False, claimed_until__gt=now)
        tokens = held.values_list("claim", flat=True).order_by().distinct()
        dead = [token for token in tokens if holding.is_of_the_dead(token)]
        return held.filter(claim__in=dead).update(claimed_until=now) if dead else 0


class Due(models.Model):
    """When to act next, who holds the row, how often it was tried since it last got on, and what went wrong.

    `furthest_plan`: nothing plans the next look at such a row for later than that from now.
    """

    furthest_plan: ClassVar[timedelta] = timedelta(hours=12)

    due_at = models.DateTimeField(null=True, blank=True, help_text="When the engine looks at it next; empty: never.")
    claim = models.UUIDField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(
        default=0, help_text="Tries since the last success, counted before each starts."
    )
    last_error = models.TextField(blank=True, default="")

    class Meta:
        abstract = True

    def release(self, *, due_at: datetime | None, attempts: int = 0, last_error: str = "") -> bool:
        """Let go of the row with its next time. False: the claim had already gone to somebody else, nothing was
        written.
        """
        return bool(
            type(self)
            ._default_manager.filter(pk=self.pk, claim=self.claim)
            .update(claim=None, claimed_until=None, due_at=due_at, attempts=attempts, last_error=last_error)
        )

"""The provider's rate limit as a plan: how many requests may leave now, agreed through one row whoever asks.

GCRA (the leaky bucket kept as one timestamp): a conditional UPDATE moves the key's next free moment on, so processes
and machines share one budget without talking to each other.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.db.models import F, Q, Value
from django.db.models.functions import Greatest

from assets_app.models import Budget, Connection

TRIES = 5
# Nothing of ours plans further ahead, and the client cuts a Retry-After to an hour: beyond that a clock has jumped.
FURTHEST_PLAN_SECONDS = 120.0
LONGEST_BLOCK_SECONDS = 3_600.0


@dataclass(frozen=True)
class Pace:
    """How requests are spread: one each `interval` seconds, with at most `burst` at once after a rest.

    In any minute at most burst + 60 / interval requests leave, which stays under the limit, with a few to spare for
    the jitter between our clock and the provider's.
    """

    interval: float
    burst: int

    @classmethod
    def of(cls, per_minute: int) -> Pace:
        burst = max(1, per_minute // 60)
        spare = per_minute // 200
        steady = max(per_minute - burst - spare, per_minute / 2)
        return cls(interval=60 / steady, burst=burst)


def take(fingerprint: str, wanted: int, per_minute: int, *, now: float | None = None) -> int:
    """Take up to `wanted` requests from the key's budget; 0 when none may leave yet. Times are seconds since the
    epoch.
    """
    pace = Pace.of(per_minute)
    for _ in range(TRIES):
        at = time.time() if now is None else now
        row, _created = Budget.objects.get_or_create(fingerprint=fingerprint)
        if at < row.blocked_until <= at + LONGEST_BLOCK_SECONDS:
            return 0
        next_free = row.next_free if row.next_free <= at + FURTHEST_PLAN_SECONDS else at
        start = max(next_free, at - (pace.burst - 1) * pace.interval)
        granted = min(wanted, int((at - start) / pace.interval + 1e-9) + 1) if start <= at else 0
        if granted <= 0:
            return 0
        taken = Budget.objects.filter(fingerprint=fingerprint, next_free=row.next_free, blocked_until=row.blocked_until)
        if taken.update(next_free=start + granted * pace.interval):
            return granted
    return 0


def charge(connection: Connection, count: int, *, now: float | None = None) -> None:
    """Put down requests that have left already: those to come wait the longer."""
    at = time.time() if now is None else now
    debt = count * Pace.of(connection.requests_per_minute).interval
    Budget.objects.get_or_create(fingerprint=connection.fingerprint)
    Budget.objects.filter(fingerprint=connection.fingerprint).update(
        next_free=Greatest(F("next_free"), Value(at)) + debt
    )


def seconds_until_free(fingerprint: str, *, now: float | None = None) -> float:
    """How long until the next request may leave; 0 when it may now."""
    at = time.time() if now is None else now
    row = Budget.objects.filter(fingerprint=fingerprint).first()
    if row is None:
        return 0.0
    blocked = row.blocked_until - at
    return max(
        0.0, min(row.next_free - at, FURTHEST_PLAN_SECONDS), blocked if blocked <= LONGEST_BLOCK_SECONDS else 0.0
    )


def block(fingerprint: str, seconds: float, *, now: float | None = None) -> None:
    """Obey a 429 for the whole key. A longer block that is already there stands, unless a clock that jumped made it."""
    at = time.time() if now is None else now
    until = at + seconds
    Budget.objects.get_or_create(fingerprint=fingerprint)
    shorter = Q(blocked_until__lt=until) | Q(blocked_until__gt=at + LONGEST_BLOCK_SECONDS)
    Budget.objects.filter(shorter, fingerprint=fingerprint).update(blocked_until=until)

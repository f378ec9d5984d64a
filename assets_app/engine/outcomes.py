"""What a step says about a row that stays where it is, and how long to wait before the next look."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from assets_app.models import Clock
from assets_app.models.stateful import Stateful


@dataclass(frozen=True)
class Later:
    """The row stays as it is: look again in `seconds`. `error` set means that this try failed and counts."""

    seconds: float
    error: str = ""


def in_seconds(seconds: float) -> datetime:
    return timezone.now() + timedelta(seconds=seconds)


def age(since: datetime) -> float:
    """Seconds since then, never negative."""
    return max(0.0, (timezone.now() - since).total_seconds())


def goes_on_for_ever(row: Stateful, limit: float, since: datetime | None = None) -> bool:
    """Whether it has truly gone on for more than `limit` seconds (since it is in its state, unless said otherwise).

    One look proves nothing: the clock may just have been set ahead, or nobody was there to look. So the first that
    finds it so old is only noted, and it is true when looks find it for an hour, in which the clock went steadily.
    """
    if age(since or row.state_since) <= limit:
        return False
    now = timezone.now()
    if row.doubted_at is None or row.doubted_at > now:
        type(row)._default_manager.filter(pk=row.pk, claim=row.claim).update(doubted_at=now)
        return False
    return min(now - row.doubted_at, Clock.steady_for()) >= Clock.LONG_ENOUGH


def look_again(since: datetime, *, at_least: float) -> float:
    """Seconds until the next look at something that has been going on since then.

    The older, the rarer: a look always comes within a hundredth of the time already waited, which nobody notices, and
    what takes for ever costs next to nothing.
    """
    return min(max(at_least, age(since) / 120), 15.0)


def backoff(attempts: int, *, cap: float) -> float:
    """Seconds to wait after the `attempts`-th failed try: 1, 2, 4 … up to `cap`, spread by a fifth so that rows that
    failed together do not come back together.
    """
    return min(2.0 ** min(attempts - 1, 30), cap) * random.uniform(0.8, 1.2)

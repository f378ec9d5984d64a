"""The machine's clock, which may be set: back an hour after a restore, a day ahead by a dead battery. What is judged by
it must not be lost over that.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils import timezone


class Clock(models.Model):
    """One row: what the clock said when somebody last looked, and since when it has gone steadily, as far as we saw.
    Whoever looks after the engine looks every second or so.

    What is done for good because of an age (a file deleted, an asset given up) asks here first: a clock that was set
    ahead makes everything old at once, and so does an installation that was switched off for long.
    """

    SINGLE = 1
    EVERY = timedelta(seconds=10)  # written down so often
    SLACK = timedelta(seconds=10)  # by how much the clocks of two machines may differ
    GAP = timedelta(minutes=10)  # a longer leap may be one, or nobody was there to look
    LONG_ENOUGH = timedelta(hours=1)
    LONG_ENOUGH_TO_DELETE = timedelta(hours=6)

    id = models.PositiveSmallIntegerField(primary_key=True, default=SINGLE)
    seen_at = models.DateTimeField(default=timezone.now)
    steady_since = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"steady since {self.steady_since}"

    @classmethod
    def last(cls) -> Clock:
        """As it was last seen: `was_set_back` says whether it has been since."""
        return cls.objects.get_or_create(pk=cls.SINGLE)[0]

    @property
    def was_set_back(self) -> bool:
        return self.seen_at > timezone.now() + self.SLACK

    @property
    def is_worth_noting(self) -> bool:
        return self.was_set_back or self.seen_at <= timezone.now() - self.EVERY

    def note(self) -> bool:
        """Write down what it says now; False when somebody else just did."""
        now = timezone.now()
        is_steady = not self.was_set_back and now - self.seen_at < self.GAP
        since = {} if is_steady else {"steady_since": now}
        return bool(Clock.objects.filter(pk=self.pk, seen_at=self.seen_at).update(seen_at=now, **since))

    @classmethod
    def steady_for(cls) -> timedelta:
        """How long it has gone steadily; nothing when nobody has looked for long, or it has been set back."""
        clock, now = cls.objects.filter(pk=cls.SINGLE).first(), timezone.now()
        if clock is None or clock.was_set_back or now - clock.seen_at >= cls.GAP:
            return timedelta(0)
        return now - clock.steady_since

    @classmethod
    def may_delete(cls) -> bool:
        """Whether what is old by the clock may be deleted for good."""
        return cls.steady_for() >= cls.LONG_ENOUGH_TO_DELETE

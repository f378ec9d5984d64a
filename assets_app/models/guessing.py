"""Limits on guessing: how often somebody may be wrong, and which one-time code was good last. They are rows, so that
they hold in every process, after a restart, and however many others are tried.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Greatest

KEPT_SECONDS = 24 * 60 * 60.0


@dataclass(frozen=True)
class Rate:
    """`burst` guesses at once after a rest, and then one each `seconds`."""

    burst: int
    seconds: float

    @property
    def furthest(self) -> float:
        """How far ahead, in seconds, the row can be. One beyond it was written before the clock was set back."""
        return self.burst * self.seconds


class TooManyGuesses(Exception):
    """The guess is refused unseen."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the next guess may be made in {seconds:.0f} s")
        self.seconds = seconds


class GuessLimit(models.Model):
    """One limit, as GCRA has it: a timestamp that each guess moves on."""

    key = models.CharField(max_length=120, primary_key=True)
    used_up_to = models.FloatField(default=0, help_text="Seconds since the epoch; so far ahead guesses are spent.")

    class Meta:
        indexes = [models.Index(fields=["used_up_to"], name="guess_limit_age")]

    def __str__(self) -> str:
        return self.key

    @classmethod
    def take(cls, limits: Mapping[str, Rate]) -> None:
        """Count one guess against each of the limits, before it is looked at: guesses made at the same moment must not
        all find room for one. Raises TooManyGuesses, and then counts against none.
        """
        with transaction.atomic():
            GuessLimit.objects.bulk_create([GuessLimit(key=key) for key in sorted(limits)], ignore_conflicts=True)
            for key in sorted(limits):  # in one order, or two guesses could wait for each other
                cls._take_one(key, limits[key])

    @classmethod
    def _take_one(cls, key: str, rate: Rate) -> None:
        now = time.time()
        was_set_back = Q(used_up_to__gt=now + rate.furthest)
        start = Case(When(was_set_back, then=Value(now)), default=Greatest(F("used_up_to"), Value(now)))
        has_room = Q(used_up_to__lte=now + rate.furthest - rate.seconds) | was_set_back
        if not cls.objects.filter(has_room, key=key).update(used_up_to=start + rate.seconds):
            used_up_to = cls.objects.values_list("used_up_to", flat=True).get(key=key)
            raise TooManyGuesses(used_up_to - now - rate.furthest + rate.seconds)

    @classmethod
    def give_back(cls, limits: Mapping[str, Rate]) -> None:
        """The guess was right, and does not count."""
        with transaction.atomic():
            for key in sorted(limits):
                cls.objects.filter(key=key).update(used_up_to=F("used_up_to") - limits[key].seconds)

    @classmethod
    def forget_old(cls) -> None:
        """Delete those that have long had all their room again."""
        cls.objects.filter(used_up_to__lt=time.time() - KEPT_SECONDS).delete()


class LastCode(models.Model):
    """Which period's code of an authenticator app let somebody in last. None counts twice, nor an older one after it
    (RFC 6238 §5.2).
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    counter = models.BigIntegerField(default=-1, help_text="Periods since the epoch.")

    def __str__(self) -> str:
        return f"{self.user_id}: {self.counter}"

    @classmethod
    def use(cls, user_id: int, counter: int, latest: int) -> bool:
        """Whether the code of that period is good now, which it is once. `latest` is the last period that counts at
        the moment: beyond it lies only what was used before the clock was set back.
        """
        LastCode.objects.bulk_create([LastCode(user_id=user_id)], ignore_conflicts=True)
        is_newer = Q(counter__lt=counter) | Q(counter__gt=latest)
        return bool(cls.objects.filter(is_newer, user_id=user_id).update(counter=counter))

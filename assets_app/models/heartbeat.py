"""Signs of life, written by a task inside a worker: an idle worker that dies can hang a cluster without a word."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone


class Heartbeat(models.Model):
    """One row: when a beat was last asked for, and when a worker last gave one."""

    SINGLE = 1
    TOO_OLD = timedelta(seconds=60)
    EVERY = timedelta(seconds=10)

    id = models.PositiveSmallIntegerField(primary_key=True, default=SINGLE)
    asked_at = models.DateTimeField(null=True, blank=True)
    beat_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"last beat {self.beat_at}"

    @classmethod
    def beat(cls) -> None:
        cls.objects.update_or_create(pk=cls.SINGLE, defaults={"beat_at": timezone.now()})

    @classmethod
    def last(cls) -> datetime | None:
        return cls.objects.filter(pk=cls.SINGLE).values_list("beat_at", flat=True).first()

    @classmethod
    def claim_asking(cls) -> bool:
        """Whether it is the caller's turn to ask for a beat: one message at a time is enough, a pile of them helps
        nobody.
        """
        now = timezone.now()
        cls.objects.get_or_create(pk=cls.SINGLE)
        stale = Q(asked_at=None) | Q(asked_at__lte=now - cls.EVERY) | Q(asked_at__gt=now)
        return bool(cls.objects.filter(stale, pk=cls.SINGLE).update(asked_at=now))

    @classmethod
    def forget_the_future(cls) -> None:
        """The clock was set back. A beat that lies ahead was given at some time before now; its age counts from now."""
        now = timezone.now()
        cls.objects.filter(pk=cls.SINGLE, asked_at__gt=now).update(asked_at=None)
        cls.objects.filter(pk=cls.SINGLE, beat_at__gt=now).update(beat_at=now)

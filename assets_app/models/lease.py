"""Who runs an engine lane right now: saves work when several messages wake it, and nothing but work depends on it."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone

from assets_app.models import holding


class Lease(models.Model):
    """Rows are claimed one by one, so two runners at once would be correct; one at a time is merely cheaper."""

    SECONDS = 10

    lane = models.CharField(max_length=20, primary_key=True)
    holder = models.UUIDField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.lane} until {self.until}"

    @classmethod
    def take(cls, lane: str, holder: uuid.UUID) -> bool:
        """Take the lane, or keep it when it is already ours, for SECONDS more. `holder` is a token of `holding`."""
        return cls._take(lane, holder) or (lane in cls.let_go_of_the_dead() and cls._take(lane, holder))

    @classmethod
    def _take(cls, lane: str, holder: uuid.UUID) -> bool:
        now = timezone.now()
        cls.objects.get_or_create(lane=lane)
        lasts = timedelta(seconds=cls.SECONDS)
        # A lease that outlasts what anybody takes was given before the clock jumped back.
        free = Q(holder=None) | Q(holder=holder) | Q(until__lte=now) | Q(until__gt=now + 2 * lasts)
        return bool(
            cls.objects.filter(free, lane=lane).update(holder=holder, until=now + timedelta(seconds=cls.SECONDS))
        )

    @classmethod
    def give_back(cls, lane: str, holder: uuid.UUID) -> None:
        cls.objects.filter(lane=lane, holder=holder).update(holder=None, until=None)

    @classmethod
    def is_held(cls, lane: str) -> bool:
        now = timezone.now()
        until = (now, now + timedelta(seconds=2 * cls.SECONDS))
        holder = cls.objects.filter(lane=lane, until__range=until).values_list("holder", flat=True).first()
        return holder is not None and not holding.is_of_the_dead(holder)

    @classmethod
    def let_go_of_the_dead(cls) -> list[str]:
        """Free the lanes whose holders are known to have died; returns these lanes."""
        held = cls.objects.exclude(holder=None).values_list("lane", "holder")
        dead = [(lane, holder) for lane, holder in held if holder and holding.is_of_the_dead(holder)]
        return [
            lane
            for lane, holder in dead
            if cls.objects.filter(lane=lane, holder=holder).update(holder=None, until=None)
        ]

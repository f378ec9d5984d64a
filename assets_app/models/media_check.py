"""How far the walk through the rows has come that looks whether their files are still there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone

from assets_app.models.due import Due, DueQuerySet

NIGHT_BEGINS = 4  # o'clock, after the comparison with the provider


class MediaCheck(Due):
    """One row. A worker that dies leaves it where its last batch was written down: the next goes on there."""

    SINGLE = 1
    furthest_plan = timedelta(days=1, hours=2)  # the next night, on the day the hour changes

    id = models.PositiveSmallIntegerField(primary_key=True, default=SINGLE)
    away_since = models.DateTimeField(
        null=True, blank=True, help_text="When the directory of the media was first found not to be there."
    )
    cursor = models.CharField(max_length=80, blank=True, default="", help_text="“video:<id>”: the last row looked at.")
    looked_at = models.PositiveIntegerField(default=0, help_text="Rows, in the walk under way.")
    missing = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = DueQuerySet.as_manager()

    def __str__(self) -> str:
        return f"media looked at, last at {self.finished_at}"

    @classmethod
    def get(cls) -> Self:
        return cls.objects.get_or_create(pk=cls.SINGLE, defaults={"due_at": timezone.now()})[0]

    @staticmethod
    def next_night() -> datetime:
        now = timezone.localtime()
        begin = now.replace(hour=NIGHT_BEGINS, minute=0, second=0, microsecond=0)
        return begin if begin > now else begin + timedelta(days=1)

"""How much room a team's files take, and how much they may (TEAM_MEDIA_GB). Previews, which are small, do not count."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.db.models import BigIntegerField, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from assets_app.models.candidate import Candidate
from assets_app.models.generation import Video
from assets_app.models.original import Original

GIGABYTE = 2**30
NEARLY = 0.9
SHOWN_FOR_SECONDS = 60


@dataclass(frozen=True)
class MediaUse:
    """In bytes; without `most` there is no bound."""

    used: int
    most: int | None

    @classmethod
    def of(cls, team_id: uuid.UUID) -> MediaUse:
        return cls(_bytes_of(team_id), most_bytes())

    @classmethod
    def shown_for(cls, team_id: uuid.UUID) -> MediaUse | None:
        """For every page of a team, so it may be a minute old; None where there is no bound."""
        if not most_bytes():
            return None
        used = cache.get_or_set(f"media-use:{team_id}", lambda: _bytes_of(team_id), SHOWN_FOR_SECONDS)
        return cls(int(used or 0), most_bytes())

    @property
    def share(self) -> float:
        return self.used / self.most if self.most else 0.0

    @property
    def percent(self) -> int:
        """100 only when nothing more goes in."""
        return min(100, int(self.share * 100))

    @property
    def is_full(self) -> bool:
        return self.share >= 1

    @property
    def is_nearly_full(self) -> bool:
        return self.share >= NEARLY


def most_bytes() -> int | None:
    return settings.TEAM_MEDIA_GB * GIGABYTE or None


def has_room(team_id: uuid.UUID, byte_size: int = 1) -> bool:
    """Whether so much more may be kept for the team; asks nobody where there is no bound."""
    most = most_bytes()
    return most is None or _bytes_of(team_id) + byte_size <= most


def _bytes_of(team_id: uuid.UUID) -> int:
    files = sum(
        model.objects.filter(team_id=team_id).exclude(file="").aggregate(sum=Sum("byte_size"))["sum"] or 0
        for model in (Original, Video, Candidate)
    )
    converted = Original.objects.filter(team_id=team_id).exclude(sent_file="")
    sizes = Cast(KT("sent_facts__byte_size"), BigIntegerField())
    return files + (converted.aggregate(sum=Sum(sizes))["sum"] or 0)

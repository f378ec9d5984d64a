"""Our own copy of a file that lives at a URL: fetched once, kept for good, retried until it is here or gone there."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q

from assets_app.apiframe.values import LONGEST_URL
from assets_app.models.due import DueQuerySet
from assets_app.models.stateful import Stateful
from assets_app.models.states import OWN_COPY
from assets_app.models.team import Team


class OwnCopy(Stateful):
    """The file, what it is, and a poster to show for it. Empty facts are unknown, never zero."""

    machine = OWN_COPY

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    source_url = models.CharField(max_length=LONGEST_URL)
    file = models.FileField(max_length=300, blank=True)
    poster = models.FileField(max_length=300, blank=True)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    content_type = models.CharField(max_length=100, blank=True, default="")
    byte_size = models.BigIntegerField(null=True, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    fps = models.FloatField(null=True, blank=True)
    has_audio = models.BooleanField(null=True, blank=True)
    decoder_deaths = models.PositiveSmallIntegerField(
        default=0, help_text="How often its file ended the process that decoded it, since it last got on."
    )

    furthest_plan = timedelta(days=1, hours=1)  # a film that could not be had is looked for once a day

    objects = DueQuerySet.as_manager()

    class Meta:
        abstract = True
        indexes = [
            models.Index(fields=["due_at"], name="%(class)s_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["claim"], name="%(class)s_claim", condition=Q(claim__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.file.name or self.source_url

    def move(self, to: str, **changes: Any) -> bool:
        """What was held against its file counts as little as the tries it took."""
        return super().move(to, **{"decoder_deaths": 0, **changes})

    def stamp(self, revision: int) -> dict[str, Any]:
        """A copy shows on its parent's card, so it is the parent that changed. Runs inside the move's transaction."""
        self.touch_parent(revision)
        return {}

    def touch_parent(self, revision: int) -> None:
        raise NotImplementedError

    @property
    def folder(self) -> str:
        """Where in the storage its files belong."""
        raise NotImplementedError

    @property
    def dies_at(self) -> datetime | None:
        """When the source is expected to be gone; None when nobody said."""
        return None

    @property
    def media_type(self) -> str:
        return self.content_type.partition("/")[0]

    @classmethod
    def file_columns(cls) -> list[str]:
        """What of it lies in the storage."""
        return [field.name for field in cls._meta.concrete_fields if isinstance(field, models.FileField)]

    @property
    def file_names(self) -> list[str]:
        """The names in the storage of all that it has there."""
        return [str(name) for column in self.file_columns() if (name := getattr(self, column))]

    @property
    def is_saved(self) -> bool:
        return self.state == "saved"

    def file_name(self, sha256: str, suffix: str) -> str:
        """Named by content, so that fetching twice leaves one file."""
        return f"{self.folder}/{sha256[:20]}{suffix}"

    id: uuid.UUID

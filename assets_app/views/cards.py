"""Assets as cards: which list of a page a card belongs to, and where in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from assets_app.apiframe.reasons import Reason
from assets_app.cuts import Cut
from assets_app.forms.cut import Fit
from assets_app.library.pace import Pace
from assets_app.models import Asset, Original, Team, may_be_cut
from assets_app.models.asset import AssetQuerySet, MediaType
from assets_app.models.judging import facts_of

# Failures that our own look at the file may explain better than the provider's words do.
ABOUT_THE_FILE = ("wrong_type", "unreachable", "unknown", "silent")


@dataclass(frozen=True)
class Card:
    """`list_id` is the element that lists it ("" when it is on the page only if it is there already)."""

    asset: Asset
    list_id: str
    sorted_by: datetime
    pace: Pace | None = None
    is_gone: bool = False

    @property
    def order(self) -> int:
        """Microseconds since the epoch: lists are sorted by it, largest first."""
        return int(self.sorted_by.timestamp() * 1_000_000)

    @property
    def original(self) -> Original | None:
        return getattr(self.asset, "original", None)

    @property
    def twin(self) -> Asset | None:
        """The asset with the same content that was here before."""
        return self.original.older_twin if self.original else None

    @property
    def reason(self) -> Reason:
        return self.asset.why

    @property
    def finding(self) -> str:
        """Why it failed as we know it ourselves: "" when only the provider does."""
        if self.asset.state == "rejected":  # never sent: the reason is ours
            return self.asset.reason
        if self.original is None or self.reason.code not in ABOUT_THE_FILE:
            return ""
        return self.original.reason

    @property
    def has_another_type(self) -> bool:
        """Whether it may be registered again as what it is instead."""
        return self.reason.code == "wrong_type" and not self.finding

    @property
    def likely_type(self) -> str:
        """What our own copy says it is; else what it was registered as."""
        found = self.original.content_type.partition("/")[0] if self.original else ""
        return found if found in MediaType.values else self.asset.media_type

    @property
    def may_be_picked(self) -> bool:
        """What is still on its way may be picked too: a generation waits for it."""
        return self.asset.status.group != "attention" and self.asset.is_live

    @property
    def may_be_cut_to_fit(self) -> bool:
        """Whether a part of it would be taken, where the whole is not: it is its shape or its length that is wrong."""
        if self.original is None or not may_be_cut(self.asset):
            return False
        return Fit.of(self.asset.media_type).suggestion(facts_of(self.original)) != Cut()

    @property
    def is_watched(self) -> bool:
        """Whether it is something to grow slow or stuck; what waits in our own queue is not."""
        return self.pace is not None and self.asset.state == "processing"

    @property
    def pace_word(self) -> str:
        return self.pace.word((timezone.now() - self.asset.state_since).total_seconds()) if self.pace else ""

    @property
    def slow_at(self) -> int:
        return self._after(self.pace.slow if self.pace else 0)

    @property
    def stuck_at(self) -> int:
        return self._after(self.pace.stuck if self.pace else 0)

    def _after(self, seconds: float) -> int:
        """So many seconds of processing, as milliseconds since the epoch."""
        return int((self.asset.state_since.timestamp() + seconds) * 1000)


def on_board(asset: Asset, paces: Mapping[str, Pace]) -> Card:
    """What is on its way keeps its place; the rest is sorted by when it got there. What was dismissed or put into the
    trash leaves.
    """
    group = asset.status.group
    place = asset.created_at if group == "processing" else asset.state_since
    is_gone = not asset.is_live or (group == "attention" and not asset.needs_attention)
    return Card(asset, f"list-{group}", place, paces[asset.media_type], is_gone)


def in_library(asset: Asset, *, is_listed: bool = True) -> Card:
    return Card(asset, "list-library" if is_listed else "", asset.created_at)


def assets_of(team: Team) -> AssetQuerySet:
    """The team's assets with all that a card shows; those in the trash too, for live pages must let them go."""
    return Asset.objects.filter(team=team).select_related("created_by", "original__same_as")

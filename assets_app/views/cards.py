"""Assets as cards: which list of a page a card belongs to, and where in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from assets_app.models import Asset, Original, Team


@dataclass(frozen=True)
class Card:
    """`list_id` is the element that lists it ("" when it is on the page only if it is there already)."""

    asset: Asset
    list_id: str
    sorted_by: datetime

    @property
    def order(self) -> int:
        """Microseconds since the epoch: lists are sorted by it, largest first."""
        return int(self.sorted_by.timestamp() * 1_000_000)

    @property
    def original(self) -> Original | None:
        return getattr(self.asset, "original", None)

    @property
    def may_be_picked(self) -> bool:
        """What is still on its way may be picked too: a generation waits for it."""
        return self.asset.status.group != "attention" and self.asset.is_live


def on_board(asset: Asset) -> Card:
    """What is on its way keeps its place; the rest is sorted by when it got there."""
    group = asset.status.group
    return Card(asset, f"list-{group}", asset.created_at if group == "processing" else asset.state_since)


def in_library(asset: Asset, *, is_listed: bool = True) -> Card:
    return Card(asset, "list-library" if is_listed else "", asset.created_at)


def assets_of(team: Team) -> QuerySet[Asset]:
    """The team's assets with all that a card shows."""
    return Asset.objects.filter(team=team).select_related("created_by", "original")

"""How long the provider usually takes to process an asset, by the team's own history, and what is slow beside that."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from django.core.cache import cache

from assets_app.models import MediaType, Team

LOOKED_AT = 500  # the newest assets: how it went last month says little of today
REMEMBERED_SECONDS = 60
SLOW_WHEN_NOTHING_IS_KNOWN = 120.0  # FACTS §5
NEVER_SLOW_BEFORE = 10.0  # twice very little is nothing to worry about
STUCK = 15 * 60.0  # FACTS §5


@dataclass(frozen=True)
class Pace:
    """Seconds of processing: what is usual (None: nobody knows yet), and from when on it is slow or stuck."""

    usual: float | None

    @property
    def slow(self) -> float:
        if self.usual is None:
            return SLOW_WHEN_NOTHING_IS_KNOWN
        return min(max(2 * self.usual, NEVER_SLOW_BEFORE), STUCK)

    @property
    def stuck(self) -> float:
        return STUCK

    def word(self, seconds: float) -> str:
        """ "stuck", "slow" or "" for so many seconds of processing."""
        return "stuck" if seconds >= self.stuck else "slow" if seconds >= self.slow else ""


def paces_of(team: Team) -> dict[str, Pace]:
    """By media type. One bounded query, at most once a minute."""
    key = f"pace:{team.pk}"
    paces: dict[str, Pace] | None = cache.get(key)
    if paces is None:
        took: dict[str, list[float]] = {media_type: [] for media_type in MediaType.values}
        newest = team.assets.live().order_by("-number").values_list("media_type", "took_seconds")
        for media_type, seconds in newest[:LOOKED_AT]:
            if seconds is not None:
                took[media_type].append(seconds)
        paces = {media_type: Pace(median(known) if known else None) for media_type, known in took.items()}
        cache.set(key, paces, REMEMBERED_SECONDS)
    return paces

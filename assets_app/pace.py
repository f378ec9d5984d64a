"""How long the provider usually takes to process an asset, by the team's own history, and what is slow beside that."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from django.core.cache import cache

from assets_app.models import MediaType, Team

LOOKED_AT = 200  # the newest assets of a type: what a team did last month says little of today
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
    """By media type. Three bounded queries, at most once a minute."""
    key = f"pace:{team.pk}"
    paces: dict[str, Pace] | None = cache.get(key)
    if paces is None:
        paces = {media_type: Pace(_usual_seconds(team, media_type)) for media_type in MediaType.values}
        cache.set(key, paces, REMEMBERED_SECONDS)
    return paces


def _usual_seconds(team: Team, media_type: str) -> float | None:
    newest = team.assets.live().filter(media_type=media_type).order_by("-number")
    took = [seconds for seconds in newest.values_list("took_seconds", flat=True)[:LOOKED_AT] if seconds is not None]
    return median(took) if took else None

"""How long the provider usually takes for a film, by the team's own history with each model."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from statistics import median

from django.core.cache import cache

from assets_app.library.pace import REMEMBERED_SECONDS, Pace
from assets_app.models import Generation

LOOKED_AT = 300  # the newest films of the team, whatever their model
COUNTED = 9  # of each model: how it went last month says little of today
SLOW_WHEN_NOTHING_IS_KNOWN = 10 * 60.0  # FACTS §3: one to five minutes
NEVER_SLOW_BEFORE = 60.0  # twice very little is nothing to worry about
STUCK_AFTER_USUAL = 6
NEVER_STUCK_BEFORE = 30 * 60.0


@dataclass(frozen=True)
class FilmPace(Pace):
    """Seconds from sending to the finished film."""

    @property
    def slow(self) -> float:
        return SLOW_WHEN_NOTHING_IS_KNOWN if self.usual is None else max(2 * self.usual, NEVER_SLOW_BEFORE)

    @property
    def stuck(self) -> float:
        return max(STUCK_AFTER_USUAL * (self.usual or 0), NEVER_STUCK_BEFORE)


def film_pace_of(generation: Generation) -> FilmPace:
    """What is usual for its model in its team. One bounded query for all of a team's models, at most once a minute."""
    return FilmPace(_usual_by_model(generation.team_id).get(generation.model))


def _usual_by_model(team_id: uuid.UUID) -> dict[str, float]:
    key = f"film-pace:{team_id}"
    usual: dict[str, float] | None = cache.get(key)
    if usual is None:
        took: dict[str, list[float]] = {}
        newest = Generation.objects.filter(team_id=team_id).order_by("-created_at", "-id")
        for model, sent_at, completed_at in newest.values_list("model", "sent_at", "completed_at")[:LOOKED_AT]:
            if sent_at and completed_at and completed_at > sent_at:
                took.setdefault(model, []).append((completed_at - sent_at).total_seconds())
        usual = {model: median(seconds[:COUNTED]) for model, seconds in took.items()}
        cache.set(key, usual, REMEMBERED_SECONDS)
    return usual

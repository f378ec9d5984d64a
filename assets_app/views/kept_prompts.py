"""What the menu beside the prompt holds: prompts that were sent before, and the team's presets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assets_app.apiframe import catalogue
from assets_app.forms.presets import MOST_PRESETS
from assets_app.middleware import TeamRequest
from assets_app.models import Generation, Preset

LOOKED_THROUGH = 200
SHOWN = 20


@dataclass(frozen=True)
class Kept:
    """A preset as it is shown."""

    preset: Preset

    @property
    def model(self) -> str:
        known = catalogue.load().models.get(self.preset.model)
        return known.label if known else self.preset.model


def recent_prompts(request: TeamRequest) -> dict[str, list[Generation]]:
    """The latest prompts, each once: the person's own, and those of the others."""
    latest = (
        Generation.objects.filter(team=request.team, trashed_at=None)
        .exclude(prompt="")
        .select_related("created_by")
        .only("prompt", "created_at", "created_by__username", "created_by__first_name", "created_by__last_name")
        .order_by("-created_at", "-id")[:LOOKED_THROUGH]
    )
    seen: set[str] = set()
    mine: list[Generation] = []
    theirs: list[Generation] = []
    for generation in latest:
        if generation.prompt not in seen:
            seen.add(generation.prompt)
            (mine if generation.created_by_id == request.user.pk else theirs).append(generation)
    return {"mine": mine[:SHOWN], "theirs": theirs[:SHOWN]}


def presets_of(request: TeamRequest) -> list[Kept]:
    found = Preset.objects.filter(team=request.team).select_related("created_by")
    return [Kept(preset) for preset in found[:MOST_PRESETS]]


def menu_of(request: TeamRequest) -> dict[str, Any]:
    return {"recent": recent_prompts(request), "presets": presets_of(request)}

"""Where a film comes from and what came of it: generations and assets, both ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assets_app.models import Asset, Generation, MadeBy, Origin, Team
from assets_app.views.compare import other_takes

SHOWN = 24
LATER = {
    Origin.EDIT: "Edited",
    Origin.AGAIN: "Run again",
    Origin.FINAL: "The final",
    Origin.RETRY: "Tried again by itself",
    Origin.NEXT: "The next shot",
}
MADE = {MadeBy.FILM: "As a reference", MadeBy.LAST_FRAME: "Its last frame"}


@dataclass(frozen=True)
class Relative:
    """A generation, or an asset, and what it is to the film."""

    words: str
    generation: Generation | None = None
    asset: Asset | None = None


def lineage_of(team: Team, generation: Generation) -> dict[str, Any]:
    """Five queries, however much came of it."""
    films = Generation.objects.filter(team=team, trashed_at=None).select_related("video")
    takes = list(films.filter(click=generation.click).order_by("take")[:SHOWN])
    parent = films.filter(pk=generation.made_from_id).first() if generation.made_from_id else None
    # Without naming the team, whose index SQLite would walk through: what is made of a film is of its team.
    later = generation.made_later.filter(trashed_at=None).select_related("video").order_by("-created_at", "-id")[:SHOWN]
    finals = films.filter(made_from__in=[each for each in later if each.is_draft], origin=Origin.FINAL)
    final_of = {
        each.made_from_id: each for each in finals.exclude(state__in=("failed", "cancelled")).order_by("created_at")
    }
    assets = Asset.objects.live().filter(made_from=generation).select_related("original").order_by("number")[:SHOWN]
    origin = Origin(generation.origin).label if generation.origin else ""
    return {
        "came_from": Relative(origin, parent) if parent else None,
        "other_takes": other_takes(team, generation, takes),
        "takes": [Relative(f"Take {each.take}", each) for each in takes if each.pk != generation.pk],
        "came_of_it": [
            *(relative for each in later for relative in _later(each, final_of.get(each.pk))),
            *(
                Relative(MADE.get(MadeBy(each.made_by), "Made of it") if each.made_by else "Made of it", None, each)
                for each in assets
            ),
        ],
    }


def _later(film: Generation, final: Generation | None) -> list[Relative]:
    """A film that was made from this one; before a draft its final, which is what counts."""
    words = LATER.get(Origin(film.origin), "Made from it") if film.origin else "Made from it"
    if final is None:
        return [Relative(words, film)]
    return [Relative(f"{words}, final", final), Relative(f"{words}, draft", film)]

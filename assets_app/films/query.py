"""Which of the team's films a person looks at, and in which order: read from an address and written back into one."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from assets_app.addresses import (
    AddressQuery,
    Read,
    Write,
    day_of,
    itself,
    one_of,
    person_id,
    rating_of,
    text_of,
    yes,
    yes_of,
)
from assets_app.models.states import GENERATION

STATUSES = {
    "approval": ("Needs approval", ["approval"]),
    "working": ("In progress", [state.value for state in GENERATION.values() if not state.is_final]),
    "ready": ("Ready", GENERATION.in_group("ready")),
    "attention": (
        "Failed or cancelled",
        ["failed", "cancelled"],
    ),
}
STAGES = {"draft": "Drafts", "final": "Finals"}
FOLLOWED = {"yes": "Followed", "partly": "Partly", "no": "Not followed", "unsaid": "Not said"}
SORTS = {"newest": "Newest", "oldest": "Oldest", "rating": "Rating", "cost": "Cost"}
# What is counted for each choice of a filter.
TALLIED = ("status", "model", "person", "stage", "followed")
MOST_WORDS = 12
LONGEST_MODEL = 60  # as its column


def _model(given: list[str]) -> str:
    """Any name that a model may have had: one that has left the catalogue keeps its films."""
    if not re.fullmatch(rf"[\w.:/-]{{1,{LONGEST_MODEL}}}", given[-1]):
        raise ValueError(given[-1])
    return given[-1]


@dataclass(frozen=True)
class FilmQuery(AddressQuery):
    PLACE: ClassVar[str] = "the list of videos"
    PARAMETERS: ClassVar[Mapping[str, tuple[str, Read, Write]]] = {
        "text": ("q", text_of, itself),
        "status": ("status", one_of(STATUSES), itself),
        "model": ("model", _model, itself),
        "person": ("person", person_id, itself),
        "stage": ("stage", one_of(STAGES), itself),
        "followed": ("followed", one_of(FOLLOWED), itself),
        "asset": ("asset", lambda given: uuid.UUID(given[-1]), itself),
        "since": ("from", day_of, itself),
        "until": ("to", day_of, itself),
        "starred": ("starred", yes_of, yes),
        "not_downloaded": ("not_downloaded", yes_of, yes),
        "rating": ("rating", rating_of, itself),
        "sort": ("sort", one_of(SORTS), itself),
    }

    text: str = ""
    status: str = ""
    model: str = ""
    person: int | str | None = None
    stage: str = ""
    followed: str = ""
    asset: uuid.UUID | None = None
    since: date | None = None
    until: date | None = None
    starred: bool = False
    not_downloaded: bool = False
    rating: int = 0
    sort: str = "newest"

    @property
    def words(self) -> list[str]:
        """What a prompt must hold, wherever in it."""
        return list(dict.fromkeys(self.text.split()))[:MOST_WORDS]

    @property
    def without_properties(self) -> FilmQuery:
        """The same without what is counted for each filter."""
        defaults = self.defaults()
        return self.but(**{name: defaults[name] for name in TALLIED}, sort="newest")

    @property
    def cleared(self) -> FilmQuery:
        return FilmQuery(sort=self.sort)

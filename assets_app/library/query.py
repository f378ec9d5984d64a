"""What part of the library a person looks at, and in which order: read from an address and written back into one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from assets_app.addresses import (
    ME,
    AddressQuery,
    Read,
    Write,
    day_of,
    itself,
    one_of,
    person_id,
    rating_of,
    row_id,
    text_of,
    yes,
    yes_of,
)
from assets_app.models import Kind, MediaType
from assets_app.models.words import query_words

__all__ = ["ME", "SORTS", "STATUSES", "TALLIED", "USES", "LibraryQuery"]

STATUSES = {"attention": "Needs attention", "processing": "Processing", "ready": "Active"}
SORTS = {"newest": "Newest", "oldest": "Oldest", "name": "Name", "used": "Recently used", "rating": "Rating"}
USES = {"yes": "Used", "no": "Never used"}
TALLIED = ("media_type", "status", "kind", "owner", "used")
MOST_TAGS = 10


def _tags(given: list[str]) -> tuple[int, ...]:
    return tuple(sorted({row_id(text) for text in given}))[:MOST_TAGS]


@dataclass(frozen=True)
class LibraryQuery(AddressQuery):
    PLACE: ClassVar[str] = "the library"
    PARAMETERS: ClassVar[Mapping[str, tuple[str, Read, Write]]] = {
        "text": ("q", text_of, itself),
        "media_type": ("type", one_of(MediaType.values), itself),
        "status": ("status", one_of(STATUSES), itself),
        "kind": ("kind", one_of(Kind.values), itself),
        "tags": ("tag", _tags, lambda tags: [str(tag) for tag in tags]),
        "collection": ("collection", lambda given: row_id(given[-1]), itself),
        "owner": ("owner", person_id, itself),
        "since": ("from", day_of, itself),
        "until": ("to", day_of, itself),
        "used": ("used", one_of(USES), itself),
        "starred": ("starred", yes_of, yes),
        "rating": ("rating", rating_of, itself),
        "sort": ("sort", one_of(SORTS), itself),
    }

    text: str = ""
    media_type: str = ""
    status: str = ""
    kind: str = ""
    tags: tuple[int, ...] = ()
    collection: int | None = None
    owner: int | str | None = None
    since: date | None = None
    until: date | None = None
    used: str = ""
    starred: bool = False
    rating: int = 0
    sort: str = "newest"

    def consistent(self) -> LibraryQuery:
        """What was used last can only be told of what was used."""
        if self.sort != "used" or self.used == "yes":
            return self
        if self.used == "no":
            note = "What was never used cannot be sorted by its use: newest first instead."
            return replace(self, sort="newest", ignored=(*self.ignored, note))
        return replace(self, used="yes")

    def without(self, name: str) -> LibraryQuery:
        """The same with one field empty."""
        sort = {"sort": "newest"} if name == "used" and self.sort == "used" else {}
        return self.but(**{name: self.defaults()[name]}, **sort)

    @property
    def words(self) -> list[str]:
        return query_words(self.text)

    @property
    def says_nothing(self) -> bool:
        """Its text has nothing that an asset could be found by, as "???": that narrows to none, never to all."""
        return bool(self.text) and not self.words

    @property
    def without_properties(self) -> LibraryQuery:
        """The same, newest first, without what the tallies count."""
        defaults = self.defaults()
        return self.but(**{name: defaults[name] for name in TALLIED}, sort="newest")

    @property
    def only_properties(self) -> LibraryQuery:
        return LibraryQuery(**{name: getattr(self, name) for name in TALLIED})

    @property
    def cleared(self) -> LibraryQuery:
        return LibraryQuery(sort=self.sort if self.sort != "used" else "newest")

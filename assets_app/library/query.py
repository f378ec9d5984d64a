"""What part of the library a person looks at, and in which order: read from an address and written back into one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from assets_app.library.words import query_words
from assets_app.models import Kind, MediaType

STATUSES = {"attention": "Needs attention", "processing": "Processing", "ready": "Active"}
SORTS = {"newest": "Newest", "oldest": "Oldest", "name": "Name", "used": "Recently used", "rating": "Rating"}
USES = {"yes": "Used", "no": "Never used"}
TALLIED = ("media_type", "status", "kind", "owner", "used")
LONGEST_TEXT = 200
MOST_TAGS = 10
ME = "me"


@dataclass(frozen=True)
class LibraryQuery:
    """Empty fields do not narrow. `ignored` tells what an address asked for that makes no sense; it is not part of
    the query.
    """

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
    ignored: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def from_params(cls, params: QueryDict) -> LibraryQuery:
        values: dict[str, Any] = {}
        ignored: list[str] = []
        for name, (parameter, read, _write) in _PARAMETERS.items():
            given = [text for text in params.getlist(parameter) if text]
            if not given:
                continue
            try:
                values[name] = read(given)
            except ValueError:
                ignored.append(f"“{parameter}={given[-1][:40]}” is nothing the library knows, and was left out.")
        return cls(**values, ignored=tuple(ignored)).consistent()

    def consistent(self) -> LibraryQuery:
        """What was used last can only be told of what was used."""
        if self.sort != "used" or self.used == "yes":
            return self
        if self.used == "no":
            note = "What was never used cannot be sorted by its use: newest first instead."
            return replace(self, sort="newest", ignored=(*self.ignored, note))
        return replace(self, used="yes")

    @classmethod
    def from_string(cls, query_string: str) -> LibraryQuery:
        return cls.from_params(QueryDict(query_string.removeprefix("?")))

    def to_string(self, **more: Any) -> str:
        """As the end of an address, without the question mark; `more` are other parameters to go with it."""
        pairs: list[tuple[str, Any]] = []
        for name, (parameter, _read, write) in _PARAMETERS.items():
            value = getattr(self, name)
            if value != _DEFAULTS[name]:
                pairs += [(parameter, text) for text in write(value)]
        return urlencode(pairs + [(name, value) for name, value in more.items() if value not in ("", None)])

    def but(self, **changes: Any) -> LibraryQuery:
        return replace(self, ignored=(), **changes).consistent()

    def without(self, name: str) -> LibraryQuery:
        """The same with one field empty."""
        sort = {"sort": "newest"} if name == "used" and self.sort == "used" else {}
        return self.but(**{name: _DEFAULTS[name]}, **sort)

    @property
    def words(self) -> list[str]:
        return query_words(self.text)

    @property
    def narrowing(self) -> list[str]:
        """The names of the fields that narrow, in the order of the page."""
        return [name for name in _DEFAULTS if name != "sort" and getattr(self, name) != _DEFAULTS[name]]

    @property
    def without_properties(self) -> LibraryQuery:
        """The same, newest first, without what the tallies count."""
        return self.but(**{name: _DEFAULTS[name] for name in TALLIED}, sort="newest")

    @property
    def only_properties(self) -> LibraryQuery:
        return LibraryQuery(**{name: getattr(self, name) for name in TALLIED})

    @property
    def cleared(self) -> LibraryQuery:
        return LibraryQuery(sort=self.sort if self.sort != "used" else "newest")


# --- reading and writing ---------------------------------------------------------------------------------------------
Read = Callable[[list[str]], Any]
Write = Callable[[Any], Iterable[str]]


def _one_of(known: Iterable[str]) -> Read:
    names = frozenset(known)

    def read(given: list[str]) -> str:
        if given[-1] not in names:
            raise ValueError(given[-1])
        return given[-1]

    return read


def _number(text: str) -> int:
    """A row's id, as databases know them."""
    if not re.fullmatch(r"[0-9]{1,18}", text) or not int(text):
        raise ValueError(text)
    return int(text)


def _text(given: list[str]) -> str:
    return " ".join(given[-1].replace("\0", " ").split())[:LONGEST_TEXT].strip()


def _tags(given: list[str]) -> tuple[int, ...]:
    return tuple(sorted({_number(text) for text in given}))[:MOST_TAGS]


def _rating(given: list[str]) -> int:
    if given[-1] not in "12345" or len(given[-1]) != 1:
        raise ValueError(given[-1])
    return int(given[-1])


def _day(given: list[str]) -> date:
    if not re.fullmatch(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}", given[-1]):
        raise ValueError(given[-1])
    return date.fromisoformat(given[-1])


def _itself(value: Any) -> list[str]:
    return [str(value)]


_PARAMETERS: Mapping[str, tuple[str, Read, Write]] = {
    "text": ("q", _text, _itself),
    "media_type": ("type", _one_of(MediaType.values), _itself),
    "status": ("status", _one_of(STATUSES), _itself),
    "kind": ("kind", _one_of(Kind.values), _itself),
    "tags": ("tag", _tags, lambda tags: [str(tag) for tag in tags]),
    "collection": ("collection", lambda given: _number(given[-1]), _itself),
    "owner": ("owner", lambda given: ME if given[-1] == ME else _number(given[-1]), _itself),
    "since": ("from", _day, _itself),
    "until": ("to", _day, _itself),
    "used": ("used", _one_of(USES), _itself),
    "starred": ("starred", lambda given: bool(_one_of(["yes"])(given)), lambda _: ["yes"]),
    "rating": ("rating", _rating, _itself),
    "sort": ("sort", _one_of(SORTS), _itself),
}
_DEFAULTS = {field.name: field.default for field in fields(LibraryQuery) if field.name in _PARAMETERS}

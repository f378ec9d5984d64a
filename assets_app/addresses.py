"""Queries that live in addresses: how each field of one is read from a query string, and written back into one."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime
from typing import Any, ClassVar, Self
from urllib.parse import urlencode

from django.http import QueryDict

LONGEST_TEXT = 200
ME = "me"

Read = Callable[[list[str]], Any]
Write = Callable[[Any], Iterable[str]]


@dataclass(frozen=True)
class AddressQuery:
    """Empty fields do not narrow. `ignored` tells what an address asked for that makes no sense; it is not part of
    the query. A subclass names the parameter of each of its fields, and how that is read and written; reading raises
    ValueError.
    """

    PARAMETERS: ClassVar[Mapping[str, tuple[str, Read, Write]]] = {}
    PLACE: ClassVar[str] = "this page"

    ignored: tuple[str, ...] = field(default=(), compare=False, kw_only=True)

    @classmethod
    def from_params(cls, params: QueryDict) -> Self:
        values: dict[str, Any] = {}
        ignored: list[str] = []
        for name, (parameter, read, _write) in cls.PARAMETERS.items():
            given = [text for text in params.getlist(parameter) if text]
            if not given:
                continue
            try:
                values[name] = read(given)
            except ValueError:
                ignored.append(f"“{parameter}={given[-1][:40]}” is nothing {cls.PLACE} knows, and was left out.")
        return cls(**values, ignored=tuple(ignored)).consistent()

    @classmethod
    def from_string(cls, query_string: str) -> Self:
        return cls.from_params(QueryDict(query_string.removeprefix("?")))

    def consistent(self) -> Self:
        """The same without what contradicts itself."""
        return self

    def to_string(self, **more: Any) -> str:
        """As the end of an address, without the question mark; `more` are other parameters to go with it."""
        defaults = self.defaults()
        pairs: list[tuple[str, Any]] = []
        for name, (parameter, _read, write) in self.PARAMETERS.items():
            value = getattr(self, name)
            if value != defaults[name]:
                pairs += [(parameter, text) for text in write(value)]
        return urlencode(pairs + [(name, value) for name, value in more.items() if value not in ("", None)])

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        return {each.name: each.default for each in fields(cls) if each.name in cls.PARAMETERS}

    def but(self, **changes: Any) -> Self:
        return replace(self, ignored=(), **changes).consistent()

    def without(self, name: str) -> Self:
        """The same with one field empty."""
        return self.but(**{name: self.defaults()[name]})

    @property
    def narrowing(self) -> list[str]:
        """The names of the fields that narrow, in the order of the page."""
        defaults = self.defaults()
        return [name for name in defaults if name != "sort" and getattr(self, name) != defaults[name]]


# --- what stands in an address or a form, whoever wrote it -----------------------------------------------------------
def uuid_or_none(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def whole_number(text: str) -> int:
    """0 for what is none, or more than a database's own numbers hold."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


# --- how fields are read ---------------------------------------------------------------------------------------------
def one_of(known: Iterable[str]) -> Read:
    names = frozenset(known)

    def read(given: list[str]) -> str:
        if given[-1] not in names:
            raise ValueError(given[-1])
        return given[-1]

    return read


def row_id(text: str) -> int:
    """A row's id, as databases know them."""
    if not re.fullmatch(r"[0-9]{1,18}", text) or not int(text):
        raise ValueError(text)
    return int(text)


def person_id(given: list[str]) -> int | str:
    return ME if given[-1] == ME else row_id(given[-1])


def text_of(given: list[str]) -> str:
    return " ".join(given[-1].replace("\0", " ").split())[:LONGEST_TEXT].strip()


def rating_of(given: list[str]) -> int:
    if given[-1] not in "12345" or len(given[-1]) != 1:
        raise ValueError(given[-1])
    return int(given[-1])


def day_of(given: list[str]) -> date:
    if not re.fullmatch(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}", given[-1]):
        raise ValueError(given[-1])
    return date.fromisoformat(given[-1])


def read_moment(text: str) -> datetime:
    """An ISO 8601 text as a moment in UTC. ValueError is raised, too, for one without a zone or off the calendar."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(text) from error


def yes_of(given: list[str]) -> bool:
    return bool(one_of(["yes"])(given))


def itself(value: Any) -> list[str]:
    return [str(value)]


def yes(_value: Any) -> list[str]:
    return ["yes"]

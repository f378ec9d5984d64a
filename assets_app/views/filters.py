"""The filters of a list as its page shows them: choices that lead somewhere, and chips that lead back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar, cast
from urllib.parse import parse_qsl

from django.contrib.auth.models import User

from assets_app.addresses import whole_number
from assets_app.films.query import FilmQuery
from assets_app.library.query import LibraryQuery
from assets_app.middleware import TeamRequest

# Back restores so many cards at most; who went further comes back to the page they were on.
MOST_AT_ONCE = 600


@dataclass(frozen=True)
class Choice:
    """One value of a filter: where it leads, whether it is the current one, and how many it would show if known."""

    label: str
    address: str
    is_current: bool
    count: int | None = None


@dataclass(frozen=True)
class Facet:
    name: str
    label: str
    choices: list[Choice]

    @property
    def current(self) -> Choice | None:
        return next((choice for choice in self.choices if choice.is_current), None)


@dataclass(frozen=True)
class Chip:
    """One thing that narrows, and the address without it."""

    label: str
    address: str


Query = TypeVar("Query", FilmQuery, LibraryQuery)


class NarrowedPage(Generic[Query]):
    """What the page of a list shows around its cards. Page and fragments are drawn from the same; `size` is how many
    cards a page has unless the address asks for more.
    """

    def __init__(self, request: TeamRequest, query: Query, size: int) -> None:
        self.team, self.user = request.team, cast("User", request.user)
        self.query: Query = query
        self.after = request.GET.get("after", "")
        self.seen_before = whole_number(request.GET.get("seen", "")) if self.after else 0
        self.size = min(max(size, whole_number(request.GET.get("shown", ""))), MOST_AT_ONCE)

    # --- where in the list ---
    @property
    def shown(self) -> int:
        raise NotImplementedError

    @property
    def next_after(self) -> str:
        """Where the next page begins, "" on the last one."""
        raise NotImplementedError

    @property
    def seen(self) -> int:
        return self.seen_before + self.shown

    @property
    def more(self) -> str:
        """The address of the next page, "" on the last one."""
        return f"?{self.query.to_string(after=self.next_after, seen=self.seen)}" if self.next_after else ""

    @property
    def is_continued(self) -> bool:
        return bool(self.after)

    @property
    def order_is_live(self) -> bool:
        """Whether what is new belongs on top of this page."""
        return self.query.sort == "newest" and not self.after

    # --- addresses ---
    @property
    def address(self) -> str:
        return f"?{self.query.to_string()}"

    @property
    def clear_address(self) -> str:
        return f"?{self.query.cleared.to_string()}"

    def with_(self, **changes: Any) -> str:
        return f"?{self.query.but(**changes).to_string()}"

    def without(self, name: str) -> str:
        return f"?{self.query.without(name).to_string()}"

    @property
    def rest_of_query(self) -> list[tuple[str, str]]:
        """What a search goes with, as fields of a form."""
        return parse_qsl(self.query.without("text").to_string())

    @property
    def query_without_dates(self) -> list[tuple[str, str]]:
        return parse_qsl(self.query.but(since=None, until=None).to_string())

    # --- filters that every list has ---
    @property
    def star_choice(self) -> Choice:
        return Choice("Starred", self.with_(starred=not self.query.starred), self.query.starred)

    @cached_property
    def ratings(self) -> Facet:
        values = [(number, "★" * number + (" and more" if number < 5 else "")) for number in range(5, 0, -1)]
        choices = [Choice("Any rating", self.without("rating"), not self.query.rating)]
        choices += [Choice(label, self.with_(rating=value), value == self.query.rating) for value, label in values]
        return Facet("rating", "Rating", choices)

    def sorts_of(self, labels: dict[str, str]) -> Facet:
        choices = [Choice(label, self.with_(sort=value), value == self.query.sort) for value, label in labels.items()]
        return Facet("sort", "Sort", choices)

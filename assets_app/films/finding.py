"""A team's films, asked with a FilmQuery: a page of them, all of them, and how many they are.

A page is found by walking an index in the order of the page. Takes of one press of the button lie side by side in it,
and a page ends between two such sets, never inside one.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, OuterRef, Q, Sum

from assets_app.addresses import ME, read_moment
from assets_app.days import midnight
from assets_app.films import downloads
from assets_app.films.query import STATUSES, TALLIED, FilmQuery
from assets_app.models import FilmStar, Generation, Reference, Team
from assets_app.models.generation import GenerationQuerySet, told_retries
from assets_app.totals import Total

if TYPE_CHECKING:
    from django.contrib.auth.models import User

PAGE = 24
LARGEST_SET = 8
BOUND = 2000  # films of which each filter's choices are counted; beyond, the list is only counted itself
COUNTED = 20_000
ORDERS = {
    "newest": ("-created_at", "-id"),
    "oldest": ("created_at", "id"),
    "rating": ("-rating", "-created_at", "-id"),
    "cost": ("-spend", "-created_at", "-id"),
}


@dataclass(frozen=True)
class Page:
    """Films in order, and where the next page begins ("" when this is the last one)."""

    films: list[Generation]
    next_after: str


@dataclass(frozen=True)
class TakeSet:
    """What one press of the button made: how many takes, the trash left out, and the credits they count for."""

    takes: int
    spend: int


class Reel:
    """What `query` finds for `user` among the team's films out of the trash."""

    def __init__(self, team: Team, user: User, query: FilmQuery) -> None:
        self.team, self.user, self.query = team, user, query

    def films(self) -> GenerationQuerySet:
        """In no order, for counting and changing all of them."""
        return Generation.objects.filter(self._properties(), self._circumstances(), team=self.team).live()

    def in_order(self, after: str = "") -> GenerationQuerySet:
        """Beyond the place `after`; a place that makes no sense is the beginning."""
        order = ORDERS[self.query.sort]
        films = self.films().order_by(*order)
        beyond = _read_place(after, order)
        return films if beyond is None else films.filter(_beyond(order, beyond))

    def page(self, after: str = "", size: int = PAGE) -> Page:
        """About `size` films: the last set of takes is whole."""
        order = ORDERS[self.query.sort]
        found = (
            self.in_order(after)
            .with_what_came_of_it()
            .select_related("created_by", "video")
            .prefetch_related(told_retries())[: size + LARGEST_SET]
        )
        films = list(found.defer("request", "provider_answer", "webhook_token"))
        end = size
        while size <= end < len(films) and films[end].click == films[end - 1].click:
            end += 1
        shown = films[:end]
        return Page(shown, _place(shown[-1], order) if len(films) > end else "")

    # --- how many ---
    @cached_property
    def tally(self) -> list[tuple[str, ...]] | None:
        """The counted properties of all that match the rest of the query; None when that is more than the bound."""
        rest = Reel(self.team, self.user, self.query.without_properties).films()
        rows = list(rest.values_list("state", "model", "created_by", "is_draft", "followed")[: BOUND + 1])
        return [_properties(*row) for row in rows] if len(rows) <= BOUND else None

    @cached_property
    def total(self) -> Total:
        if self.tally is not None:
            return Total(sum(1 for _ in self._matching(self.tally)))
        counted = self.films().order_by().values("pk")[: COUNTED + 1].count()
        return Total(min(counted, COUNTED), is_exact=counted <= COUNTED)

    def counts(self, facet: str) -> Counter[str] | None:
        """How many would match with each value of the facet, the other filters as they are; None: too many to
        count.
        """
        if self.tally is None:
            return None
        at = TALLIED.index(facet)
        return Counter(row[at] for row in self._matching(self.tally, apart_from=facet))

    def _matching(self, rows: Iterable[tuple[str, ...]], apart_from: str = "") -> Iterable[tuple[str, ...]]:
        wanted = [
            (at, str(self.user.pk) if value == ME else str(value))
            for at, name in enumerate(TALLIED)
            if name != apart_from and (value := getattr(self.query, name))
        ]
        return (row for row in rows if all(row[at] == value for at, value in wanted))

    # --- the conditions ---
    def _properties(self) -> Q:
        """What is counted as well."""
        query, found = self.query, Q()
        if query.status:
            found &= Q(state__in=STATUSES[query.status][1])
        if query.model:
            found &= Q(model=query.model)
        if query.person:
            found &= Q(created_by=self.user.pk if query.person == ME else query.person)
        if query.stage:
            found &= Q(is_draft=query.stage == "draft")
        if query.followed:
            found &= Q(followed="" if query.followed == "unsaid" else query.followed)
        return found

    def _circumstances(self) -> Q:
        query, found = self.query, Q()
        if query.asset:
            found &= Q(pk__in=Reference.objects.filter(asset=query.asset, asset__team=self.team).values("generation"))
        if query.since:
            found &= Q(created_at__gte=midnight(query.since))
        if query.until:
            found &= Q(created_at__lt=midnight(query.until) + timedelta(days=1))
        if query.starred:
            found &= Q(Exists(FilmStar.objects.filter(generation=OuterRef("pk"), user=self.user)))
        if query.not_downloaded:
            found &= downloads.NOT_YET
        if query.rating:
            found &= Q(rating__gte=query.rating)
        for word in query.words:
            found &= _says(word)
        return found


def sets_of(team: Team, films: Iterable[Generation]) -> dict[uuid.UUID, TakeSet]:
    """The sets that these films belong to, by their click; a film alone is no set."""
    clicks = {film.click for film in films}
    rows = Generation.objects.filter(team=team, click__in=clicks).live().order_by().values_list("click")
    counted = rows.annotate(takes=Count("pk"), spend=Sum("spend")).filter(takes__gt=1)
    return {click: TakeSet(takes, spend) for click, takes, spend in counted}


def starred(user: User, films: Iterable[Generation]) -> set[uuid.UUID]:
    """Those of the films that bear this person's star."""
    stars = FilmStar.objects.filter(user=user, generation__in=[film.pk for film in films])
    return set(stars.values_list("generation", flat=True))


def _says(word: str) -> Q:
    """Whatever its case: SQLite compares letters beyond ASCII as they are, so those are tried in their usual forms."""
    found = Q(prompt__icontains=word)
    if not word.isascii():
        for form in {word.lower(), word.upper(), word.capitalize()}:
            found |= Q(prompt__icontains=form)
    return found


def _properties(state: str, model: str, person: int | None, is_draft: bool, followed: str) -> tuple[str, ...]:
    status = next((name for name, (_label, states) in STATUSES.items() if state in states), "")
    return status, model, str(person or 0), "draft" if is_draft else "final", followed or "unsaid"


# --- places ----------------------------------------------------------------------------------------------------------
def _beyond(order: tuple[str, ...], place: tuple[Any, ...]) -> Q:
    """Rows after a place in an order whose columns run in different directions. The first column's bound stands by
    itself, so that an index begins there.
    """
    first, descends = order[0].lstrip("-"), order[0].startswith("-")
    beyond, equal = Q(), Q()
    for column, value in zip(order, place, strict=True):
        name = column.lstrip("-")
        beyond |= equal & Q(**{f"{name}__{'lt' if column.startswith('-') else 'gt'}": value})
        equal &= Q(**{name: value})
    return Q(**{f"{first}__{'lte' if descends else 'gte'}": place[0]}) & beyond


def _place(film: Generation, order: tuple[str, ...]) -> str:
    """Where a page ends, as the end of an address can hold it."""
    values = [getattr(film, column.lstrip("-")) for column in order]
    return "~".join(value.isoformat() if isinstance(value, datetime) else str(value) for value in values)


def _read_place(text: str, order: tuple[str, ...]) -> tuple[Any, ...] | None:
    parts = text.split("~")
    if len(parts) != len(order):
        return None
    try:
        return tuple(_READ[column.lstrip("-")](part) for column, part in zip(order, parts, strict=True))
    except ValueError:
        return None


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise ValueError(text)
    return int(text)


def _small(text: str) -> int:
    if _number(text) > 32_767:
        raise ValueError(text)
    return int(text)


_READ: dict[str, Any] = {
    "created_at": read_moment,
    "id": uuid.UUID,
    "rating": _small,
    "spend": _number,
}

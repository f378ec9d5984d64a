"""A team's library, asked with a LibraryQuery: one page of it, all of it, and how much it is.

Every page is found by walking an index in the order of the page and stopping when it is full, so that what it costs
depends on the page and not on the library. The condition that matches fewest assets decides which index is walked;
the others are looked up row by row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from django.db.models import BooleanField, Exists, F, Field, Func, OuterRef, Q, QuerySet, Value

from assets_app.addresses import read_moment
from assets_app.days import midnight
from assets_app.library.counting import count
from assets_app.library.query import ME, LibraryQuery
from assets_app.library.search import matching, matching_in_order
from assets_app.models import Asset, Collection, Placing, Star, Tag, Tagging, Team
from assets_app.models.asset import AssetQuerySet
from assets_app.models.numbers import first_number_at
from assets_app.models.states import ASSET

if TYPE_CHECKING:
    from django.contrib.auth.models import User

PAGE = 60


@dataclass(frozen=True)
class Page:
    """Ids in order, and where the next page begins ("" when this is the last one)."""

    numbers: list[int]
    next_after: str


@dataclass(frozen=True)
class Order:
    """One way to sort: a column before the number, if any, and the direction both go."""

    column: str = ""
    descending: bool = True

    @property
    def by(self) -> list[str]:
        sign = "-" if self.descending else ""
        return [f"{sign}{name}" for name in (self.column, "number") if name]


ORDERS = {
    "newest": Order(),
    "oldest": Order(descending=False),
    "name": Order("sort_name", descending=False),
    "used": Order("used_at"),
    "rating": Order("rating"),
}


@dataclass(frozen=True)
class Link:
    """A tag, a collection or a star: rows that point at assets by number. `expected` is how many there are."""

    model: type[Tagging | Placing | Star]
    name: str
    condition: dict[str, Any]
    expected: int

    def drives(self, **beyond: int) -> AssetQuerySet:
        """The assets it points at; `beyond` narrows its rows by the asset's number, like `gt=7`."""
        condition = self.condition | {f"asset__{relation}": number for relation, number in beyond.items()}
        return Asset.objects.filter(**{f"{self.name}__{key}": value for key, value in condition.items()})

    def holds(self) -> Exists:
        return Exists(self.model._default_manager.filter(asset=OuterRef("number"), **self.condition))


class Shelf:
    """What `query` finds for `user` among the team's assets out of the trash."""

    def __init__(self, team: Team, user: User, query: LibraryQuery) -> None:
        self.team, self.user, self.query = team, user, query

    # --- the labels the query names, as far as the team has them ---
    @cached_property
    def tags(self) -> list[Tag]:
        return list(self.team.tags.filter(pk__in=self.query.tags)) if self.query.tags else []

    @cached_property
    def collection(self) -> Collection | None:
        return self.team.collections.filter(pk=self.query.collection).first() if self.query.collection else None

    @property
    def is_impossible(self) -> bool:
        """It names a tag or a collection that the team does not have (any more), or its text says nothing."""
        if self.query.says_nothing or len(self.tags) < len(self.query.tags):
            return True
        return bool(self.query.collection and not self.collection)

    # --- all that match ---
    def assets(self) -> QuerySet[Asset]:
        """In no order, reached through the team: for counting and changing all of them."""
        if self.is_impossible:
            return Asset.objects.none()
        assets = Asset.objects.filter(team=self.team).live().filter(self._properties(), self._circumstances())
        for link in self._links:
            assets = assets.filter(link.holds())
        return matching(assets, self.team.pk, self.query.words) if self.query.words else assets

    def apart_from_properties(self) -> QuerySet[Asset]:
        """Those that match all but the tallied properties."""
        return Shelf(self.team, self.user, self.query.without_properties).in_order()

    # --- one page of them ---
    def page(self, after: str = "", size: int = PAGE) -> Page:
        order = ORDERS[self.query.sort]
        names = [order.column, "number"] if order.column else ["number"]
        rows = list(self.in_order(after).values_list(*names)[: size + 1])
        numbers = [row[-1] for row in rows[:size]]
        return Page(numbers, _place(rows[size - 1]) if len(rows) > size else "")

    def in_order(self, after: str = "") -> QuerySet[Asset]:
        """Matches in the order asked for, beyond the place `after`. A place that makes no sense is the beginning."""
        if self.is_impossible:
            return Asset.objects.none()
        order = ORDERS[self.query.sort]
        beyond = _read_place(after, order)
        conditions = self._properties() & self._circumstances()
        if order.column:
            assets = self.assets()
            return (assets.filter(_Beyond(order, beyond)) if beyond else assets).order_by(*order.by)
        last = beyond[0] if beyond else None
        if self.query.words:
            return self._searched(conditions, newest_first=order.descending, beyond=last)
        links = sorted(self._links, key=lambda link: link.expected)
        if not links or self._expected_by_properties < links[0].expected:
            conditions &= Q(*(link.holds() for link in links))
            assets = Asset.objects.filter(conditions, team=self.team).live().order_by(*order.by)
            return assets if last is None else assets.filter(**{f"number__{'lt' if order.descending else 'gt'}": last})
        return self._along(links, conditions, descending=order.descending, beyond=last)

    def _searched(self, conditions: Q, *, newest_first: bool, beyond: int | None) -> QuerySet[Asset]:
        # The index of words has the team's own mark, so the team need not be looked up for each match.
        assets = Asset.objects.filter(conditions, *(link.holds() for link in self._links)).live()
        return matching_in_order(assets, self.team.pk, self.query.words, newest_first=newest_first, beyond=beyond)

    def _along(self, links: list[Link], conditions: Q, *, descending: bool, beyond: int | None) -> QuerySet[Asset]:
        """Along the link with fewest rows: it is the team's, so the team need not be looked up for each row."""
        first, rest = links[0], links[1:]
        place = {} if beyond is None else {"lt" if descending else "gt": beyond}
        assets = first.drives(**place).live().filter(conditions, *(link.holds() for link in rest))
        number = F(f"{first.name}__asset_id")
        return assets.order_by(number.desc() if descending else number.asc())

    @cached_property
    def _expected_by_properties(self) -> int:
        """How many assets the tallied properties leave."""
        return count(Shelf(self.team, self.user, self.query.only_properties)).number

    # --- the conditions ---
    def _properties(self) -> Q:
        """What the tallies know as well."""
        query, found = self.query, Q()
        if query.media_type:
            found &= Q(media_type=query.media_type)
        if query.status:
            found &= Q(state__in=ASSET.in_group(query.status))  # type: ignore[arg-type]
        if query.kind:
            found &= Q(kind=query.kind)
        if query.owner:
            found &= Q(created_by=self.user.pk if query.owner == ME else query.owner)
        if query.used:
            found &= Q(used_at__isnull=query.used == "no")
        return found

    def _circumstances(self) -> Q:
        query, found = self.query, Q()
        if query.since:
            found &= Q(number__gte=first_number_at(midnight(query.since)))
        if query.until:
            found &= Q(number__lt=first_number_at(midnight(query.until) + timedelta(days=1)))
        if query.rating:
            found &= Q(rating__gte=query.rating)
        return found

    @cached_property
    def _links(self) -> list[Link]:
        links = [Link(Tagging, "taggings", {"tag": tag.pk}, tag.assets_count) for tag in self.tags]
        if self.collection:
            condition = {"collection": self.collection.pk}
            links.append(Link(Placing, "placings", condition, self.collection.assets_count))
        if self.query.starred:
            condition = {"user": self.user.pk}
            links.append(Link(Star, "stars", condition, self.user.stars.count()))
        return links


class _Beyond(Func):
    """Rows after a place in an order of two columns, as one comparison that an index can answer."""

    output_field = BooleanField()

    def __init__(self, order: Order, place: tuple[Any, ...]) -> None:
        column = cast("Field[Any, Any]", Asset._meta.get_field(order.column))
        number, value = place
        super().__init__(F(order.column), F("number"), Value(value, column), Value(number))
        self.relation = "<" if order.descending else ">"

    def as_sql(self, compiler: Any, connection: Any, **_context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        parts = [compiler.compile(expression) for expression in self.source_expressions]
        (column, _), (number, _), (value, value_params), (last, last_params) = parts
        sql = f"({column}, {number}) {self.relation} ({value}, {last})"
        return sql, [*value_params, *last_params]


# --- places ----------------------------------------------------------------------------------------------------------
def _place(row: tuple[Any, ...]) -> str:
    """Where a page ends, as the end of an address can hold it."""
    *before, number = row
    value = before[0].isoformat() if before and isinstance(before[0], datetime) else "".join(map(str, before))
    return f"{number}_{value}" if before else str(number)


def _read_place(text: str, order: Order) -> tuple[Any, ...] | None:
    number, _, value = text.partition("_")
    if not number.isdecimal() or len(number) > 19 or int(number) >= 2**63:
        return None
    if not order.column:
        return (int(number),)
    try:
        read = READ[order.column](value)
    except ValueError:
        return None
    return int(number), read


def _stars(text: str) -> int:
    if text not in {"0", "1", "2", "3", "4", "5"}:
        raise ValueError(text)
    return int(text)


READ: dict[str, Callable[[str], Any]] = {"sort_name": str, "rating": _stars, "used_at": read_moment}

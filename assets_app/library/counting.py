"""How many assets match, and how many would with another choice of each filter.

Type, status, kind, owner and use are tallied by the database (`Tally`), so any combination of them is counted exactly
by adding up some rows. With a text, tag, collection, date, star or rating in the query, those that match these are
tallied on the spot, up to a bound: beyond it a count is "1,000+", because counting 300,000 rows is not worth anybody's
waiting.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from assets_app.library.query import ME, TALLIED
from assets_app.models import Tally
from assets_app.models.states import ASSET
from assets_app.totals import Total

if TYPE_CHECKING:
    from assets_app.library.finding import Shelf

BOUND = 1000


@dataclass(frozen=True)
class Row:
    """How many assets share these properties."""

    media_type: str
    state: str
    kind: str
    owner: int
    is_used: bool
    number: int

    def value(self, facet: str) -> str:
        if facet == "status":
            return ASSET[self.state].group
        if facet == "used":
            return "yes" if self.is_used else "no"
        return str(getattr(self, facet))


class Counts:
    """The total of a shelf and the counts of its facets, in two queries at most."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf, self.query = shelf, shelf.query

    @cached_property
    def _rows(self) -> list[Row] | None:
        """The tallies of what matches all but the tallied properties; None when that is more than the bound."""
        if set(self.query.narrowing) <= set(TALLIED):
            tallies = Tally.objects.filter(team=self.shelf.team, assets_count__gt=0)
            values = tallies.values_list("media_type", "state", "kind", "owner", "is_used", "assets_count")
            return [Row(*value) for value in values]
        found = self.shelf.apart_from_properties()
        seen = list(found.values_list("media_type", "state", "kind", "created_by", "used_at")[: BOUND + 1])
        if len(seen) > BOUND:
            return None
        tallied = Counter(
            (media_type, state, kind, owner or 0, used_at is not None)
            for media_type, state, kind, owner, used_at in seen
        )
        return [Row(*properties, number) for properties, number in tallied.items()]

    @property
    def total(self) -> Total:
        if self.shelf.is_impossible:
            return Total(0)
        if (known := self._known_total) is not None:
            return Total(known)
        if self._rows is not None:
            return Total(sum(row.number for row in self._matching(self._rows)))
        counted = self.shelf.in_order().values("number")[: BOUND + 1].count()
        return Total(min(counted, BOUND), is_exact=counted <= BOUND)

    @property
    def _known_total(self) -> int | None:
        """A tag or a collection alone keeps its own count."""
        narrowing = self.query.narrowing
        if narrowing == ["tags"] and len(self.shelf.tags) == 1:
            return self.shelf.tags[0].assets_count
        if narrowing == ["collection"] and self.shelf.collection:
            return self.shelf.collection.assets_count
        return None

    def of(self, facet: str) -> dict[str, int] | None:
        """How many would match with each value of the facet, the other filters as they are; None: more than we
        count.
        """
        if self._rows is None:
            return None
        counts: Counter[str] = Counter()
        for row in self._matching(self._rows, apart_from=facet):
            counts[row.value(facet)] += row.number
        return counts

    def _matching(self, rows: Iterable[Row], apart_from: str = "") -> Iterable[Row]:
        wanted = {name: str(getattr(self.query, name)) for name in self.query.narrowing if name in TALLIED}
        if self.query.owner == ME:
            wanted["owner"] = str(self.shelf.user.pk)
        wanted.pop(apart_from, None)
        return (row for row in rows if all(row.value(name) == value for name, value in wanted.items()))


def count(shelf: Shelf) -> Total:
    return Counts(shelf).total

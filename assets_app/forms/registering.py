"""A paste as it meets the team's library: what is new, what is there already, and what comes back to the person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from assets_app.forms.entries import entries
from assets_app.forms.paste import MAX_LINES, NO_TYPE, Line, as_text, parse
from assets_app.models import Asset, NewAsset, Team, register_all

# More rows than anybody reads while pasting; those with a problem come first then.
SHOWN = 200
NAMED = 5
LONGEST_UNREAD = 40


@dataclass(frozen=True)
class Row:
    """One line of the preview. `known` is the asset that the library already has from this URL."""

    line: Line
    known: Asset | None = None

    @property
    def is_new(self) -> bool:
        return self.line.is_ready and self.known is None

    @property
    def problem(self) -> str:
        """Why it cannot go on; what the library has already needs nothing."""
        return "" if self.known else self.line.problem


class Paste:
    """`urls` and the type corrections of a posted form, read once."""

    limit = MAX_LINES
    counted = 10 * MAX_LINES  # nobody needs to know exactly how much too much it is

    def __init__(self, team: Team, data: Mapping[str, Any]) -> None:
        self.team = team
        self.text = str(data.get("urls", ""))
        self._types = {name: str(value) for name, value in data.items() if name.startswith("type-")}

    @cached_property
    def count(self) -> int:
        """The entries, up to `counted`."""
        return sum(1 for _ in islice(entries(self.text), self.counted))

    @property
    def is_too_many(self) -> bool:
        return self.count > self.limit

    @cached_property
    def rows(self) -> list[Row]:
        if self.is_too_many:
            return []
        lines = parse(self.text, self._types)
        known = self._known(lines)
        return [Row(line, None if line.same_as else known.get(line.url)) for line in lines]

    def _known(self, lines: list[Line]) -> dict[str, Asset]:
        urls = [line.url for line in lines if line.is_ready or line.problem == NO_TYPE]
        if not urls:
            return {}
        # Newest last, so that of several with one source the newest is linked.
        found = self.team.assets.live().with_source(urls).order_by("created_at")
        return {asset.source_url: asset for asset in found}

    # --- the preview ------------------------------------------------------------------------------------------------
    @property
    def shown(self) -> list[Row]:
        if len(self.rows) <= SHOWN:
            return self.rows
        return list(islice(sorted(self.rows, key=lambda row: not row.problem), SHOWN))

    @property
    def hidden(self) -> int:
        return len(self.rows) - len(self.shown)

    @cached_property
    def new(self) -> list[Row]:
        return [row for row in self.rows if row.is_new]

    @property
    def known(self) -> list[Row]:
        return [row for row in self.rows if row.known]

    @property
    def known_named(self) -> list[Row]:
        return self.known[:NAMED]

    @property
    def known_unnamed(self) -> int:
        return max(0, len(self.known) - NAMED)

    @property
    def repeated(self) -> int:
        return sum(1 for row in self.rows if row.line.same_as and not row.problem)

    @property
    def unread(self) -> str:
        """What stood beside the links and is no name or type, as its headings or itself; "" when there was nothing."""
        found = list(dict.fromkeys(each for row in self.rows for each in row.line.unread))
        more = f" and {len(found) - NAMED:,} more" if len(found) > NAMED else ""
        return ", ".join(each[:LONGEST_UNREAD] for each in found[:NAMED]) + more

    @property
    def bad(self) -> list[Row]:
        return [row for row in self.rows if row.problem]

    # --- registering ------------------------------------------------------------------------------------------------
    def register(self, user: Any) -> list[Asset]:
        """Write the new ones down for the engine; nothing when there are too many lines."""
        wanted = [NewAsset(row.line.url, row.line.media_type, row.line.name) for row in self.new]
        return register_all(self.team, user, wanted, unless_known=True) if wanted else []

    @property
    def not_looked_at(self) -> str:
        """What stays in the box when the rest is looked at: all of it when there is too much, else what is no link."""
        if self.is_too_many:
            return self.text
        return as_text(row.line for row in self.rows if row.problem and not row.line.has_type)

    @property
    def left_over(self) -> str:
        """What goes back into the box: all of it when there is too much, else the lines that need a look."""
        if self.is_too_many:
            return self.text
        return as_text(row.line for row in self.bad)

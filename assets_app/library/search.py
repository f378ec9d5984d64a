"""Words to assets, on SQLite (FTS5) and PostgreSQL (GIN) alike: every word asked for begins a word of the asset.

Why not modelsearch (1.3.2), which the design names: it is told of changes by `post_save`, which `update()` and
`bulk_create()` do not send, and all our changes are those; and on both databases a search is `id IN (all matches)`,
so that a page of 60 costs as much as the number of assets that match. Here SQLite's index hands out its matches in the
library's own order, one page at a time, and PostgreSQL chooses between its index and the library's order by its
statistics. `library/schema.py` keeps the index.
"""

from __future__ import annotations

import uuid

from django.db import connection
from django.db.models import BooleanField, Func, QuerySet, Value
from django.db.models.expressions import RawSQL

from assets_app.library.schema import ASSET, TEAM_MARK, VECTOR, WORDS
from assets_app.models import Asset


def matching(assets: QuerySet[Asset], team_id: uuid.UUID, words: list[str]) -> QuerySet[Asset]:
    """Those of the team's assets that have all the words, in no order."""
    if connection.vendor == "sqlite":
        found = RawSQL(f"SELECT rowid FROM {WORDS} WHERE {WORDS} MATCH %s", [_fts5(team_id, words)])  # noqa: S608, S611
        return assets.filter(number__in=found)
    return assets.filter(_Matches(Value(_tsquery(team_id, words))))


def matching_in_order(
    assets: QuerySet[Asset], team_id: uuid.UUID, words: list[str], *, newest_first: bool, beyond: int | None
) -> QuerySet[Asset]:
    """The same in the library's order, beyond a place in it. SQLite walks down its index of words only as far as the
    page needs.
    """
    sign, relation = ("-", "<") if newest_first else ("", ">")
    if connection.vendor == "sqlite":
        where, params = [f"{WORDS}.rowid = {ASSET}.number", f"{WORDS} MATCH %s"], [_fts5(team_id, words)]
        if beyond is not None:
            where.append(f"{WORDS}.rowid {relation} {beyond}")
        return assets.extra(tables=[WORDS], where=where, params=params, order_by=[f"{sign}{WORDS}.rowid"])  # noqa: S610
    if beyond is not None:
        assets = assets.filter(**{f"number__{'lt' if newest_first else 'gt'}": beyond})
    return matching(assets, team_id, words).order_by(f"{sign}number")


def _fts5(team_id: uuid.UUID, words: list[str]) -> str:
    """Words hold letters and digits only, so nothing in them is syntax."""
    return " AND ".join([f'"{TEAM_MARK}{team_id.hex}"', *(f'"{word}" *' for word in words)])


def _tsquery(team_id: uuid.UUID, words: list[str]) -> str:
    return " & ".join([f"'{TEAM_MARK}{team_id}'", *(f"'{word}':*" for word in words)])


class _Matches(Func):
    """The words of an asset, as PostgreSQL's index has them, against a query."""

    output_field = BooleanField()
    template = f"({VECTOR} @@ %(expressions)s::tsquery)"

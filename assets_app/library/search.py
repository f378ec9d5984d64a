"""Words to assets, on SQLite (FTS5) and PostgreSQL (GIN) alike: every word asked for begins a word of the asset.

Why not modelsearch (1.3.2), which the design names: it is told of changes by `post_save`, which `update()` and
`bulk_create()` do not send, and all our changes are those; and on both databases a search is `id IN (all matches)`,
so that a page of 60 costs as much as the number of assets that match. Here SQLite's index hands out its matches in the
library's own order, one page at a time, and PostgreSQL chooses between its index and the library's order by its
statistics. `library/schema.py` keeps the index.
"""

# ruff: noqa: S608, S610, S611 (SQL from our own names; what people typed goes in as parameters)
from __future__ import annotations

import json
import uuid

from django.db import connection
from django.db.models import BooleanField, Func, Q, QuerySet, Value
from django.db.models.expressions import RawSQL

from assets_app.library.schema import ASSET, LONGEST_PREFIX, TEAM_MARK, VECTOR, WORDS
from assets_app.models import Asset

# So few matches are fetched whole and sorted; PostgreSQL takes a word that it expects more often for common.
FEW = 2_000
COMMON = 20_000


def matching(assets: QuerySet[Asset], team_id: uuid.UUID, words: list[str]) -> QuerySet[Asset]:
    """Those of the team's assets that have all the words, in no order."""
    few = _few(team_id, words)
    return assets.filter(_condition(team_id, words) if few is None else Q(number__in=few))


def matching_in_order(
    assets: QuerySet[Asset], team_id: uuid.UUID, words: list[str], *, newest_first: bool, beyond: int | None
) -> QuerySet[Asset]:
    """The same in the library's order, beyond a place in it."""
    if connection.vendor == "sqlite":
        return _along_fts5(assets, team_id, words, newest_first=newest_first, beyond=beyond)
    if beyond is not None:
        assets = assets.filter(**{f"number__{'lt' if newest_first else 'gt'}": beyond})
    return matching(assets, team_id, words).order_by("-number" if newest_first else "number")


def _along_fts5(
    assets: QuerySet[Asset], team_id: uuid.UUID, words: list[str], *, newest_first: bool, beyond: int | None
) -> QuerySet[Asset]:
    """Down SQLite's index of words, only as far as the page needs. A long word is sought by as many letters as the
    index has prefixes of, for it would gather all matches of any other prefix first, and then compared whole.
    """
    where, params = [f"{WORDS}.rowid = {ASSET}.number", f"{WORDS} MATCH %s"], [_fts5(team_id, words, LONGEST_PREFIX)]
    for word in words:
        if len(word) > LONGEST_PREFIX:
            where.append(f"instr(' ' || {ASSET}.words, %s)")
            params.append(f" {word}")
    if beyond is not None:
        where.append(f"{WORDS}.rowid {'<' if newest_first else '>'} {beyond}")
    order = f"{'-' if newest_first else ''}{WORDS}.rowid"
    return assets.extra(tables=[WORDS], where=where, params=params, order_by=[order])


def _few(team_id: uuid.UUID, words: list[str]) -> list[int] | None:
    """The numbers of all matches, None when they are many."""
    if connection.vendor == "sqlite":
        sql, query = f"SELECT rowid FROM {WORDS} WHERE {WORDS} MATCH %s LIMIT %s", _fts5(team_id, words)
    elif all(_is_common(word) for word in words):
        return None
    else:
        sql, query = f"SELECT number FROM {ASSET} WHERE {VECTOR} @@ %s::tsquery LIMIT %s", _tsquery(team_id, words)
    with connection.cursor() as cursor:
        cursor.execute(sql, [query, FEW + 1])
        numbers = [number for (number,) in cursor.fetchall()]
    return numbers if len(numbers) <= FEW else None


def _is_common(word: str) -> bool:
    """By PostgreSQL's own statistics, which it keeps of frequent words only. Of others it expects 1 in 200, which
    would let it walk through a whole library for a word that nothing has; so it is asked word by word.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) SELECT 1 FROM {ASSET} WHERE {VECTOR} @@ %s::tsquery", [f"'{word}':*"])
        (plan,) = cursor.fetchone()
    return (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]["Plan Rows"] >= COMMON


def _condition(team_id: uuid.UUID, words: list[str]) -> Q:
    if connection.vendor == "sqlite":
        return Q(number__in=RawSQL(f"SELECT rowid FROM {WORDS} WHERE {WORDS} MATCH %s", [_fts5(team_id, words)]))
    return Q(_Matches(Value(_tsquery(team_id, words))))


def _fts5(team_id: uuid.UUID, words: list[str], letters: int | None = None) -> str:
    """Words hold letters and digits only, so nothing in them is syntax."""
    return " AND ".join([f'"{TEAM_MARK}{team_id.hex}"', *(f'"{word[:letters]}" *' for word in words)])


def _tsquery(team_id: uuid.UUID, words: list[str]) -> str:
    return " & ".join([f"'{TEAM_MARK}{team_id}'", *(f"'{word}':*" for word in words)])


class _Matches(Func):
    """The words of an asset, as PostgreSQL's index has them, against a query."""

    output_field = BooleanField()
    template = f"({VECTOR} @@ %(expressions)s::tsquery)"

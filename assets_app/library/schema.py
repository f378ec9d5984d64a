"""What the database itself keeps in step with the assets: tallies, the counts of tags and collections, and the index
of words.

They are triggers, so that no `update()`, `bulk_create()` or cascade can go past them, and they take part in the
transaction that makes the change. They are put in place after each `migrate` and not by a migration: on SQLite Django
changes a table by building it anew, which drops its triggers without a word, and fails where another table's trigger
names it. So SQLite's go before migrations run, and all is counted and indexed anew after.

PostgreSQL's are for whole statements: trashing 10,000 assets changes each tally once, not 10,000 times.
"""

# ruff: noqa: S608 (SQL from our own table names; no value of a person comes near it)
from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from assets_app.models import Asset, Collection, Placing, Tag, Tagging, Tally

ASSET, TALLY = Asset._meta.db_table, Tally._meta.db_table
LABELS = [
    (Tag._meta.db_table, Tagging._meta.db_table, "tag_id"),
    (Collection._meta.db_table, Placing._meta.db_table, "collection_id"),
]
WORDS = "library_words"
# A sign that no word of an asset can hold tells a team's own mark from the words.
TEAM_MARK = "_"

KEY = "team_id, media_type, state, kind, owner, is_used"


def _key_of(row: str) -> str:
    names = ("team_id", "media_type", "state", "kind")
    return ", ".join(f"{row}.{name}" for name in names) + (
        f", coalesce({row}.created_by_id, 0), {row}.used_at IS NOT NULL"
    )


def _columns(row: str) -> str:
    return ", ".join(f"{row}.{name}" for name in KEY.split(", "))


def install(using: str = "default", **_signal: Any) -> None:
    """Put in place what is not, and count and index anew if anything was missing. Does nothing before the tables are
    there.
    """
    connection = connections[using]
    if TALLY not in connection.introspection.table_names():
        return
    with transaction.atomic(using=using):
        changed = _install_sqlite(connection) if connection.vendor == "sqlite" else _install_postgres(connection)
        if changed:
            rebuild(using)


def make_way(using: str = "default", plan: Sequence[Any] = (), **_signal: Any) -> None:
    """Let migrations build SQLite's tables anew. Does nothing when there is none to run."""
    if plan and connections[using].vendor == "sqlite":
        _remove(using)


@contextmanager
def suspended(using: str = "default") -> Iterator[None]:
    """Keep nothing in step meanwhile, and count and index all of it anew at the end: for making very many assets."""
    _remove(using)
    try:
        yield
    finally:
        install(using)


def _remove(using: str) -> None:
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name, _body in _sqlite_triggers():
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        else:
            for name, _event, table, _body in _postgres_functions():
                cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
            cursor.execute(f"DROP INDEX IF EXISTS {WORDS}")


def rebuild(using: str = "default") -> None:
    """Count all tallies and labels anew, and index all words."""
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TALLY}")
        cursor.execute(
            f"INSERT INTO {TALLY} ({KEY}, assets_count) SELECT {_key_of('a')}, count(*) FROM {ASSET} a"
            " WHERE a.trashed_at IS NULL GROUP BY 1, 2, 3, 4, 5, 6"
        )
        for label, link, label_id in LABELS:
            cursor.execute(
                f"UPDATE {label} SET assets_count = (SELECT count(*) FROM {link} l JOIN {ASSET} a"
                f" ON a.number = l.asset_id WHERE l.{label_id} = {label}.id AND a.trashed_at IS NULL)"
            )
        if connection.vendor == "sqlite":
            cursor.execute(f"INSERT INTO {WORDS}({WORDS}) VALUES ('delete-all')")
            cursor.execute(
                f"INSERT INTO {WORDS}(rowid, words)"
                f" SELECT number, words || ' {TEAM_MARK}' || team_id FROM {ASSET} ORDER BY number"
            )


# --- SQLite: triggers for rows ---------------------------------------------------------------------------------------
# No positions and no copy of the text: we only ask which assets have all of some words. Prefixes of up to eight letters
# are indexed for themselves: only what is indexed comes out in order, one match at a time.
LONGEST_PREFIX = 8
_PREFIXES = " ".join(str(length) for length in range(1, LONGEST_PREFIX + 1))
CREATE_WORDS = (
    f"CREATE VIRTUAL TABLE {WORDS} USING fts5(words, content='', columnsize=0, detail=none, prefix='{_PREFIXES}',"
    f" tokenize=\"ascii tokenchars '{TEAM_MARK}'\")"
)


def _sqlite_triggers() -> Iterator[tuple[str, str]]:
    columns = ("team_id", "media_type", "state", "kind", "created_by_id", "used_at", "trashed_at")
    old, new = (", ".join(f"{row}.{name}" for name in columns) for row in ("old", "new"))
    one_more = (
        f"INSERT INTO {TALLY} ({KEY}, assets_count) SELECT {_key_of('new')}, 1 WHERE new.trashed_at IS NULL"
        f" ON CONFLICT ({KEY}) DO UPDATE SET assets_count = assets_count + 1;"
    )
    one_less = (
        f"UPDATE {TALLY} SET assets_count = assets_count - 1"
        f" WHERE ({KEY}) = ({_key_of('old')}) AND old.trashed_at IS NULL;"
    )
    index = f"INSERT INTO {WORDS}(rowid, words) VALUES (new.number, new.words || ' {TEAM_MARK}' || new.team_id);"
    forget = (
        f"INSERT INTO {WORDS}({WORDS}, rowid, words)"
        f" VALUES ('delete', old.number, old.words || ' {TEAM_MARK}' || old.team_id);"
    )
    relabel = "".join(
        f"UPDATE {label} SET assets_count = assets_count + (CASE WHEN new.trashed_at IS NULL THEN 1 ELSE -1 END)"
        f" WHERE id IN (SELECT {label_id} FROM {link} WHERE asset_id = new.number);"
        for label, link, label_id in LABELS
    )
    yield "library_asset_comes", f"AFTER INSERT ON {ASSET} BEGIN {one_more} {index} END"
    yield "library_asset_goes", f"AFTER DELETE ON {ASSET} BEGIN {one_less} {forget} END"
    yield (
        "library_asset_changes",
        f"AFTER UPDATE OF {', '.join(columns)} ON {ASSET} WHEN ({old}) IS NOT ({new}) BEGIN {one_less} {one_more} END",
    )
    yield (
        "library_asset_moves",
        (
            f"AFTER UPDATE OF trashed_at ON {ASSET} WHEN (old.trashed_at IS NULL) <> (new.trashed_at IS NULL)"
            f" BEGIN {relabel} END"
        ),
    )
    yield (
        "library_asset_says",
        f"AFTER UPDATE OF words ON {ASSET} WHEN old.words <> new.words BEGIN {forget} {index} END",
    )
    for label, link, label_id in LABELS:
        for name, event, row, sign in (("given", "INSERT", "new", "+"), ("taken", "DELETE", "old", "-")):
            yield (
                f"library_{label_id}_{name}",
                (
                    f"AFTER {event} ON {link} BEGIN UPDATE {label} SET assets_count = assets_count {sign} 1"
                    f" WHERE id = {row}.{label_id}"
                    f" AND EXISTS (SELECT 1 FROM {ASSET} WHERE number = {row}.asset_id AND trashed_at IS NULL); END"
                ),
            )


def _install_sqlite(connection: BaseDatabaseWrapper) -> bool:
    wanted = {name: f"CREATE TRIGGER {name} {body}" for name, body in _sqlite_triggers()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE name LIKE 'library_%' AND type IN ('trigger', 'table')"
        )
        found = dict(cursor.fetchall())
        fresh = found.get(WORDS) != CREATE_WORDS
        if fresh:
            cursor.execute(f"DROP TABLE IF EXISTS {WORDS}")
            cursor.execute(CREATE_WORDS)
        for name, statement in wanted.items():
            if found.get(name) != statement:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
                cursor.execute(statement)
                fresh = True
    return fresh


# --- PostgreSQL: triggers for statements -----------------------------------------------------------------------------
VECTOR = f"array_to_tsvector(string_to_array({ASSET}.words, ' ') || ('{TEAM_MARK}' || {ASSET}.team_id::text))"
_CHANGED = {"INSERT": ("fresh",), "DELETE": ("gone",), "UPDATE": ("fresh", "gone")}
_REFERENCING = {"fresh": "NEW TABLE AS fresh", "gone": "OLD TABLE AS gone"}
_SIGN = {"fresh": "1", "gone": "-1"}


def _postgres_functions() -> Iterator[tuple[str, str, str, str]]:
    """Name, event, table and body of each."""
    for event in ("INSERT", "UPDATE"):
        rows = " UNION ALL ".join(
            f"SELECT {_key_of(name)}, {_SIGN[name]} FROM {name} WHERE {name}.trashed_at IS NULL"
            for name in _CHANGED[event]
        )
        yield (
            f"library_tally_{event.lower()}",
            event,
            ASSET,
            (
                f"INSERT INTO {TALLY} AS t ({KEY}, assets_count)"
                f" SELECT {KEY}, sum(by) FROM ({rows}) AS d({KEY}, by)"
                f" GROUP BY {KEY} HAVING sum(by) <> 0 ORDER BY {KEY}"
                f" ON CONFLICT ({KEY}) DO UPDATE SET assets_count = t.assets_count + excluded.assets_count;"
            ),
        )
    # No upsert here: with a whole team, its tallies are deleted before its assets, and must not come back.
    yield (
        "library_tally_delete",
        "DELETE",
        ASSET,
        (
            f"UPDATE {TALLY} AS t SET assets_count = t.assets_count - d.less FROM"
            f" (SELECT {_key_of('gone')}, count(*) FROM gone WHERE gone.trashed_at IS NULL"
            f" GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6) AS d({KEY}, less)"
            f" WHERE ({_columns('t')}) = ({_columns('d')});"
        ),
    )
    for label, link, label_id in LABELS:
        counted = (
            f"UPDATE {label} SET assets_count = assets_count + d.by FROM"
            f" (SELECT {label_id} AS label, sum(by) AS by FROM (%s) AS s GROUP BY 1 HAVING sum(by) <> 0 ORDER BY 1) d"
            f" WHERE id = d.label;"
        )
        for event, (name,) in (("INSERT", ("fresh",)), ("DELETE", ("gone",))):
            rows = (
                f"SELECT {label_id}, {_SIGN[name]} AS by FROM {name} JOIN {ASSET} a"
                f" ON a.number = {name}.asset_id AND a.trashed_at IS NULL"
            )
            yield f"library_{label_id}_{event.lower()}", event, link, counted % rows
        rows = (
            f"SELECT {label_id}, CASE WHEN fresh.trashed_at IS NULL THEN 1 ELSE -1 END AS by FROM fresh"
            f" JOIN gone ON gone.id = fresh.id AND (gone.trashed_at IS NULL) <> (fresh.trashed_at IS NULL)"
            f" JOIN {link} l ON l.asset_id = fresh.number"
        )
        yield f"library_{label_id}_update", "UPDATE", ASSET, counted % rows


def _install_postgres(connection: BaseDatabaseWrapper) -> bool:
    functions = list(_postgres_functions())
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname LIKE 'library\\_%'")
        found = {name for (name,) in cursor.fetchall()}
        for name, event, table, body in functions:
            tables = " ".join(_REFERENCING[changed] for changed in _CHANGED[event])
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
                f" $$ BEGIN {body} RETURN NULL; END $$"
            )
            cursor.execute(
                f"CREATE OR REPLACE TRIGGER {name} AFTER {event} ON {table} REFERENCING {tables}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
            )
        cursor.execute(f"CREATE INDEX IF NOT EXISTS {WORDS} ON {ASSET} USING gin ({VECTOR})")
    return found != {name for name, *_ in functions}


def analyse(using: str = "default") -> None:
    """Let PostgreSQL look at what it holds. SQLite goes without: its statistics are averages, which make a state that
    hardly any asset is in look like one in four, and it then reads whole tables instead of walking our indexes.
    """
    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            cursor.execute("ANALYZE")

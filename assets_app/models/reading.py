"""Sums of one moment: what several queries read, as if nothing were written in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction


@contextmanager
def one_reading() -> Iterator[None]:
    """All that is read within comes from one snapshot of the database; as a decorator, all that a view reads. For
    reading only, and nobody who writes waits for it. Within a transaction that is open already it changes nothing.

    SQLite's transactions begin with the lock for writing here (settings: IMMEDIATE), so this one is told not to: its
    snapshot in the WAL is taken at the first query. PostgreSQL's is taken at the first query as well.
    """
    if connection.in_atomic_block:
        yield
        return
    with _deferred(), transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


@contextmanager
def _deferred() -> Iterator[None]:
    """SQLite begins the transaction within without taking the lock for writing."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()  # connecting sets the mode anew
    sqlite: Any = connection
    mode, sqlite.transaction_mode = sqlite.transaction_mode, "DEFERRED"
    try:
        yield
    finally:
        sqlite.transaction_mode = mode

"""How long processes that serve people or the engine wait for PostgreSQL.

A server that hangs (a disk that does, a frozen machine) keeps its connections and says nothing, and neither it nor the
network ends that wait. Commands that a person runs and waits for (a migration, a backup) have no limit.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

STATEMENT_SECONDS = 20.0  # as long as SQLite waits for its lock; the server itself ends the statement then
SILENT_SECONDS = STATEMENT_SECONDS + 5  # then it is not the statement
# Once one was silent, the others that ask in the next seconds are answered soon: they would hold every thread.
DOUBTFUL_SECONDS, IN_DOUBT_SECONDS = 10.0, 2.0

_mine = threading.local()
_doubtful_until = 0.0


def limit_waiting() -> None:
    """For all connections that this process opens from now on."""
    connection_created.connect(_limit, dispatch_uid="time limits")


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Meanwhile this thread waits no longer for any one answer of the database, where its waiting has a limit."""
    _mine.seconds = seconds
    try:
        yield
    finally:
        del _mine.seconds


def _limit(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if connection.vendor != "postgresql":
        return
    from psycopg import OperationalError
    from psycopg.errors import _WaitTimeout

    raw = connection.connection
    wait = raw.wait

    def wait_with_a_limit(steps: Any, *arguments: Any, **options: Any) -> Any:
        global _doubtful_until
        seconds = _patience()
        try:
            return wait(steps, *arguments, **{"timeout": seconds, **options})
        except _WaitTimeout:
            raw.close()  # what it may still answer is no answer to what is asked next
            _doubtful_until = time.monotonic() + DOUBTFUL_SECONDS
            raise OperationalError(f"the database gave no answer for {seconds:.0f} s") from None

    raw.wait = wait_with_a_limit
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = '{STATEMENT_SECONDS:.0f}s'")


def _patience() -> float:
    usual = IN_DOUBT_SECONDS if time.monotonic() < _doubtful_until else SILENT_SECONDS
    return min(usual, getattr(_mine, "seconds", usual))

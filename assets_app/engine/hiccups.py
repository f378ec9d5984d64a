"""A database that is locked, away or full for a while. That is no mistake of ours and no fault of the row at hand, so
it costs neither an attempt nor a minute: the same is tried again a second later.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections, connection

log = logging.getLogger(__name__)
T = TypeVar("T")

HICCUPS = (OperationalError, InterfaceError)
AGAIN_SECONDS = 1.0
PATIENCE_SECONDS = 300.0  # then a task has to end


def patiently(act: Callable[[], T]) -> T:
    """What `act` returns, once the database takes it: an answer of the provider is worth waiting for. Raises what it
    raises when it goes on for too long, or in the middle of a transaction.
    """
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    is_said = False
    while True:
        try:
            return act()
        except HICCUPS as error:
            if connection.in_atomic_block or time.monotonic() > give_up_at:
                raise
            if not is_said:
                say(error)
            is_said = True
        recover()


def say(error: Exception) -> None:
    log.warning("The database has trouble (%s). It is tried again until it is over.", str(error).strip() or type(error))


def recover() -> None:
    """Let a moment pass, and drop a connection that has broken."""
    time.sleep(AGAIN_SECONDS)
    close_old_connections()

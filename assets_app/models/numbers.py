"""An asset's number: the library's one order.

It grows with time, so "newest first" is a walk down one integer; it never changes, so a place in any list is one
integer too; and it fits SQLite's row ids, so a full-text index can hand out its matches in this very order.
"""

from __future__ import annotations

import itertools
import secrets
import time
from datetime import UTC, datetime

_EPOCH_MS = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp() * 1000)
_COUNTER_BITS = 22
_COUNTERS = 1 << _COUNTER_BITS
_LARGEST = 2**63 - 1

_state = (0, itertools.count())


def next_number() -> int:
    """A number larger than those given out in earlier milliseconds; within one, larger than the last one here.

    Milliseconds since 2020 and a counter that starts at a random place, so that two processes in the same millisecond
    stay apart.
    """
    global _state
    now = time.time_ns() // 1_000_000
    if now != _state[0]:
        _state = (now, itertools.count(secrets.randbelow(_COUNTERS // 2)))
    return _number(now, next(_state[1]))


def first_number_at(moment: datetime) -> int:
    """The smallest number that an asset of that moment, or of any later one, can have."""
    return _number(int(moment.timestamp() * 1000), 0)


def _number(milliseconds: int, counter: int) -> int:
    return min(max(0, milliseconds - _EPOCH_MS) * _COUNTERS + counter, _LARGEST)

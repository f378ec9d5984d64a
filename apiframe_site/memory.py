"""The cache of an installation without Redis."""

from __future__ import annotations

import time
from typing import Any

from django.core.cache.backends.locmem import LocMemCache

NOTICED_SECONDS = 1.0  # by which a clock is set back
# More than ask in a minute: where only 300 had room, many strangers made it forget how often one had asked.
MOST_ENTRIES = 20_000


class Memory(LocMemCache):
    """The memory of one process. When the clock is set back it forgets all: what was to be kept for a minute, and may
    hold somebody off for as long, would be kept for an hour or a day.
    """

    _latest = 0.0

    def __init__(self, name: str, params: dict[str, Any]) -> None:
        super().__init__(name, params)
        self._max_entries = MOST_ENTRIES

    def _has_expired(self, key: str) -> bool:
        now = time.time()
        if now < Memory._latest - NOTICED_SECONDS:
            self._cache.clear()  # type: ignore[attr-defined]
            self._expire_info.clear()  # type: ignore[attr-defined]
        Memory._latest = now
        return bool(super()._has_expired(key))  # type: ignore[misc]

"""The cache of an installation without Redis."""

from __future__ import annotations

import time

from django.core.cache.backends.locmem import LocMemCache

NOTICED_SECONDS = 1.0  # by which a clock is set back


class Memory(LocMemCache):
    """The memory of one process. When the clock is set back it forgets all: what was to be kept for a minute, and may
    hold somebody off for as long, would be kept for an hour or a day.
    """

    _latest = 0.0

    def _has_expired(self, key: str) -> bool:
        now = time.time()
        if now < Memory._latest - NOTICED_SECONDS:
            self._cache.clear()  # type: ignore[attr-defined]
            self._expire_info.clear()  # type: ignore[attr-defined]
        Memory._latest = now
        return bool(super()._has_expired(key))  # type: ignore[misc]

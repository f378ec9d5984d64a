"""Requests per minute and API key, counted over the last 60 seconds."""

from __future__ import annotations

import math
import threading
from collections import deque

WINDOW = 60.0


class RateLimit:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: dict[str, deque[float]] = {}

    def take(self, account: str, limit: int, now: float) -> int | None:
        """Count a request; when it is one too many, don't, and return the whole seconds until there is room."""
        if not limit:
            return None
        with self._lock:
            taken = self._taken.setdefault(account, deque())
            while taken and taken[0] <= now - WINDOW:
                taken.popleft()
            if len(taken) >= limit:
                return max(math.ceil(taken[len(taken) - limit] + WINDOW - now), 1)
            taken.append(now)
            return None

    def clear(self) -> None:
        with self._lock:
            self._taken.clear()

"""What the sandbox was asked and what it answered, for tests, benchmarks and curious people."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any


class Stats:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: Counter[tuple[str, str]] = Counter()
        self._events: Counter[str] = Counter()

    def answered(self, route: str, outcome: int | str) -> None:
        """Count one answer; the outcome is its status, or "hung up" when there was none."""
        with self._lock:
            self._answers[route, str(outcome)] += 1

    def happened(self, event: str) -> None:
        with self._lock:
            self._events[event] += 1

    def clear(self) -> None:
        with self._lock:
            self._answers.clear()
            self._events.clear()

    def as_json(self) -> dict[str, Any]:
        with self._lock:
            requests: dict[str, dict[str, int]] = {}
            for (route, outcome), count in sorted(self._answers.items()):
                requests.setdefault(route, {})[outcome] = count
            return {
                "requests": requests,
                "total_requests": sum(self._answers.values()),
                "rate_limited": sum(count for (_, outcome), count in self._answers.items() if outcome == "429"),
                "events": dict(sorted(self._events.items())),
            }

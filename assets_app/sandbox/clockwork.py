"""Threads of the sandbox: small pools that work things off, and one timeline that does things when they are due."""

from __future__ import annotations

import heapq
import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable

Task = Callable[[], None]
log = logging.getLogger(__name__)


def _run(task: Task) -> None:
    try:
        task()
    except Exception:
        log.exception("the sandbox could not finish a piece of its own work")


class Workers:
    """A fixed number of daemon threads, started as work comes in. Stopping drops what has not begun."""

    def __init__(self, name: str, threads: int) -> None:
        self._name, self._limit = name, threads
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._stopped = False

    def add(self, task: Task) -> None:
        with self._lock:
            if self._stopped:
                return
            self._tasks.put(task)
            if len(self._threads) < self._limit:
                thread = threading.Thread(target=self._work, name=f"sandbox {self._name}", daemon=True)
                self._threads.append(thread)
                thread.start()

    def stop(self, patience: float = 1.0) -> None:
        """Let running tasks end for up to `patience` seconds each; a task that is longer dies with the process."""
        with self._lock:
            self._stopped = True
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join(patience)

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            if not self._stopped:
                _run(task)


class NeverBack:
    """Seconds since the epoch by a clock that is not set back with the machine's: work that is under way would stand
    still for as long. Once that happened it stays ahead, by as much.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock, self._ahead, self._latest = clock, 0.0, 0.0
        self._lock = threading.Lock()

    def __call__(self) -> float:
        with self._lock:
            now = self._clock() + self._ahead
            if now < self._latest:
                self._ahead += self._latest - now
                now = self._latest
            self._latest = now
            return now


class Timeline:
    """Runs each task at its time by the given clock. Tasks must be short."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._heap: list[tuple[float, int, Task]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name="sandbox timeline", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def at(self, when: float, task: Task) -> None:
        with self._changed:
            heapq.heappush(self._heap, (when, next(self._order), task))
            self._changed.notify()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(1)

    def _work(self) -> None:
        while (task := self._next()) is not None:
            _run(task)

    def _next(self) -> Task | None:
        with self._changed:
            while not self._stopped:
                wait = self._heap[0][0] - self._clock() if self._heap else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._heap)[2]
                # The clock may be a test's: look at it again now and then instead of trusting one long wait.
                self._changed.wait(None if wait is None else min(wait, 0.5))
        return None

"""What somebody must see to all the time wherever workers are meant to live: `up` does, and so does each cluster
itself, for it may have been started by hand.
"""

from __future__ import annotations

import logging
import threading

from django.db import close_old_connections, connections

from assets_app.engine import clocks, wake, wake_if_overdue
from assets_app.engine.bereavement import free_what_the_dead_hold
from assets_app.models import Heartbeat
from assets_app.startup import schedules

log = logging.getLogger(__name__)

SECONDS = 1.0


def look_after() -> None:
    """Notice a clock that was set, ask for a sign of life when it is time, free what dead processes of this machine
    held, and wake the engine for rows that nobody was woken for.
    """
    from django_q.tasks import async_task

    if clocks.look():
        wake()
    if Heartbeat.claim_asking():
        async_task("assets_app.tasks.beat", task_name="beat")
    free_what_the_dead_hold()
    wake_if_overdue()


class Keeper:
    """A thread of a cluster's first process that looks after what is periodic or was forgotten: while database or
    broker are away it says so once, and goes on when they are back.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self._stop = threading.Event()
        self._has_begun = False
        self._trouble = ""

    def start(self) -> None:
        """Begin, once nothing is forked any more. The thread ends with its process."""
        threading.Thread(target=self._run, name="keeper", daemon=True).start()

    def stop(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        while True:
            self.look()
            if self._stop.wait(self.seconds):
                break
        connections.close_all()

    def look(self) -> None:
        try:
            close_old_connections()
            if not self._has_begun:
                self._begin()
            look_after()
        except Exception as error:  # noqa: BLE001 (database or broker, of any make: they come back)
            self._complain(error)
        else:
            self._trouble = ""

    def _begin(self) -> None:
        """Who starts may follow one that was killed: what that one left must not wait to be found overdue."""
        schedules.ensure()
        wake()
        self._has_begun = True

    def _complain(self, error: Exception) -> None:
        trouble = (str(error).splitlines() or [type(error).__name__])[0]
        if trouble != self._trouble:
            log.warning("Nothing can be looked after right now: %s", trouble)
        self._trouble = trouble

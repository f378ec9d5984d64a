"""Signs of life from a worker that is at work, whose task leaves it no time for the one that asks for a beat."""

from __future__ import annotations

import logging
import threading
from typing import Any

from django.db import close_old_connections
from django_q.signals import post_execute_in_worker, pre_execute

from assets_app.models import Heartbeat

log = logging.getLogger(__name__)


def begin(**_: Any) -> None:
    """In a worker that was just started: beat now and then while it executes a task, on a thread of its own.

    That it gets on is not proven by this; a task that does not is ended by django-q2's own time limit.
    """
    is_busy = threading.Event()
    pre_execute.connect(lambda **_: is_busy.set(), weak=False)
    post_execute_in_worker.connect(lambda **_: is_busy.clear(), weak=False)
    threading.Thread(target=_beat_while, args=(is_busy,), name="signs of life", daemon=True).start()


def _beat_while(is_busy: threading.Event) -> None:
    pause = threading.Event()
    while True:
        is_busy.wait()
        pause.wait(Heartbeat.EVERY.total_seconds())  # most tasks are over by then
        if not is_busy.is_set():
            continue
        try:
            close_old_connections()
            Heartbeat.beat()
        except Exception as error:  # noqa: BLE001 (a database of any make)
            log.warning("A busy worker could not give a sign of life (%s)", error)

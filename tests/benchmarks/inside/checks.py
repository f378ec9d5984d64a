"""Three ways to look at many assets as fast as they go. Each runs until it is stopped from outside."""

from __future__ import annotations

import itertools
import signal
import threading
from typing import Any

import requests
from django.db import transaction
from django_q.tasks import async_task

from assets_app.engine.provider import ProviderLane
from assets_app.engine.runner import Runner
from assets_app.models import Asset


def bare_loop(base_url: str, key: str, ids: list[str], threads: int) -> None:
    """Nothing but requests: no rows, no states, no outcomes. What any engine in Python must stay below."""
    turns = itertools.cycle(ids)
    stop = _stopped()

    def look() -> None:
        with requests.Session() as session:
            session.headers["X-API-Key"] = key
            while not stop.is_set():
                session.get(f"{base_url}/v2/assets/{next(turns)}", timeout=30).json()

    loops = [threading.Thread(target=look) for _ in range(threads)]
    for loop in loops:
        loop.start()
    stop.wait()
    for loop in loops:
        loop.join()


def engine(threads: int) -> None:
    """Castboard's engine, as the worker runs it."""
    stop = _stopped()
    while not stop.is_set():
        Runner(ProviderLane(threads=threads)).run(45, stopping=stop.is_set)


def enqueue(count: int, base_url: str, key: str) -> None:
    """Messages for `one_look`, in turn for each asset."""
    turns = itertools.cycle(Asset.objects.values_list("pk", flat=True))
    with transaction.atomic():
        for pk in itertools.islice(turns, count):
            async_task("tests.benchmarks.inside.checks.one_look", str(pk), base_url, key)


def one_look(pk: str, base_url: str, key: str) -> None:
    """A task as people write it: load the row, ask, save the row."""
    asset = Asset.objects.get(pk=pk)
    answer: dict[str, Any] = requests.get(
        f"{base_url}/v2/assets/{asset.provider_id}", headers={"X-API-Key": key}, timeout=30
    ).json()
    asset.attempts = 0
    asset.last_error = answer["errorMsg"] or ""
    asset.save(update_fields=["attempts", "last_error"])


def _stopped() -> threading.Event:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    return stop

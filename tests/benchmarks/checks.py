"""Status checks per CPU-second: our engine beside a bare loop of requests, and beside one django-q2 task per check."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from tests.benchmarks.processes import Process
from tests.benchmarks.report import Result
from tests.benchmarks.world import KEY, LOOK, Installation, Provider, installation, provider, wait_until

ASSETS = 500
THREADS = 16
WARM_UP_LOOKS = 300
UNLIMITED = 1_000_000  # requests per minute
FOR_EVER = "fixed:1000000"


def checks_per_cpu(*, quick: bool = False) -> Iterator[Result]:
    """All three are measured alike: looks that the provider answered in some seconds, by the CPU time of the whole
    process group in those seconds; a PostgreSQL server is not of that group. Writing the messages is left out of the
    tasks' share. Median of the rounds, which alternate so that whatever else the machine does hits all.
    """
    rounds, seconds = (1, 5.0) if quick else (3, 8.0)
    rates: dict[str, list[float]] = {"bare_loop": [], "engine": [], "task_per_check": []}
    per_second: dict[str, list[float]] = {name: [] for name in rates}
    with (
        provider(requests_per_minute=0, asset_delay=FOR_EVER) as there,
        installation() as ours,
        installation() as theirs,
    ):
        ids = there.register(ASSETS)
        for one in (ours, theirs):
            one.call("assets", "prepare", base_url=there.base_url, key=KEY, requests_per_minute=UNLIMITED)
            one.call("assets", "adopt", provider_ids=ids)
        contenders: dict[str, Callable[[], AbstractContextManager[Process]]] = {
            "bare_loop": lambda: theirs.start_function(
                "checks", "bare_loop", base_url=there.base_url, key=KEY, ids=ids, threads=THREADS
            ),
            "engine": lambda: ours.start_function("checks", "engine", threads=THREADS),
            "task_per_check": lambda: _cluster(theirs, there, messages=int(seconds * 500)),
        }
        for _ in range(rounds):
            for name, start in contenders.items():
                with start() as process:
                    looks, cpu = _measure(process, there, seconds)
                rates[name].append(looks / cpu)
                per_second[name].append(looks / seconds)
    median = {name: statistics.median(values) for name, values in rates.items()}
    figures = {
        name: {
            "checks_per_cpu_second": round(median[name]),
            "rounds": [round(value) for value in rates[name]],
            "checks_per_second": round(statistics.median(per_second[name])),
        }
        for name in rates
    }
    for name, rival, least in (
        ("bare_loop", "a bare requests loop on threads", 0.7),
        ("task_per_check", "one django-q2 task per check", 1.5),
    ):
        ratio = round(median["engine"] / median[name], 2)
        yield Result(
            name=f"checks_per_cpu_to_{name}",
            compared=f"status checks per CPU-second: engine to {rival}, {ASSETS} assets, {THREADS} threads",
            figures={key: figures[key] for key in ("engine", name)},
            ratio=ratio,
            aim=f"≥ {least}",
            met=ratio >= least,
        )


def _cluster(where: Installation, there: Provider, messages: int) -> Process:
    where.call("checks", "enqueue", count=messages, base_url=there.base_url, key=KEY)
    return where.start_worker()


def _measure(process: Process, there: Provider, seconds: float) -> tuple[int, float]:
    """Looks answered and CPU-seconds spent in so many seconds, after a warm-up."""
    started = there.answered(LOOK)
    wait_until(lambda: process.lives() and there.answered(LOOK) >= started + WARM_UP_LOOKS, 60, "looks are made")
    looks, cpu = there.answered(LOOK), process.cpu_seconds()
    time.sleep(seconds)
    return there.answered(LOOK) - looks, process.cpu_seconds() - cpu

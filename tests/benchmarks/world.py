"""Where a benchmark happens: a provider, and an installation of Castboard with a database of its own."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import requests

from tests.benchmarks.processes import Process, call
from tests.ports import free_port

KEY = "afk_benchmark"
SAMPLE = "courier.jpg"
LOOK, ME = "GET /v2/assets/{assetId}", "GET /v2/me"
_OURS = (
    "PORT DATA_DIR DATABASE_URL REDIS_URL SECRET_KEY ALLOWED_HOSTS PUBLIC_URL "
    "APIFRAME_API_KEY APIFRAME_BASE_URL APIFRAME_REQUESTS_PER_MINUTE DJANGO_SETTINGS_MODULE"
).split()
_numbers = itertools.count(1)


def environment(**settings: object) -> dict[str, str]:
    """This process's environment without anything that Castboard reads, and with these settings."""
    inherited = {name: value for name, value in os.environ.items() if name not in _OURS}
    return inherited | {name: str(value) for name, value in settings.items()}


def wait_until(true: Callable[[], Any], seconds: float, what: str, every: float = 0.1) -> None:
    """TimeoutError when it does not become true in time."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:g} s: {what}")
        time.sleep(every)


@dataclass
class Provider:
    """A running sandbox, seen through its control routes."""

    base_url: str
    session: requests.Session = field(default_factory=requests.Session)

    def ask(self, path: str) -> Any:
        answer = self.session.get(self.base_url + path, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def change(self, **settings: object) -> None:
        self.session.post(f"{self.base_url}/_control", json=settings, timeout=30).raise_for_status()

    def answers(self) -> bool:
        try:
            self.ask("/_control")
        except requests.ConnectionError:
            return False
        return True

    def register(self, count: int) -> list[str]:
        """Register assets past the limit on requests, and return their ids. They are of one file, which is fetched
        beforehand so that its drawing holds nothing up.
        """
        source = f"{self.base_url}/samples/{SAMPLE}"
        self.session.get(source, timeout=30).raise_for_status()
        limit = self.ask("/_control")["requests_per_minute"]
        self.change(requests_per_minute=0)
        headers = {"X-API-Key": KEY}
        ids = []
        for number in range(count):
            body = {"url": f"{source}?take={number}", "type": "image"}
            answer = self.session.post(f"{self.base_url}/v2/assets/create", json=body, headers=headers, timeout=30)
            answer.raise_for_status()
            ids.append(str(answer.json()["assetId"]))
        self.change(requests_per_minute=limit)
        return ids

    def active_since(self) -> dict[str, float]:
        """When each asset became Active, in seconds since the epoch, by id."""
        return {row["id"]: row["settled_at"] for row in self.ask("/_control/assets")["assets"] if row["settled_at"]}

    def answered(self, *routes: str) -> int:
        """API requests answered so far, refusals among them; all routes when none is named."""
        counted = self.ask("/_control/stats")["requests"]
        wanted = routes or [route for route in counted if " /v2/" in route]
        return sum(sum(counted.get(route, {}).values()) for route in wanted)

    def refused(self) -> int:
        return int(self.ask("/_control/stats")["rate_limited"])


@dataclass
class Installation:
    """A DATA_DIR, a database and the environment that names them."""

    data_dir: Path
    env: Mapping[str, str]

    def call(self, module: str, function: str, *, timeout: float = 60, **arguments: Any) -> Any:
        return call(module, function, env=self.env, timeout=timeout, **arguments)

    def start(self, *arguments: str) -> Process:
        return Process(*arguments, env=self.env, output=self.data_dir / f"output-{next(_numbers)}.log")

    def start_function(self, module: str, function: str, **arguments: Any) -> Process:
        return self.start("-m", "tests.benchmarks.inside", module, function, json.dumps(arguments))

    def start_worker(self) -> Process:
        return self.start("manage.py", "qcluster")

    @property
    def address(self) -> str:
        """Where the website is, when it runs."""
        return f"http://127.0.0.1:{self.env['PORT']}"

    @property
    def sandbox(self) -> Provider:
        """The sandbox that runs beside the website."""
        return Provider(f"http://127.0.0.1:{int(self.env['PORT']) + 1}")

    def is_well(self) -> bool:
        """Whether web server, database and worker say they are."""
        try:
            return requests.get(f"{self.address}/healthz", timeout=10).ok
        except (requests.ConnectionError, requests.Timeout):  # who comes while it starts waits
            return False


@contextlib.contextmanager
def provider(**settings: object) -> Iterator[Provider]:
    """A fresh sandbox in a process of its own; the settings are those of `manage.py sandbox`."""
    with directory() as home:
        port = free_port(neighbours=1)
        arguments = {"data_dir": str(home / "sandbox"), "port": port, "settings": settings}
        command = ["-m", "tests.benchmarks.inside", "provider", "serve", json.dumps(arguments)]
        with Process(*command, env=environment(), output=home / "output.log") as process:
            started = Provider(f"http://127.0.0.1:{port}")
            wait_until(lambda: process.lives() and started.answers(), 30, "the sandbox answers")
            yield started


@contextlib.contextmanager
def installation(**settings: object) -> Iterator[Installation]:
    """A fresh, empty DATA_DIR; on the server of BENCHMARK_POSTGRES, if that is set, a fresh database too."""
    with directory() as home:
        named: dict[str, object] = {"DATA_DIR": home, "PORT": free_port(neighbours=1)}
        if server := os.environ.get("BENCHMARK_POSTGRES"):
            named["DATABASE_URL"] = _new_database(server)
        yield Installation(home, environment(DJANGO_SETTINGS_MODULE="apiframe_site.settings", **named | settings))


@contextlib.contextmanager
def running(**settings: object) -> Iterator[tuple[Installation, Process]]:
    """All that `make run` starts, in a fresh DATA_DIR, with the demo team and its sandbox; and the process that keeps
    it running.
    """
    with installation(**settings) as ours, ours.start("manage.py", "up") as up:
        wait_until(lambda: up.lives() and ours.is_well() and ours.sandbox.answers(), 60, "all is well")
        yield ours, up


@contextlib.contextmanager
def directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="castboard-bench-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def _new_database(server: str) -> str:
    name = f"bench_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as session:
        session.execute(f"CREATE DATABASE {name}".encode())
    return f"{server.rpartition('/')[0]}/{name}"

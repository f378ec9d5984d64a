"""kill -9 of any process at any moment, again and again, while assets and generations are in flight.

Afterwards every row must have reached its true end, and the provider must have exactly one job for each generation:
nobody pays twice for one take of one click, what found no room was tried again by itself once after each failure, and
no film that was paid for is lost.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.ports import free_port

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds its victims in /proc"),
]

ROOT = Path(__file__).resolve().parent.parent.parent
KILLS = 50
TAKES = 2
TRIES_BY_ITSELF = 3
SECONDS_BETWEEN_KILLS = (0.1, 2.0)
PATIENCE_SECONDS = 600  # for a machine that is busy with something else
ANSWER_SECONDS = 30
SANDBOX_SPEED = {
    "asset_delay": "uniform:1:6",
    "job_delay": "uniform:2:12",
    "requests_per_minute": 0,
    "drop_share": 0.05,
    "film_scale": 0.25,
}


class Castboard:
    """`manage.py up` in a data directory of its own, and a person who uses it over HTTP."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.port = free_port(neighbours=1)  # the next is the sandbox's
        self.url = f"http://127.0.0.1:{self.port}"
        self.sandbox = f"http://127.0.0.1:{self.port + 1}"
        self.clicks: list[str] = []
        self.log = (data_dir / "up.log").open("ab")
        self.up: subprocess.Popen | None = None
        self.browser = requests.Session()

    def start(self) -> None:
        environment = {**os.environ, "DATA_DIR": str(self.data_dir), "PORT": str(self.port)}
        for name in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "APIFRAME_API_KEY", "SECRET_KEY", "ALLOWED_HOSTS"):
            environment.pop(name, None)
        self.up = subprocess.Popen(
            [sys.executable, "manage.py", "up"], cwd=ROOT, env=environment, stdout=self.log, stderr=self.log
        )

    def ensure_up(self) -> None:
        if self.up is None or self.up.poll() is not None:
            self.start()

    def stop(self) -> None:
        if self.up and self.up.poll() is None:
            self.up.terminate()
            self.up.wait(PATIENCE_SECONDS)
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.log.close()

    def processes(self) -> list[int]:
        """Every process of this Castboard, whoever its parent is by now."""
        mark = f"DATA_DIR={self.data_dir}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal() and int(entry.name) != os.getpid():
                with contextlib.suppress(OSError):
                    if mark in (entry / "environ").read_bytes().split(b"\0"):
                        found.append(int(entry.name))
        return found

    # --- the person -------------------------------------------------------------------------------------------------

    def sign_in(self) -> None:
        page = self.browser.get(f"{self.url}/login/", timeout=ANSWER_SECONDS)
        token = _csrf(page.text)
        answer = self.browser.post(
            f"{self.url}/login/",
            data={"username": "demo", "password": "demo", "csrfmiddlewaretoken": token},
            timeout=ANSWER_SECONDS,
        )
        answer.raise_for_status()

    def _post(self, path: str, data: dict[str, str]) -> None:
        page = self.browser.get(f"{self.url}{path}", timeout=ANSWER_SECONDS)
        if "/login/" in page.url:
            self.sign_in()
            page = self.browser.get(f"{self.url}{path}", timeout=ANSWER_SECONDS)
        target = data.pop("_to", path)
        data["csrfmiddlewaretoken"] = _csrf(page.text)
        self.browser.post(f"{self.url}{target}", data=data, timeout=ANSWER_SECONDS).raise_for_status()

    def some_urls(self, number: int) -> str:
        return "\n".join(f"{self.sandbox}/samples/courier.jpg?{uuid.uuid4().hex}" for _ in range(number))

    def paste(self, urls: str) -> None:
        self._post("/demo/", {"urls": urls, "_to": "/demo/assets/add/"})

    def generate(self, click: str, *, finds_room: bool) -> None:
        self._post(
            "/demo/generate/",
            {
                "click": click,
                "model": "seedance-2-mini",
                "shown_model": "seedance-2-mini",
                "prompt": f"A lighthouse {click}{'' if finds_room else ' [no-capacity]'}",
                "takes": str(TAKES),
                "duration": "4",
                "resolution": "480p",
                "aspect_ratio": "16:9",
            },
        )

    def insist(self, action: str, *arguments: object, **how: object) -> None:
        """As people do: try again until the page answers. A click keeps its identity, so this also proves double
        clicks.
        """
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            self.ensure_up()
            try:
                getattr(self, action)(*arguments, **how)
            except (requests.RequestException, AttributeError):
                time.sleep(0.5)
            else:
                return
        pytest.fail(f"{action} never got through; see {self.log.name}")

    def hurry(self) -> None:
        """A restarted sandbox has its default speed again."""
        with contextlib.suppress(requests.RequestException):
            requests.post(f"{self.sandbox}/_control", json=SANDBOX_SPEED, timeout=ANSWER_SECONDS)

    def let_the_minutes_pass(self) -> None:
        """Those after which the next try by itself is sent, a lost answer is looked for again, and a key is sent again
        of which the list of jobs stayed silent. Once for each row: what became due stays so, and grows overdue.
        """
        with contextlib.closing(sqlite3.connect(self.data_dir / "castboard.sqlite3", timeout=60)) as database, database:
            database.execute(
                "UPDATE assets_app_generation SET due_at = datetime('now') "
                "WHERE due_at > datetime('now', '+5 seconds') "
                "AND claim IS NULL AND (state = 'unconfirmed' OR origin = 'retry' AND state = 'queued')"
            )
            database.execute(
                "UPDATE assets_app_generation SET sent_at = datetime('now', '-10 minutes'), replayed_at = NULL, "
                "attempts = 20 WHERE state = 'unconfirmed' AND claim IS NULL AND attempts BETWEEN 3 AND 19"
            )

    # --- what came of it ---------------------------------------------------------------------------------------------

    def rows(self, sql: str) -> list[tuple]:
        with contextlib.closing(sqlite3.connect(self.data_dir / "castboard.sqlite3", timeout=60)) as database:
            return database.execute(sql).fetchall()

    def by_the_provider(self) -> dict[str, str]:
        """What the provider itself says: a sandbox that is killed while it fetches may well have failed to."""
        listed = self.ask_the_provider("assets")["assets"]
        return {asset["id"]: asset["status"].lower() for asset in listed}

    def ask_the_provider(self, path: str) -> dict[str, Any]:
        """As soon as it answers: the last to be killed may have been the provider."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            self.ensure_up()
            try:
                return requests.get(f"{self.sandbox}/_control/{path}", timeout=ANSWER_SECONDS).json()
            except requests.RequestException:
                if time.monotonic() > end:
                    raise
                time.sleep(0.5)

    def unfinished(self) -> list[tuple]:
        return self.rows(
            "SELECT 'asset', id, state, last_error FROM assets_app_asset WHERE state NOT IN ('active', 'failed') "
            "UNION ALL SELECT 'generation', id, state, last_error FROM assets_app_generation "
            "WHERE state NOT IN ('completed', 'failed', 'cancelled') OR (state = 'failed' AND due_at IS NOT NULL) "
            "UNION ALL SELECT 'video', generation_id, state, last_error FROM assets_app_video WHERE state = 'copying'"
        )


@pytest.fixture
def castboard(tmp_path: Path) -> Iterator[Castboard]:
    board = Castboard(tmp_path)
    board.start()
    yield board
    board.stop()
    end = time.monotonic() + PATIENCE_SECONDS
    while board.processes() and time.monotonic() < end:  # what was killed takes a moment to vanish
        time.sleep(0.05)
    assert not board.processes()


def test_fifty_random_kills_lose_nothing_and_pay_for_nothing_twice(castboard: Castboard) -> None:
    dice = random.Random(os.environ.get("CASTBOARD_FAULT_SEED", "castboard"))
    castboard.insist("sign_in")
    castboard.hurry()
    castboard.insist("paste", castboard.some_urls(8))
    killed: dict[str, int] = {}
    for number in range(KILLS):
        if number % 5 == 0:
            castboard.insist("paste", castboard.some_urls(4))
            castboard.clicks.append(str(uuid.uuid4()))
            castboard.insist("generate", castboard.clicks[-1], finds_room=len(castboard.clicks) % 3 > 0)
        castboard.hurry()
        castboard.let_the_minutes_pass()
        time.sleep(dice.uniform(*SECONDS_BETWEEN_KILLS))
        victim = dice.choice(sorted(castboard.processes()) or [0])
        if victim:
            name = "up" if castboard.up and victim == castboard.up.pid else _name_of(victim)
            killed[name] = killed.get(name, 0) + 1
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
        castboard.ensure_up()

    end = time.monotonic() + PATIENCE_SECONDS
    while (unfinished := castboard.unfinished()) and time.monotonic() < end:
        castboard.ensure_up()
        castboard.hurry()
        castboard.let_the_minutes_pass()
        time.sleep(0.5)
    assert unfinished == []
    print(f"killed: {killed}; took {PATIENCE_SECONDS - (end - time.monotonic()):.0f} s to recover")

    assets = castboard.rows("SELECT provider_id, state FROM assets_app_asset")
    assert len(assets) == 8 + 4 * (KILLS // 5)
    assert dict(assets).items() <= castboard.by_the_provider().items()
    pressed = castboard.rows("SELECT click, take FROM assets_app_generation WHERE origin = ''")
    expected = [(click, take) for click in castboard.clicks for take in range(1, TAKES + 1)]
    assert sorted((str(uuid.UUID(click)), take) for click, take in pressed) == sorted(expected)
    ended = castboard.rows(
        "SELECT state, prompt LIKE '%[no-capacity]%', COUNT(*) FROM assets_app_generation GROUP BY 1, 2"
    )
    crowded = len(castboard.clicks) // 3
    assert sorted(ended) == [
        ("completed", 0, TAKES * (len(castboard.clicks) - crowded)),
        ("failed", 1, TAKES * crowded * (1 + TRIES_BY_ITSELF)),
    ]
    assert castboard.rows("SELECT SUM(spend) FROM assets_app_generation WHERE state = 'failed'") == [(0,)]
    assert {state for (state,) in castboard.rows("SELECT state FROM assets_app_video")} == {"saved"}

    stats = castboard.ask_the_provider("stats")
    keys = {str(uuid.UUID(pk)) for (pk,) in castboard.rows("SELECT id FROM assets_app_generation")}
    assert stats["jobs_per_idempotency_key"] == dict.fromkeys(keys, 1)
    assert stats["jobs_without_key"] == 0


def _csrf(html: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)
    return found.group(1)  # no page, no form: `insist` tries again


def _name_of(pid: int) -> str:
    with contextlib.suppress(OSError):
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        return next(
            (word for word in command if word in ("qcluster", "sandbox", "up") or "gunicorn" in word), command[0]
        )
    return "gone already"

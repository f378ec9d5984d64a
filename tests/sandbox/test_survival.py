"""kill -9 at any moment: whatever a client was told is still true afterwards."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from assets_app.sandbox.server import SandboxServer
from assets_app.sandbox.settings import INSTANT
from assets_app.sandbox.store import DataDirectoryTaken
from tests.ports import free_port
from tests.sandbox.conftest import PATIENCE, Caller, Site, body, eventually, png

ROOT = Path(__file__).resolve().parents[2]


class Process:
    """`manage.py sandbox` as a process of its own."""

    def __init__(self, data_dir: Path) -> None:
        self.port = free_port()
        self.data_dir = data_dir
        self.base_url = f"http://127.0.0.1:{self.port}"
        self._running: subprocess.Popen[str] | None = None

    def start(self, *options: str, **more: Any) -> subprocess.Popen[str]:
        command = [sys.executable, "manage.py", "sandbox", "--port", str(self.port), "--data-dir", str(self.data_dir)]
        self._running = subprocess.Popen(
            [*command, *options],
            cwd=ROOT,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )
        return self._running

    def ready(self) -> None:
        assert self._running
        assert self._running.stdout
        line = self._running.stdout.readline()
        assert self.base_url in line, line

    def kill(self, number: int = signal.SIGKILL) -> int:
        assert self._running
        with self._running:
            self._running.send_signal(number)
            try:
                return self._running.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._running.kill()  # or leaving the block would wait for it for ever
                raise


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    there = Process(tmp_path / "provider")
    yield there
    if there._running and there._running.poll() is None:
        there.kill()


def test_after_kill_9_work_goes_on_keys_hold_and_credits_are_right(process: Process, site: Site) -> None:
    options = ("--asset-delay", "2", "--job-delay", "2")
    process.start(*options)
    process.ready()
    caller = Caller(process.base_url, "afk_survivor")
    asset_id = caller.register(site.put("/a.png", png()))
    job_id = caller.accepted(body(), "take-1")
    refused_id = caller.accepted(body("[refuse]"), "take-2")
    process.kill()

    process.start(*options)
    process.ready()

    assert caller.accepted(body(), "take-1") == job_id
    assert caller.submit(body("Another."), "take-1").status_code == 409
    assert caller.settled_asset(asset_id)["status"] == "Active"
    assert caller.finished_job(refused_id)["status"] == "FAILED"
    job = caller.finished_job(job_id)
    assert job["status"] == "COMPLETED"
    assert requests.get(job["result"]["videoUrl"], timeout=PATIENCE).status_code == 200
    assert caller.credits() == 5000 - 32
    stats = requests.get(f"{process.base_url}/_control/stats", timeout=PATIENCE).json()
    assert stats["jobs_per_idempotency_key"] == {"take-1": 1, "take-2": 1}
    caller.session.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_polite_signal_stops_it_cleanly_even_while_drawing(process: Process, number: int) -> None:
    process.start("--job-delay", "0")
    process.ready()
    caller = Caller(process.base_url, "afk_hasty")
    caller.accepted(body(resolution="4k", duration=15))
    assert process.kill(number) == 0
    caller.session.close()


def test_a_port_in_use_is_one_clear_line(process: Process) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", process.port))
        taken.listen()
        said, code = _refused(process)
    assert code != 0
    assert f"port {process.port}" in said
    assert len(said.strip().splitlines()) == 1


def test_a_data_directory_that_cannot_be_written_is_one_clear_line(process: Process, tmp_path: Path) -> None:
    (tmp_path / "provider").write_text("a file, not a directory")
    said, code = _refused(process)
    assert code != 0
    assert str(tmp_path / "provider") in said
    assert len(said.strip().splitlines()) == 1


def test_an_option_that_makes_no_sense_is_one_clear_line(process: Process) -> None:
    said, code = _refused(process, "--error-share", "7")
    assert (code != 0, said.strip()) == (True, "CommandError: error_share: must be between 0 and 1")


def _refused(process: Process, *options: str) -> tuple[str, int]:
    running = process.start(*options)
    said = running.communicate(timeout=PATIENCE)[1]
    return said, running.returncode


def test_two_sandboxes_cannot_share_a_data_directory(tmp_path: Path) -> None:
    with SandboxServer(tmp_path, settings=INSTANT), pytest.raises(DataDirectoryTaken, match="another sandbox"):
        SandboxServer(tmp_path, settings=INSTANT)


def test_a_film_lost_from_the_disk_is_drawn_again_after_a_restart(tmp_path: Path, api_key: str) -> None:
    with SandboxServer(tmp_path, settings=INSTANT) as server:
        caller = Caller(server.base_url, api_key)
        job_id = caller.accepted(body())
        caller.finished_job(job_id)
        caller.session.close()
    film = tmp_path / "films" / f"{job_id}.mp4"
    film.unlink()
    with SandboxServer(tmp_path, settings=INSTANT):
        eventually(film.exists)


def test_the_key_itself_is_never_written_down(tmp_path: Path) -> None:
    with SandboxServer(tmp_path, settings=INSTANT) as server:
        caller = Caller(server.base_url, "afk_this_is_a_secret_of_somebody")
        caller.accepted(body())
        caller.session.close()
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or b"this_is_a_secret" not in file.read_bytes()

"""`manage.py up` as a newcomer runs it: the real web server, worker and sandbox, and the real refusals."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from assets_app.supervisor import groups
from assets_app.supervisor.groups import Register, end
from tests.ports import free_port
from tests.supervisor.helpers import PATIENCE_SECONDS, ROOT, is_alive, kill, pid_of, wait_for


@contextmanager
def running(data_dir: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """`manage.py up`, its output in up.log; whatever becomes of it, nothing is left afterwards."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    environment = {**inherited, "DATA_DIR": str(data_dir), "PORT": str(port)}
    with (data_dir / "up.log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"], cwd=ROOT, env=environment, stdout=log, stderr=log, text=True
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)
        end(Register(data_dir / "up.groups").read(), grace=0.0)


def ours(register: Register) -> set[int]:
    """Every process of the groups that the supervisor has written down."""
    ids = {group.id for group in register.read()}
    return {pid for pid, group_id, _ in groups._processes() if group_id in ids}


def log_of(data_dir: Path) -> str:
    return (data_dir / "up.log").read_text()


def answers(port: int) -> bool:
    """Whether a visitor is served now; no connection may ever be refused."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=PATIENCE_SECONDS) as response:
            return bool(response.status == 200)
    except urllib.error.HTTPError as unwell:  # the worker needs longer than the web server
        unwell.close()
        return False


@pytest.mark.long
def test_it_greets_survives_the_death_of_each_process_and_leaves_nothing_behind(tmp_path: Path) -> None:
    port = free_port(neighbours=1)  # the next is the sandbox's
    register = Register(tmp_path / "up.groups")
    with running(tmp_path, port) as up:
        wait_for(lambda: "Ctrl-C" in log_of(tmp_path) or up.poll() is not None)
        greeting = log_of(tmp_path)
        assert f"Castboard   http://127.0.0.1:{port}/" in greeting
        assert "Sign in as  demo, with the password demo" in greeting
        assert f"Sandbox     http://127.0.0.1:{port + 1}" in greeting

        first = {group.arguments: group.id for group in register.read()}
        assert len(first) == 3
        for leader in first.values():
            kill(leader)
        wait_for(lambda: answers(port))  # the visitor waited at most: the socket is ours, not the web server's
        wait_for(lambda: len({group.id for group in register.read()} - set(first.values())) == 3)
        before = ours(register)
        assert not before & set(first.values())

        up.kill()
        wait_for(lambda: not any(is_alive(pid) for pid in before))
    with running(tmp_path, port) as again:
        wait_for(lambda: log_of(tmp_path).count("Ctrl-C") == 2 or again.poll() is not None)
        wait_for(lambda: answers(port))
        everybody = ours(register) | {pid_of(f"supervisor.guardian {register.path}")}
        again.send_signal(signal.SIGINT)
        assert again.wait(PATIENCE_SECONDS) == 0
        assert not any(is_alive(pid) for pid in everybody)
    assert "Traceback" not in log_of(tmp_path)


def test_a_second_one_on_the_same_data_is_refused(tmp_path: Path) -> None:
    from assets_app.supervisor import lock

    held = lock.take(tmp_path / "up.lock", patience=0)
    with running(tmp_path, free_port(neighbours=1)) as up:
        assert up.wait(PATIENCE_SECONDS) == 1
    os.close(held)
    assert log_of(tmp_path) == (
        f"castboard: already running on {tmp_path} (process {os.getpid()}). "
        "Stop that one first, or give this one its own DATA_DIR and PORT.\n"
    )


@pytest.mark.long
@pytest.mark.parametrize(("offset", "whose"), [(0, "the website"), (1, "the sandbox, which always has PORT + 1")])
def test_a_port_in_use_is_refused_in_one_line(tmp_path: Path, offset: int, whose: str) -> None:
    port = free_port(neighbours=1)
    with socket.create_server(("127.0.0.1", port + offset)), running(tmp_path, port) as up:
        assert up.wait(PATIENCE_SECONDS) == 1
    said = log_of(tmp_path)
    assert said.startswith(f"castboard: port {port + offset}, for {whose}, is in use by another program.")
    assert said.count("\n") == 1


def test_a_damaged_database_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "castboard.sqlite3").write_text("this is no database, " * 100)
    with running(tmp_path, free_port(neighbours=1)) as up:
        assert up.wait(PATIENCE_SECONDS) == 1
    assert log_of(tmp_path) == (
        f"castboard: the database {tmp_path}/castboard.sqlite3 cannot be used: file is not a database\n"
    )

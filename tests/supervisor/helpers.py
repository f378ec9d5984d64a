"""Waiting for real processes, and looking at them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assets_app.supervisor import groups
from assets_app.supervisor.groups import Group, Register, end

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE_SECONDS = 180.0  # for a machine that is busy with something else


def wait_for(what: Callable[[], object], *, pause: float = 0.02) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not what():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(pause)


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that is dead but not yet reaped does not."""
    return pid in (running for running, _, _ in groups._processes())


@dataclass
class Stage:
    """A supervisor that runs in a process of its own."""

    directory: Path
    process: subprocess.Popen[str]

    def pids(self, name: str) -> list[int]:
        """The pids that the program `name` has written down, one for each time it was started."""
        file = self.directory / name
        return [int(line) for line in file.read_text().split()] if file.exists() else []

    def wait_for_start(self, name: str, count: int = 1) -> int:
        wait_for(lambda: len(self.pids(name)) >= count)
        return self.pids(name)[-1]

    def wait_until_written_down(self, pid: int) -> None:
        """A child may run a moment before the supervisor has noted it for whoever comes next."""
        wait_for(lambda: pid in {group.id for group in Register(self.directory / "groups").read()})

    def guardian(self) -> int:
        return pid_of(self._guardian)

    def other_guardian(self, than: int) -> int:
        """The guardian that has taken the place of this one."""
        wait_for(lambda: running(self._guardian) - {than})
        return self.guardian()

    @property
    def _guardian(self) -> str:
        return f"supervisor.guardian {self.directory}/groups"

    def stop(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGTERM)
        output, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, output


def writes_its_pid(directory: Path, name: str, then: str = "time.sleep(600)", *, when_asked_to_stop: str = "") -> str:
    """A play for the stage: a program that writes down its pid and then does something.

    `when_asked_to_stop` is an expression for SIGTERM. It is in force by the time the pid is written.
    """
    listen = f"signal.signal(signal.SIGTERM, lambda *_: {when_asked_to_stop}); " if when_asked_to_stop else ""
    write = f"print(os.getpid(), file=open({str(directory / name)!r}, 'a'), flush=True)"
    return f"{name}=import os, signal, subprocess, sys, time; {listen}{write}; {then}"


@contextmanager
def on_stage(directory: Path, *plays: str, grace: float | None = None, **said: str) -> Iterator[Stage]:
    """`grace` is how many seconds the children are given to end by themselves, when it is not the usual. What else is
    `said` stands in the supervisor's environment.
    """
    environment = os.environ | ({"GRACE": str(grace)} if grace is not None else {}) | said
    command = [sys.executable, "-m", "tests.supervisor.stage", str(directory), *plays]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield Stage(directory, process)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=PATIENCE_SECONDS)
        end(Register(directory / "groups").read(), grace=0.0)


def group_of(process: subprocess.Popen) -> Group:
    assert isinstance(process.args, list)
    return Group.led_by(process.pid, [str(argument) for argument in process.args])


def pid_of(command_ends_with: str) -> int:
    """The process with this command line; of several, the leader of their group."""
    matching = [(pid != group, pid) for pid, group, line in groups._processes() if line.endswith(command_ends_with)]
    assert matching, f"nothing runs {command_ends_with}"
    return min(matching)[1]


def running(command_ends_with: str) -> set[int]:
    return {pid for pid, _, line in groups._processes() if line.endswith(command_ends_with)}


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)

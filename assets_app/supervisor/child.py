"""One child: a command in a process group of its own, its lines passed on with its name in front."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from assets_app.supervisor.groups import Group
from assets_app.supervisor.patience import Restarts

_NAME_WIDTH = 8
_LINES_KEPT = 12
# Becomes the command once it is told to; whoever is killed before telling it leaves nobody behind.
_WHEN_TOLD = 'read -r _ && exec "$@" </dev/null'
_SECONDS_FOR_LAST_LINES = 2.0  # they wait in the pipe; only who left the group and holds it open can take longer


def say(name: str, line: str) -> None:
    """Print a line under a name. A reader who went away must not stop the work."""
    try:
        print(f"{name:<{_NAME_WIDTH}}| {line}", flush=True)
    except (OSError, ValueError):
        return


@dataclass
class Child:
    """What to run, and the state of its present run. Times are those of `time.monotonic`."""

    name: str
    argv: Sequence[str]
    cwd: Path
    environment: Mapping[str, str] | None = None  # ours, when there is none
    pass_fds: Collection[int] = ()
    restarts: Restarts = field(default_factory=Restarts)
    last_lines: deque[str] = field(default_factory=lambda: deque(maxlen=_LINES_KEPT))
    is_hopeless: bool = False
    start_at: float = 0.0
    started_at: float = 0.0
    group: Group | None = None
    process: subprocess.Popen[str] | None = None
    reader: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        return self.process is not None

    def prepare(self, mark: Mapping[str, str]) -> None:
        """Start a process that does nothing before `go`, so that it can be written down first: were we killed in
        between, it would end. `mark` goes into its environment.

        Raises OSError, MemoryError or RuntimeError when the system has no room for it; then nothing is left of it.
        """
        self.last_lines.clear()
        process = subprocess.Popen(  # noqa: S603 (our own command lines)
            ["/bin/sh", "-c", _WHEN_TOLD, self.name, *self.argv],
            cwd=self.cwd,
            env={**(os.environ if self.environment is None else self.environment), **mark},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            pass_fds=self.pass_fds,
            start_new_session=True,  # a group of its own: Ctrl-C reaches only us, and one kill reaches all of it
        )
        reader = threading.Thread(
            target=self._pass_on, args=(process.stdout,), name=f"lines of {self.name}", daemon=True
        )
        try:
            reader.start()
        except BaseException:
            process.kill()
            process.wait()
            raise
        self.process, self.reader = process, reader
        self.started_at = time.monotonic()
        self.group = Group.led_by(process.pid, self.argv)

    def go(self) -> None:
        """Let the prepared process become the command."""
        if self.process and self.process.stdin:
            with suppress(BrokenPipeError):  # it was killed meanwhile, which its exit code tells
                self.process.stdin.write("\n")
                self.process.stdin.close()

    def exit_code(self) -> int | None:
        """What the present run ended with: minus the signal's number when one killed it, None while it lives."""
        return self.process.poll() if self.process else None

    def kill_run(self) -> None:
        """End what is left of the run without looking round: a child of ours keeps its number until it is asked for."""
        if self.process and self.process.returncode is None:
            with suppress(OSError):
                os.killpg(self.process.pid, signal.SIGKILL)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(_SECONDS_FOR_LAST_LINES)
        self.forget_run()

    def forget_run(self) -> None:
        """The run is over and its group ended. What it said last is passed on before anybody goes on."""
        if self.process:
            self.process.poll()
            if self.process.stdin:
                self.process.stdin.close()  # it may never have been told to go
        if self.reader:
            self.reader.join(_SECONDS_FOR_LAST_LINES)
        self.process = self.group = self.reader = None

    def _pass_on(self, lines: IO[str]) -> None:
        with lines:
            for line in lines:
                self.last_lines.append(line.rstrip())
                say(self.name, line.rstrip())


def python(*arguments: str) -> list[str]:
    """A command line for the interpreter that runs now, unbuffered so that lines arrive when they are written."""
    return [sys.executable, "-u", *arguments]

"""One child: a command in a process group of its own, its lines passed on with its name in front."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from assets_app.supervisor.groups import Group
from assets_app.supervisor.patience import Restarts

_NAME_WIDTH = 8
_LINES_KEPT = 12
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
    start_at: float = 0.0
    started_at: float = 0.0
    group: Group | None = None
    process: subprocess.Popen[str] | None = None
    reader: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        return self.process is not None

    def start(self) -> None:
        self.last_lines.clear()
        self.process = subprocess.Popen(  # noqa: S603 (our own command lines)
            self.argv,
            cwd=self.cwd,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            pass_fds=self.pass_fds,
            start_new_session=True,  # a group of its own: Ctrl-C reaches only us, and one kill reaches all of it
        )
        self.started_at = time.monotonic()
        self.group = Group.led_by(self.process.pid, self.argv)
        self.reader = threading.Thread(
            target=self._pass_on, args=(self.process.stdout,), name=f"lines of {self.name}", daemon=True
        )
        self.reader.start()

    def exit_code(self) -> int | None:
        """What the present run ended with: minus the signal's number when one killed it, None while it lives."""
        return self.process.poll() if self.process else None

    def forget_run(self) -> None:
        """The run is over and its group ended. What it said last is passed on before anybody goes on."""
        if self.process:
            self.process.poll()
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

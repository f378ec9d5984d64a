"""`python -m tests.supervisor.stage DIRECTORY NAME=CODE …`: supervises small Python programs, with short pauses.

KILLED_AT names a step of a child's start, before or after which this process is killed, with KILLED_WITH_GUARDIAN
together with its guardian. While the file DIRECTORY/scarce exists, what is named in it fails for want of room: `write`,
`fork` or `thread`; each failure is noted in DIRECTORY/failed.
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assets_app.supervisor import lock, patience, supervisor
from assets_app.supervisor.child import Child, python
from assets_app.supervisor.groups import Register
from assets_app.supervisor.supervisor import Chore, Supervisor

ROOT = Path(__file__).resolve().parent.parent.parent
STEPS: dict[str, tuple[type, str]] = {"prepare": (Child, "prepare"), "write": (Register, "write"), "go": (Child, "go")}


def main() -> int:
    patience.SHORTEST_PAUSE = 0.05
    supervisor._PAUSE_WITHOUT_ROOM_SECONDS = 0.1
    supervisor._STOP_SECONDS = float(os.environ.get("GRACE", supervisor._STOP_SECONDS))
    directory = Path(sys.argv[1])
    held = lock.take(directory / "lock", patience=5)
    register = Register(directory / "groups")
    register.sweep(grace=0.5)
    plays = (argument.partition("=") for argument in sys.argv[2:])
    children = [Child(name, python("-c", code), cwd=ROOT) for name, _, code in plays]
    supervises = Supervisor(children, register, lock=held, cwd=ROOT)
    _be_killed_where_told(supervises)
    _be_scarce(directory)
    if "CHORE_RESTARTS" in os.environ:
        supervises.chores = [Chore(0.05, lambda: _restart_when_told(supervises, directory / "restart"))]
    if "CHORE_HANGS" in os.environ:
        supervises.chores = [Chore(0.1, lambda: _hang(directory))]
    return supervises.run()


def _restart_when_told(supervises: Supervisor, told: Path) -> None:
    if told.exists():
        told.unlink()
        for _ in range(5):  # as one that asks again before it has been heard
            supervises.restart(supervises.children[0], "does not work")


def _hang(directory: Path) -> None:
    (directory / "hangs").touch()
    time.sleep(600)


def _be_killed_where_told(supervises: Supervisor) -> None:
    when, _, step = os.environ.get("KILLED_AT", "").partition(" ")
    if not step:
        return
    owner, name = STEPS[step]
    real: Callable[..., Any] = getattr(owner, name)

    def killed(*arguments: Any) -> None:
        if when == "after":
            real(*arguments)
        if "KILLED_WITH_GUARDIAN" in os.environ and supervises._guardian:
            supervises._guardian.kill()
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, killed)


def _be_scarce(directory: Path) -> None:
    scarce = directory / "scarce"

    def fails(what: str, real: Any, error: Exception) -> Any:
        def act(*arguments: Any, **options: Any) -> Any:
            if scarce.exists() and what in scarce.read_text():
                with (directory / "failed").open("a") as failed:
                    failed.write(f"{what}\n")
                raise error
            return real(*arguments, **options)

        return act

    os.pwrite = fails("write", os.pwrite, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    subprocess.Popen = fails("fork", subprocess.Popen, OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)))
    threading.Thread.start = fails("thread", threading.Thread.start, RuntimeError("can't start new thread"))  # type: ignore[method-assign]


if __name__ == "__main__":
    sys.exit(main())

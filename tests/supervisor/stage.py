"""`python -m tests.supervisor.stage DIRECTORY NAME=CODE …`: supervises small Python programs, with short pauses."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from assets_app.supervisor import lock, patience, supervisor
from assets_app.supervisor.child import Child, python
from assets_app.supervisor.groups import Register
from assets_app.supervisor.supervisor import Supervisor

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> int:
    patience.SHORTEST_PAUSE = 0.05
    supervisor._STOP_SECONDS = float(os.environ.get("GRACE", supervisor._STOP_SECONDS))
    directory = Path(sys.argv[1])
    held = lock.take(directory / "lock", patience=5)
    register = Register(directory / "groups")
    register.sweep(grace=0.5)
    plays = (argument.partition("=") for argument in sys.argv[2:])
    children = [Child(name, python("-c", code), cwd=ROOT) for name, _, code in plays]
    return Supervisor(children, register, lock=held, cwd=ROOT).run()


if __name__ == "__main__":
    sys.exit(main())

"""The loop: start everything, start again what dies, do the chores, and end everything when told."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from assets_app.supervisor import groups
from assets_app.supervisor.child import Child, python, say
from assets_app.supervisor.groups import Group, Register

_TICK_SECONDS = 0.2
_STOP_SECONDS = 5.0  # for all together
_LEAST_STOP_SECONDS = 1.0  # for each, however long those before it took
_ONE_PRESS_SECONDS = 0.5  # make passes a signal on, so one press of Ctrl-C can arrive twice


@dataclass
class Chore:
    """Something small to do every so many seconds between looking after the children."""

    every: float
    do: Callable[[], None]
    due_at: float = 0.0


class Supervisor:
    """Runs children until SIGINT, SIGTERM or SIGHUP, then ends them one after the other in the order given: each may
    still talk to those after it. A second signal kills instead of asking.
    """

    def __init__(self, children: Sequence[Child], register: Register, *, lock: int, cwd: Path) -> None:
        self.children = children
        self.chores: list[Chore] = []
        self._register = register
        self._lock = lock
        self._cwd = cwd
        self._guardian: subprocess.Popen[bytes] | None = None
        self._told_to_stop_at: float | None = None
        self._is_urgent = False

    def run(self) -> int:
        """The exit code: 0 when somebody stopped it, 1 when a child could not be kept alive."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        try:
            while self._told_to_stop_at is None:
                self._keep_a_guardian()
                hopeless = [child for child in self.children if not self._look_after(child)]
                if hopeless:
                    self._explain(hopeless[0])
                    return 1
                self._do_chores()
                time.sleep(_TICK_SECONDS)
            return 0
        finally:
            self._end_everything()

    def restart(self, child: Child, reason: str) -> None:
        """End a child that lives but does not work; it starts again at the next tick."""
        say("up", f"{child.name} {reason}; starting it again")
        self._end_run(child)
        child.start_at = time.monotonic()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._told_to_stop_at is None:
            self._told_to_stop_at = now
        elif now - self._told_to_stop_at > _ONE_PRESS_SECONDS:
            self._is_urgent = True

    def _look_after(self, child: Child) -> bool:
        """Whether there is hope for the child."""
        now = time.monotonic()
        if not child.is_running:
            if now >= child.start_at:
                child.start()
                self._write_register()
            return True
        exit_code = child.exit_code()
        if exit_code is None:
            return True
        self._end_run(child)  # its own children would live on without it
        pause = child.restarts.pause_after(now - child.started_at, exit_code)
        if pause is None:
            return False
        child.start_at = now + pause
        say("up", f"{child.name} {_how_it_ended(exit_code)}; starting it again")
        return True

    def _end_run(self, child: Child) -> None:
        groups.kill(_groups([child]))
        child.forget_run()
        self._write_register()

    def _do_chores(self) -> None:
        for chore in self.chores:
            now = time.monotonic()
            if now >= chore.due_at:
                chore.due_at = now + chore.every
                chore.do()

    def _keep_a_guardian(self) -> None:
        if self._guardian is None or self._guardian.poll() is not None:
            self._guardian = subprocess.Popen(  # noqa: S603 (our own command line)
                python("-m", "assets_app.supervisor.guardian", str(self._register.path)),
                cwd=self._cwd,
                stdin=subprocess.PIPE,
                pass_fds=(self._lock,),
                start_new_session=True,
            )

    def _write_register(self) -> None:
        self._register.write(_groups(self.children))

    def _explain(self, child: Child) -> None:
        say("up", f"{child.name} does not stay up. Its last lines:")
        for line in list(child.last_lines):
            say("up", f"  {line}")

    def _end_everything(self) -> None:
        if self._told_to_stop_at is not None:
            say("up", "Stopping…")
        deadline = time.monotonic() + _STOP_SECONDS
        for child in self.children:
            grace = max(deadline - time.monotonic(), _LEAST_STOP_SECONDS)
            groups.end(_groups([child]), grace=grace, is_urgent=lambda: self._is_urgent)
            child.forget_run()
        self._write_register()
        if self._guardian:
            self._guardian.communicate()  # closes its standard input: there is nothing left for it to do


def _groups(children: Iterable[Child]) -> list[Group]:
    return [child.group for child in children if child.group]


def _how_it_ended(exit_code: int) -> str:
    return f"was killed ({signal.Signals(-exit_code).name})" if exit_code < 0 else f"ended (exit code {exit_code})"

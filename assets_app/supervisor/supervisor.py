"""The loop: start everything, start again what dies, have the chores done, and end everything when told."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
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
_PAUSE_WITHOUT_ROOM_SECONDS = 2.0
_GOODBYE_SECONDS = 10.0  # for the guardian, who has nothing left to do
_LAST_WORDS_SECONDS = 0.5  # for a chore that is just saying something
# A disk without room, no descriptor, memory, process or thread left: none of it is the end, all of it can pass.
_PASSING = (OSError, MemoryError, RuntimeError, subprocess.SubprocessError)


@dataclass
class Chore:
    """Something small to do every so many seconds, on a thread of its own: whatever it waits for, the children are
    looked after meanwhile.
    """

    every: float
    do: Callable[[], None]
    thread: threading.Thread | None = None

    def keep_going(self, over: threading.Event) -> None:
        if self.thread is None or not self.thread.is_alive():
            self.thread = threading.Thread(target=self._go_on, args=(over,), name="chore", daemon=True)
            self.thread.start()

    def _go_on(self, over: threading.Event) -> None:
        trouble = ""
        while not over.is_set():
            try:
                self.do()
                trouble = ""
            except Exception as error:  # noqa: BLE001 (the next round may do better)
                if trouble != repr(error):
                    say("up", f"something went wrong while looking after Castboard: {error!r}")
                trouble = repr(error)
            over.wait(self.every)


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
        self._to_restart: deque[tuple[Child, float, str]] = deque()
        self._troubles: dict[str, str] = {}
        self._told_to_stop_at: float | None = None
        self._is_urgent = False
        self._over = threading.Event()

    def run(self) -> int:
        """The exit code: 0 when somebody stopped it, 1 when a child could not be kept alive."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        try:
            while self._told_to_stop_at is None:
                self._tick()
                hopeless = [child for child in self.children if child.is_hopeless]
                if hopeless:
                    self._explain(hopeless[0])
                    return 1
                time.sleep(_TICK_SECONDS)
            return 0
        finally:
            self._end_everything()

    def restart(self, child: Child, reason: str) -> None:
        """Have the present run of a child ended that lives but does not work; it starts again. Any thread may ask."""
        self._to_restart.append((child, child.started_at, reason))

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._told_to_stop_at is None:
            self._told_to_stop_at = now
        elif now - self._told_to_stop_at > _ONE_PRESS_SECONDS:
            self._is_urgent = True

    def _tick(self) -> None:
        with self._carrying_on("keep a guardian"):
            self._keep_a_guardian()
        while self._to_restart:
            child, started_at, reason = self._to_restart.popleft()
            with self._carrying_on(f"restart {child.name}"):
                self._restart(child, started_at, reason)
        for child in self.children:
            with self._carrying_on(f"look after {child.name}"):
                self._look_after(child)
        for chore in self.chores:
            with self._carrying_on("watch over the children"):
                chore.keep_going(self._over)

    @contextmanager
    def _carrying_on(self, what: str) -> Iterator[None]:
        """Whatever the machine has no room for now is said once, and tried again at the next tick."""
        try:
            yield
        except _PASSING as error:
            trouble = str(error) or type(error).__name__
            if self._troubles.get(what) != trouble:
                self._troubles[what] = trouble
                say("up", f"cannot {what} right now: {trouble}")
        else:
            self._troubles.pop(what, None)

    def _restart(self, child: Child, started_at: float, reason: str) -> None:
        if child.is_running and child.started_at == started_at:
            say("up", f"{child.name} {reason}; starting it again")
            self._end_run(child)
            child.start_at = time.monotonic()

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if not child.is_running:
            if now >= child.start_at:
                child.start_at = now + _PAUSE_WITHOUT_ROOM_SECONDS  # unless it starts
                child.prepare(self._register.mark)
                self._write_register()
                child.go()
            return
        exit_code = child.exit_code()
        if exit_code is None:
            return
        self._end_run(child)  # its own children would live on without it
        pause = child.restarts.pause_after(now - child.started_at, exit_code)
        if pause is None:
            child.is_hopeless = True
            return
        child.start_at = now + pause
        say("up", f"{child.name} {_how_it_ended(exit_code)}; starting it again")

    def _end_run(self, child: Child) -> None:
        groups.kill(_groups([child]))
        child.forget_run()
        self._write_register()

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
        """Without it the children's mark would still tell whose they are, so they run all the same."""
        with self._carrying_on("note what runs"):
            self._register.write(_groups(self.children))

    def _explain(self, child: Child) -> None:
        say("up", f"{child.name} does not stay up. Its last lines:")
        for line in list(child.last_lines):
            say("up", f"  {line}")

    def _end_everything(self) -> None:
        if self._told_to_stop_at is not None:
            say("up", "Stopping…")
        self._over.set()
        deadline = time.monotonic() + _STOP_SECONDS
        for child in self.children:
            with self._carrying_on(f"ask {child.name} to stop"):
                grace = max(deadline - time.monotonic(), _LEAST_STOP_SECONDS)
                if not groups.end(_groups([child]), grace=grace, is_urgent=lambda: self._is_urgent):
                    say("up", f"{child.name} did not stop when it was asked; killed")
            child.kill_run()
        self._write_register()
        for chore in self.chores:
            if chore.thread:
                chore.thread.join(_LAST_WORDS_SECONDS)
        if self._guardian:
            with self._carrying_on("wait for the guardian"):
                self._guardian.communicate(timeout=_GOODBYE_SECONDS)  # its standard input ends: nothing left to do


def _groups(children: Iterable[Child]) -> list[Group]:
    return [child.group for child in children if child.group]


def _how_it_ended(exit_code: int) -> str:
    return f"was killed ({signal.Signals(-exit_code).name})" if exit_code < 0 else f"ended (exit code {exit_code})"

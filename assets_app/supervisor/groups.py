"""Process groups of ours: who is in one, how to end one, and a file that remembers them for whoever comes next."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
_POLL_SECONDS = 0.05
_SECONDS_TO_VANISH = 2.0  # what was killed is gone at once, unless it hangs in the kernel


@dataclass(frozen=True)
class Group:
    """A process group, named by its leader's pid and by the arguments that the leader was started with.

    A pid alone proves nothing: after a reboot it belongs to somebody else. Forked members keep their leader's
    arguments, so a group whose leader is dead is recognised too.
    """

    id: int
    arguments: str

    @classmethod
    def led_by(cls, pid: int, argv: Collection[str]) -> Group:
        # Without the interpreter: some systems show its real path instead of the one that was called.
        return cls(pid, " ".join(list(argv)[1:]))

    def is_alive(self) -> bool:
        return self in living([self])


def living(groups: Iterable[Group], *, leaders_only: bool = False) -> set[Group]:
    """Those of the groups that still have a process, or still have their leader. The dead but unreaped do not count."""
    by_id = {group.id: group for group in groups}
    if not by_id:
        return set()
    return {
        by_id[group_id]
        for pid, group_id, command in _processes()
        if group_id in by_id and command.endswith(by_id[group_id].arguments) and (pid == group_id or not leaders_only)
    }


def end(groups: Collection[Group], *, grace: float, is_urgent: Callable[[], bool] = lambda: False) -> None:
    """Ask the leaders to stop; kill what is left of their groups after `grace` seconds, or as soon as it is urgent.

    Only leaders are asked: they know in which order their own children should go. What it leaves is killed.
    """
    leaders = living(groups, leaders_only=True)
    for group in leaders:
        _signal(os.kill, group, signal.SIGTERM)
    deadline = time.monotonic() + grace
    while leaders and time.monotonic() < deadline and not is_urgent():
        time.sleep(_POLL_SECONDS)
        leaders = living(leaders, leaders_only=True)
    kill(living(groups))


def kill(groups: Collection[Group]) -> None:
    """Kill every member of these groups, which must be known to be ours, and wait until they have vanished."""
    for group in groups:
        _signal(os.killpg, group, signal.SIGKILL)
    deadline = time.monotonic() + _SECONDS_TO_VANISH
    while living(groups) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)


class Register:
    """The groups that run now, in a file: whoever finds it without its owner can end them."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, groups: Iterable[Group]) -> None:
        draft = self.path.with_name(f"{self.path.name}.new")
        draft.write_text("".join(f"{group.id} {group.arguments}\n" for group in groups))
        draft.replace(self.path)

    def read(self) -> list[Group]:
        try:
            lines = self.path.read_text().splitlines()
        except FileNotFoundError:
            return []
        numbered = (line.partition(" ") for line in lines)
        return [Group(int(number), arguments) for number, _, arguments in numbered if number.isdecimal() and arguments]

    def sweep(self, *, grace: float) -> None:
        """End what a supervisor that was killed left running."""
        end(self.read(), grace=grace)
        self.path.unlink(missing_ok=True)


def _signal(send: Callable[[int, int], None], group: Group, number: signal.Signals) -> None:
    try:
        send(group.id, number)
    except (ProcessLookupError, PermissionError):  # gone; macOS says "not permitted" of a group that holds only zombies
        return


def _processes() -> Iterator[tuple[int, int, str]]:
    """Pid, group and command line of everything that runs on this machine."""
    return _from_proc() if (PROC / "self" / "stat").exists() else _from_ps()


def _from_proc() -> Iterator[tuple[int, int, str]]:
    for entry in PROC.iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            group_id = int((entry / "stat").read_text().rpartition(") ")[2].split()[2])
            command = (entry / "cmdline").read_bytes()  # empty for a zombie
        except (OSError, ValueError, IndexError):
            continue  # it ended while we looked
        if command:
            yield int(entry.name), group_id, command.rstrip(b"\0").replace(b"\0", b" ").decode(errors="replace")


def _from_ps() -> Iterator[tuple[int, int, str]]:
    command = ["ps", "-A", "-ww", "-o", "pid=,pgid=,args="]
    listing = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)  # noqa: S603
    for line in listing.stdout.splitlines():
        pid, group_id, arguments = line.split(maxsplit=2)
        yield int(pid), int(group_id), arguments

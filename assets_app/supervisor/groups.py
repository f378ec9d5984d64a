"""Process groups of ours: who is in one, how to end one, and a file that remembers them for whoever comes next."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
_POLL_SECONDS = 0.05
_MARK = "SUPERVISED_BY"
_ROOM = 4096
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


def end(groups: Collection[Group], *, grace: float, is_urgent: Callable[[], bool] = lambda: False) -> bool:
    """Ask the leaders to stop; kill what is left of their groups after `grace` seconds, or as soon as it is urgent.
    Whether they stopped when they were asked.

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
    return not leaders


def kill(groups: Collection[Group]) -> None:
    """Kill every member of these groups, which must be known to be ours, and wait until they have vanished."""
    for group in groups:
        _signal(os.killpg, group, signal.SIGKILL)
    deadline = time.monotonic() + _SECONDS_TO_VANISH
    while living(groups) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)


class Register:
    """The groups that run now, in a file: whoever finds it without its owner can end them.

    The file has its room from the first writing on and is written in place, for that also works on a full disk.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    @property
    def mark(self) -> dict[str, str]:
        """What the environment of these groups says, by which they are found should the file not tell of them."""
        return {_MARK: str(self.path)}

    def write(self, groups: Iterable[Group]) -> None:
        """Raises OSError on a disk without room, which happens to the first writing only, on most file systems."""
        if self._descriptor is None:
            self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        lines = "".join(f"{group.id} {group.arguments}\n" for group in groups)
        os.pwrite(self._descriptor, lines.encode().ljust(_ROOM, b"\n"), 0)

    def read(self) -> list[Group]:
        try:
            lines = self.path.read_text(errors="replace").splitlines()
        except FileNotFoundError:
            return []
        numbered = (line.partition(" ") for line in lines)
        return [Group(int(number), arguments) for number, _, arguments in numbered if number.isdecimal() and arguments]

    def sweep(self, *, grace: float) -> None:
        """End what a supervisor that was killed left running. Raises OSError as `write` does."""
        end({*self.read(), *_marked(self.mark)}, grace=grace)
        self.write([])


def _signal(send: Callable[[int, int], None], group: Group, number: signal.Signals) -> None:
    try:
        send(group.id, number)
    except (ProcessLookupError, PermissionError):  # gone; macOS says "not permitted" of a group that holds only zombies
        return


def _marked(mark: Mapping[str, str]) -> set[Group]:
    """The groups of processes whose environment holds the mark, where the system shows it."""
    entries = {f"{name}={value}".encode() for name, value in mark.items()}
    if not (PROC / "self" / "environ").exists():
        return set()
    found = set()
    for pid, group_id, command in _processes():
        with suppress(OSError):  # somebody else's, or gone
            if entries <= set((PROC / str(pid) / "environ").read_bytes().split(b"\0")):
                found.add(Group(group_id, command.partition(" ")[2]))
    return found


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

"""What Castboard holds in memory while nothing happens."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.report import Result
from tests.benchmarks.world import running

MOST_MB = 250
ROLES = {"gunicorn": "web", "qcluster": "worker", "sandbox": "sandbox"}  # by a word of the command line


@dataclass
class Held:
    """What the processes of one role hold, in MB."""

    processes: int = 0
    private: float = 0.0
    most_shared: float = 0.0
    pss: float = 0.0
    rss: float = 0.0

    def add(self, pid: int) -> None:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
        sizes = {name: int(rest.split()[0]) / 1024 for name, _, rest in (line.partition(":") for line in lines)}
        private = sizes["Private_Clean"] + sizes["Private_Dirty"]
        self.processes += 1
        self.private += private
        self.most_shared = max(self.most_shared, sizes["Rss"] - private)
        self.pss += sizes["Pss"]
        self.rss += sizes["Rss"]

    @property
    def resident(self) -> float:
        """What is private to each, and what forked processes share counted once. RSS counts that for every process;
        PSS divides it, by whoever else on the machine happens to run the same libraries, too.
        """
        return self.private + self.most_shared

    def as_figures(self) -> dict[str, int]:
        sizes = {"resident_mb": self.resident, "pss_mb": self.pss, "sum_of_rss_mb": self.rss}
        return {"processes": self.processes} | {name: round(size) for name, size in sizes.items()}


def idle_memory(*, quick: bool = False) -> Iterator[Result]:
    with running() as (_, up):
        time.sleep(5 if quick else 30)
        held = _by_role(up.pid)
    total = round(held["web"].resident + held["worker"].resident)
    yield Result(
        name="idle_memory",
        compared="MB resident after half a minute of rest: web and worker with all their processes",
        figures={role: each.as_figures() for role, each in held.items()},
        ratio=total,
        aim=f"≤ {MOST_MB} MB",
        met=total <= MOST_MB,
    )


def _by_role(supervisor: int) -> dict[str, Held]:
    """The supervisor's descendants by what they do; its guardian counts as itself."""
    parents = {pid: _parent(pid) for pid in _processes()}
    held = {role: Held() for role in (*ROLES.values(), "supervisor")}
    for pid in parents:
        line = list(_ancestry(pid, parents))
        if supervisor not in line:
            continue
        below = line[: line.index(supervisor)]  # from the process itself up to the supervisor's own child
        command = (Path("/proc") / str(below[-1]) / "cmdline").read_text() if below else ""
        held[next((role for word, role in ROLES.items() if word in command), "supervisor")].add(pid)
    return held


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def _parent(pid: int) -> int:
    """0 for a process that has just ended."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _ancestry(pid: int, parents: Mapping[int, int]) -> Iterator[int]:
    """The process, its parent, and so on."""
    while pid:
        yield pid
        pid = parents.get(pid, 0)

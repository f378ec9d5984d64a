"""What Castboard holds in memory while nothing happens."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.benchmarks.report import Result
from tests.benchmarks.world import running

MOST_MB = 250
ROLES = {"gunicorn": "web", "qcluster": "worker", "sandbox": "sandbox"}  # by a word of the command line


def idle_memory(*, quick: bool = False) -> Iterator[Result]:
    """Held against the aim is PSS, in which a page that forked processes share counts once: that is what the machine
    has less of. RSS counts it once for each process.
    """
    with running() as (_, up):
        time.sleep(5 if quick else 30)
        figures = _figures(up.pid)
    total = round(figures["web"]["pss_mb"] + figures["worker"]["pss_mb"])
    yield Result(
        name="idle_memory",
        compared="MB resident after half a minute of rest: web and worker with all their processes",
        figures=figures,
        ratio=total,
        aim=f"≤ {MOST_MB} MB",
        met=total <= MOST_MB,
    )


def _figures(supervisor: int) -> dict[str, dict[str, Any]]:
    """What each role's processes hold, in MB. The supervisor's own share includes its guardian."""
    parents = {pid: _parent(pid) for pid in _processes()}
    figures: dict[str, dict[str, Any]] = {
        role: {"processes": 0, "pss_mb": 0.0, "rss_mb": 0.0} for role in (*ROLES.values(), "supervisor")
    }
    for pid in parents:
        line = list(_ancestry(pid, parents))
        if supervisor not in line:
            continue
        below = line[: line.index(supervisor)]  # from the process itself up to the supervisor's own child
        command = (Path("/proc") / str(below[-1]) / "cmdline").read_text() if below else ""
        role = next((role for word, role in ROLES.items() if word in command), "supervisor")
        resident, shared_out = _memory(pid)
        figures[role]["processes"] += 1
        figures[role]["rss_mb"] = round(figures[role]["rss_mb"] + resident, 1)
        figures[role]["pss_mb"] = round(figures[role]["pss_mb"] + shared_out, 1)
    return figures


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


def _memory(pid: int) -> tuple[float, float]:
    """RSS and PSS in MB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    sizes = {name: int(rest.split()[0]) / 1024 for name, _, rest in (line.partition(":") for line in lines)}
    return sizes["Rss"], sizes["Pss"]

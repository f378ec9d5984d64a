"""What a benchmark found: one JSON object a line on standard output, and a table for people on standard error."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Result:
    """`ratio` is what is held against `aim`; which way round is said in `aim`. `figures` are by contender."""

    name: str
    compared: str
    figures: dict[str, Any]
    ratio: float
    aim: str
    met: bool

    def as_json(self) -> str:
        return json.dumps({**asdict(self), "machine": machine()})


@cache
def machine() -> dict[str, Any]:
    memory = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal:"))
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(int(memory.split()[1]) / 2**20),
        "python": platform.python_version(),
        "database": "postgresql" if os.environ.get("BENCHMARK_POSTGRES") else "sqlite",
    }


def show(results: Sequence[Result]) -> None:
    """The table."""
    rows = [("benchmark", "measured", "aim", "")]
    rows += [(result.name, f"{result.ratio:g}", result.aim, "met" if result.met else "MISSED") for result in results]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    described = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in machine().items())
    print(f"\n{described}", file=sys.stderr)
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip(), file=sys.stderr)

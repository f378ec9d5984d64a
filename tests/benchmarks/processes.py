"""Processes of their own: started as groups, measured from outside through /proc, ended with everything they began."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 8.0
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


class Process:
    """One Python process and all its descendants. A context manager: leaving it ends them all."""

    def __init__(self, *arguments: str, env: Mapping[str, str], output: Path) -> None:
        self._arguments, self._output = arguments, output
        with output.open("ab") as log:
            self._popen = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.pid = self._popen.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def lives(self) -> bool:
        """True; RuntimeError with the last lines it wrote when it has died."""
        if self._popen.poll() is not None:
            raise RuntimeError(f"{' '.join(self._arguments)} ended early:\n{self.said()}")
        return True

    def said(self) -> str:
        return self._output.read_text(errors="replace")[-3000:]

    def stop(self) -> None:
        """Ask politely, then kill the group."""
        if self._popen.poll() is None:
            self._popen.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(PATIENCE_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()

    def cpu_seconds(self) -> float:
        """User and system time of the whole group so far, with that of children that have ended."""
        return sum(_cpu_seconds(pid) for pid in members(self.pid))


def members(group: int) -> Iterator[int]:
    """The processes of a group, by process id."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(ProcessLookupError):
                if os.getpgid(int(entry.name)) == group:
                    yield int(entry.name)


def _cpu_seconds(pid: int) -> float:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    # After the command, which may hold spaces: utime, stime, cutime and cstime are fields 14 to 17 (proc(5)).
    fields = stat.rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / _TICKS_A_SECOND


def call(module: str, function: str, *, env: Mapping[str, str], timeout: float, **arguments: Any) -> Any:
    """What a function of `tests.benchmarks.inside` returns, called in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.inside", module, function, json.dumps(arguments)],
        cwd=ROOT,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module}.{function} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])

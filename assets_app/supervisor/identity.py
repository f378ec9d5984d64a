"""Which process of which machine, beyond doubt, and whether it still lives. Knows it on Linux only; elsewhere nobody is
ever said to be dead.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import signal
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROC = Path("/proc")
MACHINE_BITS, PID_BITS, STARTED_BITS = 48, 22, 32  # Linux numbers its processes up to 2²²
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Identity:
    """A pid alone proves nothing: it is given again, and means another process in another container or after a boot."""

    machine: int  # this run of the system, and this container of it; 0: unknown
    pid: int
    started: int  # in ticks since the machine did, the lowest bits of it; 0: unknown

    @classmethod
    def of_this_process(cls) -> Identity:
        return _identity(os.getpid())

    def is_dead(self) -> bool:
        """Whether it is certain that this process is gone: never of one on another machine, whom we cannot see."""
        if not self.machine or self.machine != _machine():
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:  # it lives under another user
            return False
        state, started = _stat(self.pid)
        return state in ("Z", "X") or (bool(state and self.started) and started != self.started)


@cache
def _identity(pid: int) -> Identity:
    return Identity(_machine(), pid, _stat(pid)[1])


@cache
def _machine() -> int:
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text()
        container = (PROC / "self/ns/pid").readlink()
    except OSError:
        return 0
    digest = hashlib.sha256(f"{boot} {container}".encode()).digest()
    return int.from_bytes(digest[: MACHINE_BITS // 8])


def _stat(pid: int) -> tuple[str, int]:
    """State and start of a process, as proc(5) tells them; "" and 0 when they cannot be seen."""
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(") ")[2].split()
        return fields[0], int(fields[19]) % 2**STARTED_BITS
    except (OSError, ValueError, IndexError):
        return "", 0


def end_with(parent: int) -> None:
    """Have this process killed as soon as `parent`, which started it, is gone (Linux only)."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it went before we could say so
        os._exit(1)

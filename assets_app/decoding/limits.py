"""What a child that decodes may take. It sets its limits itself, before it sees a file."""

from __future__ import annotations

import ctypes
import math
import os
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from assets_app.supervisor.identity import end_with

SOME_MEMORY, MUCH_MEMORY = 2 * 2**30, 4 * 2**30
"""Bytes for one file, beyond what the process has when it begins. Pictures of 50 million pixels take 0.8 GB, looking at
a film of 8k takes 1.4 (measured); writing one anew takes twice that.
"""
_SHARE_OF_THE_MACHINE = 2
WRITTEN_BYTES = 2**30
"""The largest file it may write."""
THREADS = min(4, os.cpu_count() or 1)
"""Of a decoder or an encoder, on however many processors: each takes memory of its own."""
OPEN_FILES = 64
KERNEL_BOUNDS_MEMORY = sys.platform == "linux"
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000


def for_good(parent: int) -> None:
    """For the rest of this process, a child of `parent`. Must be called before it has a second thread."""
    # Whoever stops a whole group of processes, a terminal or systemd, means the parent: it ends us when it is ready.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_FSIZE, WRITTEN_BYTES)
    _lower(resource.RLIMIT_NOFILE, OPEN_FILES)
    _leave_the_network()
    with suppress(OSError):  # when the machine runs out of memory, we are the one to be killed
        Path("/proc/self/oom_score_adj").write_text("1000")
    end_with(parent)  # last: the kernel forgets it when we become somebody else


def memory_of(wanted: int) -> int:
    """So many bytes, or half of what the machine has: the others on it shall live."""
    return min(wanted, os.sysconf("SC_PHYS_PAGES") * resource.getpagesize() // _SHARE_OF_THE_MACHINE)


def for_a_file(seconds: float, memory: int) -> None:
    """Processor time and bytes for the next file, counted from what we have used and have already."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    # The parent counts the seconds; this is for when the parent is gone.
    _lower(resource.RLIMIT_CPU, math.ceil(used.ru_utime + used.ru_stime + seconds * THREADS))
    if KERNEL_BOUNDS_MEMORY:
        _lower(resource.RLIMIT_AS, _pages("self")[0] * resource.getpagesize() + memory)


def give_memory_back() -> None:
    """Have the C library return what it keeps between the blocks in use; it does not do so by itself (glibc only)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def resident_bytes(pid: int) -> int:
    """What a process holds in memory; 0 when that cannot be seen."""
    with suppress(OSError):
        return _pages(str(pid))[1] * resource.getpagesize()
    with suppress(OSError, ValueError, subprocess.SubprocessError):
        asked = ["ps", "-o", "rss=", "-p", str(pid)]
        told = subprocess.run(asked, capture_output=True, text=True, timeout=10, check=True)  # noqa: S603
        return int(told.stdout) * 1024
    return 0


def _pages(process: str) -> tuple[int, int]:
    """Of a process: those of its address space, and those in memory, as proc(5) tells them."""
    size, resident = Path(f"/proc/{process}/statm").read_text().split()[:2]
    return int(size), int(resident)


def _lower(what: int, to: int) -> None:
    """The soft limit only, which may be moved again; below what the system allows anyway."""
    hard = resource.getrlimit(what)[1]
    resource.setrlimit(what, (to if hard == resource.RLIM_INFINITY else min(to, hard), hard))


def _leave_the_network() -> None:
    """Into a network without connections, where Linux lets us: as root, or as the root of a world of our own."""
    if sys.platform == "linux":
        unshare = getattr(ctypes.CDLL(None), "unshare", None)
        if unshare and os.geteuid() == 0:
            unshare(_NEW_NETWORK)
        elif unshare:
            unshare(_NEW_USER | _NEW_NETWORK)

"""One supervisor per data directory."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path


class TakenError(Exception):
    """Another supervisor is at work here."""

    def __init__(self, pid: int) -> None:
        super().__init__(f"process {pid} holds the lock")
        self.pid = pid


def take(path: Path, *, patience: float) -> int:
    """Lock the file until this process, and whoever inherits the descriptor returned, has ended.

    Raises TakenError when its owner lives. While only the owner's guardian is left, tidying up, wait: at most
    `patience` seconds.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + patience
    while not _locked(descriptor):
        owner = _owner(descriptor)
        if _lives(owner) or time.monotonic() > deadline:
            os.close(descriptor)
            raise TakenError(owner)
        time.sleep(0.1)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return descriptor


def _owner(descriptor: int) -> int:
    written = os.pread(descriptor, 20, 0)
    return int(written) if written.isdigit() else 0


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lives(pid: int) -> bool:
    if not pid:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it lives under another user
        return True
    return True

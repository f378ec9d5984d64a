"""Whether there is room on the disk of the data."""

from __future__ import annotations

import errno
import os
from pathlib import Path

LEAST_BYTES = 16 * 1024 * 1024  # the database alone wants some of them for what it is about to write down
LEAST_FILES = 16
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def is_full(directory: Path) -> bool:
    """Whether next to nothing can be written there any more. Raises OSError."""
    disk = os.statvfs(directory)
    has_files = disk.f_files == 0 or disk.f_favail >= LEAST_FILES  # some file systems count none
    return disk.f_bavail * disk.f_frsize < LEAST_BYTES or not has_files


def is_want_of_room(error: BaseException | None) -> bool:
    """Whether it came of a full disk, said by the operating system or by a database."""
    while error is not None:
        words = str(error).lower()
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            return True
        if "disk is full" in words or "no space left on device" in words:  # SQLite's words, and PostgreSQL's
            return True
        error = error.__cause__
    return False

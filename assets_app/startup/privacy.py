"""What we keep is for the account we run as: sessions, password hashes, prompts and films. New files are so by their
umask (`settings.py`); this sees to what was there before.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def keep_private() -> str:
    """Take from other accounts of this machine what they can read of ours. Says in a sentence what was done, or could
    not be; "" when all was well.
    """
    changed, refused = 0, 0
    for path in _open_to_others():
        try:
            path.chmod(stat.S_IMODE(path.lstat().st_mode) & ~OTHERS)
        except FileNotFoundError:
            continue
        except OSError:  # somebody else's, or a file system without modes
            refused += 1
        else:
            changed += 1
    where = f"in {settings.DATA_DIR}"
    if refused:
        return f"other accounts of this machine can read {_files(refused)} {where}, which we may not change."
    if changed:
        return f"other accounts of this machine could read {_files(changed)} {where}; they cannot now."
    return ""


def _files(number: int) -> str:
    return "1 file or directory" if number == 1 else f"{number:,} files and directories"


def _open_to_others() -> Iterator[Path]:
    yield from _open_below(settings.DATA_DIR)
    media = Path(settings.MEDIA_ROOT).resolve()
    if media.exists() and not media.is_relative_to(settings.DATA_DIR):
        yield from _open_below(media)
    yield from (path for path in _database_files() if path.parent != settings.DATA_DIR and _is_open(path))


def _open_below(root: Path) -> Iterator[Path]:
    """Nobody looks into a directory that is closed: then there is no need to read a library of a million files."""
    if not _is_open(root):
        yield from (path for path in root.iterdir() if path.is_file() and _is_open(path))
        return
    for folder, folders, files in os.walk(root):
        yield from filter(_is_open, (Path(folder) / name for name in [*folders, *files]))
    yield root


def _database_files() -> Iterable[Path]:
    if connection.vendor != "sqlite":
        return ()
    return [Path(f"{connection.settings_dict['NAME']}{ending}") for ending in ("", "-wal", "-shm")]


def _is_open(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return False
    return bool(mode & OTHERS) and (stat.S_ISREG(mode) or stat.S_ISDIR(mode))

"""Where our media lie: a directory, usually of the data, sometimes a disk of its own.

A row may say of a file that it is saved as soon as `save` has returned: by then it would survive a power cut. It is
written beside its place, brought to the disk, and only then moved there, so whatever has a file's name is whole.

A directory that was there and is not any more, as when its disk is not mounted, is no place to write to: what would be
written there is lost to sight when the disk is back. Once media are kept, a mark lies among them and a note of it
beside their directory; a note without a mark means that they are away.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

MARK = ".castboard-media"
PART = ".part"
_OURS_ALONE = 0o600


class MediaAway(OSError):
    """The media's directory is not there."""

    def __init__(self, location: str) -> None:
        super().__init__(errno.ENOENT, "The directory of the media is not there", location)


class MediaStorage(FileSystemStorage):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options, allow_overwrite=True)

    # --- writing -----------------------------------------------------------------------------------------------------
    def _save(self, name: str, content: File) -> str:
        """Raises OSError; then nothing has the name that had it not before."""
        if self.is_away:
            raise MediaAway(str(self.location))
        path = Path(self.path(name))
        _make_directory(path.parent)
        part = _brought_beside(path, content)
        try:
            part.chmod(_OURS_ALONE)
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        _sync(path.parent)
        return path.relative_to(self.location).as_posix()

    # --- whether it is there -----------------------------------------------------------------------------------------
    @property
    def _note(self) -> Path:
        root = Path(self.location)
        return root.parent / f".{root.name}.note"

    @property
    def is_marked(self) -> bool:
        return (Path(self.location) / MARK).exists()

    @property
    def is_away(self) -> bool:
        """Whether media were kept here, and their directory is not there now."""
        return not self.is_marked and self._note.exists()

    @property
    def was_a_disk_of_its_own(self) -> bool:
        """Whether the directory was on another disk than what it lies in: then it can be back any moment."""
        try:
            return json.loads(self._note.read_text()).get("own_disk") is True
        except (OSError, ValueError, AttributeError):
            return False

    def mark(self) -> None:
        """Say that media are kept here. Raises OSError."""
        root = Path(self.location)
        _make_directory(root)
        own_disk = root.stat().st_dev != root.parent.stat().st_dev
        for path, text in ((root / MARK, "Castboard keeps its media here.\n"), (self._note, _noted(own_disk))):
            if not path.exists() or path.read_text() != text:
                path.write_text(text)

    # --- what is there -----------------------------------------------------------------------------------------------
    def walk(self) -> Iterator[tuple[str, os.stat_result]]:
        """Each file's name and facts, marks of ours left out. Passed over are what goes meanwhile, what only the system
        may look into, as a disk's lost+found, and directories that are links.
        """
        waiting = [self.location]
        while waiting:
            try:
                entries = list(os.scandir(waiting.pop()))
            except (FileNotFoundError, PermissionError):
                continue
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.name != MARK and entry.is_file():
                    try:
                        yield os.path.relpath(entry.path, self.location), entry.stat()
                    except FileNotFoundError:
                        continue


def _noted(own_disk: bool) -> str:
    return json.dumps({"own_disk": own_disk})


def _brought_beside(path: Path, content: File) -> Path:
    """The content as a file on the disk next to `path`: moved there where it is one already, else written."""
    descriptor, name = tempfile.mkstemp(prefix=".", suffix=PART, dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if _moved(content, part):
                return part
            for chunk in content.chunks():
                file.write(chunk.encode() if isinstance(chunk, str) else chunk)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return part


def _moved(content: File, part: Path) -> bool:
    """Whether the content was a temporary file that could be moved, which costs nothing on the same disk."""
    if not hasattr(content, "temporary_file_path"):
        return False
    source = Path(content.temporary_file_path())
    try:
        with source.open("rb") as file:
            os.fsync(file.fileno())
        source.replace(part)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        with source.open("rb") as file, part.open("wb") as target:
            shutil.copyfileobj(file, target, 1 << 20)
            target.flush()
            os.fsync(target.fileno())
    return True


def _make_directory(directory: Path) -> None:
    """With those it lies in; each new name is brought to the disk."""
    missing = [each for each in (directory, *directory.parents) if not each.exists()]
    directory.mkdir(parents=True, exist_ok=True)
    for each in missing:
        _sync(each.parent)


def _sync(directory: Path) -> None:
    """Bring the names in a directory to the disk; where a file system knows no such thing, it has none to lose."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EROFS):
            raise
    finally:
        os.close(descriptor)

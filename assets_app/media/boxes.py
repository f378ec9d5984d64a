"""The box structure of MP4 and MOV files, as far as the decoders leave us wondering."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

_MAX_BOXES = 100_000
_HOLDS_THE_FILM = frozenset({b"moov", b"moof", b"mdat"})


class _Box(NamedTuple):
    kind: bytes
    start: int
    """Where its content begins."""
    end: int


def box_without_its_end(path: Path) -> bytes:
    """The kind of the box of the film that says that it goes on beyond the file's end, b"" for none: FFmpeg plays such
    files silently.

    Only boxes that hold the film say anything. What follows the last of them is a trailer of a camera, the padding of a
    disk, a boundary that an uploader left: bytes that no player looks at, and that read as a box of any length.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        return next((box.kind for box in _boxes(file, 0, size) if box.end > size and box.kind in _HOLDS_THE_FILM), b"")


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[_Box]:
    """The boxes that begin between `start` and `end`; the last may claim to end after `end`."""
    for _ in range(_MAX_BOXES):
        file.seek(start, os.SEEK_SET)
        header = file.read(16)
        if start + 8 > end or len(header) < 8:
            return
        size, kind = struct.unpack(">I4s", header[:8])
        content = start + 8
        if size == 1 and len(header) == 16:
            size, content = int.from_bytes(header[8:], "big"), start + 16
        elif size == 0:
            size = end - start  # to the end of the file
        if start + size < content:
            return
        yield _Box(kind, content, start + size)
        start += size

"""The box structure of MP4, MOV and HEIC files, as far as the decoders leave us wondering."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

_MAX_BOXES = 100_000


class _Box(NamedTuple):
    kind: bytes
    start: int
    """Where its content begins."""
    end: int


class HeicPicture(NamedTuple):
    """Stored width and height in pixels, and the quarter turns against the clock that it is shown with."""

    width: int
    height: int
    quarter_turns: int


def is_cut_off(path: Path) -> bool:
    """Whether the last box of the file says that it goes on beyond the file's end: FFmpeg plays such files silently."""
    size = path.stat().st_size
    with path.open("rb") as file:
        return any(box.end > size for box in _boxes(file, 0, size))


def heic_picture(path: Path) -> HeicPicture | None:
    """The largest picture of a HEIC file (thumbnails and tiles are smaller); None when the file describes none."""
    size = path.stat().st_size
    with path.open("rb") as file:
        meta = next((box for box in _boxes(file, 0, size) if box.kind == b"meta"), None)
        if meta is None:
            return None
        children = _Box(b"meta", meta.start + 4, meta.end)  # past its version and flags
        properties = _inside(file, children, b"iprp", b"ipco")
        if properties is None:
            return None
        sizes, turns = [], 0
        for box in _boxes(file, properties.start, properties.end):
            file.seek(box.start)
            if box.kind == b"ispe":
                sizes.append(struct.unpack(">4xII", file.read(12)))
            elif box.kind == b"irot":
                turns = file.read(1)[0] & 3  # a phone gives the same turn to the picture and its thumbnail
    if not sizes:
        return None
    width, height = max(sizes, key=lambda pair: pair[0] * pair[1])
    return HeicPicture(width, height, turns)


def _inside(file: BinaryIO, box: _Box, *path: bytes) -> _Box | None:
    for kind in path:
        found = next((child for child in _boxes(file, box.start, box.end) if child.kind == kind), None)
        if found is None:
            return None
        box = found
    return box


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

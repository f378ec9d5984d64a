"""The box structure of MP4 and MOV files, as far as the decoders leave us wondering."""

from __future__ import annotations

import os
import re
import struct
import sys
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

_NCLX = re.compile(rb"colrnclx..(..)", re.DOTALL)
_HEAD_OF_PICTURE = 256 * 1024
_MAX_BOXES = 100_000
_HOLDS_THE_FILM = frozenset({b"moov", b"moof", b"mdat"})
MAX_SAMPLES = 4_000_000
"""A day of sound has that many; FFmpeg makes an entry of forty bytes for each as soon as it opens the file."""
_HOLDING_TABLES = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf", b"cmov"})
_SHORTEST_ROW = 4
_IN_ONE_ENTRY = 1024  # samples of sound that is not compressed


class _Box(NamedTuple):
    kind: bytes
    start: int
    """Where its content begins."""
    end: int


def transfer_in_boxes(path: Path) -> int:
    """The curve of a picture's light (ITU-T H.273) as its colour box gives it; 0 where there is none."""
    with path.open("rb") as file:
        found = _NCLX.search(file.read(_HEAD_OF_PICTURE))
    return int.from_bytes(found[1], "big") if found else 0


def box_without_its_end(path: Path) -> bytes:
    """The kind of the box of the film that says that it goes on beyond the file's end, b"" for none: FFmpeg plays such
    files silently.

    Only boxes that hold the film say anything. What follows the last of them is a trailer of a camera, the padding of a
    disk, a boundary that an uploader left: bytes that no player looks at, and that read as a box of any length.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        return next((box.kind for box in _boxes(file, 0, size) if box.end > size and box.kind in _HOLDS_THE_FILM), b"")


def end_before_a_trailer(path: Path) -> int:
    """Where the last whole box of a film ends, when what follows is none; 0 when nothing does, or the film goes on."""
    size, end = path.stat().st_size, 0
    with path.open("rb") as file:
        for box in _boxes(file, 0, size):
            if box.end > size:
                return 0 if box.kind in _HOLDS_THE_FILM else end
            end = box.end
    return end if end < size else 0


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[_Box]:
    """The boxes that begin between `start` and `end`; the last may claim to end after `end`."""
    for _ in range(_MAX_BOXES):
        if start + 8 > end:  # which may be further than any file goes
            return
        file.seek(start, os.SEEK_SET)
        header = file.read(16)
        if len(header) < 8:
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


def claims_endless_samples(path: Path) -> bool:
    """Whether the tables of the film claim more samples than any has: a table of one row can claim four thousand
    million, whatever the size of the file.
    """
    with path.open("rb") as file:
        claimed = 0
        for table in _tables(file, path.stat().st_size):
            claimed += table
            if claimed > MAX_SAMPLES:
                return True
    return False


def _tables(file: BinaryIO, size: int) -> Iterator[int]:
    """The samples that each track of the index, and each run of a fragment, claims."""
    is_sound, lasts_one, counts = False, False, [0]
    for box in _nested(file, size):
        file.seek(box.start)
        if box.kind == b"trak":
            yield _claimed(counts, in_chunks=is_sound and lasts_one)
            is_sound, lasts_one, counts = False, False, [0]
        elif box.kind == b"hdlr":
            is_sound = file.read(12)[8:] == b"soun"
        elif box.kind in (b"stsz", b"stz2"):
            counts.append(_number(file.read(12)[8:]))
        elif box.kind == b"trun":
            yield _number(file.read(8)[4:])
        elif box.kind == b"cmvd":  # an index that is packed, of so many bytes
            yield _number(file.read(4)) // _SHORTEST_ROW
        elif box.kind in (b"stts", b"ctts"):
            rows = _number(file.read(8)[4:])
            table = _numbers(file.read(8 * min(rows, MAX_SAMPLES)))
            counts.append(rows if rows > MAX_SAMPLES else sum(table[::2]))
            lasts_one = table[1:].tolist() == [1] if box.kind == b"stts" else lasts_one
    yield _claimed(counts, in_chunks=is_sound and lasts_one)


def _nested(file: BinaryIO, size: int) -> Iterator[_Box]:
    """The boxes of the file, each before what it holds, as far as that may be tables of samples."""
    left = [(0, size)]
    for _ in range(_MAX_BOXES):
        start, end = left.pop() if left else (0, 0)
        if box := next(_boxes(file, start, end), None):
            left.append((box.end, end))
            if box.kind in _HOLDING_TABLES:
                left.append((box.start, min(box.end, end)))
            yield box
        elif not left:
            return


def _claimed(counts: list[int], *, in_chunks: bool) -> int:
    """Of one track, by the table that claims most."""
    return max(counts) // (_IN_ONE_ENTRY if in_chunks else 1)


def _number(content: bytes) -> int:
    return int.from_bytes(content, "big")


def _numbers(content: bytes) -> array[int]:
    numbers = array("I", content[: len(content) // 4 * 4])
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers

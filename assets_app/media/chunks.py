"""The chunks of PNG and the segments of JPEG files, as far as the decoders trip over what is in them."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

LARGEST_PROFILE = 16 * 2**20
"""Unpacked. Those of printers and cameras have a few megabytes."""
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SHAPES_A_PNG = frozenset({b"tRNS", b"iCCP", b"eXIf", b"acTL", b"fcTL", b"fdAT"})
"""Beside those in capitals, without which there is no picture."""
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_STANDALONE = frozenset({0x01, 0xD8})
_MARKER = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]", re.DOTALL)


class _Chunk(NamedTuple):
    kind: bytes
    start: int
    """Where its length stands; its content begins eight bytes later."""
    end: int
    """Behind its checksum; beyond the end of a file that is cut off."""


def png_picture(path: Path) -> Path | io.BytesIO:
    """The PNG without what it says about itself (whole workflows lie in there, and some of it is ill-formed, where
    Pillow gives up and every browser shows the picture): its path where there is nothing to leave out.
    """
    content = path.read_bytes()
    chunks = list(_png_chunks(content))
    kept = [chunk for chunk in chunks if _is_picture(content, chunk)]
    if len(kept) == len(chunks):
        return path
    return io.BytesIO(_PNG_SIGNATURE + b"".join(content[chunk.start : chunk.end] for chunk in kept))


def transfer_in_chunks(path: Path) -> int:
    """The curve of a PNG's light (ITU-T H.273) as its cICP chunk gives it; 0 where there is none."""
    content = path.read_bytes()
    coded = next((chunk for chunk in _png_chunks(content) if chunk.kind == b"cICP"), None)
    return content[coded.start + 9] if coded and coded.end <= len(content) else 0


def _png_chunks(content: bytes) -> Iterator[_Chunk]:
    start = len(_PNG_SIGNATURE)
    while start + 8 <= len(content):
        kind = content[start + 4 : start + 8]
        end = start + 12 + int.from_bytes(content[start : start + 4], "big")
        yield _Chunk(kind, start, end)
        if kind == b"IEND":
            return
        start = end


def _is_picture(content: bytes, chunk: _Chunk) -> bool:
    if chunk.kind == b"iCCP":
        return _unpacks_within(content[chunk.start + 8 : chunk.end - 4].partition(b"\0")[2][1:], LARGEST_PROFILE)
    return chunk.kind[:1].isupper() or chunk.kind in _SHAPES_A_PNG


def _unpacks_within(packed: bytes, most: int) -> bool:
    unpacking = zlib.decompressobj()
    try:
        unpacking.decompress(packed, most)
    except zlib.error:
        return False
    return not unpacking.unconsumed_tail


def jpeg_passes(path: Path, most: int) -> int:
    """In how many passes a JPEG is drawn, counted up to one more than `most`. Segments are stepped over by their
    lengths, and what follows the end of the picture, such as the film of a phone's photo, is not looked at.
    """
    content = path.read_bytes()
    passes, at = 0, 2
    while passes <= most and (found := _MARKER.search(content, at)):
        marker, at = found[0][-1], found.end()
        if marker == _END_OF_IMAGE:
            break
        passes += marker == _START_OF_SCAN
        if marker not in _STANDALONE:
            at += int.from_bytes(content[at : at + 2], "big")
    return passes

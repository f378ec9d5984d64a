"""Many films as one zip, made while it is sent: nothing is written to a disk, and no more than a piece of one film is
ever in memory.

Films are packed as they are, for they do not get smaller. zipfile writes to anything that can be written to, and puts
what it learns last (sizes, checksums) behind each file where it cannot go back.
"""

from __future__ import annotations

import io
import logging
import zipfile
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

log = logging.getLogger(__name__)

CHUNK_BYTES = 256 * 1024
LEFT_OUT = "Not in this archive.txt"


@dataclass(frozen=True)
class Packed:
    """One file of the archive; `open` is called when its turn comes, and may raise OSError."""

    name: str
    at: datetime
    byte_size: int
    open: Callable[[], BinaryIO]


def zipped(files: Iterable[Packed]) -> Generator[bytes, None, None]:
    """The archive, piece by piece. A file that cannot be opened is named in a text at the end, instead of ending an
    archive that somebody has half of. One that breaks off while it is read ends it: better no archive than a film
    that is cut.
    """
    outlet = _Outlet()
    left_out = []
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for file in files:
            try:
                source = file.open()
            except OSError:
                log.exception("%s could not be packed", file.name)
                left_out.append(file.name)
                continue
            with source, archive.open(_entry(file), "w") as target:
                while piece := source.read(CHUNK_BYTES):
                    target.write(piece)
                    yield outlet.taken()
            yield outlet.taken()
        if left_out:
            words = "These files were missing from the storage when this archive was made:\n"
            archive.writestr(LEFT_OUT, words + "\n".join(left_out) + "\n")
    yield outlet.taken()


def _entry(file: Packed) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(file.name, date_time=(max(file.at.year, 1980), *file.at.timetuple()[1:6]))
    entry.file_size = file.byte_size  # tells zipfile whether the large form of sizes is needed
    entry.external_attr = 0o644 << 16
    return entry


class _Outlet(io.RawIOBase):
    """What zipfile writes into and the response takes from. It cannot be sought in, as a network cannot."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self._waiting += piece
        return len(piece)

    def taken(self) -> bytes:
        piece = bytes(self._waiting)
        self._waiting.clear()
        return piece

"""One file as a multipart/form-data body that is read while it is sent, so fifty megabytes never sit in memory."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from typing import BinaryIO

BLOCK = 64 * 1024
_ESCAPES = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})


class FilePart:
    """The form field `field` holding what is left of `file`; iterate once for the body, `headers` says how long it is.

    Raises ValueError while being sent when the file turns out shorter than it was at the start.
    """

    def __init__(self, field: str, file: BinaryIO, filename: str, content_type: str) -> None:
        if not (content_type.isascii() and content_type.isprintable()):
            raise ValueError("A content type is one line of ASCII.")
        boundary = f"castboard-{secrets.token_hex(16)}"
        name = filename.translate(_ESCAPES)
        self._file = file
        self._size = _bytes_left(file)
        self._head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
            f"Content-Type: {content_type}\r\n\r\n"
        ).encode("utf-8", "replace")
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self.headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(self._head) + self._size + len(self._tail)),
        }

    def __iter__(self) -> Iterator[bytes]:
        yield self._head
        left = self._size
        while left:
            block = self._file.read(min(BLOCK, left))
            if not block:
                raise ValueError("The file became shorter while it was being sent.")
            left -= len(block)
            yield block
        yield self._tail


def _bytes_left(file: BinaryIO) -> int:
    start = file.tell()
    end = file.seek(0, os.SEEK_END)
    file.seek(start)
    return end - start

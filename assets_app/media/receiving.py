"""Taking a file in from a browser: straight to the disk of the data, hashed on the way, never more than is allowed."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from .archive import TEMPORARY_PREFIX


class ReceivedFile(UploadedFile):
    """A whole file at a temporary path; whoever stores it moves it away, and its handler removes what is left."""

    def __init__(self, path: Path, name: str, size: int, sha256: str) -> None:
        super().__init__(path.open("rb"), name, "application/octet-stream", size)
        self.path, self.sha256 = path, sha256

    def temporary_file_path(self) -> str:
        """By which the storage moves the file instead of copying it."""
        return str(self.path)


class ToDisk(FileUploadHandler):
    """Keeps the first file of a form. One of more than `max_bytes` ends the upload, and `is_too_big` says so."""

    chunk_size = 256 * 1024

    def __init__(self, directory: Path, max_bytes: int) -> None:
        super().__init__()
        self.directory, self.max_bytes = directory, max_bytes
        self.is_too_big = False
        self._path: Path | None = None
        self._received_file: ReceivedFile | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self._path:
            raise StopUpload(connection_reset=True)
        self._digest, self._received = hashlib.sha256(), 0
        descriptor, name = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, dir=self.directory)
        self._file, self._path = os.fdopen(descriptor, "wb"), Path(name)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._received += len(raw_data)
        if self._received > self.max_bytes:
            self.is_too_big = True
            self._drop()
            raise StopUpload(connection_reset=True)
        self._digest.update(raw_data)
        with self._or_nothing():
            self._file.write(raw_data)

    def file_complete(self, file_size: int) -> ReceivedFile:
        assert self._path  # noqa: S101 - new_file comes first
        with self._or_nothing():
            self._file.close()
        name, sha256 = self.file_name or "", self._digest.hexdigest()
        self._received_file = ReceivedFile(self._path, name, file_size, sha256)
        return self._received_file

    @contextmanager
    def _or_nothing(self) -> Iterator[None]:
        """A half of a file is of use to nobody, least of all on a disk that it filled."""
        try:
            yield
        except OSError:
            self._drop()
            raise

    def upload_interrupted(self) -> None:
        self._drop()

    def discard(self) -> None:
        """Close the file, and remove what nobody has moved away."""
        if self._received_file:
            self._received_file.close()
        self._drop()

    def _drop(self) -> None:
        if self._path:
            with suppress(OSError):  # what is still to be written finds no room either
                self._file.close()
            self._path.unlink(missing_ok=True)

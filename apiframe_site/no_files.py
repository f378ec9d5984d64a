"""Forms take no files; the one view that does brings its own way of taking them (`views/uploads.py`)."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, StopUpload


class NoFiles(FileUploadHandler):
    """Stops reading at the first file. Django's own handlers let anybody, signed in or not, fill the memory and the
    disk.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise StopUpload(connection_reset=True)

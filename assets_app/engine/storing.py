"""Files on their way into our storage."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage

POSTER_SUFFIX, CLIP_SUFFIX = ".poster.webp", ".clip.mp4"
SENT_SUFFIX = ".sent"
"""Before the ending of what is sent in place of a file that the provider does not take."""


@dataclass(frozen=True)
class Stored:
    """A copy in the storage, the columns that describe it, and the files that were put there for it."""

    columns: dict[str, Any]
    names: list[str]


def incoming_directory() -> Path:
    """Where files arrive: on the disk of the data, so that taking them in is cheap."""
    directory = Path(settings.DATA_DIR) / "incoming"
    directory.mkdir(exist_ok=True)
    return directory


class Arrived(File):
    """A file on the disk of the data: the storage moves it, instead of writing it once more."""

    def temporary_file_path(self) -> str:
        return str(self.name)


def store(name: str, content: File, stored: Stored) -> None:
    """Bring it to the disk under that name. Names come from content, so what is there already is the same file, which
    may be in use, or a damaged one: it is replaced in one instant.
    """
    is_new = not default_storage.exists(name)
    saved_as = default_storage.save(name, content)
    if saved_as != name:
        default_storage.delete(saved_as)
        raise OSError(f"The storage would not take the name {name}")
    if is_new:
        stored.names.append(name)

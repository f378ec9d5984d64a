"""Files on their way into our storage."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage

POSTER_SUFFIX, CLIP_SUFFIX = ".poster.webp", ".clip.mp4"


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


def store(name: str, content: File, stored: Stored) -> None:
    """Names come from content, so what is there already is the same file, or the part of it that a killed worker
    left.
    """
    if default_storage.exists(name):
        if default_storage.size(name) == content.size:
            return  # perhaps in use already
        default_storage.delete(name)
    saved_as = default_storage.save(name, content)
    if saved_as != name:
        default_storage.delete(saved_as)
        raise OSError(f"The storage would not take the name {name}")
    stored.names.append(name)

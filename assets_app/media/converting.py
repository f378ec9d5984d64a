"""A file as one that the provider takes: a picture as JPEG or PNG, a video as MP4, a sound as WAV or MP3."""

from __future__ import annotations

from pathlib import Path

from .facts import ProbeError, damage_reported_as
from .sniff import content_type_in

_DAMAGED = "The file is damaged: it cannot be converted."


def convert(source: Path, target: Path) -> None:
    """Write what `source` shows or sounds like to `target`, whole, upright and in its colours; light beyond that of a
    usual screen is mapped into it. Raises `ProbeError` where that cannot be done.
    """
    with source.open("rb") as file:
        content_type = content_type_in(file)
    with damage_reported_as(ProbeError, _DAMAGED):
        if content_type.startswith("image/"):
            from . import pictures

            pictures.convert(source, target, content_type)
        else:
            from . import recoding

            recoding.convert(source, target, content_type)

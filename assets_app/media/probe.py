"""What a file really is. Its content decides; its name and its declared type are not even looked at."""

from __future__ import annotations

from pathlib import Path

from .facts import Facts, ProbeError, damage_reported_as
from .sniff import content_type_in

__all__ = ["Facts", "ProbeError", "probe"]


def probe(path: Path) -> Facts:
    """Measure the picture, video or sound at `path`.

    Raises `ProbeError` with a plain reason for what is empty, damaged, cut off, too big to unpack safely, or no media
    at all. Pillow and FFmpeg are imported by the first call, not before.
    """
    with path.open("rb") as file:
        content_type = content_type_in(file)
    with damage_reported_as(ProbeError, "The file is damaged or cut off: it cannot be decoded."):
        if content_type.startswith("image/"):
            from . import pictures

            return pictures.facts_of(path, content_type)
        from . import films

        return films.facts_of(path, content_type)

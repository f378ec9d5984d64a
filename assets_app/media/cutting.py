"""A part of a picture, video or sound as a file of its own: cropped to a shape, or cut to a length."""

from __future__ import annotations

from pathlib import Path

from assets_app.cuts import Cut

from .facts import ProbeError, damage_reported_as
from .sniff import content_type_in

_DAMAGED = "The file is damaged: nothing can be cut out of it."


def cut_out(source: Path, target: Path, cut: Cut) -> None:
    """Write what `cut` keeps of `source` to `target`. Raises `ProbeError` where that cannot be done."""
    with source.open("rb") as file:
        content_type = content_type_in(file)
    with damage_reported_as(ProbeError, _DAMAGED):
        if content_type.startswith("image/"):
            _crop_picture(source, target, content_type, cut)
        else:
            from . import recoding

            recoding.cut_out(source, target, content_type, cut)


def _crop_picture(source: Path, target: Path, content_type: str, cut: Cut) -> None:
    from . import pictures

    if cut.box is None:
        raise ProbeError("A picture has no length to cut.")
    pictures.crop(source, target, content_type, cut.box)

"""The picture that a film ends with, to begin the next film from."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageFilter, ImageStat

from .facts import ProbeError
from .films import pictures_from
from .pictures import LARGEST_PNG

TAIL_SECONDS = 0.5
# What comes later in the film is the better beginning, unless it is clearly more blurred.
CLEARLY = 0.85
LOOKED_AT = 480


def last_frame(path: Path, content_type: str, seconds: float) -> bytes:
    """The sharpest picture of a film's last half second (FACTS §8), full size: a PNG, or a JPEG where that would be too
    big to upload. Raises ProbeError for a film whose end cannot be decoded.

    The tail is decoded twice, once to judge and once to take: a dozen large frames would fill the memory.
    """
    begin = max(0.0, seconds - TAIL_SECONDS)
    chosen = _latest_sharp([sharpness(picture) for picture in pictures_from(path, content_type, begin)])
    for number, picture in enumerate(pictures_from(path, content_type, begin)):
        if number == chosen:
            return _encoded(picture)
    raise ProbeError("The end of the film cannot be decoded.")


def sharpness(picture: Image.Image) -> float:
    """How much its neighbouring pixels differ: 0 for an even grey."""
    grey = picture.convert("L")
    grey.thumbnail((LOOKED_AT, LOOKED_AT))
    inside = (1, 1, max(2, grey.width - 1), max(2, grey.height - 1))  # the filter leaves the rim as it was
    return ImageStat.Stat(grey.filter(ImageFilter.FIND_EDGES).crop(inside)).var[0]


def _latest_sharp(scores: list[float]) -> int:
    """The place of the latest score that is nearly the best; -1 of none."""
    best = max(scores, default=0.0)
    return max((place for place, score in enumerate(scores) if score >= best * CLEARLY), default=-1)


def _encoded(picture: Image.Image) -> bytes:
    output = io.BytesIO()
    picture.save(output, "PNG")
    if output.tell() > LARGEST_PNG:
        output = io.BytesIO()
        picture.save(output, "JPEG", quality=95, subsampling=0)
    return output.getvalue()

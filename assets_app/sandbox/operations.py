"""What a child that decodes can be asked to do with a file that somebody registered (`assets_app.decoding`): the
sandbox fetches any address it is given, as the provider does. `decoders` asks.
"""

from __future__ import annotations

import io
from dataclasses import asdict
from pathlib import Path
from typing import Any

import av
from PIL import Image, ImageOps

from assets_app.sandbox.painting import picture_of
from assets_app.sandbox.probing import ONLY_THIS_FILE, Unreadable, inspect

LONGEST_SIDE = 1280


def _inspect(path: str) -> dict[str, Any] | None:
    facts = inspect(Path(path))
    return asdict(facts) if facts else None


def _first_picture(path: str) -> bytes:
    """An image, or the first frame of a video, as a PNG of 1,280 pixels at most."""
    try:
        picture = _opened(Path(path))
    except (OSError, ValueError, StopIteration, av.FFmpegError) as error:
        raise Unreadable(str(error)) from error
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    output = io.BytesIO()
    picture.save(output, "PNG", compress_level=1)
    return output.getvalue()


def _opened(path: Path) -> Image.Image:
    if path.suffix in {".mp4", ".mov", ".webm"}:
        with av.open(path, options=ONLY_THIS_FILE) as container:
            return picture_of(next(container.decode(video=0)))
    with Image.open(path) as image:
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        return ImageOps.exif_transpose(image).convert("RGB")


OPERATIONS = {"inspect": _inspect, "first_picture": _first_picture}

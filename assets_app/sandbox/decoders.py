"""Files that somebody registered, opened by a child process that may die of them (`assets_app.decoding`)."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from assets_app.apiframe.catalogue import MediaFacts
from assets_app.decoding import DecoderDied
from assets_app.decoding.pool import Decoders
from assets_app.sandbox.probing import Unreadable

SECONDS = 60.0

_decoders = Decoders("assets_app.sandbox.operations", [Unreadable])


def inspect(path: Path) -> MediaFacts | None:
    """As `probing.inspect` does. Raises Unreadable, also for what ended the child."""
    try:
        facts = _decoders.run("inspect", seconds=SECONDS, path=str(path.absolute()))
    except DecoderDied as error:
        raise Unreadable(error.reason) from error
    return MediaFacts(**facts) if facts else None


def first_picture(path: Path) -> Image.Image | None:
    """An image, or the first frame of a video, small enough to draw with; None when it cannot be opened."""
    try:
        picture = _decoders.run("first_picture", seconds=SECONDS, path=str(path.absolute()))
    except (Unreadable, DecoderDied):
        return None
    return Image.open(io.BytesIO(picture), formats=["PNG"]).convert("RGB")

"""What is known of a media file, and the two ways of not getting there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from assets_app.apiframe.model_facts import MediaFacts

MAX_PIXELS = 50_000_000
"""Larger pictures are refused by their header: a still of one takes 8 bytes a pixel. The provider takes 36 million."""


@dataclass(frozen=True, slots=True)
class Facts(MediaFacts):
    """The facts of one file as its content tells them.

    `width` and `height` are pixels as shown, after rotation; `seconds` and `fps` are of the shown video or the sound.
    `frames` counts a video's pictures; `animated` is true for GIF, PNG or WebP pictures that move.
    """

    has_audio: bool = False
    frames: int | None = None
    animated: bool = False


class ProbeError(Exception):
    """The file is nothing we can take; `reason` is one plain sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ThumbnailError(Exception):
    """The file may be good, but no still can be made of it; `reason` is one plain sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@contextmanager
def damage_reported_as(kind: type[ProbeError | ThumbnailError], reason: str) -> Iterator[None]:
    """Turn whatever a decoder throws at a damaged or hostile file into one `kind` of error.

    Pillow and FFmpeg raise a dozen kinds for bad bytes (OSError, SyntaxError, struct.error, MemoryError, …), and none
    of them may end a task.
    """
    try:
        yield
    except (ProbeError, ThumbnailError):
        raise
    except Exception as error:
        raise kind(reason) from error


def refuse_if_huge(width: int, height: int) -> None:
    """Raise `ProbeError` before anything of that size is unpacked."""
    if width * height > MAX_PIXELS:
        raise ProbeError(
            f"It is {width} × {height} pixels; more than {MAX_PIXELS // 1_000_000} million pixels are not unpacked."
        )

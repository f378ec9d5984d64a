"""What is known of a media file, and the two ways of not getting there."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from assets_app.apiframe.model_facts import MediaFacts
from assets_app.decoding import Refusal

MAX_PIXELS = 50_000_000
"""Larger pictures are refused by their header: a still of one takes 8 bytes a pixel. The provider takes 36 million."""
TOO_MUCH_MEMORY = "It takes more memory to unpack than a file is given here."
_NO_FAULT_OF_THE_FILE = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True, slots=True)
class Facts(MediaFacts):
    """The facts of one file as its content tells them.

    `width` and `height` are pixels as shown, after rotation; `seconds` and `fps` are of the shown video or the sound.
    `frames` counts a video's pictures; `codec` is FFmpeg's name of what the picture, or else the sound, is packed with;
    `animated` is true for GIF, PNG or WebP pictures that move.
    """

    has_audio: bool = False
    frames: int | None = None
    animated: bool = False
    codec: str = ""


class ProbeError(Refusal):
    """The file is nothing we can take; `reason` is one plain sentence."""


class ThumbnailError(Refusal):
    """The file may be good, but no still can be made of it; `reason` is one plain sentence."""


@contextmanager
def damage_reported_as(kind: type[ProbeError | ThumbnailError], reason: str) -> Iterator[None]:
    """Turn whatever a decoder throws at a damaged or hostile file into one `kind` of error.

    Pillow and FFmpeg raise a dozen kinds for bad bytes (OSError, SyntaxError, struct.error, …), and none of them may
    end a task. A file that needs more memory than one may have is not damaged; and a full disk says nothing of it.
    """
    try:
        yield
    except Refusal:
        raise
    except MemoryError as error:
        raise kind(TOO_MUCH_MEMORY) from error
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _NO_FAULT_OF_THE_FILE:
            raise
        raise kind(reason) from error


def refuse_if_huge(width: int, height: int) -> None:
    """Raise `ProbeError` before anything of that size is unpacked."""
    if width * height > MAX_PIXELS:
        raise ProbeError(
            f"It is {width} × {height} pixels; more than {MAX_PIXELS // 1_000_000} million pixels are not unpacked."
        )

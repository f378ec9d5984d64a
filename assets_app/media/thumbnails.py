"""One still for everything: a picture made small, a video's poster, a sound's waveform; and a clip of what moves."""

from __future__ import annotations

from pathlib import Path

from .facts import Facts, ThumbnailError, damage_reported_as

__all__ = ["ThumbnailError", "hover_clip", "still"]


def still(path: Path, facts: Facts, size: int = 640) -> bytes:
    """A WebP whose longer side is at most `size` pixels, made in seconds even from a hostile file.

    `facts` are those that `probe` gave for the same file. Raises `ThumbnailError` with a plain reason when no still can
    be made, `ProbeError` when the file turns out to be no media after all.
    """
    content_type = str(facts.content_type)
    with damage_reported_as(ThumbnailError, "No preview could be made: the file is damaged."):
        if facts.media_type == "image":
            from . import pictures

            return pictures.still_of(path, content_type, size)
        from . import films

        if facts.media_type == "video":
            return films.poster_of(path, facts, size)
        return films.waveform_of(path, facts, size)


def hover_clip(path: Path, facts: Facts, size: int = 320, seconds: float = 3.0) -> bytes:
    """A short silent MP4 of a video's beginning, to play while a mouse rests on its poster.

    Raises `ThumbnailError` with a plain reason when there is none to be had.
    """
    with damage_reported_as(ThumbnailError, "No clip could be made: the file is damaged."):
        from . import films

        return films.clip_of(path, facts, size, seconds)

"""What a child that decodes can be asked to do with a file (`assets_app.decoding`). `decoders` asks.

Whatever opens foreign bytes by Pillow or FFmpeg (`probe`, `thumbnails`, `cutting`, `playing`, `frames`, and what they
are made of: `pictures`, `films`, `recoding`) is reached through this table only, and knows nothing of processes.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from assets_app.cuts import Cut

from .converting import convert
from .cutting import cut_out
from .facts import Facts, ProbeError, damage_reported_as
from .playing import play_through
from .probe import probe
from .thumbnails import hover_clip, still


def _probe(path: str) -> dict[str, Any]:
    return asdict(probe(Path(path)))


def _still(path: str, facts: dict[str, Any]) -> bytes:
    return still(Path(path), Facts(**facts))


def _hover_clip(path: str, facts: dict[str, Any], size: int, clip_seconds: float) -> bytes:
    return hover_clip(Path(path), Facts(**facts), size, clip_seconds)


def _play_through(path: str, facts: dict[str, Any]) -> None:
    play_through(Path(path), Facts(**facts))


def _last_frame(path: str, content_type: str, film_seconds: float) -> bytes:
    with damage_reported_as(ProbeError, "The end of the film is damaged, so no picture can be taken of it."):
        from .frames import last_frame  # not before it is needed: it brings FFmpeg and Pillow

        return last_frame(Path(path), content_type, film_seconds)


def _cut_out(source: str, target: str, cut: dict[str, Any]) -> None:
    cut_out(Path(source), Path(target), Cut.from_json(cut))


def _convert(source: str, target: str) -> None:
    convert(Path(source), Path(target))


OPERATIONS = {
    "probe": _probe,
    "still": _still,
    "hover_clip": _hover_clip,
    "play_through": _play_through,
    "last_frame": _last_frame,
    "cut_out": _cut_out,
    "convert": _convert,
}

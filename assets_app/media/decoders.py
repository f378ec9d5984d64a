"""Media files, measured and drawn by a child process that may die of them (`assets_app.decoding`): for whoever has a
file from outside. Each function is its namesake of `operations`, and raises what that raises; beside it `DecoderDied`,
`DecoderFault` and `OSError`.

The seconds are those after which a child hangs for certain: what merely takes long gives up by itself before. The
longest stays below the time that a task of the worker has (`Q_CLUSTER`).
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from assets_app.cuts import Cut
from assets_app.decoding.limits import MUCH_MEMORY
from assets_app.decoding.pool import Decoders

from .facts import Facts, ProbeError, ThumbnailError

LOOKING_SECONDS = 120.0
WATCHING_SECONDS = 150.0
CUTTING_SECONDS = 310.0

_decoders = Decoders("assets_app.media.operations", [ProbeError, ThumbnailError])


def probe(path: Path) -> Facts:
    return Facts(**_decoders.run("probe", seconds=LOOKING_SECONDS, path=_whole(path)))


def still(path: Path, facts: Facts) -> bytes:
    return bytes(_decoders.run("still", seconds=LOOKING_SECONDS, path=_whole(path), facts=asdict(facts)))


def hover_clip(path: Path, facts: Facts, size: int = 320, seconds: float = 3.0) -> bytes:
    made = _decoders.run(
        "hover_clip", seconds=LOOKING_SECONDS, path=_whole(path), facts=asdict(facts), size=size, clip_seconds=seconds
    )
    return bytes(made)


def play_through(path: Path, facts: Facts) -> None:
    _decoders.run("play_through", seconds=WATCHING_SECONDS, path=_whole(path), facts=asdict(facts))


def last_frame(path: Path, content_type: str, seconds: float) -> bytes:
    made = _decoders.run(
        "last_frame", seconds=LOOKING_SECONDS, path=_whole(path), content_type=content_type, film_seconds=seconds
    )
    return bytes(made)


def cut_out(source: Path, target: Path, cut: Cut) -> None:
    _decoders.run(
        "cut_out",
        seconds=CUTTING_SECONDS,
        memory=MUCH_MEMORY,
        source=_whole(source),
        target=_whole(target),
        cut=cut.as_json,
    )


def convert(source: Path, target: Path) -> None:
    _decoders.run("convert", seconds=CUTTING_SECONDS, memory=MUCH_MEMORY, source=_whole(source), target=_whole(target))


def _whole(path: Path) -> str:
    return str(path.absolute())

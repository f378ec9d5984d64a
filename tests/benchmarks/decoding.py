"""What it costs to have a child decode, and what it spares the worker."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from tests.benchmarks.report import Result
from tests.benchmarks.world import Installation, installation
from tests.media import samples

PICTURES, FILES = 200, 100
MOST_GROWN_MB = 10


def decoding(*, quick: bool = False) -> Iterator[Result]:
    """Small pictures one after another, for there it costs most; then a mixture on the lane's threads."""
    rounds = 1 if quick else 5
    with installation() as ours:
        pictures, mixed = _small_pictures(ours.data_dir), _mixture(ours.data_dir)
        times: dict[bool, list[float]] = {False: [], True: []}
        for _ in range(rounds):
            for alone in times:
                looked = _look(ours, pictures, PICTURES, threads=1, alone=alone)
                times[alone].append(looked["ms_a_file"])
        median = {alone: statistics.median(values) for alone, values in times.items()}
        child, itself = (_look(ours, mixed, FILES, alone=alone) for alone in (False, True))
    ratio = round(median[False] / median[True], 2)
    yield Result(
        name="decoding_cost",
        compared=f"ms for a small picture, measured and drawn small, {PICTURES} in turn: by a child to in the worker",
        figures={"child_ms": median[False], "worker_ms": median[True], "rounds": rounds},
        ratio=ratio,
        aim="≤ 2",
        met=ratio <= 2,
    )
    grown = child["after_mb"] - child["before_mb"]
    yield Result(
        name="decoding_memory",
        compared=f"MB that a worker has grown by after {FILES} files of all kinds, beside one that decodes itself",
        figures={"child": child, "worker": itself},
        ratio=grown,
        aim=f"≤ {MOST_GROWN_MB} MB",
        met=grown <= MOST_GROWN_MB,
    )


def _look(ours: Installation, paths: list[Path], count: int, **how: Any) -> dict[str, Any]:
    seen: dict[str, Any] = ours.call(
        "decoding", "look_at", timeout=600, paths=[str(path) for path in paths], count=count, **how
    )
    return seen


def _small_pictures(directory: Path) -> list[Path]:
    noise = Image.effect_noise((640, 480), 60).convert("RGB")
    paths = [directory / f"{number}.jpg" for number in range(5)]
    for path in paths:
        noise.save(path, "JPEG", quality=85)
    return paths


def _mixture(directory: Path) -> list[Path]:
    """As a team brings them: photos, a film in full HD, a tall one, a sound."""
    photo = Image.effect_noise((400, 300), 60).convert("RGB").resize((4000, 3000))
    photo.save(directory / "photo.jpg", "JPEG", quality=85)
    photo.convert("RGBA").resize((1600, 1200)).save(directory / "drawing.png", "PNG")
    return [
        directory / "photo.jpg",
        samples.film(directory / "wide.mp4", seconds=3, size=(1920, 1080)),
        directory / "drawing.png",
        samples.film(directory / "tall.mp4", seconds=3, size=(720, 1280)),
        samples.sound(directory / "sound.mp3", "libmp3lame", seconds=4),
    ]

"""The files lane's work on files that are here: with a child that decodes, as a worker does it, or without."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from assets_app.decoding.limits import resident_bytes
from assets_app.engine.files import FilesLane
from assets_app.media import archive, decoders


def look_at(paths: list[str], count: int, threads: int = 0, *, alone: bool = False) -> dict[str, Any]:
    """Examine so many files, these in turn, on as many threads as the lane has: MB held by this process before and
    after, by its children after, and seconds for one file. `alone`: decoded in this process.
    """
    if alone:
        _do_it_ourselves()
    files = [Path(path) for path in paths]
    _examine(files[0])  # what is started once
    before = _megabytes(os.getpid())
    started = time.monotonic()
    with ThreadPoolExecutor(threads or FilesLane().threads) as pool:
        list(pool.map(_examine, islice(cycle(files), count)))
    seconds = time.monotonic() - started
    children = [child.process.pid for child in decoders._decoders._idle]
    return {
        "before_mb": before,
        "after_mb": _megabytes(os.getpid()),
        "children": len(children),
        "children_mb": sum(_megabytes(pid) for pid in children),
        "ms_a_file": round(seconds * 1000 / count, 1),
    }


def _examine(path: Path) -> None:
    with path.open("rb") as file:
        archive.examine(file, path.parent).discard()


def _do_it_ourselves() -> None:
    from assets_app.media import probe, thumbnails

    for name, does in (("probe", probe.probe), ("still", thumbnails.still), ("hover_clip", thumbnails.hover_clip)):
        setattr(archive, name, does)


def _megabytes(pid: int) -> int:
    return round(resident_bytes(pid) / 2**20)

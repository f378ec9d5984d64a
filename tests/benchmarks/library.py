"""What a page of the library costs among a thousand assets and among a million."""

from __future__ import annotations

import contextlib
import statistics
from collections.abc import Iterator
from typing import Any

from tests.benchmarks.report import Result
from tests.benchmarks.world import Installation, installation

SMALL, LARGE, LARGE_IF_QUICK = 1_000, 1_000_000, 100_000
SEEDING_SECONDS = 1800.0


def library_scale(*, quick: bool = False) -> Iterator[Result]:
    """Whole signed-in requests, from the address to the HTML, each page with its sixty cards; in turn on a library of
    either size, each in processes and a database of its own. The tenth page of the small library stands beside the
    ten-thousandth of the large one.
    """
    sizes = {SMALL: SMALL, LARGE: LARGE_IF_QUICK if quick else LARGE}
    with contextlib.ExitStack() as stack:
        libraries = {size: stack.enter_context(installation()) for size in sizes}
        for size, ours in libraries.items():
            ours.call("shelves", "fill", timeout=SEEDING_SECONDS, assets=sizes[size])
        milliseconds = _in_turn(libraries, rounds=3 if quick else 7)
    pages = milliseconds[SMALL]
    ratios = {page: round(milliseconds[LARGE][page] / milliseconds[SMALL][page], 2) for page in pages}
    worst = max(ratios.values())
    yield Result(
        name="library_scale",
        compared=f"milliseconds of a page of the library among {sizes[LARGE]:,} assets to the same among {SMALL:,}",
        figures={
            page: {
                f"of_{SMALL}": round(milliseconds[SMALL][page], 1),
                f"of_{sizes[LARGE]}": round(milliseconds[LARGE][page], 1),
                "ratio": ratio,
            }
            for page, ratio in ratios.items()
        },
        ratio=worst,
        aim="≤ 1.3, the worst page",
        met=worst <= 1.3,
    )


def _in_turn(libraries: dict[int, Installation], rounds: int) -> dict[int, dict[str, float]]:
    """The median of each page over alternating rounds."""
    found: dict[int, dict[str, list[float]]] = {size: {} for size in libraries}
    for _ in range(rounds):
        for size, ours in libraries.items():
            answer: dict[str, Any] = ours.call("shelves", "measure", timeout=300, requests=30)
            for page, milliseconds in answer.items():
                found[size].setdefault(page, []).append(milliseconds)
    return {size: {page: statistics.median(values) for page, values in pages.items()} for size, pages in found.items()}

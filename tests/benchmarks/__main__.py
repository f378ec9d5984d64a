"""`python -m tests.benchmarks [--quick] [--postgres] [names…]`: all of them when none is named.

They take some thirteen minutes in all; with --quick, six.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Iterator

from tests import postgres
from tests.benchmarks.checks import checks_per_cpu
from tests.benchmarks.decoding import decoding
from tests.benchmarks.lag import lag_8, lag_200
from tests.benchmarks.library import library_scale
from tests.benchmarks.memory import idle_memory
from tests.benchmarks.paste import paste_1000
from tests.benchmarks.report import Result, show
from tests.benchmarks.tick import live_tick

BENCHMARKS: dict[str, Callable[..., Iterator[Result]]] = {
    "checks_per_cpu": checks_per_cpu,
    "lag_8": lag_8,
    "lag_200": lag_200,
    "paste_1000": paste_1000,
    "live_tick": live_tick,
    "idle_memory": idle_memory,
    "decoding": decoding,
    "library_scale": library_scale,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure and compare; never fail.")
    parser.add_argument("names", nargs="*", help=f"which: {', '.join(BENCHMARKS)}")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds: for a look, not for a README")
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL server of its own instead of SQLite")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(BENCHMARKS):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    results: list[Result] = []
    with contextlib.ExitStack() as stack:
        if chosen.postgres:
            os.environ["BENCHMARK_POSTGRES"] = stack.enter_context(postgres.server())
        for name in chosen.names or BENCHMARKS:
            print(f"{name} …", file=sys.stderr)
            for result in BENCHMARKS[name](quick=chosen.quick):
                print(result.as_json(), flush=True)
                results.append(result)
    show(results)


main()

"""What a live tick costs when nothing has changed, which is nearly all of them."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.report import Result
from tests.benchmarks.world import KEY, installation

NOWHERE = "http://127.0.0.1:9"
ASSETS = 200


def live_tick(*, quick: bool = False) -> Iterator[Result]:
    """Both in one process, through all the middleware, without a socket: the web server's share is the same for each
    and would only blur the difference.
    """
    with installation() as ours:
        ours.call("assets", "prepare", base_url=NOWHERE, key=KEY, requests_per_minute=500)
        ours.call("assets", "adopt", provider_ids=[f"asset-{number}" for number in range(ASSETS)])
        figures = ours.call("ticks", "compare", timeout=120, blocks=20 if quick else 80, requests=50)
    ratio = round(figures["live_tick"]["requests_per_cpu_second"] / figures["empty_view"]["requests_per_cpu_second"], 2)
    yield Result(
        name="live_tick",
        compared="requests per CPU-second: a live tick with nothing new to an empty signed-in view",
        figures=figures,
        ratio=ratio,
        aim="≥ 0.6",
        met=ratio >= 0.6,
    )

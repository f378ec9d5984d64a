"""What a live tick costs when nothing has changed, which is nearly all of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from typing import Any

import requests

from tests.benchmarks.processes import Process
from tests.benchmarks.report import Result
from tests.benchmarks.world import KEY, Installation, installation, wait_until

NOWHERE = "http://127.0.0.1:9"
ASSETS = 200
SERVER = "-m gunicorn tests.benchmarks.inside.wsgi:application --preload --worker-class gthread --threads 16".split()


def live_tick(*, quick: bool = False) -> Iterator[Result]:
    """Both come from one web server like that of `make run`, in turn; the CPU time is that of the server. Beside that
    stands what remains without it: the WSGI application called directly, in a process of its own.
    """
    rounds = 3 if quick else 9
    with installation() as ours:
        ours.call("assets", "prepare", base_url=NOWHERE, key=KEY, requests_per_minute=500)
        ours.call("assets", "adopt", provider_ids=[f"asset-{number}" for number in range(ASSETS)])
        person = ours.call("ticks", "sign_in")
        figures = _over_http(ours, person["cookies"], person["addresses"], rounds)
        figures["without_web_server"] = ours.call(
            "ticks", "compare", timeout=120, blocks=rounds * 10, requests=50, **person
        )
    ratio = round(figures["live_tick"]["requests_per_cpu_second"] / figures["empty_view"]["requests_per_cpu_second"], 2)
    yield Result(
        name="live_tick",
        compared="requests per CPU-second of the web server: a live tick with nothing new to an empty signed-in view",
        figures=figures,
        ratio=ratio,
        aim="≥ 0.6",
        met=ratio >= 0.6,
    )


def _over_http(ours: Installation, cookies: str, addresses: dict[str, str], rounds: int) -> dict[str, Any]:
    """Medians of alternating rounds."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in addresses}
    bind = ours.address.removeprefix("http://")
    with ours.start(*SERVER, "--bind", bind, "--no-control-socket") as server, requests.Session() as browser:
        wait_until(lambda: server.lives() and _answers(ours), 30, "the web server answers")
        browser.headers.update({"Cookie": cookies, "HX-Request": "true"})
        for number in range(rounds + 1):
            for name, address in addresses.items():
                rates = _ask(browser, ours.address + address, server)
                if number:  # the first round is a warm-up
                    found[name].append(rates)
    return {
        name: {
            "requests_per_cpu_second": round(statistics.median(by_cpu for by_cpu, _ in rates)),
            "requests_per_second": round(statistics.median(by_wall for _, by_wall in rates)),
        }
        for name, rates in found.items()
    }


def _ask(browser: requests.Session, url: str, server: Process, times: int = 500) -> tuple[float, float]:
    """Requests per CPU-second of the server, and per second as one browser alone gets them."""
    cpu, wall = server.cpu_seconds(), time.perf_counter()
    for _ in range(times):
        if browser.get(url, timeout=10).status_code != requests.codes.no_content:
            raise RuntimeError(f"{url} did not answer 204")
    return times / (server.cpu_seconds() - cpu), times / (time.perf_counter() - wall)


def _answers(ours: Installation) -> bool:
    try:
        requests.get(f"{ours.address}/healthz", timeout=10)
    except requests.ConnectionError:
        return False
    return True

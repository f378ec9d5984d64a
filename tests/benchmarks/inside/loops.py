"""The loops people write instead of an engine: a thread for each asset that looks, sleeps and looks again."""

from __future__ import annotations

import threading
import time
from typing import Any

import requests

from tests.benchmarks.world import KEY, Provider


def poll_all(
    *, base_url: str, count: int, pause: float, growth: float, longest_pause: float, gives_up: bool, seconds: float
) -> dict[str, Any]:
    """When this started and when each asset was seen Active, by id, in seconds since the epoch; those not seen within
    `seconds` are missing.

    A loop that gives up ends at its first 429, as those do that call `raise_for_status`; one that does not goes on as
    if the asset were still processing.
    """
    ids = Provider(base_url).register(count)
    seen: dict[str, float] = {}
    started = time.time()
    deadline = time.monotonic() + seconds

    def poll(asset_id: str) -> None:
        wait = pause
        while time.monotonic() < deadline:
            answer = requests.get(f"{base_url}/v2/assets/{asset_id}", headers={"X-API-Key": KEY}, timeout=30)
            if answer.status_code == requests.codes.too_many_requests and gives_up:
                return
            if answer.ok and answer.json()["status"] == "Active":
                seen[asset_id] = time.time()
                return
            time.sleep(wait)
            wait = min(wait * growth, longest_pause)

    threads = [threading.Thread(target=poll, args=(asset_id,)) for asset_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"started": started, "seen": seen}


def fixed(**arguments: Any) -> dict[str, Any]:
    """Two seconds between looks, always."""
    return poll_all(pause=2.0, growth=1.0, longest_pause=2.0, **arguments)


def growing(**arguments: Any) -> dict[str, Any]:
    """Two seconds, half as much again each time, five at the longest."""
    return poll_all(pause=2.0, growth=1.5, longest_pause=5.0, **arguments)

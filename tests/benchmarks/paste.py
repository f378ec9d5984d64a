"""A thousand URLs pasted at once: until the page answers, and until the provider has them all."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import requests

from tests.benchmarks.report import Result
from tests.benchmarks.world import SAMPLE, Installation, running

URLS = 1000
DEMO = "demo"  # user, password and team of a first run
PER_MINUTE, PER_MINUTE_WHEN_QUICK = 500, 3000
PROCESSING = "uniform:2:8"
REQUESTS_FOR_EACH = 2  # one creates it, one finds it Active: none can do with fewer


def paste_1000(*, quick: bool = False) -> Iterator[Result]:
    """The whole of Castboard as `make run` starts it, with previews being fetched as always. `quick` has the provider
    and us agree on a higher limit: the ratio means the same, with less of the machine to spare.

    Registered means Active in our library. When all are created is shown beside it; that takes longer than their
    requests alone would, because meanwhile the engine keeps looking at those in progress.
    """
    per_minute = PER_MINUTE_WHEN_QUICK if quick else PER_MINUTE
    bound = URLS * REQUESTS_FOR_EACH * 60 / per_minute
    with running(APIFRAME_REQUESTS_PER_MINUTE=per_minute) as (ours, _):
        there = ours.sandbox
        there.change(requests_per_minute=per_minute, asset_delay=PROCESSING)
        sample = f"{there.base_url}/samples/{SAMPLE}"
        requests.get(sample, timeout=30).raise_for_status()
        answered_in, pasted_at = _paste(ours, [f"{sample}?take={number}" for number in range(URLS)])
        limit = 3 * bound
        run = ours.call("assets", "see_paste_through", timeout=limit + 60, count=URLS, seconds=limit)
        refused = there.refused()
    until_created, until_active = run["created_at"] - pasted_at, run["active_at"] - pasted_at
    figures: dict[str, Any] = {
        "page_answers_s": round(answered_in, 2),
        "requests_per_minute": per_minute,
        "all_created_s": round(until_created, 1),
        "all_active_s": round(until_active, 1),
        "bound_for_created_s": round(bound / REQUESTS_FOR_EACH, 1),
        "created_to_its_bound": round(until_created * REQUESTS_FOR_EACH / bound, 3),
        "bound_s": round(bound, 1),
        "created": run["created"],
        "active": run["active"],
        "refused": refused,
    }
    yield Result(
        name="paste_1000_page",
        compared=f"seconds until the page answers to {URLS} pasted URLs, redirect and redrawn board included",
        figures={"page_answers_s": figures["page_answers_s"]},
        ratio=figures["page_answers_s"],
        aim="≤ 1 s",
        met=answered_in <= 1,
    )
    ratio = round(until_active / bound, 3)
    yield Result(
        name="paste_1000_registered",
        compared=f"time until {URLS} pasted URLs are registered, that is Active in our library, to the time that two "
        "requests for each of them take at the limit",
        figures=figures,
        ratio=ratio,
        aim="≤ 1.05 × bound",
        met=ratio <= 1.05 and run["active"] == URLS and not refused,
    )


def _paste(ours: Installation, urls: list[str]) -> tuple[float, float]:
    """Sign in and paste, as a browser without JavaScript does. Returns the seconds until the page was there and when
    the button was pressed, in seconds since the epoch.
    """
    with requests.Session() as browser:
        login = browser.get(f"{ours.address}/login/", timeout=30)
        credentials = {"username": DEMO, "password": DEMO, "csrfmiddlewaretoken": _token(login)}
        board = browser.post(f"{ours.address}/login/", data=credentials, headers=_from(login), timeout=30)
        form = {"urls": "\n".join(urls), "csrfmiddlewaretoken": _token(board)}
        pressed, clock = time.time(), time.perf_counter()
        page = browser.post(f"{ours.address}/{DEMO}/assets/add/", data=form, headers=_from(board), timeout=60)
        took = time.perf_counter() - clock
    page.raise_for_status()
    if f"Registered {URLS:,}." not in page.text:
        raise RuntimeError("The board does not say that all were registered.")
    return took, pressed


def _token(page: requests.Response) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    if not found:
        raise RuntimeError(f"{page.url} has no form: {page.status_code}")
    return found[1]


def _from(page: requests.Response) -> dict[str, str]:
    return {"Referer": page.url}

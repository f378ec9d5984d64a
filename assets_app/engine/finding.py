"""Finding out whether the provider has a job of ours, when our own request got no answer and may no longer be
repeated.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from assets_app.apiframe.client import Client
from assets_app.apiframe.results import Job, JobPage
from assets_app.models import Generation

CLOCKS_DIFFER_BY = timedelta(hours=2)  # ours may be an hour off one way, and the provider's the other
MOST_PAGES = 5
MOST_CANDIDATES = 40


@dataclass(frozen=True)
class Search:
    """What was found: the job, or none. `complete` says whether all jobs since the request were looked at, so that
    none means that there is none. `requests` is how many it took.
    """

    job: Job | None
    complete: bool
    requests: int


def find_job(client: Client, generation: Generation, taken: Container[str], rivals: int = 0) -> Search:
    """Look for the job whose echoed input is our request, among those made since it was sent.

    `taken` are the jobs of other generations: of two equal takes each has its own. `rivals` is how many equal ones are
    looked for as well: unless the job bears our own address to call back, it is ours only when there is one for each
    of them too. The list leaves `input` out, single jobs have it (FACTS §3). It ends with a page of nothing but older
    jobs, for one that stands out of order, or is wrongly dated, says nothing about those after it. Bounded in pages and
    in jobs read; where that bound is met, the first that may be ours is taken.
    """
    earliest = min(generation.sent_at or generation.created_at, timezone.now()) - CLOCKS_DIFFER_BY
    cursor: str | None = None
    found: list[Job] = []
    requests = candidates = unreadable = 0
    for _ in range(MOST_PAGES):
        page = client.list_jobs(limit=100, cursor=cursor)
        requests += 1
        unreadable += page.unreadable
        for listed in page.jobs:
            if is_older(listed, earliest):
                continue
            if listed.id in taken or listed.model != generation.model:
                continue
            if candidates == MOST_CANDIDATES:
                return Search(next(iter(found), None), complete=False, requests=requests)
            candidates += 1
            requests += 1
            job = client.get_job(listed.id)
            if echoes(job, generation.request or {}):
                found.append(job)
                if len(found) > rivals or calls_back(job, generation.request or {}):
                    return Search(job, complete=True, requests=requests)
        cursor = page.next_cursor
        if not page.has_more or not cursor or is_all_older(page, earliest):
            return Search(None, complete=not unreadable, requests=requests)
    return Search(next(iter(found), None), complete=False, requests=requests)


def is_older(job: Job, than: datetime) -> bool:
    return job.created_at is not None and job.created_at < than


def is_all_older(page: JobPage, than: datetime) -> bool:
    """Whether a list, newest first, has nothing to say any more from here on."""
    return bool(page.jobs) and all(is_older(job, than) for job in page.jobs)


def echoes(job: Job, request: dict[str, Any]) -> bool:
    """Whether the job's input says what our request said; the provider may add to it. The address to call back is
    each film's own, where it is echoed at all.
    """
    said = job.input or {}
    if said.get("webhookUrl", request.get("webhookUrl")) != request.get("webhookUrl"):
        return False
    return all(said.get(key) == value for key, value in request.items() if not key.startswith("webhook"))


def calls_back(job: Job, request: dict[str, Any]) -> bool:
    """Whether the job bears the address to call back that only this one film has."""
    address = request.get("webhookUrl")
    return bool(address) and (job.input or {}).get("webhookUrl") == address


def is_equal(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two requests ask for the same, so that a job that echoes one of them echoes the other."""
    first, second = (
        {key: value for key, value in each.items() if not key.startswith("webhook")} for each in (one, other)
    )
    return first == second

"""Inside Castboard: a team, assets that the provider has already, and how they got on."""

from __future__ import annotations

import math
import time
from datetime import datetime
from typing import Any

from django.core.management import call_command
from django.db.models import Max
from django_q.tasks import async_task

from assets_app.engine.waking import PROVIDER, wake
from assets_app.models import Asset, Connection, Event, Heartbeat, NewAsset, Original, Team, register_all
from tests.benchmarks.world import Provider, wait_until


def prepare(base_url: str, key: str, requests_per_minute: int) -> None:
    """A migrated database with one connected team in it."""
    call_command("migrate", verbosity=0)
    team = Team.objects.create(name="Bench", slug="bench")
    connection = Connection(team=team, base_url=base_url, requests_per_minute=requests_per_minute, is_sandbox=True)
    connection.api_key = key
    connection.save()


def adopt(provider_ids: list[str]) -> None:
    """Rows for assets that were registered with the provider just now, due for their first look; no copies of ours."""
    wanted = [NewAsset(f"https://films.example/{provider_id}.jpg", "image") for provider_id in provider_ids]
    assets = register_all(Team.objects.get(), None, wanted)
    Original.objects.update(due_at=None)
    for asset, provider_id in zip(assets, provider_ids, strict=True):
        asset.provider_id, asset.state = provider_id, "processing"
    Asset.objects.bulk_update(assets, ["provider_id", "state"], batch_size=100)


def wait_for_worker(seconds: float) -> None:
    """Until a worker has done a task."""
    async_task("assets_app.tasks.beat")
    wait_until(Heartbeat.last, seconds, "the worker does a task")


def see_through(base_url: str, count: int, seconds: float) -> dict[str, Any]:
    """Register assets, wake the engine and wait until it has seen every one through, or the time is up.

    Returns when this started and when each became Active in our database, by the provider's id, in seconds since the
    epoch.
    """
    adopt(Provider(base_url).register(count))
    started, deadline = time.time(), time.monotonic() + seconds
    wake(PROVIDER)
    while Asset.objects.filter(due_at__isnull=False).exists() and time.monotonic() < deadline:
        time.sleep(0.5)
    active = Asset.objects.filter(state="active").values_list("provider_id", "active_at")
    return {"started": started, "seen": {name: moment.timestamp() for name, moment in active if moment}}


def see_paste_through(count: int, seconds: float) -> dict[str, Any]:
    """Wait until so many pasted assets are settled, or the time is up. Returns when the last of them was created with
    the provider and when the last became Active, in seconds since the epoch, and how many are.
    """
    deadline = time.monotonic() + seconds
    settled = Asset.objects.filter(due_at=None)
    while settled.count() < count and time.monotonic() < deadline:
        time.sleep(0.5)
    created = Event.objects.filter(from_state="queued", to_state="processing")
    active = Asset.objects.filter(state="active")
    return {
        "created": created.count(),
        "active": active.count(),
        "created_at": _seconds(created.aggregate(last=Max("at"))["last"]),
        "active_at": _seconds(active.aggregate(last=Max("active_at"))["last"]),
    }


def _seconds(moment: datetime | None) -> float:
    return moment.timestamp() if moment else math.nan

"""Inside Castboard: a team, assets that the provider has already, and how they got on."""

from __future__ import annotations

import time
from typing import Any

from django.core.management import call_command
from django.utils import timezone
from django_q.tasks import async_task

from assets_app.engine.waking import PROVIDER, wake
from assets_app.models import Asset, Connection, Heartbeat, Team
from assets_app.models.asset import hash_of
from tests.benchmarks.world import Provider, wait_until


def prepare(base_url: str, key: str, requests_per_minute: int) -> None:
    """A migrated database with one connected team in it."""
    call_command("migrate", verbosity=0)
    team = Team.objects.create(name="Bench", slug="bench")
    connection = Connection(team=team, base_url=base_url, requests_per_minute=requests_per_minute, is_sandbox=True)
    connection.api_key = key
    connection.save()


def adopt(provider_ids: list[str]) -> None:
    """Rows for assets that were registered with the provider just now, due for their first look."""
    team, now = Team.objects.get(), timezone.now()
    Asset.objects.bulk_create(
        [
            Asset(
                team=team,
                name=provider_id,
                media_type="image",
                source_url=f"https://films.example/{provider_id}.jpg",
                source_hash=hash_of(provider_id),
                provider_id=provider_id,
                state="processing",
                state_since=now,
                created_at=now,
                due_at=now,
            )
            for provider_id in provider_ids
        ]
    )


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

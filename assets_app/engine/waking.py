"""Waking the engine. A message only says “look now”; what to do is in the rows, so losing or doubling one changes
nothing but speed.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone

from assets_app.models import Asset, Candidate, Connection, Generation, Lease, Original, Video

log = logging.getLogger(__name__)

PROVIDER, FILES = "provider", "files"
LANES = (PROVIDER, FILES)
OVERDUE_SECONDS = 2.0
ENOUGH_MESSAGES = 20
_broker_is_away = False


def wake(*lanes: str) -> None:
    """Have these lanes (all, if none is named) look at their rows, as soon as what was just written is committed.

    Nothing is sent while a runner has the lane: it looks four times a second, and once more after letting go. A
    broker that is down is logged and no more: the rows are written, and somebody will find them overdue.
    """
    for lane in lanes or LANES:
        transaction.on_commit(partial(_send, lane))


def _send(lane: str) -> None:
    if Lease.is_held(lane):
        return
    global _broker_is_away
    from django_q.tasks import async_task

    try:
        async_task("assets_app.tasks.run_lane", lane, task_name=f"run {lane}", group="engine")
    except Exception as error:  # noqa: BLE001 - whatever a broker of any make raises, the rows are written
        if not _broker_is_away:  # said once, for it is tried every second
            log.warning("The engine cannot be woken (%s); its rows will be found overdue", type(error).__name__)
        _broker_is_away = True
    else:
        _broker_is_away = False


def wake_if_overdue() -> list[str]:
    """Wake the lanes whose rows wait although their time has come: a worker died, or a message was lost. Returns
    those woken: none while messages enough wait for a worker, so that a queue that nobody reads does not grow.
    """
    overdue = [lane for lane in LANES if has_overdue(lane) and not Lease.is_held(lane)]
    if not overdue or _messages_waiting() >= ENOUGH_MESSAGES:
        return []
    wake(*overdue)
    return overdue


def _messages_waiting() -> int:
    """Those that no worker has taken; 0 while the broker is away."""
    from django_q.brokers import get_broker

    try:
        return get_broker().queue_size()
    except Exception:  # noqa: BLE001 - of a broker of any make; sending says so
        return 0


def has_overdue(lane: str) -> bool:
    models = (Video, Candidate, Original) if lane == FILES else (Asset, Generation)
    if any(model.objects.due(within=-OVERDUE_SECONDS).exists() for model in models):
        return True
    before = timezone.now() - timedelta(seconds=OVERDUE_SECONDS)
    return lane == PROVIDER and Connection.objects.exclude(problem="").filter(probe_at__lte=before).exists()

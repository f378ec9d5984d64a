"""After the clock was set back, all that was written down for later lies too far ahead by as much: it would stand still
for an hour, or a day. Nobody can tell by how much each, so everything is looked at once, now. That does no harm: a row
that is looked at too early is looked at again later, and a provider that wants to be left alone says so once more.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from assets_app.models import (
    Asset,
    Budget,
    Candidate,
    Clock,
    Comparison,
    Connection,
    Generation,
    Heartbeat,
    Mail,
    MediaCheck,
    Original,
    Video,
)

log = logging.getLogger(__name__)

PLANNED = (Asset, Generation, Video, Candidate, Original, Mail)


def look() -> bool:
    """Look at the clock, and note what it says. Whether rows were made due by that."""
    clock = Clock.last()
    if not clock.is_worth_noting:
        return False
    made_due = start_over() if clock.was_set_back else 0
    made_due += sum(model.objects.recall(model.furthest_plan) for model in (*PLANNED, Comparison, MediaCheck))
    clock.note()  # last: whoever dies before it leaves all this to the next
    return made_due > 0


def start_over() -> int:
    """The clock was set back: what waits for a moment that lies ahead waits no more. How many rows that were."""
    log.warning("The clock was set back. What waited for a later time is looked at now.")
    now = timezone.now()
    made_due = sum(model.objects.recall(timedelta(0)) for model in PLANNED)
    Connection.objects.filter(probe_at__gt=now).update(probe_at=now)
    Connection.objects.filter(asked_at__gt=now).update(asked_at=None)
    Budget.objects.filter(Q(next_free__gt=time.time()) | Q(blocked_until__gt=time.time())).update(
        next_free=time.time(), blocked_until=0.0
    )
    Heartbeat.forget_the_future()
    _start_over_with_messages()
    return made_due


def _start_over_with_messages() -> None:
    """Messages of the queue that is kept in the database, and the times of what is done from time to time. A message
    that is being worked on may be given out twice by that, which changes nothing but speed.
    """
    from django_q.conf import Conf
    from django_q.models import OrmQ, Schedule

    now = timezone.now()
    OrmQ.objects.filter(lock__gt=now + timedelta(seconds=Conf.RETRY)).update(lock=now)
    for minutes in set(Schedule.objects.values_list("minutes", flat=True)):
        far = now + timedelta(minutes=minutes or 0)
        Schedule.objects.filter(schedule_type=Schedule.MINUTES, minutes=minutes, next_run__gt=far).update(next_run=now)

"""Everything that is done from time to time. A database that was migrated has these schedules, whoever starts what in
it: they are made by `migrate`, and once more by each cluster that starts.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connections, transaction
from django.utils import timezone

# Every periodic job, once: name → (function, minutes between two runs).
SCHEDULES = {
    "tick": ("assets_app.tasks.tick", 1),
    "prune": ("assets_app.tasks.prune", 60),
    "purge trash": ("assets_app.tasks.purge_trash", 60),
    "reconcile": ("assets_app.tasks.reconcile", 10),
    "check media": ("assets_app.tasks.check_media", 10),
}
PREFIX = "castboard "


def ensure(using: str = "default", **_signal: Any) -> None:
    """Make the schedules in the database those of `SCHEDULES`, each once, and no others of ours. Does nothing before
    the table is there. When several try at once, one does it and the others find it done.
    """
    from django_q.models import Schedule

    connection = connections[using]
    if Schedule._meta.db_table not in connection.introspection.table_names():
        return
    with transaction.atomic(using=using):
        if connection.vendor == "postgresql":  # SQLite lets nobody else write during a transaction
            with connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {Schedule._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
        _make_right(using)


def _make_right(using: str) -> None:
    from django_q.models import Schedule

    missing = {PREFIX + name: declared for name, declared in SCHEDULES.items()}
    for schedule in Schedule.objects.using(using).filter(name__startswith=PREFIX).order_by("pk"):
        if schedule.name not in missing:  # given up since, or there twice
            schedule.delete()
            continue
        func, minutes = missing.pop(schedule.name)
        columns = {"func": func, "schedule_type": Schedule.MINUTES, "minutes": minutes, "repeats": -1, "cluster": None}
        if any(getattr(schedule, column) != value for column, value in columns.items()):
            Schedule.objects.using(using).filter(pk=schedule.pk).update(**columns)
        if schedule.next_run is None or schedule.next_run > timezone.now() + timedelta(minutes=minutes):
            Schedule.objects.using(using).filter(pk=schedule.pk).update(next_run=timezone.now())
    for name, (func, minutes) in missing.items():
        Schedule.objects.using(using).create(
            name=name, func=func, schedule_type=Schedule.MINUTES, minutes=minutes, repeats=-1
        )

"""What is done from time to time exists wherever somebody started Castboard, once and as declared."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django_q.models import Schedule

from assets_app.startup import schedules

DECLARED = {f"castboard {name}": 1 for name in schedules.SCHEDULES}


def kept() -> Counter[str]:
    return Counter(Schedule.objects.values_list("name", flat=True))


def test_migrating_makes_them(transactional_db: None) -> None:
    Schedule.objects.all().delete()
    call_command("migrate", interactive=False, verbosity=0)
    assert kept() == DECLARED


@pytest.mark.django_db
def test_what_is_not_declared_any_more_goes_and_what_is_declared_otherwise_changes() -> None:
    Schedule.objects.all().delete()
    Schedule.objects.create(name="castboard forgotten", func="assets_app.tasks.gone")
    Schedule.objects.create(name="somebody else's", func="theirs.task")
    Schedule.objects.create(name="castboard tick", func="assets_app.tasks.old_name", minutes=99, schedule_type="H")
    schedules.ensure()
    schedules.ensure()
    assert kept() == {**DECLARED, "somebody else's": 1}
    tick = Schedule.objects.get(name="castboard tick")
    assert (tick.func, tick.minutes, tick.schedule_type) == ("assets_app.tasks.tick", 1, Schedule.MINUTES)


@pytest.mark.django_db
def test_one_that_is_there_twice_is_kept_once() -> None:
    Schedule.objects.create(name="castboard tick", func="assets_app.tasks.tick")
    Schedule.objects.create(name="castboard tick", func="assets_app.tasks.tick")
    schedules.ensure()
    assert kept() == DECLARED


@pytest.mark.django_db
def test_one_that_waits_longer_than_its_period_runs_now_and_the_others_keep_their_time() -> None:
    schedules.ensure()
    soon = timezone.now() + timedelta(minutes=30)
    Schedule.objects.filter(name="castboard tick").update(next_run=timezone.now() + timedelta(days=1))
    Schedule.objects.filter(name="castboard prune").update(next_run=soon)
    schedules.ensure()
    assert Schedule.objects.get(name="castboard tick").next_run <= timezone.now()
    assert Schedule.objects.get(name="castboard prune").next_run == soon


def test_several_that_start_at_once_make_them_once(transactional_db: None) -> None:
    Schedule.objects.all().delete()
    together = threading.Barrier(4)

    def start() -> None:
        together.wait(30)
        schedules.ensure()
        connection.close()

    starting = [threading.Thread(target=start) for _ in range(4)]
    for each in starting:
        each.start()
    for each in starting:
        each.join(60)
    assert kept() == DECLARED

"""The balance: asked for after work, now and then in quiet times, at once when somebody wants to see it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from assets_app import tasks
from assets_app.apiframe.results import Me
from assets_app.engine.accounts import BALANCE_IS_STALE_AFTER, ask_for_balances, heard
from assets_app.models import Connection, Team

pytestmark = pytest.mark.django_db


def asked(ago: timedelta, **columns: object) -> None:
    Connection.objects.update(asked_at=timezone.now() - ago, **columns)


def test_a_quiet_team_is_asked_about_at_a_slow_pace(team: Team, run, django_capture_on_commit_callbacks) -> None:
    asked(BALANCE_IS_STALE_AFTER - timedelta(minutes=1))
    with django_capture_on_commit_callbacks(execute=True):
        tasks.tick()
    assert not OrmQ.objects.exists()
    asked(BALANCE_IS_STALE_AFTER, credits=1)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.tick()
    assert OrmQ.objects.exists()
    assert run() == 2  # with the question about the prices, which nobody has asked yet
    connection = Connection.objects.get()
    assert connection.credits == 5000
    assert connection.asked_at is not None


def test_a_new_team_that_does_nothing_yet_sees_its_balance(team: Team, run, django_capture_on_commit_callbacks) -> None:
    assert Connection.objects.get().asked_at is None
    with django_capture_on_commit_callbacks(execute=True):
        tasks.tick()
    assert OrmQ.objects.exists()
    assert run() == 2  # with the question about the prices, which nobody has asked yet
    assert Connection.objects.get().credits == 5000


def test_a_broken_connection_keeps_its_own_pace(team: Team) -> None:
    asked(BALANCE_IS_STALE_AFTER, problem="down", probe_at=timezone.now() + timedelta(minutes=1))
    assert not ask_for_balances()
    assert not ask_for_balances(team)


def test_whoever_wants_to_see_it_sees_that_it_was_asked_for_although_it_is_the_same(team: Team, run) -> None:
    run()
    asked(timedelta(seconds=5))
    before = Team.objects.get(pk=team.pk).revision
    assert ask_for_balances(team)
    assert run() == 1
    assert Team.objects.get(pk=team.pk).revision > before
    assert run() == 0


def test_a_balance_is_from_the_moment_it_was_asked_for_not_from_that_of_the_answer(team: Team) -> None:
    asked_at = timezone.now() - timedelta(seconds=20)
    heard(Connection.objects.get(), Me(credits=70), asked_at)
    assert Connection.objects.get().asked_at == asked_at

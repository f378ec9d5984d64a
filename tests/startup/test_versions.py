"""A database of another version than the code: whatever starts on it stops in one line that says what to do."""

from __future__ import annotations

import runpy
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from assets_app.startup import preparation
from assets_app.startup.versions import missing_migrations, unknown_migrations

pytestmark = pytest.mark.django_db
LATER = ("assets_app", "9001_of_a_later_version")
BEGINS = ("assets_app", "0001_initial")
BY_HAND: dict[str, Callable[[], object]] = {
    "the website": lambda: runpy.run_module("apiframe_site.wsgi"),
    "the worker": lambda: call_command("qcluster"),
    "the first team": lambda: call_command("ensure_first_team"),
}
PREPARING: dict[str, Callable[[], object]] = {
    "up": preparation.migrate,
    "migrate": lambda: call_command("migrate", verbosity=0),
}


@pytest.fixture(autouse=True)
def no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for one that was started after all."""
    monkeypatch.setattr("django_q.cluster.Cluster.start", lambda _: pytest.fail("it started"))


def said_by(start: Callable[[], object]) -> str:
    with pytest.raises(SystemExit) as refusal:
        start()
    return str(refusal.value)


@pytest.mark.parametrize("start", [*BY_HAND.values(), *PREPARING.values()], ids=[*BY_HAND, *PREPARING])
def test_nothing_starts_on_the_database_of_a_later_version(start: Callable[[], object]) -> None:
    MigrationRecorder(connection).record_applied(*LATER)

    assert said_by(start) == (
        "castboard: the database was used by a later version of Castboard: it has the migration "
        "assets_app.9001_of_a_later_version, which this one does not know. "
        "Start that version again, or restore a backup that was made before it."
    )


@pytest.mark.parametrize("start", BY_HAND.values(), ids=BY_HAND)
def test_what_is_started_by_hand_does_not_run_on_the_database_of_an_earlier_version(
    start: Callable[[], object],
) -> None:
    MigrationRecorder(connection).record_unapplied(*BEGINS)

    assert said_by(start) == (
        "castboard: the database is not up to date: it lacks the migration assets_app.0001_initial. "
        "Stop what else uses it, and run .venv/bin/python manage.py migrate"
    )


def test_many_unknown_migrations_are_counted() -> None:
    for number in range(1, 6):
        MigrationRecorder(connection).record_applied("assets_app", f"900{number}_later")

    assert "it has 5 migrations, such as assets_app.9001_later, which" in said_by(preparation.migrate)


def test_what_apps_left_behind_that_are_gone_does_not_matter() -> None:
    MigrationRecorder(connection).record_applied("an_app_of_long_ago", "0001_initial")

    assert unknown_migrations() == []


def test_a_migrated_database_is_of_this_version() -> None:
    assert (unknown_migrations(), missing_migrations()) == ([], [])

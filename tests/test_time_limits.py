"""Who serves waits for PostgreSQL only so long, and is well again with the next connection."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection
from django.db.backends.signals import connection_created

from apiframe_site import time_limits
from apiframe_site.time_limits import at_most, limit_waiting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite waits for its lock only, and for so long already")
    monkeypatch.setattr(time_limits, "STATEMENT_SECONDS", 3600)
    connection.close()
    limit_waiting()
    yield
    connection_created.disconnect(dispatch_uid="time limits")
    time_limits._doubtful_until = 0.0
    connection.close()
    with connection.cursor() as cursor:  # the server still sleeps for those who have gone
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def ask(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def test_a_silent_server_is_an_error_after_a_while(limited: None) -> None:
    with at_most(0.2), pytest.raises(OperationalError, match="gave no answer"):
        ask("SELECT pg_sleep(600)")
    connection.close_if_unusable_or_obsolete()
    assert ask("SELECT 1") == 1


def test_once_it_was_silent_others_do_not_wait_as_long(limited: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_limits, "SILENT_SECONDS", 3600.0)
    monkeypatch.setattr(time_limits, "IN_DOUBT_SECONDS", 0.2)
    monkeypatch.setattr(time_limits, "_doubtful_until", time.monotonic() + 3600)
    with pytest.raises(OperationalError, match="gave no answer"):
        ask("SELECT pg_sleep(600)")


def test_the_server_itself_ends_what_takes_too_long(limited: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_limits, "STATEMENT_SECONDS", 1)
    connection.close()
    with pytest.raises(OperationalError, match="statement timeout"):
        ask("SELECT pg_sleep(600)")
    assert ask("SELECT 1") == 1


def test_a_command_that_somebody_waits_for_has_no_limit(limited: None) -> None:
    connection_created.disconnect(dispatch_uid="time limits")
    connection.close()
    assert ask("SHOW statement_timeout") == "0"

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError
from django.utils import timezone

from assets_app.models import Heartbeat

pytestmark = pytest.mark.django_db


def test_all_is_well_after_a_beat(client):
    Heartbeat.beat()
    answer = client.get("/healthz")
    assert answer.status_code == 200
    said = answer.json()
    assert {name: said[name]["ok"] for name in ("process", "database", "worker")} == {
        "process": True,
        "database": True,
        "worker": True,
    }
    assert "reason" not in said
    assert said["worker"]["age"] < Heartbeat.TOO_OLD.total_seconds()


def test_a_worker_that_never_gave_a_sign_of_life_is_a_503_with_the_reason(client):
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["database"]["ok"] is True
    assert "worker" in answer.json()["reason"]


def test_a_worker_that_fell_silent_is_a_503_with_its_age(client):
    Heartbeat.beat()
    with time_machine.travel(timezone.now() + Heartbeat.TOO_OLD + timedelta(seconds=1), tick=False):
        answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["worker"]["age"] > Heartbeat.TOO_OLD.total_seconds()


def test_a_database_that_fails_is_a_503_with_the_reason(client, monkeypatch):
    def fail() -> None:
        raise DatabaseError("password=secret host=db")

    monkeypatch.setattr(Heartbeat, "last", fail)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert "database" in answer.json()["reason"]
    assert "secret" not in answer.content.decode()


def test_it_needs_no_login_and_one_query(client, django_assert_num_queries):
    Heartbeat.beat()
    with django_assert_num_queries(1):
        assert client.get("/healthz").status_code == 200


def test_a_watchdog_on_the_machine_itself_may_ask_whatever_the_public_name_is(client):
    Heartbeat.beat()
    for host in ("127.0.0.1:8000", "localhost:8000", "[::1]:8000"):
        assert client.get("/healthz", headers={"host": host}).status_code == 200


def test_it_is_never_cached(client):
    assert "no-store" in client.get("/healthz")["Cache-Control"]


def test_only_reading_is_allowed(client):
    assert client.post("/healthz").status_code == 405


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Proto", "Forwarded"])
def test_who_asks_by_way_of_a_proxy_learns_only_whether_all_is_well(client, header):
    answer = client.get("/healthz", headers={header: "https"})
    assert (answer.status_code, answer.json()) == (503, {"ok": False})
    Heartbeat.beat()
    answer = client.get("/healthz", headers={header: "https"})
    assert (answer.status_code, answer.json()) == (200, {"ok": True})

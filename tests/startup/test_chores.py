"""What `up` does beside its children: the heartbeat, the forgotten rows, the greeting."""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
import time_machine
from django.db import OperationalError
from django.utils import timezone
from pytest_django.fixtures import Settings

from assets_app.models import Heartbeat
from assets_app.startup import chores
from assets_app.startup.chores import Greeting, Watch
from assets_app.startup.first_team import SignIn
from assets_app.supervisor.child import Child
from assets_app.supervisor.supervisor import Supervisor

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


class Recorder:
    """Stands for the supervisor: remembers what it was told to restart."""

    def __init__(self) -> None:
        self.restarted: list[str] = []

    def restart(self, child: Child, reason: str) -> None:
        self.restarted.append(f"{child.name} {reason}")
        child.started_at = time.monotonic()


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The messages sent to the queue."""
    sent: list[str] = []
    monkeypatch.setattr("django_q.tasks.async_task", lambda name, **_: sent.append(name))
    return sent


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def watch(recorder: Recorder, clock: Clock, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> Watch:
    monkeypatch.setattr(chores, "close_old_connections", lambda: None)  # the test's transaction lives on this one
    worker = Child("worker", [sys.executable], cwd=Path())
    worker.process = cast("None", object())  # it runs
    worker.started_at = clock.now
    return Watch(cast("Supervisor", recorder), worker)


def test_it_asks_for_a_sign_of_life_every_ten_seconds_and_not_more_often(watch: Watch, asked: list[str]) -> None:
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        for _ in range(31):
            watch()
            traveller.shift(1)
    assert asked == ["assets_app.tasks.beat"] * 4


def test_a_worker_that_beats_is_left_alone(watch: Watch, recorder: Recorder, clock: Clock) -> None:
    for _ in range(20):
        Heartbeat.beat()
        watch()
        clock.now += 30
    assert recorder.restarted == []


def test_a_worker_that_is_silent_for_a_minute_is_restarted_and_gets_another_minute(
    watch: Watch, recorder: Recorder, clock: Clock
) -> None:
    Heartbeat.beat()
    for _ in range(20):
        watch()
        clock.now += 5
    assert recorder.restarted == ["worker gave no sign of life for 60 s"]


def test_a_silence_while_the_database_let_everybody_wait_does_not_count(
    watch: Watch, recorder: Recorder, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    Heartbeat.beat()
    watch()

    def wait_long() -> None:
        clock.now += 300

    monkeypatch.setattr(chores, "look_after", wait_long)
    watch()
    assert recorder.restarted == []


def test_a_worker_that_does_not_run_is_not_restarted_for_its_silence(
    watch: Watch, recorder: Recorder, clock: Clock
) -> None:
    watch.worker.process = None
    watch()
    clock.now += 1000
    watch()
    assert recorder.restarted == []


def test_while_the_database_is_away_nobody_is_restarted_and_the_trouble_is_said_once(
    watch: Watch,
    recorder: Recorder,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def away() -> None:
        raise OperationalError("the server closed the connection\nand more")

    with monkeypatch.context() as outage:
        outage.setattr(Heartbeat, "last", away)
        for _ in range(20):
            watch()
            clock.now += 10
    watch()
    assert recorder.restarted == []
    assert capsys.readouterr().out.count("cannot be watched right now: the server closed the connection\n") == 1


def test_the_worker_has_answered_once_a_beat_is_younger_than_the_watch(watch: Watch) -> None:
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        Heartbeat.beat()
    watch()
    assert not watch.worker_has_answered
    Heartbeat.beat()
    watch()
    assert watch.worker_has_answered


def test_the_greeting_waits_for_health_and_is_said_once(
    watch: Watch, monkeypatch: pytest.MonkeyPatch, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    greeting = Greeting(SignIn("demo", "demo"), with_sandbox=True, watch=watch)
    greeting()
    assert capsys.readouterr().out == ""
    Heartbeat.beat()
    watch()
    monkeypatch.setattr(chores, "_ask_health", lambda: "")
    greeting()
    greeting()
    said = capsys.readouterr().out
    assert said.count(f"http://127.0.0.1:{settings.PORT}/") == 1
    assert "Sign in as  demo, with the password demo" in said
    assert f"Sandbox     {settings.SANDBOX_URL}" in said


def test_after_half_a_minute_the_greeting_says_what_is_wrong(
    watch: Watch, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    greeting = Greeting(None, with_sandbox=False, watch=watch)
    greeting()
    clock.now += 31
    greeting()
    assert "Not healthy yet: the worker has not given a sign of life" in capsys.readouterr().out

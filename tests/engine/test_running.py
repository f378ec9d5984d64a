"""Messages only wake: the runner with its threads, the lease, and what happens when a message is lost or doubled."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection as database
from django.utils import timezone
from django_q.models import OrmQ

from assets_app import tasks
from assets_app.engine import wake, wake_if_overdue
from assets_app.engine.files import FilesLane
from assets_app.engine.provider import ProviderLane
from assets_app.engine.runner import Runner, Work
from assets_app.engine.waking import ENOUGH_MESSAGES, FILES, PROVIDER
from assets_app.models import Asset, Event, Heartbeat, Lease
from assets_app.sandbox.protocol import hang_up
from tests.engine.conftest import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def messages() -> int:
    return OrmQ.objects.count()


def test_the_runner_takes_many_assets_to_active_and_then_stops_by_itself(new_asset, sandbox):
    assets = [new_asset() for _ in range(30)]
    Runner(ProviderLane()).run(seconds=30)
    assert Asset.objects.filter(state="active").count() == len(assets)


def test_two_runners_at_once_never_register_an_asset_twice(new_asset, sandbox):
    for _ in range(30):
        new_asset()

    def run() -> None:
        # Each with a lease of its own: as if both had been told to go ahead.
        lane = ProviderLane()
        lane.name = uuid.uuid4().hex[:20]
        Runner(lane).run(seconds=30)
        database.close()

    runners = [threading.Thread(target=run) for _ in range(2)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    assert Asset.objects.filter(state="active").count() == 30
    assert Event.objects.filter(to_state="processing").count() == 30


def test_a_second_runner_leaves_at_once_while_the_first_has_the_lane(new_asset, sandbox):
    new_asset()
    assert Lease.take(PROVIDER, uuid.uuid4())
    assert Runner(ProviderLane()).run(seconds=30) is False
    assert Asset.objects.get().state == "queued"


def test_a_lane_whose_runner_died_can_be_taken_when_the_lease_runs_out():
    assert Lease.take(PROVIDER, uuid.uuid4())
    Lease.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert Lease.take(PROVIDER, uuid.uuid4())


def test_waking_sends_one_message_a_lane_and_none_to_a_lane_that_runs(db):
    wake()
    assert messages() == 2
    Lease.take(PROVIDER, uuid.uuid4())
    Lease.take(FILES, uuid.uuid4())
    wake()
    assert messages() == 2


def test_overdue_rows_are_noticed_when_their_message_was_lost(new_asset):
    asset = new_asset()
    assert wake_if_overdue() == []
    Asset.objects.filter(pk=asset.pk).update(due_at=timezone.now() - timedelta(seconds=10))
    assert wake_if_overdue() == [PROVIDER]
    assert messages() == 1


def test_a_queue_that_no_worker_reads_does_not_grow(new_asset):
    asset = new_asset()
    Asset.objects.filter(pk=asset.pk).update(due_at=timezone.now() - timedelta(minutes=1))
    for _ in range(ENOUGH_MESSAGES + 30):
        wake_if_overdue()
    assert messages() == ENOUGH_MESSAGES
    OrmQ.objects.all().delete()  # somebody reads again
    woken = wake_if_overdue()
    assert PROVIDER in woken
    assert messages() == len(woken)


def test_the_task_runs_a_lane_to_the_end_and_leaves_a_sign_of_life(new_asset, sandbox):
    new_asset()
    tasks.run_lane(PROVIDER)
    tasks.run_lane(FILES)
    asset = Asset.objects.get()
    assert asset.state == "active"
    assert asset.original.state == "saved"
    assert Heartbeat.last() is not None


def test_a_message_that_comes_twice_changes_nothing(new_asset, sandbox):
    new_asset()
    tasks.run_lane(PROVIDER)
    events = Event.objects.count()
    tasks.run_lane(PROVIDER)
    assert Event.objects.count() == events


def test_time_up_with_work_left_hands_over(new_asset, sandbox):
    sandbox.configure(asset_delay="3600")
    new_asset()
    assert Runner(ProviderLane()).run(seconds=0.5) is True


def test_what_is_answered_after_the_time_is_up_is_handed_over_too(new_asset, sandbox):
    sandbox.configure(asset_delay="3600", hang_seconds=1)
    sandbox.fail_next("hang", "POST /v2/assets/create")
    new_asset()
    under_way = Asset.objects.exclude(claim=None)
    assert Runner(ProviderLane()).run(seconds=30, stopping=under_way.exists) is True
    assert not under_way.exists()


def test_a_call_that_hangs_does_not_hold_up_the_others(new_asset, sandbox, run_for_real):
    hanging = new_asset()
    sandbox.configure(hang_seconds=600)
    sandbox.fail_next("hang", "POST /v2/assets/create")
    lane = ProviderLane()

    def run() -> None:
        Runner(lane).run(seconds=1)
        database.close()

    runner = threading.Thread(target=run)
    runner.start()
    wait_until(lambda: not sandbox.provider.faults._ordered)  # now it hangs
    others = [new_asset() for _ in range(3)]
    ours = Asset.objects.filter(pk__in=[asset.pk for asset in others])
    run_for_real(lambda: ours.filter(state="active").count() == 3)
    assert Asset.objects.get(pk=hanging.pk).state == "queued"
    for connection in list(sandbox._listener._connections):
        hang_up(connection)
    runner.join()


def test_a_mistake_of_our_own_stops_one_row_only(new_asset, sandbox, monkeypatch, run_for_real):
    from assets_app.engine.steps import STEPS

    bad = new_asset()
    good = [new_asset() for _ in range(3)]
    register = STEPS["register"]
    really_settle = register.settle

    def settle(row, answer):
        if row.pk == bad.pk:
            raise ZeroDivisionError
        return really_settle(row, answer)

    monkeypatch.setattr(register, "settle", settle)
    others = Asset.objects.filter(pk__in=[asset.pk for asset in good])
    run_for_real(lambda: others.filter(state="active").count() == 3 and Asset.objects.get(pk=bad.pk).last_error != "")
    bad.refresh_from_db()
    assert bad.state == "queued"
    assert "Castboard's own fault" in bad.last_error


class OneSlow(FilesLane):
    """The first call answers only when the last has been made."""

    def __init__(self, calls: int) -> None:
        super().__init__(strict=True)
        self.calls, self.waiting, self.last_made = calls, list(range(calls)), threading.Event()
        self.settled: list[tuple[int, bool]] = []

    def launch(self, room: int) -> list[Work]:
        taken, self.waiting = self.waiting[:room], self.waiting[room:]
        return [Work(partial(self.call, number), number) for number in taken]

    def call(self, number: int) -> bool:
        if number == self.calls - 1:
            self.last_made.set()
        return number > 0 or self.last_made.wait(60)

    def settle(self, done) -> None:
        self.settled += [(item.subject, item.answer) for item in done]

    def renew(self, subjects) -> None: ...

    def seconds_until_due(self) -> float | None:
        return 0.0 if self.waiting else None


def test_a_copy_that_takes_minutes_holds_up_its_own_thread_only():
    lane = OneSlow(calls=8)
    Runner(lane).run(seconds=60)
    assert sorted(lane.settled) == [(number, True) for number in range(8)]

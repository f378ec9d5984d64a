"""A clock that is set back or ahead, and an installation that was off for long: what is under way goes on at once, and
nothing is given up or deleted because of what the clock says alone.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import cast

import pytest
import time_machine
from django.contrib.auth.models import User
from django.utils import timezone
from django_q.models import OrmQ, Schedule
from pytest_django.fixtures import Settings

from assets_app import tasks
from assets_app.apiframe.client import Client
from assets_app.apiframe.results import ProviderAsset
from assets_app.engine import budget, clocks
from assets_app.engine.asset_steps import NEW_ASSETS_MAY_BE_UNKNOWN_FOR
from assets_app.engine.provider import ProviderLane
from assets_app.engine.runner import CLAIM_SECONDS, Runner, Work
from assets_app.engine.storing import incoming_directory
from assets_app.library import trash
from assets_app.media.archive import TEMPORARY_PREFIX
from assets_app.models import Asset, Budget, Clock, Connection, Generation, Heartbeat, Lease, Team
from assets_app.models.candidate import KEPT, forget_old_candidates
from assets_app.sandbox.server import SandboxServer
from assets_app.startup import keeping, schedules
from assets_app.startup.keeping import Keeper
from tests.engine.conftest import wait_until
from tests.views.scene import make_asset

pytestmark = pytest.mark.django_db

YEAR_SECONDS = 365 * 86_400
JUMPS = [timedelta(seconds=30), timedelta(minutes=10), timedelta(hours=1), timedelta(days=1), timedelta(days=400)]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The messages that were sent to the queue, with the lane of those that wake one."""
    messages: list[str] = []
    monkeypatch.setattr("django_q.tasks.async_task", lambda *words, **_: messages.append(" ".join(words)))
    monkeypatch.setattr(keeping, "close_old_connections", lambda: None)  # the test's transaction lives on this one
    monkeypatch.setattr("django.db.transaction.on_commit", lambda act: act())
    return messages


# --- back ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("jump", JUMPS)
def test_set_back_all_that_was_planned_by_then_is_looked_at_now(
    team: Team, new_generation: Callable[[], Generation], sent: list[str], jump: timedelta
) -> None:
    schedules.ensure()
    with time_machine.travel(timezone.now() + jump):
        asset, film = make_asset(team, state="processing"), new_generation()
        for row in (asset, film):
            type(row).objects.update(due_at=timezone.now() + timedelta(seconds=5))
        Connection.objects.update(problem="down", probe_at=timezone.now(), asked_at=timezone.now())
        Schedule.objects.update(next_run=timezone.now() + timedelta(minutes=1))
        OrmQ.objects.create(key="castboard", payload="", lock=timezone.now() + timedelta(seconds=1300))
        budget.take("key", 1, 500)
        budget.block("key", 30)
        Heartbeat.beat()
        Keeper().look()
    assert clocks.look()
    now = timezone.now()
    for model in (Asset, Generation):
        assert model.objects.due().count() == 1
    connection = Connection.objects.get()
    assert connection.probe_at is not None
    assert connection.probe_at <= now
    assert connection.asked_at is None
    assert not Schedule.objects.filter(next_run__gt=now + timedelta(hours=1, minutes=1)).exists()
    assert Schedule.objects.get(name="castboard tick").next_run <= now + timedelta(minutes=1)
    assert OrmQ.objects.get().lock <= now + timedelta(seconds=1300) + jump * (jump < timedelta(seconds=31))
    assert budget.take("key", 1, 500) == 1
    beat = Heartbeat.last()
    assert beat is not None
    assert beat <= now
    assert Heartbeat.claim_asking()


def test_set_back_the_lanes_are_woken_once(team: Team, sent: list[str]) -> None:
    keeper = Keeper()
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        make_asset(team, state="processing")
        keeper.look()
        Asset.objects.update(due_at=timezone.now() + timedelta(seconds=5))
    sent.clear()
    keeper.look()
    assert [message for message in sent if message.startswith("assets_app.tasks.run_lane")] == [
        "assets_app.tasks.run_lane provider",
        "assets_app.tasks.run_lane files",
    ]
    Asset.objects.update(due_at=timezone.now() + timedelta(minutes=5))
    sent.clear()
    keeper.look()
    assert sent == []
    assert not Asset.objects.due().exists()


def test_a_clock_that_goes_on_leaves_all_plans_alone(team: Team) -> None:
    make_asset(team, state="processing")
    later = timezone.now() + timedelta(minutes=10)
    Asset.objects.update(due_at=later)
    for seconds in range(0, 60, 5):
        with time_machine.travel(timezone.now() + timedelta(seconds=seconds)):
            assert not clocks.look()
    assert Asset.objects.get().due_at == later


def test_what_lies_further_ahead_than_anything_is_planned_was_planned_by_a_wrong_clock(team: Team) -> None:
    make_asset(team, state="processing")
    Asset.objects.update(due_at=timezone.now() + timedelta(days=1))
    Clock.objects.create(seen_at=timezone.now() - Clock.EVERY)  # it was right when it was looked at last
    assert clocks.look()
    assert Asset.objects.due().exists()


def test_a_worker_that_died_before_the_clock_was_set_back_holds_nothing_for_long(team: Team) -> None:
    asset = make_asset(team, state="processing")
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        Asset.objects.update(due_at=timezone.now() - timedelta(hours=1))
        Asset.objects.claim([asset.pk], CLAIM_SECONDS)
        assert Lease.take("provider", uuid.uuid4())
    assert Asset.objects.due().exists()
    assert Lease.take("provider", uuid.uuid4())


def test_a_block_that_a_wrong_clock_made_does_not_keep_a_new_one_from_being_obeyed() -> None:
    Budget.objects.create(fingerprint="key", blocked_until=time.time() + 86_400)
    budget.block("key", 30)
    assert budget.take("key", 1, 500) == 0
    assert 29 < budget.seconds_until_free("key") <= 30


def test_what_was_verified_or_uploaded_in_the_future_is_not_relied_on(team: Team) -> None:
    asset = make_asset(team)
    asset.sends_copy = True
    for ahead in (timedelta(hours=2), timedelta(days=1)):
        asset.verified_at = asset.upload_until = timezone.now() + ahead
        assert not asset.is_fresh
        assert asset.needs_upload
    asset.verified_at, asset.upload_until = timezone.now(), timezone.now() + timedelta(minutes=44)
    assert asset.is_fresh
    assert not asset.needs_upload


# --- ahead -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def processing(new_asset: Callable[[], Asset], until: Callable[..., None], sandbox: SandboxServer) -> Asset:
    sandbox.configure(asset_delay=str(20 * YEAR_SECONDS))  # its clock is set with ours
    asset = new_asset()
    until(lambda: Asset.objects.get().state == "processing")
    asset.refresh_from_db()
    wait_until(lambda: sandbox.provider.store.assets[asset.provider_id].settled_at)  # it has looked at the file
    return asset


def pass_the_time(until: datetime, step: timedelta, look: Callable[[], object]) -> None:
    """Look at the clock and at the rows again and again, as a running installation does."""
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        while timezone.now() < until:
            clocks.look()
            look()
            traveller.shift(step)


def test_a_clock_that_is_set_ahead_fails_no_asset(processing: Asset, run: Callable[[], int]) -> None:
    clocks.look()
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)) as traveller:
        for _ in range(5):
            clocks.look()
            run()
            traveller.shift(timedelta(seconds=2))
    processing.refresh_from_db()
    assert processing.state == "processing"
    run()  # the clock is right again: all is as it was
    processing.refresh_from_db()
    assert processing.state == "processing"


def test_a_castboard_that_was_off_for_a_day_fails_no_asset(processing: Asset, run: Callable[[], int]) -> None:
    clocks.look()
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        clocks.look()
        run()
        run()
    processing.refresh_from_db()
    assert processing.state == "processing"


def test_an_asset_that_looks_over_an_hour_find_processing_after_a_day_is_given_up_and_asked_about_once_more(
    processing: Asset, run: Callable[[], int]
) -> None:
    clocks.look()
    Asset.objects.update(state_since=timezone.now() - timedelta(hours=24))
    began = timezone.now()
    pass_the_time(began + timedelta(minutes=55), timedelta(minutes=5), run)
    processing.refresh_from_db()
    assert processing.state == "processing"
    with time_machine.travel(began + timedelta(minutes=55)):
        goes_on = Asset.objects.filter(state="processing")
        pass_the_time(began + timedelta(hours=1, minutes=15), timedelta(minutes=5), lambda: goes_on.exists() and run())
    processing.refresh_from_db()
    assert (processing.state, processing.reason) == ("failed", "Still processing after 24 hours.")
    assert processing.due_at

    run()
    assert Asset.objects.filter(state="failed", due_at=None).exists()


def test_an_asset_that_was_given_up_and_became_active_after_all_is_active(
    processing: Asset, until: Callable[..., None], run: Callable[[], int]
) -> None:
    processing.move("failed", reason="Still processing after 24 hours.", due_at=timezone.now())
    with time_machine.travel(timezone.now() + timedelta(days=21 * 365)):
        run()
    processing.refresh_from_db()
    assert (processing.state, processing.due_at) == ("active", None)


def test_a_provider_that_does_not_know_a_new_asset_is_not_believed_because_the_clock_was_set_ahead(
    new_asset: Callable[[], Asset], until: Callable[..., None], run: Callable[[], int], sandbox: SandboxServer
) -> None:
    asset = new_asset()
    until(lambda: Asset.objects.get().state == "processing")
    Asset.objects.update(provider_id="asset-unknown")
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        for _ in range(NEW_ASSETS_MAY_BE_UNKNOWN_FOR - 1):
            run()
        asset.refresh_from_db()
        assert asset.state == "processing"
        run()
    asset.refresh_from_db()
    assert asset.state == "expired"


def test_a_clock_that_is_set_ahead_deletes_nothing_for_good(
    team: Team, editor: User, settings: Settings, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    asset = make_asset(team)
    trash.throw_away(team, editor, [asset])
    arriving = incoming_directory() / f"{TEMPORARY_PREFIX}arriving"
    arriving.write_bytes(b"half")
    clocks.look()
    with time_machine.travel(timezone.now() + timedelta(days=40), tick=False) as traveller:
        for hours in (0, 0.5, 0.5, 4.9):
            _live(traveller, hours)
            tasks.purge_trash()
            assert Asset.objects.filter(pk=asset.pk).exists()
            assert forget_old_candidates(timezone.now() + KEPT) == 0
            if hours == 0:
                tasks.prune()
                assert arriving.exists()
        _live(traveller, 0.2)
        tasks.purge_trash()
        assert not Asset.objects.filter(pk=asset.pk).exists()
        tasks.prune()
        assert not arriving.exists()


def _live(traveller: time_machine.Traveller, hours: float) -> None:
    """An installation that runs for so long, and looks at its clock."""
    until = timezone.now() + timedelta(hours=hours)
    clocks.look()
    while timezone.now() < until:
        traveller.shift(min(timedelta(minutes=5), until - timezone.now()))
        clocks.look()


def test_a_runner_keeps_its_rows_when_the_clock_is_set_ahead(team: Team, transactional_db: None) -> None:
    """Its claims look as if they had run out: without renewing them it would send the same again."""
    make_asset(team, state="processing")
    Asset.objects.update(due_at=timezone.now(), provider_id="asset-1")
    provider = SlowProvider()
    Runner(Counting(provider)).run(30, stopping=lambda: not Asset.objects.filter(state="processing").exists())
    provider.ahead.stop()
    assert provider.calls == 1
    assert Asset.objects.get().state == "active"


class SlowProvider:
    """While it thinks, the clock is set ahead by a day."""

    def __init__(self) -> None:
        self.calls = 0
        self.ahead = time_machine.travel(timezone.now() + timedelta(days=1))
        self.has_been_waited_for = threading.Event()

    def get_asset(self, asset_id: str) -> ProviderAsset:
        self.calls += 1
        if self.calls == 1:
            self.ahead.start()
        self.has_been_waited_for.wait(60)
        return ProviderAsset.from_json({"id": asset_id, "status": "Active"})


class Counting(ProviderLane):
    """Has looked for due rows several times before the provider answers."""

    def __init__(self, provider: SlowProvider) -> None:
        super().__init__(make_client=lambda *_: cast("Client", provider))
        self.provider, self.looks = provider, 0

    def launch(self, room: int) -> list[Work]:
        launched = super().launch(room)
        self.looks += self.provider.calls
        if self.looks > 3:
            self.provider.has_been_waited_for.set()
        return launched

    def _ask_about(self, *_: object) -> list[Work]:
        return []  # neither the balance nor prices are the matter here

    def _ask_for_prices(self, *_: object) -> list[Work]:
        return []

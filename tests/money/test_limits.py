"""Budgets: what counts, when a period begins, and that nobody gets past a hard one, however fast they click."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assets_app.models import Generation, SpendingLimit, Team
from assets_app.money import limits
from assets_app.money.limits import OverBudget, Standing
from assets_app.money.ordering import Order, start
from tests.views.scene import make_generation, make_team, make_user

pytestmark = pytest.mark.django_db


def order(credits_each: int | None = 100, takes: int = 1, **changes: Any) -> Order:
    known: dict[str, Any] = {"click": uuid.uuid4(), "model": "seedance-2", "prompt": "A quiet sea", "params": {}}
    return Order(**known | changes, takes=takes, estimate=(credits_each, credits_each))


def budget(team: Team, user: User | None = None, period: str = "day", **ends: int) -> SpendingLimit:
    return SpendingLimit.objects.create(team=team, user=user, period=period, **ends)


def standing(team: Team, user: User | None = None) -> Standing:
    return limits.standings(team, user)[0]


class TestWhatCounts:
    def test_what_runs_counts_as_held_what_is_finished_with_its_cost_what_failed_not_at_all(
        self, team: Team, editor: User
    ) -> None:
        budget(team, stop_at=1000)
        started = [start(team, editor, order(100))[0] for _ in range(4)]
        assert standing(team).used == 400
        for generation in started[:3]:
            generation.move("submitted", job_id=str(uuid.uuid4()))
        started[0].move("completed", credit_cost=70)
        started[1].move("failed", credit_cost=100)
        started[3].cancel(editor)
        assert standing(team).used == 70 + 100

    def test_the_teams_budget_counts_everybody_a_members_only_theirs(self, team: Team, editor: User) -> None:
        budget(team, stop_at=1000)
        budget(team, editor, stop_at=1000)
        start(team, editor, order(100))
        start(team, None, order(10))
        start(make_team("rivals"), editor, order(1))
        own, whole = limits.standings(team, editor)
        assert (own.whose, own.used) == ("edda", 100)
        assert (whole.whose, whole.used) == ("The team", 110)

    def test_a_persons_budgets_are_theirs_and_the_teams(self, team: Team, editor: User, admin: User) -> None:
        budget(team, editor, stop_at=5)
        budget(team, stop_at=1000)
        assert [each.whose for each in limits.standings(team, admin)] == ["The team"]
        assert [each.whose for each in limits.standings(team, everybody=True)] == ["edda", "The team"]

    def test_however_many_budgets_there_are_it_takes_two_queries(self, team: Team, editor: User) -> None:
        for period in ("day", "week", "month"):
            budget(team, period=period, stop_at=500)
            budget(team, editor, period=period, warn_at=5)
        make_generation(team, by=editor)
        with CaptureQueriesContext(connection) as captured:
            assert [each.used for each in limits.standings(team, editor)] == [144] * 6
        assert len(captured) == 2


class TestPeriods:
    @pytest.mark.parametrize(
        ("period", "began"),
        [("day", (2026, 11, 22)), ("week", (2026, 11, 16)), ("month", (2026, 11, 1))],
    )
    def test_they_begin_at_midnight_on_monday_and_on_the_first(self, period: str, began: tuple[int, int, int]) -> None:
        now = datetime(2026, 11, 22, 23, 59, tzinfo=UTC)
        assert limits.began(period, now) == datetime(*began, tzinfo=UTC)

    def test_midnight_is_the_current_time_zones_also_across_a_change_of_clocks(self) -> None:
        berlin = ZoneInfo("Europe/Berlin")
        with timezone.override(berlin):
            night = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # half past midnight on the 23rd, a Monday
            assert limits.began("day", night) == limits.began("week", night) == datetime(2026, 11, 23, tzinfo=berlin)
            after_summer = datetime(2026, 10, 31, 12, tzinfo=UTC)
            assert limits.began("month", after_summer) == datetime(2026, 9, 30, 22, tzinfo=UTC)

    def test_yesterday_is_over(self, team: Team, editor: User) -> None:
        budget(team, stop_at=100)
        with time_machine.travel(timezone.now() - timedelta(days=1), tick=False):
            start(team, editor, order(100))
        assert standing(team).used == 0
        start(team, editor, order(100))
        with pytest.raises(OverBudget):
            start(team, editor, order(1))


class TestHard:
    def test_what_fits_exactly_goes_and_nothing_after_it(self, team: Team, editor: User) -> None:
        budget(team, stop_at=300)
        start(team, editor, order(100, takes=3))
        with pytest.raises(OverBudget, match=r"used up .*300 of 300 credits today"):
            start(team, editor, order(1))

    def test_all_takes_of_a_press_count_together_and_none_is_left_behind(self, team: Team, editor: User) -> None:
        budget(team, stop_at=350)
        with pytest.raises(OverBudget, match="up to 400 credits; the budget has 350 left"):
            start(team, editor, order(100, takes=4))
        assert not Generation.objects.exists()

    def test_it_says_who_can_raise_it(self, team: Team, editor: User, admin: User) -> None:
        budget(team, editor, stop_at=50)
        with pytest.raises(OverBudget, match=r"ada can raise it\."):
            start(team, editor, order())
        make_user("zoe", team, "admin")
        with pytest.raises(OverBudget, match=r"ada or zoe can raise it\."):
            start(team, editor, order())

    def test_a_price_that_nobody_knows_waits_for_a_yes_where_a_budget_holds_and_only_there(
        self, team: Team, editor: User
    ) -> None:
        limit = budget(team, warn_at=5)
        assert [each.state for each in start(team, editor, order(None))] == ["queued"]
        limit.stop_at = 1_000_000
        limit.save()
        assert [each.state for each in start(team, editor, order(None))] == ["approval"]

    def test_a_price_that_nobody_knows_is_stopped_where_nothing_is_left(self, team: Team, editor: User) -> None:
        budget(team, stop_at=0)
        with pytest.raises(OverBudget, match="used up"):
            start(team, editor, order(None))

    def test_the_same_press_again_finds_what_it_made_also_when_that_used_the_budget_up(
        self, team: Team, editor: User
    ) -> None:
        budget(team, stop_at=100)
        once = order(100)
        assert start(team, editor, once) == start(team, editor, once)

    def test_a_refund_makes_room_again(self, team: Team, editor: User) -> None:
        budget(team, stop_at=100)
        (generation,) = start(team, editor, order(100))
        generation.cancel(editor)
        assert start(team, editor, order(100))

    def test_a_soft_one_stops_nothing(self, team: Team, editor: User) -> None:
        budget(team, warn_at=50)
        assert not standing(team).is_warned
        assert standing(team).warns_of(100)
        start(team, editor, order(100))
        assert standing(team).is_warned
        assert start(team, editor, order(100))

    def test_a_budget_of_nothing_stops_everything(self, team: Team, editor: User) -> None:
        budget(team, editor, stop_at=0)
        assert standing(team, editor).percent == 100
        with pytest.raises(OverBudget):
            start(team, editor, order(1))


def test_there_is_one_budget_for_each_person_and_period(team: Team) -> None:
    budget(team, stop_at=5)
    with pytest.raises(IntegrityError), transaction.atomic():
        budget(team, warn_at=3)


@pytest.mark.django_db(transaction=True)
def test_eight_who_press_at_once_get_no_more_than_the_budget_has(team: Team, editor: User) -> None:
    budget(team, editor, stop_at=300)
    together = threading.Barrier(8, timeout=180)
    made, refused = [], []

    def press() -> None:
        together.wait()
        try:
            made.extend(start(Team.objects.get(pk=team.pk), editor, order(100)))
        except OverBudget as why:
            refused.append(str(why))
        finally:
            connection.close()

    presses = [threading.Thread(target=press) for _ in range(8)]
    for each in presses:
        each.start()
    for each in presses:
        each.join()
    assert (len(made), len(refused)) == (3, 5)
    assert Generation.objects.count() == 3
    assert standing(team, editor).used == 300

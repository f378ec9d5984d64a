"""A press without a known price under a hard budget: it waits for an admin's yes, and for nothing else."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from assets_app.models import Event, Generation, HandPrice, Membership, NewReference, SpendingLimit, Team
from assets_app.models.cancelling import Cancel
from assets_app.money import approving, limits
from assets_app.money.approving import NotAsShown, Settled
from assets_app.money.limits import OverBudget
from assets_app.money.ordering import Order, start
from tests.views.scene import make_asset, make_generation

pytestmark = pytest.mark.django_db


@pytest.fixture
def budget(team: Team) -> SpendingLimit:
    return SpendingLimit.objects.create(team=team, period="day", stop_at=500)


def press(team: Team, user: Any, takes: int = 1, **changes: Any) -> list[Generation]:
    known: dict[str, Any] = {"click": uuid.uuid4(), "model": "kling-3.0", "prompt": "Rain", "params": {"duration": 5}}
    return start(team, user, Order(**known | changes, takes=takes, price_key="5s", seconds=5))


def states(team: Team) -> list[str]:
    return list(Generation.objects.filter(team=team).order_by("take").values_list("state", flat=True))


def test_all_takes_of_a_press_wait_together_and_count_nothing(team, editor, budget):
    press(team, editor, takes=3)
    assert states(team) == ["approval"] * 3
    assert not Generation.objects.filter(due_at__isnull=False).exists()
    assert limits.standings(team)[0].used == 0
    (waiting,) = approving.waiting_in(team)
    assert (len(waiting.takes), waiting.price, waiting.shown) == (3, None, "unknown")


def test_a_yes_lets_them_go_just_as_they_were_pressed_and_says_who_gave_it(team, editor, admin, budget):
    made = press(team, editor, takes=2, references=[NewReference("start_image", "image", make_asset(team))])
    before = Generation.objects.values("model", "prompt", "params", "click").get(pk=made[0].pk)
    assert len(approving.say_yes(team, admin, made[0].click, "unknown")) == 2
    assert states(team) == ["queued"] * 2
    assert Generation.objects.filter(due_at__lte=timezone.now()).count() == 2
    assert Generation.objects.values("model", "prompt", "params", "click").get(pk=made[0].pk) == before
    assert Event.objects.filter(from_state="approval", to_state="queued", actor=admin).count() == 2


def test_what_has_assets_that_are_not_active_waits_for_them_after_the_yes(team, editor, admin, budget):
    asset = make_asset(team, state="processing")
    (made,) = press(team, editor, references=[NewReference("start_image", "image", asset)])
    approving.say_yes(team, admin, made.click, "unknown")
    assert states(team) == ["waiting"]


def test_it_counts_from_the_yes_on_not_in_the_day_in_which_it_was_pressed(team, editor, admin, budget, time_machine):
    time_machine.move_to("2026-11-20T23:00Z")
    (made,) = press(team, editor)
    time_machine.move_to("2026-11-21T01:00Z")
    HandPrice.objects.create(team=team, model="kling-3.0", credits=60, set_by=admin)
    approving.say_yes(team, admin, made.click, "60")
    assert limits.standings(team)[0].used == 60


def test_a_no_says_why_and_nothing_was_charged(team, editor, admin, budget):
    (made,) = press(team, editor)
    assert approving.say_no(team, admin, made.click, "Too dear for a test.") == 1
    made.refresh_from_db()
    assert (made.state, made.spend, made.job_id) == ("cancelled", 0, "")
    assert made.reason == "ada declined it: Too dear for a test. It was never sent, and nothing was charged."


def test_its_maker_can_call_it_off_and_then_no_yes_can_send_it(team, editor, admin, budget):
    first, second = press(team, editor, takes=2)
    assert first.cancel(editor) is Cancel.DONE
    assert [each.pk for each in approving.say_yes(team, admin, first.click, "unknown")] == [second.pk]
    with pytest.raises(Settled):
        approving.say_yes(team, admin, first.click, "unknown")
    with pytest.raises(Settled):
        approving.say_no(team, admin, first.click, "")
    assert states(team) == ["cancelled", "queued"]


def test_what_lies_in_the_trash_is_not_sent(team, editor, admin, budget):
    (made,) = press(team, editor)
    Generation.objects.update(trashed_at=timezone.now())
    assert approving.waiting_in(team) == []
    with pytest.raises(Settled):
        approving.say_yes(team, admin, made.click, "unknown")


def test_a_budget_that_was_used_up_meanwhile_is_minded(team, editor, admin, budget):
    (made,) = press(team, editor)
    make_generation(team, by=editor, spend=500)
    with pytest.raises(OverBudget, match="used up"):
        approving.say_yes(team, admin, made.click, "unknown")
    assert Generation.objects.get(pk=made.pk).state == "approval"


def test_a_price_that_became_known_is_held_and_must_have_been_shown(team, editor, admin, budget):
    (made,) = press(team, editor)
    HandPrice.objects.create(team=team, model="kling-3.0", credits=60, set_by=admin)
    for shown in ("unknown", "59", "", "nonsense"):
        with pytest.raises(NotAsShown):
            approving.say_yes(team, admin, made.click, shown)
    approving.say_yes(team, admin, made.click, "60")
    made.refresh_from_db()
    assert (made.state, made.estimate_high, made.spend) == ("queued", 60, 60)


def test_a_price_that_does_not_fit_keeps_it_waiting(team, editor, admin, budget):
    (made,) = press(team, editor)
    HandPrice.objects.create(team=team, model="kling-3.0", credits=501)
    with pytest.raises(OverBudget, match="up to 501 credits"):
        approving.say_yes(team, admin, made.click, "501")
    assert states(team) == ["approval"]


def test_another_teams_press_is_not_there(team, editor, admin, budget, stranger):
    (made,) = press(team, editor)
    with pytest.raises(Settled):
        approving.say_yes(Team.objects.get(slug="others"), stranger, made.click, "unknown")


def test_only_who_runs_the_team_is_told_that_something_waits(team, editor, admin, budget):
    press(team, editor, takes=2)
    assert approving.waiting_for(Membership.objects.get(user=admin)) == 2
    assert approving.waiting_for(Membership.objects.get(user=editor)) == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_admins_and_its_maker_at_once_one_settles_it(team, editor, admin, budget):
    (made,) = press(team, editor)
    together = threading.Barrier(3, timeout=180)
    done: list[str] = []

    def at_once(name: str, act: Any) -> None:
        together.wait()
        try:
            if act():
                done.append(name)
        except Settled:
            pass
        finally:
            connection.close()

    acts = {
        "yes": lambda: approving.say_yes(Team.objects.get(pk=team.pk), admin, made.click, "unknown"),
        "no": lambda: approving.say_no(Team.objects.get(pk=team.pk), admin, made.click, "No."),
        "cancel": lambda: Generation.objects.get(pk=made.pk).cancel(editor) is Cancel.DONE,
    }
    threads = [threading.Thread(target=at_once, args=each) for each in acts.items()]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    # Its maker calls off whatever is not sent yet, also after a yes or a no, and is told so.
    assert done.count("yes") + done.count("no") <= 1
    assert "cancel" in done
    assert Generation.objects.get(pk=made.pk).state == "cancelled"
    moves = (
        Event.objects.filter(generation=made)
        .exclude(from_state="")
        .order_by("pk")
        .values_list("from_state", "to_state")
    )
    assert list(moves) in (
        [("approval", "cancelled")],
        [("approval", "queued"), ("queued", "cancelled")],
    )

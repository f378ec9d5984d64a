"""Films the provider had no room for are asked for again by themselves: each once, some times, never for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from assets_app.engine import retrying
from assets_app.engine.provider import ProviderLane
from assets_app.engine.runner import Runner
from assets_app.models import Cancel, Generation, NewReference, SpendingLimit
from tests.views.scene import make_generation

pytestmark = pytest.mark.django_db


@pytest.fixture
def crowded(new_generation, until) -> Generation:
    """A film that just failed because the provider had no room, and was asked for again."""
    new_generation(prompt="A lighthouse [no-capacity]")
    until(lambda: Generation.objects.count() == 2)
    return Generation.objects.get(origin="")


def retry() -> Generation:
    return Generation.objects.get(origin="retry")


def test_a_film_for_which_there_was_no_room_is_asked_for_again(crowded):
    again = retry()
    assert crowded.state == "failed"
    assert (again.made_from, again.state, again.created_by) == (crowded, "queued", crowded.created_by)
    assert (again.prompt, again.params, again.model) == (crowded.prompt, crowded.params, crowded.model)
    assert again.pk != crowded.pk  # and so is its Idempotency-Key


@pytest.mark.parametrize("marker", ["[no-capacity]", "[lost]"])
def test_a_job_that_was_lost_counts_as_one_for_which_there_was_no_room(marker, new_generation, until):
    new_generation(prompt=marker)
    until(lambda: Generation.objects.filter(origin="retry").exists())


@pytest.mark.parametrize("marker", ["[refuse]", "[refuse-sound]", "[refuse-output]", "[refuse-text]"])
def test_what_was_refused_for_what_it_is_is_not_tried_again_by_itself(marker, new_generation, until, run):
    new_generation(prompt=marker)
    until(lambda: Generation.objects.get().state == "failed")
    run()
    assert Generation.objects.count() == 1
    assert Generation.objects.get().due_at is None


def test_it_waits_about_a_minute_before_it_is_sent(crowded, engine, sandbox):
    wait = retry().due_at - retry().created_at
    assert timedelta(seconds=50) < wait < timedelta(seconds=70)
    Runner(engine).run_until_idle(rounds=3)
    assert retry().sent_at is None
    Generation.objects.filter(origin="retry").update(due_at=timezone.now())  # the minute is over
    Runner(engine).run_until_idle(rounds=1)
    assert retry().sent_at is not None


def test_three_tries_at_growing_intervals_and_then_it_is_a_persons_turn(new_generation, until):
    new_generation(prompt="[no-capacity]")
    until(lambda: Generation.objects.filter(state="failed", due_at=None).count() == 4)
    chain = list(Generation.objects.order_by("created_at"))
    assert [each.origin for each in chain] == ["", "retry", "retry", "retry"]
    assert [each.made_from for each in chain] == [None, *chain[:3]]
    assert [retrying.tries_before(each) for each in chain] == [0, 1, 2, 3]


def test_a_person_who_tries_again_begins_a_new_count(crowded):
    again = Generation(origin="again", made_from=retry())
    assert retrying.tries_before(again) == 0


def test_the_second_try_becomes_the_film(crowded, until):
    Generation.objects.filter(origin="retry").update(prompt="A lighthouse")  # and now there is room
    until(lambda: retry().state == "completed")
    assert Generation.objects.count() == 2
    assert (Generation.objects.get(origin="").spend, retry().spend) == (0, 16)


def test_it_can_be_called_off_while_it_waits(crowded, run, editor):
    assert retry().cancel(editor) is Cancel.DONE
    run()
    assert retry().state == "cancelled"
    assert Generation.objects.count() == 2


def test_a_worker_killed_between_the_failure_and_the_next_try_leaves_the_failed_row_due(crowded, until):
    retry().delete()
    Generation.objects.update(due_at=timezone.now())
    Generation.objects.claim([crowded.pk], 20)  # and dies here
    Generation.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    until(lambda: Generation.objects.filter(origin="retry").exists())


def test_a_worker_killed_just_after_makes_no_second_one(crowded, run):
    first = retry()
    Generation.objects.filter(pk=crowded.pk).update(due_at=timezone.now())
    run()
    assert retry() == first
    assert Generation.objects.get(pk=crowded.pk).due_at is None


def test_a_failed_film_that_is_due_is_not_under_way(crowded):
    crowded.due_at = timezone.now()
    assert not crowded.in_flight
    assert crowded.status.group == "attention"


def test_it_keeps_its_references_and_waits_for_them(new_asset, new_generation, until):
    asset = new_asset()
    until(lambda: type(asset).objects.get().state == "active")
    asset.refresh_from_db()
    new_generation((NewReference("reference_image", "image", asset=asset),), prompt="[no-capacity]")
    until(lambda: Generation.objects.filter(origin="retry").exists())
    assert retry().references.get().asset == asset


def test_a_hard_budget_stops_it_and_says_so(new_generation, until, team):
    new_generation(prompt="[no-capacity]")
    SpendingLimit.objects.create(team=team, period="day", stop_at=10)
    until(lambda: Generation.objects.get().last_error != "")
    failed = Generation.objects.get()
    assert failed.last_error.startswith("Not tried again by itself. ")
    assert failed.due_at is None


def test_it_holds_what_it_costs_by_now_and_budgets_are_asked_about_that(crowded, team):
    retry().delete()
    bill = {"credit_cost": 32, "spend": 32, "asked_seconds": 4, "price_key": "480p"}
    for _ in range(3):  # its price has gone up since it was first asked for
        make_generation(team, model=crowded.model, **bill)
    assert retrying.try_again(crowded) == ""
    again = retry()
    assert (again.estimate_low, again.estimate_high, again.spend) == (32, 32, 32)
    again.delete()
    SpendingLimit.objects.create(team=team, period="day", stop_at=3 * 32 + 31)
    assert "This takes up to 32 credits; the budget has 31 left" in retrying.try_again(crowded)
    assert not Generation.objects.filter(origin="retry").exists()


def test_one_whose_model_left_the_catalogue_is_not_tried_again(crowded):
    retry().delete()
    crowded.model = "seedance-0"
    assert "its model is not offered any more" in retrying.try_again(crowded)


def test_a_film_in_the_trash_is_left_alone(crowded, run):
    retry().delete()
    Generation.objects.update(due_at=timezone.now(), trashed_at=timezone.now())
    run()
    assert Generation.objects.count() == 1


def test_the_failed_films_page_is_told(crowded):
    assert crowded.revision >= retry().revision


def test_two_lanes_at_once_make_one(crowded, sandbox):
    retry().delete()
    Generation.objects.filter(pk=crowded.pk).update(due_at=timezone.now())
    first, second = ProviderLane(strict=True), ProviderLane(strict=True)
    first.launch(4)
    second.launch(4)
    assert Generation.objects.filter(origin="retry").count() == 1

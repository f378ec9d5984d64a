"""What films cost, added up in every direction: failures are free, what runs is held, and nothing counts twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assets_app.models import Asset, Collection, NewReference
from assets_app.money import sums
from assets_app.money.sums import Cost, Span
from tests.views.scene import make_asset, make_generation

pytestmark = pytest.mark.django_db


@pytest.fixture
def span(team):
    now = timezone.now()
    return Span(team, now - timedelta(days=30), now + timedelta(days=1))


def used(*assets: Asset) -> list[NewReference]:
    return [NewReference("reference_image", "image", asset=asset) for asset in assets]


def queries(act: Callable[[], None]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        act()
    return len(caught)


def test_a_failed_job_costs_nothing_whatever_its_credit_cost_says(team, span):
    generation = make_generation(team, "submitted", spend=144)
    generation.move("failed", reason="No available capacity for model", credit_cost=144)
    assert generation.credit_cost == 144
    assert span.cost == Cost(credits=0, held=0, films=0, free=1)


def test_what_is_under_way_is_held_at_its_upper_estimate_until_its_cost_is_known(team, span):
    generation = make_generation(team, "processing")
    assert span.cost == Cost(credits=144, held=144)
    generation.move("completed", credit_cost=120, completed_at=timezone.now())
    assert span.cost == Cost(credits=120, films=1)


def test_a_film_counts_whole_for_each_of_its_assets_but_once(team, span):
    anna, door = make_asset(team, name="Anna"), make_asset(team, name="Door")
    make_generation(team, references=used(anna, door))
    make_generation(team, references=used(anna, anna))
    make_generation(team, "failed", references=used(anna))
    assert sums.of_asset(anna) == Cost(credits=288, films=2, free=1)
    assert sums.of_asset(door) == Cost(credits=144, films=1)
    assert list(span.by_asset(10).items()) == [
        (anna.pk, Cost(credits=288, films=2, free=1)),
        (door.pk, Cost(credits=144, films=1)),
    ]
    assert span.cost.credits == 288


def test_of_the_assets_only_the_dearest_are_listed(team, span):
    cheap, dear = make_asset(team), make_asset(team)
    make_generation(team, references=used(cheap), spend=10)
    make_generation(team, references=used(dear), spend=500)
    assert list(span.by_asset(1)) == [dear.pk]


def test_a_collection_counts_each_film_once_however_many_of_its_assets_are_in_it(team):
    anna, door, street = (make_asset(team) for _ in range(3))
    cast = Collection.objects.create(team=team, name="Cast")
    empty = Collection.objects.create(team=team, name="Empty")
    cast.assets.add(anna, door)
    make_generation(team, references=used(anna, door))
    make_generation(team, references=used(street))
    assert sums.of_collections(team) == {cast.pk: Cost(credits=144, films=1), empty.pk: Cost()}


def test_people_are_told_apart_and_those_whose_account_is_gone_are_one(team, editor, viewer, span):
    make_generation(team, by=editor)
    make_generation(team, by=editor, spend=6)
    make_generation(team, by=viewer)
    make_generation(team, spend=1)
    expected = {
        editor.pk: Cost(credits=150, films=2),
        viewer.pk: Cost(credits=144, films=1),
        None: Cost(credits=1, films=1),
    }
    assert list(span.by_person().items()) == list(expected.items())
    assert sums.of_people(team) == expected


def test_days_begin_at_midnight_of_the_current_time_zone(team, time_machine):
    time_machine.move_to("2026-11-10T23:30:00Z", tick=False)
    make_generation(team, model="seedance-2-mini", spend=5)
    time_machine.move_to("2026-11-11T00:30:00Z", tick=False)
    make_generation(team, spend=7)
    now = timezone.now()
    everything = Span(team, now - timedelta(days=30), now + timedelta(days=1))
    assert {
        str(day): {m: cost.credits for m, cost in models.items()} for day, models in everything.by_day().items()
    } == {
        "2026-11-10": {"seedance-2-mini": 5},
        "2026-11-11": {"seedance-2": 7},
    }
    with timezone.override("Europe/Berlin"):
        assert [str(day) for day in everything.by_day()] == ["2026-11-11"]


def test_what_came_before_or_after_does_not_count(team):
    generation = make_generation(team)
    at = generation.created_at
    assert Span(team, at, at + timedelta(seconds=1)).cost.films == 1
    assert Span(team, at - timedelta(days=1), at).cost == Cost()


def test_films_in_the_trash_and_of_other_teams(team, stranger, span):
    make_generation(team, trashed_at=timezone.now(), purged_at=timezone.now())
    make_generation(stranger.memberships.get().team)
    assert span.cost == Cost(credits=144, films=1)


def test_no_sum_asks_more_the_more_there_is(team, editor, span):
    def everything() -> None:
        sums.of_collections(team)
        sums.of_people(team)
        span.by_asset(10)
        span.by_day()
        span.by_model()
        span.by_person()

    anna = make_asset(team)
    Collection.objects.create(team=team, name="Cast").assets.add(anna)
    make_generation(team, references=used(anna))
    before = queries(everything)
    for number in range(5):
        other = make_asset(team)
        Collection.objects.create(team=team, name=f"Cast {number}").assets.add(other)
        make_generation(team, by=editor, references=used(other), model=f"model-{number}")
    assert queries(everything) == before == 7

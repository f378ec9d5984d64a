"""Where a price comes from: bills, then by hand, then the list, then the provider's range."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assets_app.apiframe import catalogue
from assets_app.models import Connection, HandPrice, Team
from assets_app.money import prices
from assets_app.money.prices import Film, Quote
from assets_app.money.words import price_in_words
from tests.views.scene import make_generation, make_team

pytestmark = pytest.mark.django_db
CATALOGUE = catalogue.load()
KLING = {"duration": 5, "mode": "pro"}


def quote(team: Team, model: str = "kling-3.0", **params: Any) -> Quote | None:
    return prices.quote(team, CATALOGUE.get(model), params or KLING, has_video=False)


def by_hand(team: Team, amount: str, unit: str = "clip", model: str = "kling-3.0", **kind: Any) -> HandPrice:
    return HandPrice.objects.create(team=team, model=model, credits=Decimal(amount), unit=unit, **kind)


def provider_says(team: Team, model: str, low: Any, high: Any, mode: str = "flat") -> None:
    Connection.objects.filter(team=team).update(
        price_list={model: [low, high, mode]},
        prices_heard_at=timezone.now(),
        prices_heard_with=team.connection.fingerprint,
    )
    team.connection.refresh_from_db()


def ends(found: Quote | None) -> tuple[int, int, str]:
    assert found is not None
    return found.credits_low, found.credits_high, found.rests_on


def test_each_source_gives_way_to_the_better_one(team, editor):
    assert quote(team) is None
    provider_says(team, "kling-3.0", 40, 110)
    assert ends(quote(team)) == (40, 110, "range")
    assert price_in_words(quote(team)) == "about 40–110 credits"
    by_hand(team, "60", set_by=editor)
    assert ends(quote(team)) == (60, 60, "hand")
    assert quote(team).basis == "set by edda"
    key = prices.measure(CATALOGUE.get("kling-3.0"), KLING, has_video=False).key
    make_generation(team, model="kling-3.0", price_key=key, credit_cost=75)
    assert ends(quote(team)) == (75, 75, "bills")


def test_a_price_by_hand_goes_before_the_price_list_which_goes_before_the_range(team):
    asked = {"duration": 8, "resolution": "720p"}
    provider_says(team, "seedance-2", 1, 500, "per-second")
    assert ends(quote(team, "seedance-2", **asked)) == (144, 144, "list")
    by_hand(team, "20", "second", "seedance-2")
    assert ends(quote(team, "seedance-2", **asked)) == (160, 160, "hand")


def test_of_several_prices_by_hand_the_one_that_says_most_counts(team):
    by_hand(team, "10", model="veo-3.1")
    by_hand(team, "20", model="veo-3.1", seconds=8)
    by_hand(team, "30", model="veo-3.1", resolution="1080p")
    by_hand(team, "40", model="veo-3.1", resolution="1080p", seconds=8)
    found = {
        (resolution, seconds): ends(quote(team, "veo-3.1", resolution=resolution, duration=seconds))[0]
        for resolution in ("720p", "1080p")
        for seconds in (4, 8)
    }
    assert found == {("720p", 4): 10, ("720p", 8): 20, ("1080p", 4): 30, ("1080p", 8): 40}


def test_a_price_a_second_counts_the_length_or_the_longest_where_the_model_settles_it(team):
    by_hand(team, "1.5", "second")
    assert ends(quote(team, duration=5)) == (8, 8, "hand")
    found = quote(team, mode="pro")
    assert (found.credits_high, found.is_most) == (23, True)


def test_the_most_that_this_press_can_cost_is_taken_of_a_range(team):
    provider_says(team, "kling-3.0", 4, 14, "per-second")
    assert ends(quote(team, duration=10)) == (40, 140, "range")
    provider_says(team, "kling-3.0", 40, 110, "")
    assert ends(quote(team, duration=10)) == (40, 1100, "range")
    provider_says(team, "midjourney-video", 2, 6, "per-second")  # whose length nobody settles
    assert ends(quote(team, "midjourney-video", resolution="hd"))[1] == 6 * CATALOGUE.longest_film


def test_a_range_that_was_said_to_another_key_says_nothing(team):
    provider_says(team, "kling-3.0", 40, 110)
    team.connection.prices_heard_with = "another"
    assert quote(team) is None


def test_another_teams_prices_are_theirs(team):
    by_hand(make_team("rivals"), "60")
    assert quote(team) is None


def test_models_without_any_price_are_known_as_such(team):
    assert "kling-3.0" in prices.unpriced_models(team)
    assert "seedance-2" not in prices.unpriced_models(team)
    by_hand(team, "60")
    make_generation(team, model="veo-2", credit_cost=90)
    provider_says(team, "sora-2", 40, 110)
    assert not {"kling-3.0", "veo-2", "sora-2"} & prices.unpriced_models(team)


def test_many_prices_take_as_many_queries_as_one(team):
    wanted = [
        Film(model, {"duration": 5}, has_video) for model in CATALOGUE.video_models for has_video in (False, True)
    ]
    make_generation(team, price_key="", asked_seconds=5, credit_cost=77)
    make_generation(team, model="veo-2", price_key="video+5s", credit_cost=90)
    assert team.connection
    with CaptureQueriesContext(database) as captured:
        found = dict(
            zip(((film.model.id, film.has_video) for film in wanted), prices.quotes(team, wanted), strict=True)
        )
    assert len(captured) == 2
    assert ends(found["veo-2", True]) == (90, 90, "bills")
    assert found["veo-2", False] is None
    assert ends(found["seedance-2", False])[2] == "bills"

"""What a take will cost: first by the catalogue, then by what the team was charged, and how far off that was."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assets_app.apiframe import catalogue
from assets_app.forms import opening, ordering
from assets_app.forms.studio import StudioForm
from assets_app.models import Connection, Generation, Team
from assets_app.money import prices
from assets_app.money.prices import Quote
from assets_app.sandbox.server import SandboxServer
from tests.views.scene import make_generation, make_team

pytestmark = pytest.mark.django_db

CATALOGUE = catalogue.load()
ASKED = {"duration": 8, "resolution": "720p", "aspect_ratio": "16:9"}


def quote(team: Team, model: str = "seedance-2", *, has_video: bool = False, **params: Any) -> Quote:
    found = prices.quote(team, CATALOGUE.get(model), ASKED | params, has_video=has_video)
    assert found is not None
    return found


def charged(team: Team, cost: int | None, *, state: str = "completed", ago: int = 0, **columns: Any) -> Generation:
    """One that ended `ago` minutes ago."""
    at = timezone.now() - timedelta(minutes=ago)
    known: dict[str, Any] = {"price_key": "720p", "asked_seconds": 8, "completed_at": at, "credit_cost": cost}
    return make_generation(team, state, **(known | columns))


class TestByTheCatalogue:
    def test_a_known_cell_is_the_price_and_says_how_old_it_is(self, team: Team) -> None:
        found = quote(team)
        assert (found.credits_low, found.credits_high, found.exact) == (144, 144, False)
        assert found.basis == "price list of 2026-09"

    def test_a_measured_cell_is_exact(self, team: Team) -> None:
        found = quote(team, "seedance-2-mini", has_video=True, resolution="480p")
        assert (found.credits_low, found.credits_high, found.exact) == (40, 40, True)

    def test_an_unlisted_price_with_a_reference_video_starts_from_the_one_without(self, team: Team) -> None:
        found = quote(team, has_video=True)
        assert (found.credits_low, found.credits_high) == (144, 288)
        assert "none with a reference video" in found.basis

    def test_an_unlisted_resolution_is_a_range(self, team: Team) -> None:
        found = quote(team, resolution="1080p")
        assert (found.credits_low, found.credits_high) == (64, 1672)

    @pytest.mark.parametrize("duration", ["auto", -1, None])
    def test_where_the_model_settles_the_length_the_price_is_its_longest_films(self, team: Team, duration: Any) -> None:
        found = quote(team, duration=duration)
        assert (found.credits_high, found.is_most, found.exact) == (15 * 18, True, False)

    def test_nothing_known_is_no_price(self, team: Team) -> None:
        assert prices.quote(team, CATALOGUE.get("veo-3.1"), {"duration": 8}, has_video=False) is None


class TestLearnt:
    @pytest.mark.parametrize(("bill", "between"), [(160, (144, 160)), (2, (2, 144)), (144, (144, 144))])
    def test_one_bill_has_no_more_of_a_voice_than_the_list(
        self, team: Team, bill: int, between: tuple[int, int]
    ) -> None:
        charged(team, bill)
        found = quote(team)
        assert (found.credits_low, found.credits_high) == between
        alone = "from your last one"
        assert found.basis == (alone if bill == 144 else f"{alone} and the price list of 2026-09")

    def test_two_that_agree_outvote_the_list_and_two_that_do_not_leave_it_to_the_list(self, team: Team) -> None:
        charged(team, 160, ago=2)
        charged(team, 2, ago=1)
        assert (quote(team).credits_low, quote(team).credits_high) == (144, 144)
        charged(team, 160, price_key="480p", ago=2)
        charged(team, 160, price_key="480p", ago=1)
        found = quote(team, resolution="480p")
        assert (found.credits_low, found.credits_high, found.exact) == (160, 160, False)

    def test_one_bill_within_what_the_list_leaves_open_is_the_price(self, team: Team) -> None:
        charged(team, 800, price_key="1080p")
        found = quote(team, resolution="1080p")
        assert (found.credits_low, found.credits_high, found.basis) == (800, 800, "from your last one")

    def test_three_that_agree_are_no_guess_any_more(self, team: Team) -> None:
        for _ in range(2):
            charged(team, 160)
        assert not quote(team).exact
        charged(team, 160)
        assert quote(team).exact

    def test_it_is_the_median_so_that_one_odd_bill_moves_nothing(self, team: Team) -> None:
        for cost in (160, 160, 900, 160, 160):
            charged(team, cost)
        assert quote(team).credits_high == 160
        assert quote(team).basis == "from your last 5"

    def test_a_price_that_moved_is_followed_within_three_jobs(self, team: Team) -> None:
        for minute in range(10, 20):
            charged(team, 144, ago=minute)
        followed = []
        for minute in (3, 2, 1):
            charged(team, 200, ago=minute)
            followed.append(quote(team).credits_high)
        assert followed[-1] == 200

    def test_with_four_jobs_the_newer_three_count_not_a_price_between_two(self, team: Team) -> None:
        for minute, cost in ((4, 144), (3, 144), (2, 200), (1, 200)):
            charged(team, cost, ago=minute)
        assert quote(team).credits_high == 200

    def test_each_resolution_and_reference_video_is_learnt_for_itself(self, team: Team) -> None:
        charged(team, 200, price_key="720p+video")
        assert quote(team).credits_high == 144
        assert quote(team, has_video=True).credits_high == 200
        assert quote(team, "seedance-2-fast").credits_high == 128

    @pytest.mark.parametrize(
        ("state", "columns"),
        [
            ("failed", {}),
            ("cancelled", {}),
            ("completed", {"credit_cost": None}),
            ("completed", {"credit_cost": 0}),
            ("completed", {"asked_seconds": None}),
            ("completed", {"sent_with": "the fingerprint of another account's key"}),
        ],
    )
    def test_what_says_nothing_of_the_price_is_not_learnt_from(
        self, team: Team, state: str, columns: dict[str, Any]
    ) -> None:
        charged(team, 900, state=state, **columns)
        assert quote(team).credits_high == 144

    def test_a_price_that_nobody_could_pay_is_not_learnt(self, team: Team) -> None:
        charged(team, 2**31 - 1)
        assert quote(team, duration=15).credits_high == 270

    def test_what_was_sent_with_the_present_key_is(self, team: Team) -> None:
        charged(team, 900, sent_with=team.connection.fingerprint)
        assert quote(team).credits_high == 900

    def test_another_teams_bills_are_theirs(self, team: Team) -> None:
        charged(make_team("rivals"), 900)
        assert quote(team).credits_high == 144

    def test_a_part_of_a_credit_is_rounded_up(self, team: Team) -> None:
        charged(team, 50, asked_seconds=12)
        assert quote(team, duration=5).credits_low == math.ceil(50 / 12 * 5)

    def test_what_is_sold_by_the_clip_is_learnt_for_each_length_with_all_that_may_matter(self, team: Team) -> None:
        veo = CATALOGUE.get("veo-3.1")
        params = {"duration": 8, "resolution": "720p", "generate_audio": True}
        by = prices.measure(veo, params, has_video=False)
        assert (by.key, by.is_by_second) == ("720p+generate_audio+8s", False)
        charged(team, 320, model="veo-3.1", price_key=by.key)
        found = prices.quote(team, veo, params, has_video=False)
        assert found is not None
        assert found.credits_high == 320
        assert prices.quote(team, veo, params | {"duration": 4}, has_video=False) is None
        assert prices.quote(team, veo, params | {"generate_audio": False}, has_video=False) is None

    def test_an_automatic_length_costs_the_learnt_rate_for_the_longest_film(self, team: Team) -> None:
        for _ in range(3):
            charged(team, 80)
        found = quote(team, duration="auto")
        assert (found.credits_high, found.is_most) == (150, True)

    def test_it_takes_two_queries_however_many_jobs_and_prices_by_hand_there_are(self, team: Team) -> None:
        assert team.connection
        for _ in range(30):
            charged(team, 160)
        with CaptureQueriesContext(connection) as captured:
            quote(team)
        assert len(captured) == 2


class TestError:
    def test_without_jobs_there_is_none(self, team: Team) -> None:
        charged(team, 160, state="failed")
        assert prices.error_over_last(team) is None

    def test_it_is_the_mean_of_how_far_off_each_was_a_range_by_its_middle(self, team: Team) -> None:
        charged(team, 100, estimate_low=150, estimate_high=150)
        charged(team, 100, estimate_low=50, estimate_high=100)
        charged(team, 100, estimate_low=None, estimate_high=None)
        assert prices.error_over_last(team) == pytest.approx((0.5 + 0.25) / 2)

    def test_only_the_last_ones_count(self, team: Team) -> None:
        charged(team, 100, ago=5, estimate_low=500, estimate_high=500)
        charged(team, 100, ago=1, estimate_low=110, estimate_high=110)
        assert prices.error_over_last(team, 1) == pytest.approx(0.1)


@pytest.mark.long
@pytest.mark.one_database
def test_a_provider_whose_prices_moved_is_followed_until_estimates_are_right(
    team: Team, admin: Any, sandbox: SandboxServer, until: Callable[..., None]
) -> None:
    """Through the form, the engine and the sandbox; the estimates of the last five jobs are within 5 %."""

    def form_of(each: int) -> StudioForm:
        values = {"prompt": "A quiet sea", "resolution": "480p", "duration": 4 + each % 2}
        return opening.fresh(team, CATALOGUE.get("seedance-2-mini"), [], values)

    def make(number: int, factor: float, at_once: int = 1) -> None:
        answer = requests.post(f"{sandbox.base_url}/_control", json={"price_factor": factor}, timeout=180)
        assert answer.json()["price_factor"] == factor
        for first in range(0, number, at_once):
            forms = [form_of(each) for each in range(first, min(first + at_once, number))]
            started = [ordering.start(form, admin)[0].pk for form in forms]
            until(lambda keys=started: not Generation.objects.filter(pk__in=keys).exclude(state="completed").exists())

    sandbox.set_key(team.connection.api_key, credits=100_000)
    make(3, 1.0)
    assert prices.error_over_last(team) == 0
    make(6, 1.7)
    make(11, 1.7, at_once=11)  # nothing is left to learn
    error = prices.error_over_last(team, 14)
    assert error is not None
    assert error < 0.05
    first_after = list(Generation.objects.order_by("created_at").values_list("estimate_high", "credit_cost"))[3]
    assert first_after == (16, 27)  # nobody could know
    assert Connection.objects.get().credits is not None

"""What GET /v2/models may say of prices, sense and nonsense."""

from __future__ import annotations

import pytest

from assets_app.apiframe.price_ranges import PriceRange
from assets_app.apiframe.results import model_entries


def read(**given: object) -> PriceRange | None:
    (entry,) = model_entries({"models": [{"id": "kling-3.0", **given}]})
    return entry.price_range


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"costMin": 40, "costMax": 110, "pricingMode": "flat"}, PriceRange(40, 110, "flat")),
        ({"costMin": 1.5, "costMax": 3.4, "pricingMode": "per-second"}, PriceRange(1.5, 3.4, "per-second")),
        ({"costMin": "40", "costMax": " 110.5 ", "pricingMode": "per_output"}, PriceRange(40, 110.5, "per-output")),
        ({"costMin": 40, "costMax": 110, "pricingMode": "perSecond"}, PriceRange(40, 110, "per-second")),
        ({"costMin": 40, "costMax": 110}, PriceRange(40, 110, "")),
        ({"costMin": 40, "costMax": 110, "pricingMode": "by-the-moon"}, PriceRange(40, 110, "")),
        ({"costMin": 40, "costMax": 110, "pricingMode": 7}, PriceRange(40, 110, "")),
        ({"costMax": 110}, PriceRange(0, 110, "")),
        ({"costMin": -4, "costMax": 110}, PriceRange(0, 110, "")),
        ({"costMin": 110, "costMax": 40, "pricingMode": "flat"}, PriceRange(40, 110, "flat")),
    ],
)
def test_a_range_is_read_in_whatever_way_it_is_given(given, found):
    assert read(**given) == found
    assert PriceRange.from_json(found.as_json) == found


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"costMin": 40},
        {"costMin": None, "costMax": None},
        {"costMax": -1},
        {"costMax": 0},
        {"costMax": "many"},
        {"costMax": True},
        {"costMax": float("nan")},
        {"costMax": float("inf")},
        {"costMax": 10**400},
        {"costMax": 2**31},
        {"costMax": [110]},
    ],
)
def test_what_leaves_the_most_open_is_no_range(given):
    assert read(**given) is None


@pytest.mark.parametrize("kept", [None, 7, "abc", [], [1, 2], [1, None, "flat"], {"low": 1}])
def test_what_was_kept_damaged_is_no_range(kept):
    assert PriceRange.from_json(kept) is None


@pytest.mark.parametrize(
    ("mode", "between"), [("flat", (40, 110)), ("per-output", (40, 110)), ("per-second", (200, 550)), ("", (40, 550))]
)
def test_a_mode_that_is_not_known_is_read_so_that_the_most_is_never_too_little(mode, between):
    assert PriceRange(40, 110, mode).of(5) == between


def test_what_costs_the_smallest_part_of_a_credit_is_not_free():
    assert PriceRange(0, 1e-9, "per-second").of(5) == (0, 1)

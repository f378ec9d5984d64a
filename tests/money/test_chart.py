"""The bars of the usage page: every day has its place, and their heights are in proportion."""

from __future__ import annotations

from datetime import date

import pytest

from assets_app.money.chart import HEIGHT, MOST_SERIES, draw
from assets_app.money.sums import Cost

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 10)


def test_every_day_has_a_bar_in_its_place():
    chart = draw(FIRST, LAST, {}, {})
    assert [bar.day.day for bar in chart.bars] == list(range(1, 11))
    assert [bar.x for bar in chart.bars] == [pytest.approx(10 * n + 1) for n in range(10)]
    assert chart.dearest is None


def test_a_bar_is_stacked_from_the_bottom_in_the_order_of_the_models():
    days = {FIRST: {"b": Cost(credits=300), "a": Cost(credits=500)}}
    bar = draw(FIRST, LAST, days, {"a": "A", "b": "B"}).bars[0]
    assert bar.parts == [("A", 500), ("B", 300)]
    assert [(block.series, block.y, block.height) for block in bar.blocks] == [
        (0, HEIGHT * 3 / 8, HEIGHT * 5 / 8),
        (1, 0, HEIGHT * 3 / 8),
    ]


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 10), (9, 10), (10, 10), (11, 12), (1160, 1200), (1440, 1600), (99_999, 100_000)]
)
def test_the_topmost_line_stands_for_a_round_number(highest, top):
    assert draw(FIRST, LAST, {FIRST: {"a": Cost(credits=highest)}}, {"a": "A"}).top == top


def test_the_least_that_was_spent_can_be_seen():
    days = {FIRST: {"a": Cost(credits=1_000_000)}, LAST: {"a": Cost(credits=1)}}
    assert draw(FIRST, LAST, days, {"a": "A"}).bars[-1].blocks[0].height == 1


def test_more_models_than_there_are_tones_share_the_last():
    models = {str(n): str(n) for n in range(9)}
    chart = draw(FIRST, LAST, {}, models)
    assert [chart.series_of(model) for model in models] == [0, 1, 2, 3, 4, MOST_SERIES, MOST_SERIES, MOST_SERIES, 5]


def test_of_many_days_only_a_few_are_named_the_first_and_the_last_among_them():
    named = draw(date(2026, 9, 1), date(2026, 11, 29), {}, {}).labels
    assert len(named) == 5
    assert (named[0], named[-1]) == (date(2026, 9, 1), date(2026, 11, 29))

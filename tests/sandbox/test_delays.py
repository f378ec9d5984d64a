from __future__ import annotations

from random import Random
from statistics import mean, median

import pytest

from assets_app.sandbox.delays import Delay


def draws(text: str) -> list[float]:
    random = Random(1)
    return [Delay.parse(text).draw(random) for _ in range(4000)]


def test_a_bare_number_is_a_fixed_delay() -> None:
    assert set(draws("2.5")) == {2.5}


def test_uniform_stays_between_its_bounds() -> None:
    assert 2 <= min(draws("uniform:2:8")) < 2.1
    assert 7.9 < max(draws("uniform:2:8")) <= 8


def test_lognormal_is_told_by_its_median() -> None:
    assert median(draws("lognormal:5:0.5")) == pytest.approx(5, rel=0.05)


def test_exponential_is_told_by_its_mean() -> None:
    assert mean(draws("exponential:4")) == pytest.approx(4, rel=0.05)


def test_bounds_clip_the_long_tails() -> None:
    clipped = draws("exponential:4:1:6")
    assert (min(clipped), max(clipped)) == (1, 6)


@pytest.mark.parametrize("text", ["fixed:3", "uniform:2:8", "lognormal:5:0.5", "lognormal:5:0.5:1:30", "exponential:4"])
def test_a_delay_is_written_as_it_is_read(text: str) -> None:
    assert str(Delay.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "soon", "-1", "uniform:2", "uniform:8:2", "uniform:1:2:3:4", "nan", "inf", "exponential:0", "fixed", "x:1"],
)
def test_what_is_no_delay_is_refused_with_the_grammar(text: str) -> None:
    with pytest.raises(ValueError, match=r"delay|bound|above"):
        Delay.parse(text)

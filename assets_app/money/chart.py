"""What a span of days cost, as bars: places and sizes for a drawing made on the server."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from assets_app.money.sums import Cost

HEIGHT = 160  # pixels; across, everything is in percent of whatever room there is
SHARE_OF_DAY = 0.8  # how much of a day's room its bar takes
MOST_SERIES = 5  # tones there are; what is left goes together into one more
MOST_LABELS = 5


@dataclass(frozen=True)
class Block:
    """One model's part of a day's bar: pixels from the top."""

    series: int
    y: float
    height: float


@dataclass(frozen=True)
class Bar:
    """One day. `x` and `width` are percent."""

    day: date
    x: float
    width: float
    credits: int
    parts: list[tuple[str, int]]
    """What people call a model, and its credits; nothing for a model that day had none of."""
    blocks: list[Block]


@dataclass(frozen=True)
class Chart:
    bars: list[Bar]
    top: int
    series: list[str]
    """Models in the order of their tones."""

    @property
    def height(self) -> int:
        return HEIGHT

    @property
    def steps(self) -> list[int]:
        """The values that lines stand for, highest first."""
        return [self.top, self.top // 2, 0] if self.top % 2 == 0 else [self.top, 0]

    @property
    def lines(self) -> list[float]:
        """Where they are drawn, pixels from the top; half a pixel in, so that they are sharp."""
        return [min(HEIGHT - 0.5, HEIGHT * (1 - step / self.top) + 0.5) for step in self.steps]

    @property
    def labels(self) -> list[date]:
        """The days named beneath, evenly spread from the first to the last."""
        days = [bar.day for bar in self.bars]
        if len(days) <= MOST_LABELS + 2:
            return days
        return [days[round(n * (len(days) - 1) / (MOST_LABELS - 1))] for n in range(MOST_LABELS)]

    @property
    def dearest(self) -> Bar | None:
        """The day that cost most; None when nothing cost anything."""
        bar = max(self.bars, key=lambda each: each.credits, default=None)
        return bar if bar and bar.credits else None

    def series_of(self, model: str) -> int:
        """The number of its tone; that of the rest for those beyond."""
        return min(self.series.index(model), MOST_SERIES) if model in self.series else MOST_SERIES


def draw(first: date, last: date, days: Mapping[date, Mapping[str, Cost]], models: Mapping[str, str]) -> Chart:
    """Every day from `first` to `last`, stacked by model in the order of `models` (what people call each, by id), the
    first at the bottom.
    """
    everyday = list(_every_day(first, last))
    totals = {day: sum(cost.credits for cost in days.get(day, {}).values()) for day in everyday}
    top = _round_up(max(totals.values(), default=0))
    room = 100 / len(everyday)
    chart = Chart([], top, list(models))
    for number, day in enumerate(everyday):
        spent = days.get(day, {})
        parts = [(model, spent[model].credits) for model in models if model in spent and spent[model].credits]
        x, width = number * room + room * (1 - SHARE_OF_DAY) / 2, room * SHARE_OF_DAY
        named = [(models[model], amount) for model, amount in parts]
        chart.bars.append(Bar(day, round(x, 3), round(width, 3), totals[day], named, _stacked(parts, chart)))
    return chart


def _stacked(parts: list[tuple[str, int]], chart: Chart) -> list[Block]:
    blocks, floor = [], float(HEIGHT)
    for model, amount in parts:
        height = max(1.0, HEIGHT * amount / chart.top)  # whatever was spent is seen
        floor -= height
        blocks.append(Block(chart.series_of(model), round(max(0.0, floor), 2), round(height, 2)))
    return blocks


def _every_day(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _round_up(highest: int) -> int:
    """The next of some round multiples of a power of ten, so that the lines stand for round numbers; at least 10."""
    if highest <= 10:
        return 10
    power = 10 ** (math.floor(math.log10(highest)) - 1)
    return next(step * power for step in (10, 12, 16, 20, 24, 30, 40, 50, 60, 80, 100) if step * power >= highest)

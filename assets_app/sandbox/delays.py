"""How long the provider takes: a distribution written as a short text, such as `uniform:2:8`."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

_DRAWS: dict[str, tuple[tuple[str, ...], Callable[..., float]]] = {
    "fixed": (("SECONDS",), lambda _random, seconds: seconds),
    "uniform": (("LOW", "HIGH"), lambda random, low, high: random.uniform(low, high)),
    "lognormal": (("MEDIAN", "SIGMA"), lambda random, median, sigma: random.lognormvariate(math.log(median), sigma)),
    "exponential": (("MEAN",), lambda random, mean: random.expovariate(1 / mean)),
}

GRAMMAR = "fixed:SECONDS, uniform:LOW:HIGH, lognormal:MEDIAN:SIGMA[:MIN:MAX] or exponential:MEAN[:MIN:MAX], in seconds"


@dataclass(frozen=True)
class Delay:
    """A distribution of waiting times in seconds, clipped to [at_least, at_most]."""

    shape: str
    numbers: tuple[float, ...]
    at_least: float = 0.0
    at_most: float = math.inf

    @classmethod
    def parse(cls, text: str) -> Delay:
        """Read `3`, `fixed:3`, `uniform:2:8`, `lognormal:5:0.4:1:30` or `exponential:4:1:30`; ValueError otherwise."""
        shape, *written = text.strip().split(":") if ":" in text else ("fixed", text)
        names, _ = _DRAWS.get(shape, ((), None))
        try:
            numbers = [float(number) for number in written]
        except ValueError:
            numbers = []
        may_be_clipped = shape in {"lognormal", "exponential"} and len(numbers) == len(names) + 2
        usable = names and (len(numbers) == len(names) or may_be_clipped)
        if not usable or any(not math.isfinite(number) or number < 0 for number in numbers):
            raise ValueError(f"“{text}” is not a delay; write {GRAMMAR}")
        bounds = numbers[len(names) :] or [0.0, math.inf]
        delay = cls(shape, tuple(numbers[: len(names)]), *bounds)
        if bounds[0] > bounds[1] or (shape == "uniform" and numbers[0] > numbers[1]):
            raise ValueError(f"“{text}” has its lower bound above its upper one")
        if shape in {"lognormal", "exponential"} and numbers[0] == 0:
            raise ValueError(f"“{text}” needs a {names[0].lower()} above zero")
        return delay

    def draw(self, random: Random) -> float:
        _, draw = _DRAWS[self.shape]
        return min(max(draw(random, *self.numbers), self.at_least), self.at_most)

    def __str__(self) -> str:
        bounds = () if math.isinf(self.at_most) else (self.at_least, self.at_most)
        return ":".join([self.shape, *(f"{number:g}" for number in (*self.numbers, *bounds))])

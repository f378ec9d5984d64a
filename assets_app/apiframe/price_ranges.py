"""What GET /v2/models says a film costs at the least and at the most (FACTS §7): `costMin`, `costMax`, `pricingMode`.

The two ends span everything a model offers, so what one film costs lies between them, and the upper end is what it may
cost. All three are optional, and nobody has seen them verbatim: what makes no sense is read as not said.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from .errors import MOST_CREDITS

FLAT, PER_SECOND, PER_OUTPUT = "flat", "per-second", "per-output"
MODES = (FLAT, PER_SECOND, PER_OUTPUT)


@dataclass(frozen=True, slots=True)
class PriceRange:
    """Credits, for each of what `mode` names: a film, a second of it, an output; "" when the provider does not say."""

    low: float
    high: float
    mode: str = ""

    @classmethod
    def read(cls, low: object, high: object, mode: object) -> Self | None:
        """From an answer's three values; None when they leave open what a film costs at the most. Ends that stand the
        wrong way round are taken for the range between them.
        """
        ends = [end for end in (amount_of(low), amount_of(high)) if end is not None]
        if amount_of(high) is None:
            return None
        return cls(min(ends) if len(ends) == 2 else 0.0, max(ends), mode_of(mode)) if max(ends) > 0 else None

    @property
    def as_json(self) -> list[Any]:
        return [self.low, self.high, self.mode]

    @classmethod
    def from_json(cls, kept: object) -> Self | None:
        if not isinstance(kept, Sequence) or isinstance(kept, str) or len(kept) != 3:
            return None
        return cls.read(*kept)

    def of(self, seconds: int) -> tuple[int, int]:
        """The least and the most that one film of so many seconds costs. Where the mode is not known, that by the
        second is the most it can mean and that by the film the least. A request makes one film, hence one output.
        """
        by_second = (self.mode == PER_SECOND, self.mode in (PER_SECOND, ""))
        low, high = (
            end * (seconds if is_by else 1) for end, is_by in zip((self.low, self.high), by_second, strict=True)
        )
        return _whole(low), _whole(high)


def _whole(amount: float) -> int:
    """Rounded up, but for what arithmetic adds; what costs anything is never free."""
    return max(math.ceil(round(amount, 6)), 1 if amount else 0)


def amount_of(value: object) -> float | None:
    """Credits that can be meant; a number may come as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number <= MOST_CREDITS else None  # NaN is neither


def mode_of(value: object) -> str:
    """One of `MODES`, in whatever spelling; "" for anything else."""
    if not isinstance(value, str):
        return ""
    word = "-".join(value.lower().replace("_", " ").replace("-", " ").split())
    return next((mode for mode in MODES if word.replace("-", "") == mode.replace("-", "")), "")

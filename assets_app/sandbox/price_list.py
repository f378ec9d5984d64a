"""What the list of models says films cost, for models that the catalogue has no prices of: for some, and in every way
that the provider may say it (FACTS §7). The others leave it out, as the provider may too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from assets_app.apiframe.catalogue import Model


@dataclass(frozen=True)
class Range:
    """Credits at the least and at the most. A `mode` or an end that is None is left out of the answer."""

    low: int | None
    high: int | None
    mode: str | None = None

    def charge(self, seconds: float) -> int:
        """What a film is charged: something between the two ends."""
        ends = [end for end in (self.low, self.high) if end]
        middle = math.sqrt(ends[0] * ends[-1])
        return round(middle * seconds) if self.mode == "per-second" else round(middle)


RANGES = {
    "kling-3.0": Range(40, 110, "flat"),
    "kling-2.6": Range(4, 14, "per-second"),
    "midjourney-video": Range(20, 60, "per-output"),
    "veo-3.1": Range(60, 240),
    "hailuo-2.3": Range(None, 80, "flat"),
    "hailuo-02": Range(30, None, "flat"),
}


def shown_of(model: Model) -> dict[str, Any]:
    """The three keys of the model's entry, as far as they are given."""
    if model.prices:
        return {"costMin": model.prices.lowest, "costMax": model.prices.highest, "pricingMode": model.prices.mode}
    given = RANGES.get(model.id)
    if given is None:
        return {}
    said = {"costMin": given.low, "costMax": given.high, "pricingMode": given.mode}
    return {key: value for key, value in said.items() if value is not None}

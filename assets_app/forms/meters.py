"""How much of what a model takes is used up: pictures counted, seconds of film and sound added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assets_app.apiframe.catalogue import Model, Slot
from assets_app.forms.slots import Filled


@dataclass(frozen=True)
class Meter:
    """One slot's use. `seconds` and `seconds_max` are None where length does not matter or no limit is known."""

    slot: Slot
    count: int
    seconds: float | None = None
    seconds_max: float | None = None
    unmeasured: int = 0

    @property
    def used(self) -> float:
        return self.count if self.seconds is None else self.seconds

    @property
    def most(self) -> float:
        return self.slot.maximum if self.seconds is None or self.seconds_max is None else self.seconds_max

    @property
    def is_over(self) -> bool:
        return self.count > self.slot.maximum or self.used > self.most

    @property
    def words(self) -> str:
        """ "3/9", or "9.4/15 s" with a plus where the length of something is not known."""
        if self.seconds is None:
            return f"{self.count}/{self.slot.maximum}"
        return f"{round(self.seconds, 1):g}{'+' if self.unmeasured else ''}/{self.most:g} s"

    @property
    def title(self) -> str:
        words = f"{self.count} of {self.slot.maximum} taken"
        return f"{words}; the length of {self.unmeasured} is not known" if self.unmeasured else words


def meters_of(model: Model, references: Sequence[Filled]) -> list[Meter]:
    """One for each list of references the model takes."""
    return [_meter(model, slot, references) for slot in model.slots if slot.is_reference]


def _meter(model: Model, slot: Slot, references: Sequence[Filled]) -> Meter:
    inside = [reference for reference in references if reference.slot == slot.name]
    limits = model.media_limits.get(slot.media_type)
    bounds = limits.seconds_total if limits else None
    # Where sources disagree by a fraction of a second, the meter shows the limit they agree on.
    most = (bounds.warn_above if bounds.warn_above is not None else bounds.max) if bounds else None
    if slot.media_type == "image" or most is None:
        return Meter(slot, len(inside))
    known = [facts.seconds for each in inside if (facts := each.facts) and facts.seconds is not None]
    return Meter(slot, len(inside), sum(known), most, len(inside) - len(known))

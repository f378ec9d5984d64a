"""Settings that a tool put there: they hold for this film, and are not remembered as what the person chose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Put:
    """What a setting was given, and instead of what. One that a frame asked for goes when the frame does."""

    now: Any
    was: Any = None
    for_frames: bool = False

    @property
    def as_json(self) -> list[Any]:
        return [self.now, self.was, self.for_frames]

    def holds(self, value: Any) -> bool:
        """Whether the setting is still as it was put: what a person changed is theirs."""
        return same_value(value, self.now)


Puts = Mapping[str, Put]


def read_puts(found: object) -> dict[str, Put]:
    """From a page: what no page of ours wrote is left out."""
    if not isinstance(found, dict):
        return {}
    whole = {str(name): each for name, each in found.items() if isinstance(each, list) and len(each) == 3}
    return {
        name: Put(now, was, bool(for_frames))
        for name, (now, was, for_frames) in whole.items()
        if _is_setting(now) and _is_setting(was)
    }


def _is_setting(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Put]:
    """The settings of `after` that differ from those of `before`."""
    return {
        name: Put(value, before.get(name))
        for name, value in after.items()
        if _is_setting(value) and _is_setting(before.get(name)) and not same_value(value, before.get(name))
    }


def same_value(one: Any, other: Any) -> bool:
    """As a page shows them: a switch that is off is not there, and a number is a text."""
    return str(one or "") == str(other or "")

"""The filters of a list as its page shows them: choices that lead somewhere, and chips that lead back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """One value of a filter: where it leads, whether it is the current one, and how many it would show if known."""

    label: str
    address: str
    is_current: bool
    count: int | None = None


@dataclass(frozen=True)
class Facet:
    name: str
    label: str
    choices: list[Choice]

    @property
    def current(self) -> Choice | None:
        return next((choice for choice in self.choices if choice.is_current), None)


@dataclass(frozen=True)
class Chip:
    """One thing that narrows, and the address without it."""

    label: str
    address: str

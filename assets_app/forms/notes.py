"""What a form says to the person who fills it in, with the presses that help."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from assets_app.apiframe.catalogue import Fix


class Note(str):
    """A sentence. `fixes` stand beside it as buttons."""

    fixes: tuple[Fix, ...]

    def __new__(cls, words: str, fixes: Sequence[Fix] = ()) -> Self:
        note = super().__new__(cls, words)
        note.fixes = tuple(fixes)
        return note


class CannotPlace(Exception):
    """Why something cannot go where it was meant to go, in words for the person who tried."""

    def __init__(self, words: str, fixes: Sequence[Fix] = ()) -> None:
        super().__init__(words)
        self.note = Note(words, fixes)


def listed(names: Sequence[str], most: int = 3) -> str:
    """ "courier", "courier and harbour", "courier, harbour and 4 more"."""
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more"]
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last

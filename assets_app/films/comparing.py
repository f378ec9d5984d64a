"""What differs between a few texts or values, for a table that puts films side by side. Pure functions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations
from typing import Any

__all__ = ["Piece", "Row", "marked"]

# How often a word of one text is found in the other, all words together: finding the longest common words takes time
# by the square of it. A prompt of a thousand words comes to some ten thousand, one word said over and over to millions.
MOST_PAIRS = 60_000


@dataclass(frozen=True)
class Piece:
    """Some words of a text, and whether another text lacks them."""

    text: str
    differs: bool


@dataclass(frozen=True)
class Row:
    """One line of the table: what each film has there, in the films' order. `kind` says how a cell is drawn; `keys`
    are equal for two cells that are the same.
    """

    label: str
    cells: Sequence[Any]
    keys: Sequence[Hashable]
    kind: str = "text"

    @property
    def is_same(self) -> bool:
        return len(set(self.keys)) <= 1

    @property
    def is_empty(self) -> bool:
        return not any(self.cells)


def marked(texts: Sequence[str]) -> list[list[Piece]]:
    """Each text in pieces, of which those differ that not all others have in the same order.

    Texts with more than MOST_PAIRS of the same words are marked whole unless they are equal.
    """
    words = [re.findall(r"\S+", text) for text in texts]
    shared: list[list[set[int]]] = [[] for _ in texts]
    for one, other in combinations(range(len(texts)), 2):
        in_one, in_other = _shared(words[one], words[other])
        shared[one].append(in_one)
        shared[other].append(in_other)
    return [_pieces(text, places) for text, places in zip(texts, shared, strict=True)]


def _shared(one: list[str], other: list[str]) -> tuple[set[int], set[int]]:
    """The places in each of the two whose words both have, in the same order."""
    if one == other:
        return set(range(len(one))), set(range(len(one)))
    if _pairs(one, other) > MOST_PAIRS:
        return set(), set()
    blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    return (
        {place for block in blocks for place in range(block.a, block.a + block.size)},
        {place for block in blocks for place in range(block.b, block.b + block.size)},
    )


def _pairs(one: list[str], other: list[str]) -> int:
    in_other = Counter(other)
    return sum(in_other[word] for word in one)


def _pieces(text: str, shared: Sequence[set[int]]) -> list[Piece]:
    everywhere = set.intersection(*shared) if shared else None
    pieces: list[Piece] = []
    for place, found in enumerate(re.finditer(r"(\s*)(\S+)", text)):
        differs = everywhere is not None and place not in everywhere
        blank, word = found.groups()
        if pieces and pieces[-1].differs == differs:
            pieces[-1] = Piece(pieces[-1].text + blank + word, differs)
        elif pieces and not pieces[-1].differs:  # a blank beside a mark is not marked
            pieces[-1:] = [Piece(pieces[-1].text + blank, differs=False), Piece(word, differs)]
        else:
            pieces.append(Piece(blank + word, differs))
    return pieces

"""How many a list holds, where counting all of them may take too long."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Total:
    """`number`, and whether that is all of them or only as far as was counted."""

    number: int
    is_exact: bool = True

    def __str__(self) -> str:
        return f"{self.number:,}" if self.is_exact else f"{self.number:,}+"

"""How credits are said."""

from __future__ import annotations


def in_credits(number: int, *, is_sandbox: bool = False) -> str:
    """ "1 credit", "3,135 sandbox credits"."""
    return f"{number:,} {'sandbox ' if is_sandbox else ''}credit{'' if number == 1 else 's'}"

"""How credits are said, and people."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from assets_app.money.prices import Quote

NOT_KNOWN = "price not known"


def in_credits(number: int, *, is_sandbox: bool = False) -> str:
    """ "1 credit", "3,135 sandbox credits"."""
    return f"{number:,} {'sandbox ' if is_sandbox else ''}credit{'' if number == 1 else 's'}"


def price_in_words(price: Quote | None, takes: int = 1, *, is_sandbox: bool = False) -> str:
    """What a press of so many takes costs: "144 credits", "about 144 credits", "about 40–70 credits", "up to 270
    credits" where the model settles the length or the ends are far apart, "price not known".
    """
    if price is None:
        return NOT_KNOWN
    least, most = price.credits_low * takes, price.credits_high * takes
    said = in_credits(most, is_sandbox=is_sandbox)
    if price.is_most or price.is_vague:
        return f"up to {said}"
    if least != most:
        return f"about {least:,}–{said}"
    # The sandbox charges by the very table.
    return said if price.exact or (is_sandbox and price.is_listed) else f"about {said}"


def price_in_short(price: Quote | None) -> str:
    """The same for the little room of a card, whose picture says that it spends: "144", "40–70", "up to 270", "?"."""
    if price is None:
        return "?"
    if price.is_most or price.is_vague:
        return f"up to {price.credits_high:,}"
    if price.credits_low != price.credits_high:
        return f"{price.credits_low:,}–{price.credits_high:,}"
    return f"{price.credits_high:,}"


def in_short(number: float | Decimal) -> str:
    """ "1.5", "3,135"."""
    return f"{number:,.2f}".rstrip("0").rstrip(".")


def name_of(user: User) -> str:
    return user.get_full_name() or user.get_username()

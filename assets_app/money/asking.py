"""When a press asks before it spends: above the team's limit for one press, unless the person said not to."""

from __future__ import annotations

from collections.abc import Sequence

from assets_app.models import Membership
from assets_app.money.limits import Standing, cannot_count

UNKNOWN = "unknown"


def must_ask(membership: Membership, most: int | None, budgets: Sequence[Standing]) -> bool:
    """Whether a press that spends up to `most` credits needs a yes first. What has no known price may be above any
    limit. Where a hard budget cannot count it, an admin is asked whatever the limit, and nobody else: what they press
    waits for an admin.
    """
    if cannot_count(budgets, most):
        return membership.is_admin
    limit = membership.team.confirm_above
    return membership.asks_first and limit is not None and (most is None or most > limit)


def covers(confirmed: str, most: int | None) -> bool:
    """Whether what a person said yes to, or was shown, as the page sent it, is as much as it takes now."""
    if most is None:
        return confirmed == UNKNOWN
    amount = amount_in(confirmed)
    return amount is not None and amount >= most


def amount_in(shown: str) -> int | None:
    """The credits that a page says it showed; None for "unknown", and for nonsense."""
    return int(shown) if shown.isascii() and shown.isdecimal() and len(shown) < 15 else None


def as_shown(most: int | None) -> str:
    """What a page sends along of the price that it shows: what a press of its button is a yes to."""
    return UNKNOWN if most is None else str(most)


def stop_asking(membership: Membership) -> None:
    Membership.objects.filter(pk=membership.pk).update(asks_first=False)
    membership.asks_first = False


def ask_again(membership: Membership) -> None:
    Membership.objects.filter(pk=membership.pk).update(asks_first=True)
    membership.asks_first = True

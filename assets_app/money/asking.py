"""When Generate asks before it spends: above the team's limit for one press, unless the person said not to."""

from __future__ import annotations

from assets_app.models import Membership

UNKNOWN = "unknown"


def must_ask(membership: Membership, most: int | None) -> bool:
    """Whether a press that spends up to `most` credits needs a yes first. What has no known price may be above any
    limit.
    """
    limit = membership.team.confirm_above
    return membership.asks_first and limit is not None and (most is None or most > limit)


def covers(confirmed: str, most: int | None) -> bool:
    """Whether what a person said yes to, as the page sent it, is as much as it takes now."""
    if most is None:
        return confirmed == UNKNOWN
    return confirmed.isascii() and confirmed.isdecimal() and len(confirmed) < 15 and int(confirmed) >= most


def stop_asking(membership: Membership) -> None:
    Membership.objects.filter(pk=membership.pk).update(asks_first=False)
    membership.asks_first = False


def ask_again(membership: Membership) -> None:
    Membership.objects.filter(pk=membership.pk).update(asks_first=True)
    membership.asks_first = True

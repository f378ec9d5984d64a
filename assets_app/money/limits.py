"""Budgets: what a team or a member may spend in a day, a week or a month, and what they have spent of it.

What counts is `Generation.spend` of what was asked for in the period: the upper estimate while it runs, the charge
when it is finished, nothing when it failed or was cancelled. Periods begin at midnight of the current time zone,
weeks on Monday.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q, Sum
from django.utils import timezone

from assets_app.days import midnight
from assets_app.models.generation import Generation
from assets_app.models.spending import SpendingLimit
from assets_app.models.team import Membership, Team
from assets_app.money.sums import UNDER_WAY
from assets_app.money.words import name_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Period = SpendingLimit.Period
IN_WORDS = {Period.DAY: "today", Period.WEEK: "this week", Period.MONTH: "this month"}
AN_ADMIN, ANY_ADMIN, YOU = "an admin", "any admin of the team", "you"
ORDER = {Period.DAY: 0, Period.WEEK: 1, Period.MONTH: 2}


class OverBudget(Exception):
    """It would go above a hard budget; the words say which, by how much, and who can raise it."""


def began(period: str, now: datetime | None = None) -> datetime:
    """The moment at which the current day, week or month began."""
    day = timezone.localdate(now)
    if period == Period.WEEK:
        day -= timedelta(days=day.weekday())
    if period == Period.MONTH:
        day = day.replace(day=1)
    return midnight(day)  # made anew: some days ago it may have been another offset from UTC


@dataclass(frozen=True)
class Standing:
    """A budget and what of it is spent. Credits."""

    limit: SpendingLimit
    used: int

    @property
    def most(self) -> int:
        """Where it ends: the hard end when there is one."""
        return self.limit.stop_at if self.limit.stop_at is not None else self.limit.warn_at or 0

    @property
    def left(self) -> int | None:
        """What may still be spent; None when nothing stops it."""
        return None if self.limit.stop_at is None else max(0, self.limit.stop_at - self.used)

    @property
    def percent(self) -> int:
        return 100 if self.used >= self.most else self.used * 100 // self.most

    @property
    def when(self) -> str:
        return IN_WORDS[Period(self.limit.period)]

    @property
    def whose(self) -> str:
        return name_of(self.limit.user) if self.limit.user else "The team"

    @property
    def words(self) -> str:
        """ "Ana: 340 of 500 credits today"."""
        return f"{self.whose}: {self.used_words}"

    @property
    def used_words(self) -> str:
        """ "340 of 500 credits today"; of a budget that never stops "340 credits this week, a warning above 400"."""
        if self.limit.stop_at is None:
            return f"{self.used:,} credits {self.when}, a warning above {self.most:,}"
        return f"{self.used:,} of {self.most:,} credits {self.when}"

    @property
    def ends(self) -> str:
        """What happens when: "Warns above 400, stops at 500"."""
        ends = (("warns above", self.limit.warn_at), ("stops at", self.limit.stop_at))
        said = ", ".join(f"{verb} {end:,}" for verb, end in ends if end is not None)
        return said[:1].upper() + said[1:]

    @property
    def is_warned(self) -> bool:
        return self.warns_of(0)

    @property
    def is_full(self) -> bool:
        return self.left == 0

    def warns_of(self, more: int) -> bool:
        """Whether `more` credits would bring it above the soft end, or it is there already."""
        return self.limit.warn_at is not None and self.used + more > self.limit.warn_at

    def stops(self, more: int | None) -> bool:
        """Whether `more` credits would go above the hard end; None, a price that nobody knows, does where nothing is
        left.
        """
        if self.limit.stop_at is None:
            return False
        return self.is_full if more is None else self.used + more > self.limit.stop_at


def standings(team: Team, user: User | None = None, *, everybody: bool = False) -> list[Standing]:
    """The budgets that bind this person, the team's own last; or all there are. One or two queries."""
    limits = SpendingLimit.objects.filter(team=team).select_related("user")
    if not everybody:
        limits = limits.filter(Q(user=None) | Q(user_id=user.pk if user else None))
    ordered = sorted(limits, key=lambda each: (each.user is None, *_by_person(each), ORDER[Period(each.period)]))
    used = _used(team, ordered)
    return [Standing(limit, used[limit.pk]) for limit in ordered]


def _by_person(limit: SpendingLimit) -> tuple[str, int]:
    return (name_of(limit.user).lower(), limit.user.pk) if limit.user else ("", 0)


def _used(team: Team, limits: Sequence[SpendingLimit]) -> dict[int, int]:
    if not limits:
        return {}
    now = timezone.now()
    since = {limit.pk: began(limit.period, now) for limit in limits}
    sums: dict[str, Any] = {
        f"of_{limit.pk}": Sum("spend", default=0, filter=_counted_by(limit, since[limit.pk])) for limit in limits
    }
    # Above zero: most of what failed is then not even looked at, and the index that holds the sums is enough.
    spent = Generation.objects.filter(team=team, created_at__gte=min(since.values()), spend__gt=0).aggregate(**sums)
    return {limit.pk: spent[f"of_{limit.pk}"] for limit in limits}


def _counted_by(limit: SpendingLimit, since: datetime) -> Q:
    counted = Q(created_at__gte=since)
    return counted if limit.user_id is None else counted & Q(created_by=limit.user_id)


def refuse_beyond(team: Team, user: User | None, more: int | None) -> list[Standing]:
    """The budgets that bind this person. Raises OverBudget when `more` credits (None: nobody knows how many) would go
    above a hard one.

    Call it after `team.next_revision()` in the transaction that writes them down: the lock makes parallel clicks
    count each other.
    """
    budgets = standings(team, user)
    if why := why_not(team, budgets, more, user):
        raise OverBudget(why)
    return budgets


def cannot_count(budgets: Sequence[Standing], more: int | None) -> Standing | None:
    """The hard budget that cannot count this, for nobody knows its price: it takes an admin's yes (money/approving.py).
    None when there is none.
    """
    return next((each for each in budgets if each.limit.stop_at is not None), None) if more is None else None


def why_not(team: Team, budgets: Sequence[Standing], more: int | None, reader: User | None = None) -> str:
    """Why `more` credits cannot be spent, and who can change that, as `reader` is told; "" when they can."""
    stopped = next((each for each in budgets if each.stops(more)), None)
    if stopped is None:
        return ""
    if more is None or stopped.is_full:
        why = f"The budget is used up ({stopped.words})."
    else:
        why = f"This takes up to {more:,} credits; the budget has {stopped.left:,} left ({stopped.words})."
    who = admins_of(team, reader)
    return f"{why} {who.capitalize() if who in (AN_ADMIN, ANY_ADMIN, YOU) else who} can raise it."


def admins_of(team: Team, reader: User | None = None) -> str:
    """ "Ana or Ben"; any admin where there are many; "you" to one of them."""
    admins = Membership.objects.filter(team=team, role=Membership.Role.ADMIN, user__is_active=True)
    if reader and admins.filter(user_id=reader.pk).exists():
        return YOU
    names = [name_of(each.user) for each in admins.select_related("user").order_by("created_at", "pk")[:4]]
    if len(names) > 3:
        return ANY_ADMIN
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names) or AN_ADMIN


def uncounted_under_way(team: Team) -> int:
    """How many films run whose price nobody knows: no budget counts them."""
    return team.generations.filter(due_at__isnull=False, state__in=UNDER_WAY, estimate_high=None).count()

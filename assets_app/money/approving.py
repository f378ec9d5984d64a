"""Presses that wait for an admin's yes: nobody knows their price, and a hard budget holds.

Nothing of them is sent, charged or counted before the yes, which is to this one press, as it was written down. All its
takes wait together. Whoever pressed can call them off meanwhile.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from assets_app.apiframe import catalogue
from assets_app.models import Generation, Membership, Reference, Team
from assets_app.money import asking, limits, prices
from assets_app.money.prices import Quote
from assets_app.money.words import name_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SHOWN = 50  # presses; the oldest are settled first


class Settled(Exception):
    """None of its takes waits any more: somebody said yes or no, or called them off."""


class NotAsShown(Exception):
    """It would cost more than the page showed that the yes came from."""


@dataclass(frozen=True)
class Waiting:
    """One press that waits. `price` is of one take, as it is known by now; None is why it waits."""

    takes: Sequence[Generation]
    price: Quote | None

    @property
    def first(self) -> Generation:
        return self.takes[0]

    @property
    def click(self) -> uuid.UUID:
        return self.first.click

    @property
    def most(self) -> int | None:
        """Credits of all its takes together."""
        return None if self.price is None else self.price.credits_high * len(self.takes)

    @property
    def shown(self) -> str:
        return asking.as_shown(self.most)

    @property
    def model_label(self) -> str:
        return catalogue.label_of(self.first.model)


def waiting_in(team: Team, *clicks: uuid.UUID) -> list[Waiting]:
    """The presses that wait for a yes, the oldest first; of these clicks where some are named. Five queries."""
    takes = Generation.objects.live().filter(team=team, state="approval")
    if clicks:
        takes = takes.filter(click__in=clicks)
    presses: dict[uuid.UUID, list[Generation]] = {}
    for take in takes.select_related("created_by").order_by("created_at", "take"):
        if take.click in presses or len(presses) < SHOWN:
            presses.setdefault(take.click, []).append(take)
    found = prices.quotes(team, prices.films_of([press[0] for press in presses.values()]))
    return [
        Waiting(sorted(press, key=lambda take: take.take), price)
        for press, price in zip(presses.values(), found, strict=True)
    ]


def waiting_for(membership: Membership) -> int:
    """How many films wait for this person's yes: none unless they run the team."""
    if not membership.is_admin:
        return 0
    return Generation.objects.live().filter(team_id=membership.team_id, state="approval").count()


def say_yes(team: Team, admin: User, click: uuid.UUID, shown: str) -> list[Generation]:
    """Let what waits of this press go on, just as it was pressed, and count it from now on. `shown` is the price that
    the page showed, as `asking.as_shown` puts it.

    Raises Settled, NotAsShown when a higher price is known by now, and OverBudget when the budgets have no room for it.
    """
    with transaction.atomic():
        team.next_revision()  # whose lock makes two admins come one after the other, and everybody's presses count
        press = next(iter(waiting_in(team, click)), None)
        if press is None:
            raise Settled
        if not asking.covers(shown, press.most):
            raise NotAsShown
        limits.refuse_beyond(team, press.first.created_by, press.most)
        return [take for take in press.takes if _let_through(take, admin, press.price)]


def _let_through(take: Generation, admin: User, price: Quote | None) -> bool:
    """Budgets count by the moment something is asked for, and the period in which it was pressed may be over."""
    assets = Reference.objects.filter(generation=take, asset__isnull=False)
    return take.move(
        "waiting" if assets.exclude(asset__state="active").exists() else "queued",
        actor=admin,
        created_at=timezone.now() - timedelta(microseconds=take.take - 1),
        estimate_low=price.credits_low if price else None,
        estimate_high=price.credits_high if price else None,
        spend=price.credits_high if price else 0,
    )


def say_no(team: Team, admin: User, click: uuid.UUID, why: str) -> int:
    """Call off what waits of this press, and say why. Returns how many takes; raises Settled for none."""
    because = f": {why.rstrip('.')}" if why else ""
    said = f"{name_of(admin)} declined it{because}. It was never sent, and nothing was charged."
    with transaction.atomic():
        team.next_revision()
        takes = Generation.objects.filter(team=team, click=click, state="approval")
        refused = sum(take.move("cancelled", actor=admin, reason=said) for take in takes)
    if not refused:
        raise Settled
    return refused

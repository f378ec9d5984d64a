"""What one press of the button asks for, written down as generations within what the budgets leave."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from assets_app.apiframe import catalogue
from assets_app.models.asset import Asset
from assets_app.models.event import Event
from assets_app.models.generation import Generation, NewReference, Reference, takes_of_click
from assets_app.models.states import GENERATION
from assets_app.models.team import Team
from assets_app.money.limits import cannot_count, refuse_beyond

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True)
class Order:
    """All that one press of the button asks for. `estimate` is the lowest and highest price of one take, in credits."""

    click: uuid.UUID
    model: str
    prompt: str
    params: dict[str, Any]
    references: Sequence[NewReference] = ()
    mentions: Mapping[str, str] = field(default_factory=dict)
    takes: int = 1
    is_draft: bool = False
    draft_of: Mapping[str, Any] | None = None
    made_from: Generation | None = None
    origin: str = ""
    estimate: tuple[int | None, int | None] = (None, None)
    price_key: str = ""
    seconds: int | None = None
    is_let_through: bool = False
    """Whether an admin presses it who was told that no price is known, and that a budget holds."""

    @property
    def assets(self) -> list[Asset]:
        return [reference.asset for reference in self.references if reference.asset]

    @property
    def most(self) -> int | None:
        """The highest price of all its takes together, in credits; None when nobody knows it."""
        return None if self.estimate[1] is None else self.estimate[1] * self.takes

    @property
    def state(self) -> str:
        """Where its takes begin: waiting, unless all their assets are Active."""
        return "queued" if all(asset.state == "active" for asset in self.assets) else "waiting"


def start(team: Team, created_by: User | None, order: Order) -> list[Generation]:
    """Write down the takes of one press of the button for the engine to send. The same `click` again returns those
    that it already made. Where a hard budget cannot count them, for nobody knows their price, they wait for an admin's
    yes. Raises OverBudget when all of them together would go above a hard budget.
    """
    with transaction.atomic():
        revision = team.next_revision()  # whose lock makes two equal presses at once come one after the other
        if made := takes_of_click(team, order.click):
            return made
        budgets = refuse_beyond(team, created_by, order.most)
        waits = not order.is_let_through and cannot_count(budgets, order.most)
        state = "approval" if waits else order.state
        now = timezone.now()
        made = [_write_down(team, created_by, order, take, state, revision, now) for take in range(1, order.takes + 1)]
        Asset.objects.filter(pk__in=[asset.pk for asset in order.assets]).update(used_at=now)
        if order.made_from:
            # Its page and cards say what came of it.
            Generation.objects.filter(pk=order.made_from.pk).update(revision=revision)
        return made


def params_of_take(model_id: str, params: Mapping[str, Any], take: int) -> dict[str, Any]:
    """A seed that somebody gave is the first take's; each one after it takes the next, for equal seeds would give
    nearly equal films. After a model's highest seed comes its lowest.
    """
    seed = params.get("seed")
    if seed is None:
        return dict(params)
    seed += take - 1
    bounds = catalogue.load().described(model_id).params.get("seed")
    if bounds and bounds.maximum is not None and seed > bounds.maximum:
        seed = (bounds.minimum or 0) + seed - bounds.maximum - 1
    return {**params, "seed": seed}


def _write_down(
    team: Team, created_by: User | None, order: Order, take: int, state: str, revision: int, now: datetime
) -> Generation:
    """Each counts as a microsecond older than the one before it, so that lists, newest first, keep their order."""
    generation = Generation.objects.create(
        team=team,
        created_by_id=created_by.pk if created_by else None,
        click=order.click,
        take=take,
        is_draft=order.is_draft,
        draft_of=dict(order.draft_of) if order.draft_of else None,
        made_from=order.made_from,
        origin=order.origin,
        model=order.model,
        prompt=order.prompt,
        mentions=dict(order.mentions),
        params=params_of_take(order.model, order.params, take),
        estimate_low=order.estimate[0],
        estimate_high=order.estimate[1],
        spend=order.estimate[1] or 0,
        price_key=order.price_key,
        asked_seconds=order.seconds,
        state=state,
        state_since=now,
        created_at=now - timedelta(microseconds=take - 1),
        due_at=None if GENERATION[state].is_final else now,
        revision=revision,
    )
    places: dict[str, int] = {}
    for reference in order.references:
        position = places.get(reference.slot, 0)
        places[reference.slot] = position + 1
        Reference.objects.create(
            generation=generation,
            slot=reference.slot,
            position=position,
            media_type=reference.media_type,
            asset=reference.asset,
            url=reference.url,
        )
    Event.objects.create(team=team, actor_id=generation.created_by_id, generation=generation, to_state=state)
    return generation

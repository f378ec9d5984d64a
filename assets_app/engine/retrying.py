"""Films that the provider had no room for are asked for again by themselves: some times, at growing intervals.

Each try is a generation of its own, with an id and hence an Idempotency-Key of its own, because the job before it is
over and was refunded (FACTS §3). Its click follows from the one that failed, so however often a worker dies over it,
one is made.
"""

from __future__ import annotations

import random
import uuid

from django.db import transaction

from assets_app.apiframe import catalogue, reasons
from assets_app.apiframe.catalogue import UnknownModel
from assets_app.engine.outcomes import in_seconds
from assets_app.models import Generation, Membership, NewReference, Origin
from assets_app.models.generation import takes_of_click
from assets_app.money import prices
from assets_app.money.limits import OverBudget
from assets_app.money.ordering import Order, start

# Seconds until the first, second and third try; after that it is a person's turn.
WAITS = (60.0, 300.0, 900.0)
SPREAD = 0.1  # films that failed together do not come back together


def is_worth_it(failed: Generation, words: str) -> bool:
    """Whether a job that ended with these words of the provider is to be asked for again by itself."""
    return reasons.explain(words).klass == "capacity" and tries_before(failed) < len(WAITS)


def tries_before(generation: Generation) -> int:
    """How many tries by themselves led to this one, counted no further than matters."""
    tries, each = 0, generation
    while each.origin == Origin.RETRY and each.made_from is not None and tries < len(WAITS):
        tries, each = tries + 1, each.made_from
    return tries


def try_again(failed: Generation) -> str:
    """Write the next try down, to be sent after a while. Returns why it is not tried again, or ""."""
    if failed.trashed_at or not is_worth_it(failed, failed.reason):
        return ""
    if failed.created_by and not Membership.of_editors(failed.team).filter(user=failed.created_by).exists():
        return "Not tried again by itself: whoever asked for it may not spend the team’s credits any more."
    click = uuid.uuid5(failed.pk, "retry")
    wait = WAITS[tries_before(failed)] * random.uniform(1 - SPREAD, 1 + SPREAD)
    try:
        with transaction.atomic():
            failed.team.next_revision()
            if not takes_of_click(failed.team, click):
                (again,) = start(failed.team, failed.created_by, _order_of(failed, click))
                Generation.objects.filter(pk=again.pk, due_at__isnull=False).update(due_at=in_seconds(wait))
    except OverBudget as why:
        return f"Not tried again by itself. {why}"
    except UnknownModel:
        return "Not tried again by itself: its model is not offered any more."
    return ""


def _order_of(failed: Generation, click: uuid.UUID) -> Order:
    """The very same again, at what it costs by now. The seed of this take is in its params. Raises UnknownModel."""
    catalogue.load().get(failed.model)
    (film,) = prices.films_of([failed])
    (price,) = prices.quotes(failed.team, [film])
    references = failed.references.select_related("asset")
    return Order(
        click=click,
        model=failed.model,
        prompt=failed.prompt,
        params=failed.params,
        references=[NewReference(each.slot, each.media_type, each.asset, each.url) for each in references],
        mentions=failed.mentions,
        is_draft=failed.is_draft,
        draft_of=failed.draft_of,
        made_from=failed,
        origin=Origin.RETRY,
        estimate=(price.credits_low, price.credits_high) if price else (None, None),
        price_key=film.measure.key,
        seconds=film.measure.seconds,
    )

"""From the form of the studio to the takes that are made of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction

from assets_app.forms import press, slots
from assets_app.forms.slots import Filled
from assets_app.forms.studio import StudioForm
from assets_app.models import Generation, Membership
from assets_app.models.generation import takes_of_click
from assets_app.money import ordering, prices
from assets_app.money.ordering import Order


def is_same_as(form: StudioForm, generation: Generation) -> bool:
    """Whether `generation`, the first of its takes, was made from this very form."""
    plan, prompt = form.plan, form.mentioned.rendered
    ours = (plan.model.id, prompt, plan.params, _places(form.references), form.is_draft, form.takes)
    return ours == (
        generation.model,
        generation.rendered_prompt,
        generation.params,
        _places(slots.of_generation(generation)),
        generation.is_draft,
        len(takes_of_click(form.team, generation.click)),
    )


def start(form: StudioForm, created_by: User, *, is_let_through: bool = False) -> list[Generation]:
    """Write its takes down for the engine. Only for a valid form. Raises OverBudget, and PermissionDenied for somebody
    who was taken out of the team since the request came. `is_let_through`: an admin said yes to a price that nobody
    knows.
    """
    wanted = replace(order(form), is_let_through=is_let_through)
    with transaction.atomic():
        form.team.next_revision()  # whose lock who takes somebody out takes as well
        if not Membership.of_editors(form.team).filter(user=created_by).exists():
            raise PermissionDenied
        return ordering.start(form.team, created_by, wanted)


def priced_by(form: StudioForm) -> str:
    """Names all that the price on the button goes by: two forms with the same cost the same at the same moment."""
    plan = form.plan
    by = [plan.model.id, sorted(plan.params.items()), form.has_video, form.takes]
    return hashlib.sha256(json.dumps(by, default=str).encode()).hexdigest()[:16]


def order(form: StudioForm) -> Order:
    """All that a press of the button asks for. Only for a valid form."""
    price, plan = form.price, form.plan
    by = prices.measure(plan.model, plan.params, has_video=form.has_video)
    made_from, origin = press.parent_of(form.team, form.cleaned_data["made_from"], form.cleaned_data["origin"])
    return Order(
        click=form.cleaned_data["click"],
        model=plan.model.id,
        prompt=form.cleaned_data["prompt"],
        mentions=form.mentioned.used,
        params=plan.params,
        references=[reference.as_new_reference() for reference in form.references],
        takes=form.takes,
        is_draft=form.is_draft,
        draft_of={"model": form.model.id, "params": form.params} if form.is_draft else None,
        made_from=made_from,
        origin=origin,
        estimate=(price.credits_low, price.credits_high) if price else (None, None),
        price_key=by.key,
        seconds=by.seconds,
    )


def _places(references: Sequence[Filled]) -> list[tuple[str, object]]:
    """What is in which slot, in the order of each slot."""
    return sorted((reference.same_thing for reference in references), key=lambda place: place[0])

"""Starting a film by one press, without a look at the composer, wherever that can be done."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.models import User

from assets_app import engine
from assets_app.forms import ordering
from assets_app.forms.studio import StudioForm
from assets_app.middleware import TeamRequest
from assets_app.models import Generation
from assets_app.money import asking


def start_at_once(request: TeamRequest, form: StudioForm, *, model: str) -> Generation | None:
    """The first take of what the form says. None, and nothing is sent, where a person has to look first: the form has
    something to say, it would be made with another model than `model`, or the team asks before it spends so much.

    Raises OverBudget.
    """
    if form.refusals or form.notes or form.plan.model.id != model:
        return None
    if asking.must_ask(request.membership, ordering.order(form).most):
        return None
    made, *_others = ordering.start(form, cast("User", request.user))
    engine.wake("provider")
    return made

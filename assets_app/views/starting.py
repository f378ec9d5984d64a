"""Starting a film by one press, without a look at the composer, wherever that can be done."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User

from assets_app import engine
from assets_app.forms import ordering
from assets_app.forms.studio import StudioForm
from assets_app.middleware import TeamRequest
from assets_app.models import Generation
from assets_app.money import asking, limits
from assets_app.money.words import NOT_KNOWN, in_credits


def start_at_once(request: TeamRequest, form: StudioForm, *, model: str) -> Generation | None:
    """The first take of what the form says. None, and nothing is sent, where a person has to look first: the form has
    something to say, it would be made with another model than `model`, it costs more than the button said, or the team
    asks before it spends so much.

    Raises OverBudget.
    """
    user = cast("User", request.user)
    if form.refusals or form.notes or form.plan.model.id != model:
        return None
    most = ordering.order(form).most
    if asking.must_ask(request.membership, most, limits.standings(request.team, user)):
        return None
    if shown := price_that_moved(request.POST.get("shown_price", ""), most):
        messages.warning(request, f"{shown} Nothing was sent: look, then press Generate.")
        return None
    made, *_others = ordering.start(form, user)
    engine.wake("provider")
    return made


def price_that_moved(shown: str, most: int | None) -> str:
    """What is said to somebody whose page showed another price than `most`, a lower one or none; "" where all is well,
    as where a page showed nothing.
    """
    if not shown or asking.covers(shown, most):
        return ""
    now = f"up to {in_credits(most)}" if most is not None else "an unknown price"
    amount = asking.amount_in(shown)
    return f"It costs {now} by now; the page said {NOT_KNOWN if amount is None else in_credits(amount)}."


def words_on_start(made: Generation) -> str:
    """What is said of a press that was taken."""
    match made.state:
        case "approval":
            return f"It needs approval from {limits.admins_of(made.team)}: no price is known for it."
        case "waiting":
            return "On its way. It waits for its assets first."
    return "On its way."

"""Starting a film by one press, without a look at the composer, wherever that can be done; and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import trigger_client_event

from assets_app import engine
from assets_app.forms import ordering
from assets_app.forms.studio import StudioForm
from assets_app.middleware import TeamRequest
from assets_app.models import Generation
from assets_app.money import asking, limits
from assets_app.money.words import NOT_KNOWN, in_credits, price_in_words
from assets_app.views.answers import go_to
from assets_app.views.one_film import is_sandbox


@dataclass(frozen=True)
class Started:
    """A film that a press made, and what is said of it."""

    film: Generation
    words: str


def start_at_once(request: TeamRequest, form: StudioForm, *, model: str) -> Started | None:
    """The first take of what the form says. None, and nothing is sent, where a person has to look first: the form has
    something to say, it would be made with another model than `model`, it costs more than the button said, or the team
    asks before it spends so much.

    Raises OverBudget.
    """
    user = cast("User", request.user)
    if form.refusals or form.doubts or form.notes or form.plan.model.id != model:
        return None
    most = ordering.order(form).most
    if asking.must_ask(request.membership, most, limits.standings(request.team, user)):
        return None
    if shown := price_that_moved(request.POST.get("shown_price", ""), most):
        messages.warning(request, f"{shown} Nothing was sent: look, then press Generate.")
        return None
    made, *_others = ordering.start(form, user)
    engine.wake("provider")
    return Started(made, words_on_start(request, form, made))


def follow(request: TeamRequest, started: Started) -> HttpResponse:
    """On to the new one; in a list people stay where they are, and it appears there."""
    if request.htmx:  # type: ignore[attr-defined]
        return _toast(started.words)
    if started.film.state == "approval":
        messages.info(request, started.words)
    return redirect("video", request.team.slug, started.film.pk)


def follow_first(request: TeamRequest, first: Generation) -> HttpResponse:
    """After a press of what makes one film only, and has made it: on to that."""
    messages.info(request, "Nothing was sent: this was made before.")
    return go_to(request, reverse("video", args=[request.team.slug, first.pk]))


def _toast(words: str) -> HttpResponse:
    answer = trigger_client_event(HttpResponse(status=204), "castboard:toast", {"text": words})
    return trigger_client_event(answer, "castboard:changed", {})


def price_that_moved(shown: str, most: int | None) -> str:
    """What is said to somebody whose page showed another price than `most`, a lower one or none; "" where all is well,
    as where a page showed nothing.
    """
    if not shown or asking.covers(shown, most):
        return ""
    now = f"up to {in_credits(most)}" if most is not None else "an unknown price"
    amount = asking.amount_in(shown)
    return f"It costs {now} by now; the page said {NOT_KNOWN if amount is None else in_credits(amount)}."


def words_on_start(request: TeamRequest, form: StudioForm, made: Generation) -> str:
    """What is said of a press that was taken: what becomes of it, and what it costs."""
    cost = price_in_words(form.price, form.takes, is_sandbox=is_sandbox(request))
    match made.state:
        case "approval":
            return f"It needs approval from {limits.admins_of(made.team)}: no price is known for it."
        case "waiting":
            return f"Waiting for its assets: {cost}."
    return f"On its way: {cost}."

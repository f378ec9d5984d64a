"""What an admin answers to a press that waits for a yes: yes, a price, or no."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from assets_app import engine
from assets_app.forms.prices import PriceOfPress
from assets_app.middleware import TeamRequest
from assets_app.money import approving
from assets_app.money.approving import NotAsShown, Settled, Waiting
from assets_app.money.limits import OverBudget
from assets_app.views.access import admins_only
from assets_app.views.answers import way_back
from assets_app.views.budgets_page import budgets_page
from assets_app.views.hand_prices import tell_price

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LONGEST_REASON = 300
ANOTHER_PRICE = "Its price has changed. Check it, then approve it."
SETTLED = "It no longer needs approval: somebody has answered, or it was cancelled."


@require_POST
@admins_only
def say_yes(request: TeamRequest, click: uuid.UUID) -> HttpResponse:
    """Let it go on as it was pressed. `shown_price` is what the page showed."""
    return _let_through(request, click, request.POST.get("shown_price", ""))


@require_POST
@admins_only
def set_price(request: TeamRequest, click: uuid.UUID) -> HttpResponse:
    """Count it, and what is like it, as so many credits until it is billed, and let it go on within the budgets. Where
    somebody else set a price meanwhile, that one stays.
    """
    with transaction.atomic():
        request.team.next_revision()
        waiting = _waiting(request, click)
        if waiting is None:
            return _back(request, SETTLED, is_problem=True)
        if waiting.price:
            return _back(request, ANOTHER_PRICE, is_problem=True)
        form = PriceOfPress(waiting.first, request.POST)
        if not form.is_valid():
            return budgets_page(request, priced=form)
        tell_price(request, "price", form.set_by(_user(request)))
        counted = _waiting(request, click)  # by this price, whoever sets another next
    return _let_through(request, click, counted.shown if counted and counted.price else "")


@require_POST
@admins_only
def say_no(request: TeamRequest, click: uuid.UUID) -> HttpResponse:
    why = " ".join(request.POST.get("why", "").split())[:LONGEST_REASON]
    try:
        refused = approving.say_no(request.team, _user(request), click, why)
    except Settled:
        return _back(request, SETTLED, is_problem=True)
    return _back(request, f"{_takes(refused)} declined. Nothing was sent or charged.")


def _let_through(request: TeamRequest, click: uuid.UUID, shown: str) -> HttpResponse:
    try:
        made = approving.say_yes(request.team, _user(request), click, shown)
    except Settled:
        return _back(request, SETTLED, is_problem=True)
    except NotAsShown:
        return _back(request, ANOTHER_PRICE, is_problem=True)
    except OverBudget as why:
        return _back(request, f"It still needs approval. {why}", is_problem=True)
    engine.wake("provider")
    return _back(request, f"{_takes(len(made))} approved, on {'its' if len(made) == 1 else 'their'} way.")


def _waiting(request: TeamRequest, click: uuid.UUID) -> Waiting | None:
    return next(iter(approving.waiting_in(request.team, click)), None)


def _takes(number: int) -> str:
    return f"{number} take{'' if number == 1 else 's'}"


def _back(request: TeamRequest, text: str, *, is_problem: bool = False) -> HttpResponse:
    (messages.error if is_problem else messages.success)(request, text)
    return redirect(way_back(request, "next", reverse("budgets", args=[request.team.slug])))


def _user(request: TeamRequest) -> User:
    return cast("User", request.user)

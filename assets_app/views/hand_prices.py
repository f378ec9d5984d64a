"""Prices by hand: what admins count a model's films as until they are billed."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from assets_app.apiframe import catalogue
from assets_app.forms.prices import AmountForm, HandPriceForm
from assets_app.middleware import TeamRequest
from assets_app.models import Event, HandPrice
from assets_app.views.access import admins_only
from assets_app.views.budgets_page import budgets_page

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@require_POST
@admins_only
def add(request: TeamRequest) -> HttpResponse:
    """A new one; it replaces one that was set for the same."""
    with transaction.atomic():
        request.team.next_revision()  # two who set the same one come one after the other
        form = HandPriceForm(request.team, request.POST)
        if not form.is_valid():
            return budgets_page(request, new_price=form)
        tell_price(request, "price", form.set_by(cast("User", request.user)))
    messages.success(request, "The price counts from now on, until a bill says better.")
    return _back(request)


@require_POST
@admins_only
def change(request: TeamRequest, pk: int) -> HttpResponse:
    with transaction.atomic():
        request.team.next_revision()
        price = get_object_or_404(HandPrice, pk=pk, team=request.team)
        form = AmountForm(request.POST, instance=price, prefix=f"price-{pk}")
        if not form.is_valid():
            return budgets_page(request, changed_price=form)
        if form.changes:
            tell_price(request, "price", form.set_by(cast("User", request.user)))
    messages.success(request, "Saved.")
    return _back(request)


@require_POST
@admins_only
def remove(request: TeamRequest, pk: int) -> HttpResponse:
    with transaction.atomic():
        request.team.next_revision()
        if price := HandPrice.objects.filter(pk=pk, team=request.team).first():
            tell_price(request, "price-gone", price)
            price.delete()
    messages.success(request, "The price is gone.")
    return _back(request)


def tell_price(request: TeamRequest, what: str, price: HandPrice) -> None:
    """Put on record that it was set, or taken away."""
    facts = {
        "model": catalogue.label_of(price.model),
        "kind": price.kind_words,
        "amount": price.amount_words,
        "of": price.pk,
        "credits": price.amount,
        "unit": price.unit,
    }
    Event.about_team(request.team, request.membership.user, what, **facts)


def _back(request: TeamRequest) -> HttpResponse:
    return redirect(f"{reverse('budgets', args=[request.team.slug])}#prices")

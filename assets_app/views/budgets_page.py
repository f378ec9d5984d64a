"""The page of budgets, of prices by hand, and of presses that wait for a yes; also where a form of it is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from assets_app.apiframe import catalogue
from assets_app.forms.budgets import BudgetForm, EndsForm
from assets_app.forms.prices import AmountForm, HandPriceForm, PriceOfPress
from assets_app.middleware import TeamRequest
from assets_app.models import HandPrice
from assets_app.money import limits, prices
from assets_app.views.waiting_presses import asked_of


def budgets_page(
    request: TeamRequest,
    *,
    new: BudgetForm | None = None,
    changed: EndsForm | None = None,
    new_price: HandPriceForm | None = None,
    changed_price: AmountForm | None = None,
    priced: PriceOfPress | None = None,
) -> HttpResponse:
    """Each form is one that was sent with something that cannot be meant, to be shown again as it was typed."""
    context = {
        "rows": list(_budgets(request, changed)),
        "uncounted": limits.uncounted_under_way(request.team),
        "new": new or BudgetForm(request.team),
        "prices": list(_prices(request, changed_price)),
        "new_price": new_price or HandPriceForm(request.team, model=request.GET.get("model", "")),
        "unpriced": len(prices.unpriced_models(request.team)),
        "approvals": asked_of(request, form=priced),
        "place": "budgets",
        "live_page": "budgets",
    }
    is_older = any(form is not None and form.meanwhile for form in (changed, changed_price))
    return render(request, "team/budgets.html", context, status=409 if is_older else 200)


def _budgets(request: TeamRequest, changed: EndsForm | None) -> Iterator[dict[str, Any]]:
    for standing in limits.standings(request.team, everybody=True):
        is_changed = changed is not None and changed.instance.pk == standing.limit.pk
        form = changed if is_changed else EndsForm(instance=standing.limit, prefix=str(standing.limit.pk))
        yield {"standing": standing, "form": form}


def _prices(request: TeamRequest, changed: AmountForm | None) -> Iterator[dict[str, Any]]:
    for price in HandPrice.objects.filter(team=request.team).select_related("set_by"):
        is_changed = changed is not None and changed.instance.pk == price.pk
        form = changed if is_changed else AmountForm(instance=price, prefix=f"price-{price.pk}")
        yield {"price": price, "form": form, "label": catalogue.label_of(price.model)}

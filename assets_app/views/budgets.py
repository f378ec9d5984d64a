"""Budgets: everybody sees them, admins set them. And what goes with them: asking first, and the balance."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from assets_app import engine
from assets_app.engine.accounts import ask_for_balances
from assets_app.forms.budgets import BudgetForm, EndsForm
from assets_app.middleware import TeamRequest
from assets_app.models import Event, SpendingLimit
from assets_app.models.reading import one_reading
from assets_app.money import asking, limits
from assets_app.money.words import name_of
from assets_app.views.access import admins_only, editors_only
from assets_app.views.answers import said, way_back
from assets_app.views.budgets_page import budgets_page
from assets_app.views.live import live_page
from assets_app.views.waiting_presses import changed_approvals


@require_safe
@one_reading()
def budgets(request: TeamRequest) -> HttpResponse:
    return budgets_page(request)


@require_POST
@admins_only
def add(request: TeamRequest) -> HttpResponse:
    with transaction.atomic():
        request.team.next_revision()  # two who add the same one come one after the other
        form = BudgetForm(request.team, request.POST)
        if not form.is_valid():
            return budgets_page(request, new=form)
        limit = form.save()
        _tell(request, "budget", limit)
    messages.success(request, "The budget holds from now on.")
    return redirect("budgets", request.team.slug)


@require_POST
@admins_only
def change(request: TeamRequest, pk: int) -> HttpResponse:
    with transaction.atomic():
        request.team.next_revision()
        limit = get_object_or_404(SpendingLimit, pk=pk, team=request.team)
        form = EndsForm(request.POST, instance=limit, prefix=str(pk))
        if not form.is_valid():
            return budgets_page(request, changed=form)
        if form.changes:
            _tell(request, "budget", form.save())
    messages.success(request, "Saved.")
    return redirect("budgets", request.team.slug)


@require_POST
@admins_only
def remove(request: TeamRequest, pk: int) -> HttpResponse:
    with transaction.atomic():
        request.team.next_revision()
        limit = SpendingLimit.objects.filter(pk=pk, team=request.team).first()
        if limit:
            _tell(request, "budget-gone", limit)
            limit.delete()
    messages.success(request, "The budget is gone.")
    return redirect("budgets", request.team.slug)


@require_POST
def ask_me(request: TeamRequest) -> HttpResponse:
    """Whether Generate asks this person: `asks` is "yes" or "no". Back to the page it was said on."""
    if request.POST.get("asks") == "no":
        asking.stop_asking(request.membership)
    else:
        asking.ask_again(request.membership)
    messages.success(request, f"Generate {'asks' if request.membership.asks_first else 'does not ask'} you first.")
    return redirect(way_back(request, "next", reverse("budgets", args=[request.team.slug])))


@require_POST
@editors_only
def refresh_balance(request: TeamRequest) -> HttpResponse:
    """Only makes the question due: the engine asks it as soon as the request budget allows."""
    if ask_for_balances(request.team):
        engine.wake("provider")
        return said(request, "The provider is being asked for the balance.", "board", request.team.slug)
    words = "The connection has a problem: the balance comes when that is over."
    return said(request, words, "board", request.team.slug, is_problem=True)


@live_page("budgets")
@one_reading()
def changed_budgets(request: TeamRequest, since: int) -> str:
    """What is spent of each, and what waits for a yes. Fields are left alone: somebody may be typing in them."""
    standings = limits.standings(request.team, everybody=True)
    uses = render_to_string("team/_budget_uses.html", {"standings": standings}, request)
    return uses + changed_approvals(request, since)


def _tell(request: TeamRequest, what: str, limit: SpendingLimit) -> None:
    facts = {
        "whose": name_of(limit.user) if limit.user else "",
        "period": limit.period,
        "warn_at": limit.warn_at,
        "stop_at": limit.stop_at,
    }
    Event.about_team(request.team, request.membership.user, what, **facts)

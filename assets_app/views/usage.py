"""What the team spent: by day, person, model and asset, as a page and as a table to take away.

Every member sees who spent what: each film's card says who asked for it and what it cost, so a table kept for admins
would hide nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from assets_app.apiframe import catalogue
from assets_app.middleware import TeamRequest
from assets_app.models import Asset, Generation, Reference
from assets_app.models.reading import one_reading
from assets_app.money import chart, prices, sums
from assets_app.money.sums import Cost, Span
from assets_app.templatetags.castboard import person
from assets_app.views import differences, periods, spreadsheet
from assets_app.views.live import live_page

MOST_ASSETS = 20
JOBS_JUDGED = 20  # how many of the last the estimates are measured by
AT_A_TIME = 500
COLUMNS = [
    "Asked for (UTC)",
    "Who",
    "Model",
    "State",
    "Take",
    "Draft",
    "Seconds",
    "Price by",
    "Estimate, lowest",
    "Estimate, highest",
    "Charged by the provider",
    "Counts for",
    "Assets",
    "Prompt",
    "In the trash",
    "Id",
    "Job",
]


@dataclass(frozen=True)
class Row:
    """One line of a table: what it is about, and what that cost."""

    about: Any
    cost: Cost
    series: int | None = None


@require_safe
@one_reading()
def usage(request: TeamRequest) -> HttpResponse:
    period = periods.chosen(request.GET.get("period", ""))
    span = period.of(request.team)
    days, models = span.by_day(), span.by_model()
    drawn = chart.draw(period.first, period.last, days, {model: catalogue.label_of(model) for model in models})
    context = _figures(request, period) | {
        "recent": periods.recent(),
        "months": periods.months_of(request.team),
        "chart": drawn,
        "people": _people(span),
        "models": [Row(catalogue.label_of(model), cost, drawn.series_of(model)) for model, cost in models.items()],
        "assets": _assets(span),
        "days": [(bar, list(_costs(days, bar))) for bar in reversed(drawn.bars) if bar.day in days],
        "place": "usage",
        "live_page": "usage",
        "live_for": period.value,
    }
    if request.membership.is_admin:
        context |= differences.context_of(request.team)
    return render(request, "usage/usage.html", context)


def _figures(request: TeamRequest, period: periods.Period) -> dict[str, Any]:
    error = prices.error_over_last(request.team, JOBS_JUDGED)
    return {
        "period": period,
        "total": period.of(request.team).cost,
        "held": sums.held_by(request.team),
        "error": None if error is None else round(error * 100, 1),
        "jobs_judged": JOBS_JUDGED,
    }


@live_page("usage")
@one_reading()
def changes(request: TeamRequest, _since: int) -> str:
    """The totals and, for admins, where the provider's list differs; chart and tables wait for the next visit."""
    context = _figures(request, periods.chosen(request.GET.get("for", "")))
    templates = ["usage/_figures.html"]
    if request.membership.is_admin:
        context |= differences.context_of(request.team)
        templates.append("usage/_differences.html")
    return SafeString("".join(render_to_string(template, context, request) for template in templates))


def _people(span: Span) -> list[Row]:
    costs = span.by_person()
    users = User.objects.in_bulk([pk for pk in costs if pk])
    return [Row(users.get(pk or 0), cost) for pk, cost in costs.items()]


def _assets(span: Span) -> list[Row]:
    costs = span.by_asset(MOST_ASSETS)
    assets = Asset.objects.filter(team=span.team).in_bulk(costs)
    return [Row(assets[pk], cost) for pk, cost in costs.items() if pk in assets]


def _costs(days: dict[Any, dict[str, Cost]], bar: chart.Bar) -> Iterator[int]:
    """Finished films and failures of a day, beside its credits."""
    costs = days[bar.day].values()
    yield sum(cost.films for cost in costs)
    yield sum(cost.free for cost in costs)


# --- to take away ----------------------------------------------------------------------------------------------------
@require_safe
def export(request: TeamRequest) -> HttpResponseBase:
    """The period's generations as CSV, oldest first."""
    period = periods.chosen(request.GET.get("period", ""))
    name = f"{slugify(request.team.slug)}-usage-{period.first}-to-{period.last}.csv"
    return spreadsheet.download(name, COLUMNS, (_as_row(each) for each in _all(period.of(request.team))))


def _all(span: Span) -> Iterator[Generation]:
    """In pieces, each with all that its lines name."""
    assets = Prefetch("references", Reference.objects.select_related("asset"))
    rows = span.generations.select_related("created_by").prefetch_related(assets).order_by("created_at", "id")
    after = Q()
    while page := list(rows.filter(after)[:AT_A_TIME]):
        yield from page
        last = page[-1]
        after = Q(created_at__gt=last.created_at) | Q(created_at=last.created_at, pk__gt=last.pk)


def _as_row(generation: Generation) -> list[str]:
    names = dict.fromkeys(reference.asset.name for reference in generation.references.all() if reference.asset)
    return [
        spreadsheet.moment(generation.created_at),
        person(generation.created_by) if generation.created_by_id else "",
        catalogue.label_of(generation.model),
        generation.status.label,
        str(generation.take),
        "yes" if generation.is_draft else "",
        _number(generation.asked_seconds),
        generation.price_key,
        _number(generation.estimate_low),
        _number(generation.estimate_high),
        _number(generation.credit_cost),
        str(generation.spend),
        "; ".join(names),
        generation.prompt,
        "yes" if generation.trashed_at else "",
        str(generation.pk),
        generation.job_id,
    ]


def _number(value: int | None) -> str:
    return "" if value is None else str(value)

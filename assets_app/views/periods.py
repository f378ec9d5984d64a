"""The stretches of time that the usage page can look at; they live in the address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_date

from assets_app.days import midnight
from assets_app.models import Generation, Team
from assets_app.money.sums import Span

LAST_DAYS = ("7", "30", "90")
USUAL = "30"
MOST_MONTHS = 24


@dataclass(frozen=True)
class Period:
    """Whole days of the current time zone, both ends included. `value` is how the address says it."""

    value: str
    label: str
    first: date
    last: date

    def of(self, team: Team) -> Span:
        return Span(team, midnight(self.first), midnight(self.last + timedelta(days=1)))


def chosen(value: str) -> Period:
    """What the address asks for: "7", "30", "90" or a month as "2026-11"; thirty days when it makes no sense."""
    return _month(value) or _last_days(value if value in LAST_DAYS else USUAL)


def recent() -> list[Period]:
    return [_last_days(days) for days in LAST_DAYS]


def months_of(team: Team) -> list[Period]:
    """The months since the team's first generation, latest first."""
    oldest = Generation.objects.filter(team=team).order_by("created_at").values_list("created_at", flat=True).first()
    month = timezone.localdate().replace(day=1)
    first = timezone.localdate(oldest).replace(day=1) if oldest else month
    found: list[Period] = []
    while month >= first and len(found) < MOST_MONTHS:
        found.append(_whole_month(month))
        month = (month - timedelta(days=1)).replace(day=1)
    return found


def _last_days(value: str) -> Period:
    today = timezone.localdate()
    return Period(value, f"Last {value} days", today - timedelta(days=int(value) - 1), today)


def _month(value: str) -> Period | None:
    if len(value) != len("2026-11"):
        return None
    try:
        first = parse_date(f"{value}-01")
    except ValueError:
        return None
    return _whole_month(first) if first and 2000 <= first.year < 3000 else None


def _whole_month(first: date) -> Period:
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return Period(f"{first:%Y-%m}", f"{first:%B %Y}", first, last)

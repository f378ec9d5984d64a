"""Days as people mean them: of the current time zone."""

from __future__ import annotations

from datetime import date, datetime, time

from django.utils import timezone


def midnight(day: date) -> datetime:
    """The moment at which this day begins."""
    return timezone.make_aware(datetime.combine(day, time.min))

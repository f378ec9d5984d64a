"""The toast about what just became Active, on whatever page the person is."""

from __future__ import annotations

from datetime import UTC, datetime

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from assets_app.middleware import TeamRequest

MANY = 60  # as many as may be picked at once


def arrivals(request: TeamRequest, since: int) -> SafeString:
    """What became Active after the page was last drawn ("at", milliseconds since the epoch); "" when nothing did.

    What was Active when the page was loaded is no news, nor is the very asset whose page this is.
    """
    drawn = _moment(request.GET.get("at", ""))
    if drawn is None:
        return SafeString()
    fresh = request.team.assets.live().filter(revision__gt=since, state="active", active_at__gt=drawn)
    found = [asset for asset in fresh.order_by("-active_at")[:MANY] if str(asset.pk) != request.GET.get("for")]
    if not found:
        return SafeString()
    return render_to_string("board/_arrivals.html", {"arrived": found}, request)


def _moment(milliseconds: str) -> datetime | None:
    if not (milliseconds.isdecimal() and len(milliseconds) < 15):
        return None
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)

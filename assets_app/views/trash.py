"""What was thrown away, until it is purged."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from assets_app.library.actions import ACTIONS
from assets_app.library.trash import KEPT
from assets_app.middleware import TeamRequest
from assets_app.models import Asset
from assets_app.views.cards import Card

SHOWN = 200


@require_safe
def trash(request: TeamRequest) -> HttpResponse:
    """Last thrown away first; more than a screenful is only counted."""
    thrown = Asset.objects.filter(team=request.team).in_trash()
    rows = thrown.select_related("created_by", "original", "trashed_by").order_by("-trashed_at")[:SHOWN]
    context = {
        "place": "assets",
        "live_page": "trash",
        "cards": [Card(asset, "", asset.created_at) for asset in rows],
        "total": thrown.count(),
        "kept": KEPT,
        "may_restore": ACTIONS["restore"].may(request.membership),
        "may_purge": ACTIONS["purge"].may(request.membership),
    }
    return render(request, "library/trash.html", context)

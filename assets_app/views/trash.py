"""What was thrown away, until it is purged: assets, and films."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from assets_app.library.trash import KEPT
from assets_app.middleware import TeamRequest
from assets_app.models import Asset, Generation
from assets_app.views import film_bar, library_bar
from assets_app.views.cards import Card
from assets_app.views.many import Bar
from assets_app.views.takes import Take

SHOWN = 200


@require_safe
def trash(request: TeamRequest) -> HttpResponse:
    thrown = Asset.objects.filter(team=request.team).in_trash()
    rows = thrown.select_related("created_by", "original", "trashed_by").order_by("-trashed_at")[:SHOWN]
    context = {
        "place": "assets",
        "live_page": "trash",
        "heading": "Trash",
        "list": "library",
        "rows": [Card(asset, "", asset.created_at) for asset in rows],
    }
    return render(request, "library/trash.html", context | _shared(request, thrown, library_bar.BAR))


@require_safe
def trash_of_films(request: TeamRequest) -> HttpResponse:
    thrown = Generation.objects.filter(team=request.team).in_trash()
    rows = thrown.select_related("created_by", "video", "trashed_by").order_by("-trashed_at", "-id")[:SHOWN]
    context = {
        "place": "videos",
        "live_page": "videos-trash",
        "heading": "Trash of videos",
        "list": "videos",
        "rows": [Take(film) for film in rows],
    }
    return render(request, "videos/trash.html", context | _shared(request, thrown, film_bar.BAR))


def _shared(request: TeamRequest, thrown: QuerySet[Any], bar: Bar) -> dict[str, Any]:
    """What either page says: more than a screenful is only counted."""
    return {
        "total": thrown.count(),
        "kept": KEPT,
        "home": reverse(bar.page, args=[request.team.slug]),
        "restore": reverse(bar.route, args=[request.team.slug, "restore"]),
        "purge": reverse(bar.route, args=[request.team.slug, "purge"]),
        "may_restore": bar.actions["restore"].may(request.membership),
        "may_purge": bar.actions["purge"].may(request.membership),
    }

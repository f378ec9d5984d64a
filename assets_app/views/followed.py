"""Which models show the references they are given, as the team said film by film."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from assets_app.films.following import by_model
from assets_app.middleware import TeamRequest


@require_safe
def followed(request: TeamRequest) -> HttpResponse:
    context = {"models": by_model(request.team), "place": "videos", "live_page": "followed"}
    return render(request, "videos/followed.html", context)

"""What comes of a team's pattern for the names of downloaded films, while it is typed."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from assets_app.films import naming
from assets_app.forms.film_names import FilmNamesForm
from assets_app.middleware import TeamRequest
from assets_app.views.access import admins_only


def section(form: FilmNamesForm) -> dict[str, Any]:
    """What the settings page shows of it."""
    pattern = str(form["film_names"].value() or "")
    return {"film_names_form": form, "name_fields": naming.FIELDS, **_came_to(pattern)}


@require_safe
@admins_only
def example(request: TeamRequest) -> HttpResponse:
    """What a film would be called by `film_names`, or what is wrong with it."""
    return render(request, "team/_film_name.html", _came_to(request.GET.get("film_names", "")))


def _came_to(pattern: str) -> dict[str, str]:
    try:
        return {"film_name": naming.example(pattern), "film_name_problem": ""}
    except naming.BadPattern as bad:
        return {"film_name": "", "film_name_problem": str(bad)}

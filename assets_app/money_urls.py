"""Routes of what the team spends."""

from __future__ import annotations

from django.urls import URLPattern, path

from assets_app.views import usage

urlpatterns: list[URLPattern] = [
    path("<slug:team>/usage/", usage.usage, name="usage"),
    path("<slug:team>/usage/export/", usage.export, name="usage-export"),
]

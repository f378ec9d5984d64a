"""Routes of what the team spends."""

from __future__ import annotations

from django.urls import URLPattern, path

from assets_app.views import differences, usage

urlpatterns: list[URLPattern] = [
    path("<slug:team>/usage/", usage.usage, name="usage"),
    path("<slug:team>/usage/export/", usage.export, name="usage-export"),
    path("<slug:team>/usage/compare/", differences.compare, name="usage-compare"),
    path("<slug:team>/usage/differences/dismiss/", differences.dismiss, name="usage-dismiss"),
    path("<slug:team>/usage/differences/<int:pk>/take-in/", differences.take_in, name="difference-take-in"),
]

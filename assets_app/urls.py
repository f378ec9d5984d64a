"""Castboard's routes, one list per area."""

from __future__ import annotations

from django.urls import URLPattern, path

from assets_app.views import health, webhooks

machines = [
    path("healthz", health.healthz, name="healthz"),
    path("webhooks/apiframe/<str:token>/", webhooks.apiframe, name="webhook-apiframe"),
]

urlpatterns: list[URLPattern] = [*machines]

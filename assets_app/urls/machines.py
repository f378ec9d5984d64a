"""Routes that programs ask: whoever watches over Castboard, the provider, and pages that follow the news."""

from __future__ import annotations

from django.urls import URLPattern, path

from assets_app.views import health, live, webhooks

urlpatterns: list[URLPattern] = [
    path("healthz", health.healthz, name="healthz"),
    path("webhooks/apiframe/<str:token>/", webhooks.apiframe, name="webhook-apiframe"),
    path("<slug:team>/live/", live.live, name="live"),
]

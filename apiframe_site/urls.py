"""Where everything is. Words used here cannot be team slugs (`RESERVED_SLUGS`)."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("assets_app.urls")),
]

"""Where everything is. Words used here cannot be team slugs (`RESERVED_SLUGS`)."""

from __future__ import annotations

from django.urls import include, path

handler500 = "assets_app.views.outages.server_error"

urlpatterns = [
    path("", include("assets_app.urls")),
]

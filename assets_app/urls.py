"""Castboard's routes, one list per area."""

from __future__ import annotations

from django.urls import URLPattern, path

from assets_app import adding_urls, film_urls, films_urls, library_urls, money_urls, people_urls, prompt_urls
from assets_app.views import fixes, health, live, studio, videos, webhooks
from assets_app.views.help import help_page

machines = [
    path("healthz", health.healthz, name="healthz"),
    path("webhooks/apiframe/<str:token>/", webhooks.apiframe, name="webhook-apiframe"),
]

shell = [
    path("<slug:team>/live/", live.live, name="live"),
]

films = [
    path("<slug:team>/generate/", studio.studio, name="studio"),
    path("<slug:team>/generate/check/", studio.check, name="studio-check"),
    path("<slug:team>/generate/before/", studio.before, name="studio-before"),
    path("<slug:team>/help/", help_page, name="help"),
    path("<slug:team>/videos/<uuid:pk>/cancel/", videos.cancel, name="video-cancel"),
    path("<slug:team>/videos/<uuid:pk>/fix/", fixes.fix, name="video-fix"),
    path("<slug:team>/videos/<uuid:pk>/again/", videos.make_again, name="video-again"),
    path("<slug:team>/videos/<uuid:pk>/save/", videos.save_again, name="video-save"),
]

urlpatterns: list[URLPattern] = [
    *people_urls.urlpatterns,
    *machines,
    *shell,
    *adding_urls.urlpatterns,
    *library_urls.urlpatterns,
    *film_urls.urlpatterns,
    *films_urls.urlpatterns,
    *films,
    *prompt_urls.urlpatterns,
    *money_urls.urlpatterns,
]

"""Castboard's routes, one list per area."""

from __future__ import annotations

from django.urls import URLPattern, path

from assets_app import adding_urls, people_urls
from assets_app.views import assets, files, health, live, studio, videos, webhooks

machines = [
    path("healthz", health.healthz, name="healthz"),
    path("webhooks/apiframe/<str:token>/", webhooks.apiframe, name="webhook-apiframe"),
]

board_and_library = [
    path("<slug:team>/live/", live.live, name="live"),
    path("<slug:team>/tray/", assets.tray, name="tray"),
    path("<slug:team>/assets/", assets.library, name="assets"),
    path("<slug:team>/assets/<uuid:pk>/", assets.asset_page, name="asset"),
    path("<slug:team>/assets/<uuid:pk>/rename/", assets.rename, name="asset-rename"),
    path("<slug:team>/assets/<uuid:pk>/retry/", assets.retry, name="asset-retry"),
    path("<slug:team>/assets/<uuid:pk>/file/", files.asset_file, name="asset-file"),
    path("<slug:team>/assets/<uuid:pk>/poster/", files.asset_poster, name="asset-poster"),
]

films = [
    path("<slug:team>/generate/", studio.studio, name="studio"),
    path("<slug:team>/generate/check/", studio.check, name="studio-check"),
    path("<slug:team>/videos/", videos.videos, name="videos"),
    path("<slug:team>/videos/<uuid:pk>/", videos.video, name="video"),
    path("<slug:team>/videos/<uuid:pk>/cancel/", videos.cancel, name="video-cancel"),
    path("<slug:team>/videos/<uuid:pk>/save/", videos.save_again, name="video-save"),
    path("<slug:team>/videos/<uuid:pk>/file/", videos.file, name="video-file"),
    path("<slug:team>/videos/<uuid:pk>/poster/", videos.poster, name="video-poster"),
    path("<slug:team>/videos/<uuid:pk>/download/", videos.download, name="video-download"),
]

urlpatterns: list[URLPattern] = [
    *people_urls.urlpatterns,
    *machines,
    *adding_urls.urlpatterns,
    *board_and_library,
    *films,
]

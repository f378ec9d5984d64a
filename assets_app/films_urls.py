"""Routes of the list of films: what it shows, what is done to many of them, and their files."""

from __future__ import annotations

from django.urls import URLPattern, path

from assets_app.views import film_bar, film_files, films

urlpatterns: list[URLPattern] = [
    path("<slug:team>/videos/", films.films, name="videos"),
    path("<slug:team>/videos/do/<slug:action>/", film_bar.do, name="videos-do"),
    path("<slug:team>/videos/download/", film_files.download_many, name="videos-download"),
    path("<slug:team>/videos/trash/", film_bar.trash, name="videos-trash"),
    path("<slug:team>/videos/keys/", films.keys, name="videos-keys"),
    path("<slug:team>/videos/<uuid:pk>/large/", films.large, name="video-large"),
    path("<slug:team>/videos/<uuid:pk>/file/", film_files.file, name="video-file"),
    path("<slug:team>/videos/<uuid:pk>/poster/", film_files.poster, name="video-poster"),
    path("<slug:team>/videos/<uuid:pk>/download/", film_files.download, name="video-download"),
]

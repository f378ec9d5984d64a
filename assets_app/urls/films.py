"""Routes of the team's films: their list, one film's page, what people say of it, what is made and shared of it."""

from __future__ import annotations

from django.urls import URLPattern, path

from assets_app.views import (
    cancelling,
    compare,
    film_bar,
    film_files,
    film_list,
    film_page,
    film_verbs,
    fixes,
    followed,
    making,
    marks,
    outcome,
    shares,
    trash,
)

many_films = [
    path("<slug:team>/videos/", film_list.films, name="videos"),
    path("<slug:team>/videos/do/<slug:action>/", film_bar.do, name="videos-do"),
    path("<slug:team>/videos/download/", film_files.download_many, name="videos-download"),
    path("<slug:team>/videos/trash/", trash.trash_of_films, name="videos-trash"),
    path("<slug:team>/videos/keys/", film_list.keys, name="videos-keys"),
    path("<slug:team>/videos/compare/", compare.compare, name="videos-compare"),
    path("<slug:team>/videos/followed/", followed.followed, name="videos-followed"),
]

one_film = [
    path("<slug:team>/videos/<uuid:pk>/", film_page.video, name="video"),
    path("<slug:team>/videos/<uuid:pk>/large/", film_list.large, name="video-large"),
    path("<slug:team>/videos/<uuid:pk>/file/", film_files.file, name="video-file"),
    path("<slug:team>/videos/<uuid:pk>/poster/", film_files.poster, name="video-poster"),
    path("<slug:team>/videos/<uuid:pk>/clip/", film_files.clip, name="video-clip"),
    path("<slug:team>/videos/<uuid:pk>/download/", film_files.download, name="video-download"),
    path("<slug:team>/videos/<uuid:pk>/star/", marks.star, name="video-star"),
    path("<slug:team>/videos/<uuid:pk>/rate/", marks.rate, name="video-rate"),
    path("<slug:team>/videos/<uuid:pk>/followed/", marks.followed, name="video-followed"),
    path("<slug:team>/videos/<uuid:pk>/notes/", marks.annotate, name="video-notes"),
]

# What is done about a film that is under way, refused or not saved, and what is made of one.
making_films = [
    path("<slug:team>/videos/<uuid:pk>/cancel/", cancelling.cancel, name="video-cancel"),
    path("<slug:team>/videos/<uuid:pk>/outcome/", outcome.say_outcome, name="video-outcome"),
    path("<slug:team>/videos/<uuid:pk>/fix/", fixes.fix, name="video-fix"),
    path("<slug:team>/videos/<uuid:pk>/again/", film_verbs.make_again, name="video-again"),
    path("<slug:team>/videos/<uuid:pk>/save/", film_verbs.save_again, name="video-save"),
    path("<slug:team>/videos/<uuid:pk>/run/", making.run_again, name="video-run"),
    path("<slug:team>/videos/<uuid:pk>/final/", making.make_final, name="video-final"),
    path("<slug:team>/videos/<uuid:pk>/next/", making.next_shot, name="video-next"),
    path("<slug:team>/videos/<uuid:pk>/reference/", making.as_reference, name="video-reference"),
    path("<slug:team>/videos/sets/<uuid:click>/cancel/", cancelling.cancel_set, name="takes-cancel"),
]

# What is shared, and what its link opens for anybody.
sharing = [
    path("<slug:team>/videos/<uuid:pk>/shares/", shares.create, name="video-shares"),
    path("<slug:team>/shares/<int:pk>/revoke/", shares.revoke, name="share-revoke"),
    path("share/<str:token>/", shares.page, name="share"),
    path("share/<str:token>/file/", shares.file, name="share-file"),
    path("share/<str:token>/poster/", shares.poster, name="share-poster"),
    path("share/<str:token>/download/", shares.download, name="share-download"),
]

urlpatterns: list[URLPattern] = [*sharing, *many_films, *one_film, *making_films]

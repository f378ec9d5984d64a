"""Routes of one film: its page, what people say about it, what is shared of it, and comparing it."""

from __future__ import annotations

from django.urls import URLPattern, path

from assets_app.views import compare, film, followed, making, marks, shares

# What a link opens, for anybody.
by_link = [
    path("share/<str:token>/", shares.page, name="share"),
    path("share/<str:token>/file/", shares.file, name="share-file"),
    path("share/<str:token>/poster/", shares.poster, name="share-poster"),
    path("share/<str:token>/download/", shares.download, name="share-download"),
]

# What is made of a film.
making_of_it = [
    path("<slug:team>/videos/<uuid:pk>/run/", making.run_again, name="video-run"),
    path("<slug:team>/videos/<uuid:pk>/final/", making.make_final, name="video-final"),
    path("<slug:team>/videos/<uuid:pk>/next/", making.next_shot, name="video-next"),
    path("<slug:team>/videos/<uuid:pk>/reference/", making.as_reference, name="video-reference"),
    path("<slug:team>/videos/sets/<uuid:click>/cancel/", making.cancel_set, name="takes-cancel"),
]

urlpatterns: list[URLPattern] = [
    *by_link,
    path("<slug:team>/videos/compare/", compare.compare, name="videos-compare"),
    path("<slug:team>/videos/followed/", followed.followed, name="videos-followed"),
    path("<slug:team>/videos/<uuid:pk>/", film.video, name="video"),
    path("<slug:team>/videos/<uuid:pk>/star/", marks.star, name="video-star"),
    path("<slug:team>/videos/<uuid:pk>/rate/", marks.rate, name="video-rate"),
    path("<slug:team>/videos/<uuid:pk>/followed/", marks.followed, name="video-followed"),
    path("<slug:team>/videos/<uuid:pk>/notes/", marks.annotate, name="video-notes"),
    path("<slug:team>/videos/<uuid:pk>/shares/", shares.create, name="video-shares"),
    path("<slug:team>/shares/<int:pk>/revoke/", shares.revoke, name="share-revoke"),
    *making_of_it,
]

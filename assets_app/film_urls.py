"""Routes of one film: its page, what people say about it, what is shared of it, and comparing it."""

from __future__ import annotations

from django.urls import URLPattern, path

from assets_app.views import film, marks

urlpatterns: list[URLPattern] = [
    path("<slug:team>/videos/<uuid:pk>/", film.video, name="video"),
    path("<slug:team>/videos/<uuid:pk>/star/", marks.star, name="video-star"),
    path("<slug:team>/videos/<uuid:pk>/rate/", marks.rate, name="video-rate"),
    path("<slug:team>/videos/<uuid:pk>/followed/", marks.followed, name="video-followed"),
    path("<slug:team>/videos/<uuid:pk>/notes/", marks.annotate, name="video-notes"),
]

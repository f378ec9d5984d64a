"""Castboard's routes, one module per area. People come first: their addresses begin with words that no team has."""

from __future__ import annotations

from django.urls import URLPattern

from assets_app.urls import adding, films, library, machines, money, people, studio

urlpatterns: list[URLPattern] = [
    *people.urlpatterns,
    *machines.urlpatterns,
    *adding.urlpatterns,
    *library.urlpatterns,
    *studio.urlpatterns,
    *films.urlpatterns,
    *money.urlpatterns,
]

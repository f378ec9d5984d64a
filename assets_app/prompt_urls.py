"""Routes of the prompt and its references: what may be mentioned, links put into the studio, prompts kept for later."""

from __future__ import annotations

from django.urls import URLPattern, path

from assets_app.views import linking, mentioning

urlpatterns: list[URLPattern] = [
    path("<slug:team>/generate/mentions/", mentioning.mention_list, name="studio-mentions"),
    path("<slug:team>/generate/register/", linking.register_link, name="studio-register"),
]

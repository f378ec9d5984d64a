"""Routes of the prompt and its references: what may be mentioned, links put into the studio, prompts kept for later."""

from __future__ import annotations

from django.urls import URLPattern, path

from assets_app.views import linking, mentioning, prompts

urlpatterns: list[URLPattern] = [
    path("<slug:team>/generate/mentions/", mentioning.mention_list, name="studio-mentions"),
    path("<slug:team>/generate/register/", linking.register_link, name="studio-register"),
    path("<slug:team>/generate/prompts/", prompts.prompt_menu, name="prompts"),
    path("<slug:team>/generate/presets/", prompts.preset_list, name="presets"),
    path("<slug:team>/generate/presets/save/", prompts.save_preset, name="preset-save"),
    path("<slug:team>/generate/presets/<int:pk>/rename/", prompts.rename_preset, name="preset-rename"),
    path("<slug:team>/generate/presets/<int:pk>/delete/", prompts.delete_preset, name="preset-delete"),
]

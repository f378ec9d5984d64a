"""Routes of the studio: composing, what the prompt mentions, prompts kept for later, and help on the models."""

from __future__ import annotations

from django.urls import URLPattern, path

from assets_app.views import linking, mentioning, prompts, studio
from assets_app.views.help import help_page, keys

composing = [
    path("<slug:team>/generate/", studio.studio, name="studio"),
    path("<slug:team>/generate/check/", studio.check, name="studio-check"),
    path("<slug:team>/generate/before/", studio.before, name="studio-before"),
    path("<slug:team>/generate/mentions/", mentioning.mention_list, name="studio-mentions"),
    path("<slug:team>/generate/register/", linking.register_link, name="studio-register"),
    path("<slug:team>/help/", help_page, name="help"),
    path("<slug:team>/keys/", keys, name="keys"),
]

kept_prompts = [
    path("<slug:team>/generate/prompts/", prompts.prompt_menu, name="prompts"),
    path("<slug:team>/generate/presets/", prompts.preset_list, name="presets"),
    path("<slug:team>/generate/presets/save/", prompts.save_preset, name="preset-save"),
    path("<slug:team>/generate/presets/<int:pk>/rename/", prompts.rename_preset, name="preset-rename"),
    path("<slug:team>/generate/presets/<int:pk>/delete/", prompts.delete_preset, name="preset-delete"),
]

urlpatterns: list[URLPattern] = [*composing, *kept_prompts]

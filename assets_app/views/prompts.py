"""Prompts to begin from: those that were sent before, and the team's presets."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from assets_app.forms import opening, presets
from assets_app.middleware import TeamRequest
from assets_app.models import Preset
from assets_app.views.access import editors_only
from assets_app.views.kept_prompts import menu_of, presets_of
from assets_app.views.studio import show_change


@require_safe
def prompt_menu(request: TeamRequest) -> HttpResponse:
    """What the two menus beside the prompt hold."""
    return render(request, "studio/_prompt_menu_items.html", menu_of(request))


# --- presets ---------------------------------------------------------------------------------------------------------
@require_safe
def preset_list(request: TeamRequest) -> HttpResponse:
    """All presets, to use, to rename and to delete."""
    return _presets(request)


def _presets(request: TeamRequest, renaming: presets.NameForm | None = None, status: int = 200) -> HttpResponse:
    kept = [
        (each, renaming if renaming and renaming.preset == each.preset else presets.NameForm(each.preset))
        for each in presets_of(request)
    ]
    return render(request, "studio/presets.html", {"place": "studio", "presets": kept}, status=status)


@require_POST
@editors_only
def save_preset(request: TeamRequest) -> HttpResponse:
    """What the studio's form says, under `preset_name`. The form comes back as it was."""
    form = opening.posted(request.team, request.POST)
    try:
        kept = presets.keep(request.team, request.user, form, request.POST.get("preset_name", ""))  # type: ignore[arg-type]
    except presets.NotKept as why:
        form.notes.append(str(why))
    else:
        form.notes.append(f"Kept as “{kept.name}”, for the whole team.")
    return show_change(request, form)


@require_POST
@editors_only
def rename_preset(request: TeamRequest, pk: int) -> HttpResponse:
    with transaction.atomic():
        request.team.next_revision()
        preset = get_object_or_404(Preset, team=request.team, pk=pk)
        form = presets.NameForm(preset, request.POST)
        if form.is_valid() and "name" in form.changes:
            try:
                presets.rename(preset, form.changes["name"], request.user)  # type: ignore[arg-type]
            except presets.NotKept as why:
                form.add_error("name", str(why))
    if form.errors:
        return _presets(request, form, status=409 if form.meanwhile else 200)
    return redirect("presets", request.team.slug)


@require_POST
@editors_only
def delete_preset(request: TeamRequest, pk: int) -> HttpResponse:
    preset = get_object_or_404(Preset, team=request.team, pk=pk)
    preset.delete()
    messages.info(request, f"The preset “{preset.name}” is gone; what was made with it stays.")
    return redirect("presets", request.team.slug)

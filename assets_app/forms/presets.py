"""A prompt with its settings under a name, for the whole team."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from assets_app.forms.shown import ShownMixin, of_team
from assets_app.models import Event, Preset, Team
from assets_app.models.words import printable

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from assets_app.forms.studio import StudioForm

MOST_PRESETS = 200
LONGEST_NAME = 60
# Of its settings together: far beyond what any model takes, and all presets are read for the menu.
LONGEST_SETTINGS = 50_000


class NotKept(Exception):
    """Why a preset cannot be kept, or be called that, in words for the person who tried."""


def clean_name(text: str) -> str:
    """Raises NotKept."""
    name = " ".join(printable(" ".join(text.split())).split())
    if not name:
        raise NotKept("Give the preset a name.")
    if len(name) > LONGEST_NAME:
        raise NotKept(f"A preset's name has {LONGEST_NAME} characters at most; this has {len(name)}.")
    return name


def keep(team: Team, user: User, form: StudioForm, text: str) -> Preset:
    """The form's model, settings and prompt as a new preset. Values that are none are left out. Raises NotKept."""
    name = clean_name(text)
    if Preset.objects.filter(team=team).count() >= MOST_PRESETS:
        raise NotKept(f"A team has {MOST_PRESETS} presets at most. Delete one first.")
    form.full_clean_once()
    length = len(json.dumps(form.params, ensure_ascii=False))
    if length > LONGEST_SETTINGS:
        words = f"The settings have {length:,} characters; a preset takes {LONGEST_SETTINGS:,}."
        raise NotKept(f"{words} Shorten the longest text among them.")
    preset = Preset(
        team=team,
        name=name,
        model=form.model.id,
        prompt=form.text.strip(),
        mentions=form.mentioned.used,
        params=form.params,
        created_by=user,
    )
    _save(preset)
    return preset


class NameForm(ShownMixin, forms.Form):
    """Another name for a preset."""

    name = forms.CharField(required=False)

    def __init__(self, preset: Preset, data: Any = None) -> None:
        super().__init__(data, initial={"name": preset.name}, auto_id=f"preset-{preset.pk}-%s")
        self.preset = preset

    def clean_name(self) -> str:
        try:
            return clean_name(self.cleaned_data["name"])
        except NotKept as why:
            raise ValidationError(str(why)) from why

    def last_change(self, name: str) -> Event | None:
        return of_team(self.preset.team_id, "renamed", name, self.preset.name, thing="preset", key=self.preset.pk)


def rename(preset: Preset, name: str, actor: User) -> None:
    """Raises NotKept."""
    with transaction.atomic():
        before, preset.name = preset.name, name
        _save(preset)
        facts = {"thing": "preset", "key": preset.pk, "name": name, "before": before}
        Event.about_team(preset.team, actor, "renamed", **facts)


def _save(preset: Preset) -> None:
    try:
        with transaction.atomic():
            preset.save()
    except IntegrityError as error:
        raise NotKept(f"There is a preset called “{preset.name}” already. Choose another name.") from error

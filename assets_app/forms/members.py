"""Who may come into a team, as what, and what a new team is called."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify

from assets_app.forms.shown import ShownMixin, of_team
from assets_app.models import Event, Membership, Team

Role = Membership.Role

MAY = {
    Role.VIEWER: "looks and downloads",
    Role.EDITOR: "adds, edits and generates",
    Role.ADMIN: "also runs members, key and settings",
}
ROLES = [(role.value, f"{role.label}: {may}") for role, may in MAY.items()]
LASTING = {1: "a day", 7: "a week", 30: "a month"}


class OfTeam(ShownMixin):
    """For forms over the team's own row, whose changes its history tells of by field."""

    def last_change(self, name: str) -> Event | None:
        return of_team(self.instance.pk, "settings", name, self.initial[name])  # type: ignore[attr-defined]


class InviteForm(forms.Form):
    role = forms.ChoiceField(choices=ROLES, initial=Role.EDITOR)
    days = forms.TypedChoiceField(label="The link works for", choices=list(LASTING.items()), coerce=int, initial=7)
    note = forms.CharField(
        label="Whom it is for (optional)",
        max_length=80,
        required=False,
        help_text="Only your team sees it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    @property
    def lasting(self) -> timedelta:
        return timedelta(days=self.cleaned_data["days"])


class RoleForm(ShownMixin, forms.Form):
    """What somebody may do in the team."""

    role = forms.ChoiceField(choices=Role.choices)

    def __init__(self, member: Membership, data: Any = None) -> None:
        super().__init__(data, initial={"role": member.role}, auto_id=f"member-{member.pk}-%s")
        self.member = member

    def last_change(self, name: str) -> Event | None:
        return of_team(self.member.team_id, "role", name, self.member.role, person=str(self.member.user))


class TeamForm(OfTeam, forms.ModelForm):
    """What a team is called and what it keeps."""

    class Meta:
        model = Team
        fields = ["name", "keep_originals"]
        labels = {"keep_originals": "Keep the originals"}
        help_texts = {
            "keep_originals": "The files that assets are made from: for looking at in full, and for registering again "
            "when their source is gone. Without them only previews are kept."
        }


class NewTeamForm(forms.ModelForm):
    """A team's name and its address, which is made from the name when it is left out."""

    slug = forms.CharField(
        label="Address (optional)", max_length=40, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    class Meta:
        model = Team
        fields = ["name", "slug"]
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "off"})}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        given["slug"] = given.get("slug") or slugify(given.get("name", ""))[:40].strip("-")
        if given.get("name") and not given["slug"]:
            raise ValidationError({"slug": "No address can be made from this name. Give one in small letters."})
        return given

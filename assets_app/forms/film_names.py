"""How films are called when they are downloaded."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError

from assets_app.films import naming
from assets_app.forms.members import OfTeam
from assets_app.models import Team


class FilmNamesForm(OfTeam, forms.ModelForm):
    """The team's pattern: words and fields in braces."""

    class Meta:
        model = Team
        fields = ["film_names"]
        labels = {"film_names": "Pattern"}
        help_texts = {"film_names": ""}
        error_messages = {"film_names": {"required": "A pattern is needed: {date}_{take} is the shortest that helps."}}
        widgets = {"film_names": forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})}

    def clean_film_names(self) -> str:
        pattern: str = self.cleaned_data["film_names"]
        try:
            naming.check(pattern)
        except naming.BadPattern as bad:
            raise ValidationError(str(bad)) from bad
        return pattern

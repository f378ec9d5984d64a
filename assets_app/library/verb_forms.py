"""What the verbs of a bar have to be told: which tags, which collection, what kind, how good."""

from __future__ import annotations

from django import forms

from assets_app.library.changes import LONGEST_NAME, clean_names
from assets_app.models import Kind
from assets_app.models.words import words_in


def tag_names(text: str) -> list[str]:
    """Raises a ValidationError for what nobody could search for."""
    for part in text.split(","):
        if part.strip() and not words_in(part):
            raise forms.ValidationError(
                f"“{part.strip()[:LONGEST_NAME]}” is no tag: it needs a letter, a digit or an emoji to be found by."
            )
    return clean_names(text)


class TagsForm(forms.Form):
    names = forms.CharField(
        label="Tags",
        max_length=600,
        error_messages={"required": "Which tag?"},
        widget=forms.TextInput(
            attrs={"class": "input", "placeholder": "night, hero", "list": "known-tags", "autocomplete": "off"}
        ),
    )

    def clean_names(self) -> list[str]:
        names = tag_names(self.cleaned_data["names"])
        if not names:
            raise forms.ValidationError("Which tag?")
        return names


class CollectionForm(forms.Form):
    name = forms.CharField(
        label="Collection",
        max_length=LONGEST_NAME,
        error_messages={"required": "Which collection?"},
        widget=forms.TextInput(
            attrs={"class": "input", "placeholder": "Trailer", "list": "known-collections", "autocomplete": "off"}
        ),
    )

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if not words_in(name):
            raise forms.ValidationError("A name needs a letter, a digit or an emoji to be found by.")
        return name


class KindForm(forms.Form):
    kind = forms.ChoiceField(
        required=False,
        choices=[("", "No kind"), *Kind.choices],
        widget=forms.Select(attrs={"class": "input"}),
    )


RATINGS = [(0, "No rating"), *((number, "★" * number) for number in range(1, 6))]


class RatingForm(forms.Form):
    rating = forms.TypedChoiceField(
        coerce=int,
        choices=RATINGS,
        widget=forms.Select(attrs={"class": "input"}),
    )

"""What people say about one asset, and what they call a way to look at the library."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator

from assets_app.library.changes import clean_names
from assets_app.library.query import LibraryQuery
from assets_app.library.verb_forms import RATINGS
from assets_app.models import LONGEST_NOTES, Asset, Kind, SavedView

TOO_LONG = "This has %(show_value)s characters; %(limit_value)s is the most. Shorten it, then save."


class AssetForm(forms.ModelForm):
    """All that people say about one asset; what a request leaves out stays as it is."""

    names = forms.CharField(required=False, max_length=600, label="Tags")

    class Meta:
        model = Asset
        fields = ["name", "kind", "rating", "notes", "rights_note", "rights_until"]
        labels = {
            "notes": "Notes",
            "rights_note": "Consent and rights",
            "rights_until": "May be used until",
        }
        widgets = {
            "rating": forms.Select(choices=RATINGS),
            "notes": forms.Textarea(attrs={"rows": 3}),
            "rights_note": forms.Textarea(attrs={"rows": 2, "placeholder": "Who agreed to what"}),
            "rights_until": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
        error_messages = {"name": {"required": "Give it a name: an asset without one cannot be found again."}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            for name in [name for name in self.fields if name not in self.data]:
                del self.fields[name]
        elif self.instance.pk:
            self.fields["names"].initial = ", ".join(tag.name for tag in self.instance.tags.all())
        if "kind" in self.fields:
            self.fields["kind"].widget.choices = [("", "No kind"), *Kind.choices]
        for name in {"notes", "rights_note"} & set(self.fields):
            self.fields[name].validators.append(MaxLengthValidator(LONGEST_NOTES, TOO_LONG))
        for field in self.fields.values():
            field.widget.attrs |= {"class": "input", "autocomplete": "off"}

    def clean_names(self) -> list[str]:
        return clean_names(self.cleaned_data["names"])


class ViewForm(forms.ModelForm):
    """A name for the way the library is looked at."""

    class Meta:
        model = SavedView
        fields = ["name", "query"]

    def clean_query(self) -> str:
        return LibraryQuery.from_string(self.cleaned_data["query"]).to_string()

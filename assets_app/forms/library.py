"""What people say about one asset, and what they call a way to look at the library."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator

from assets_app.forms.shown import ShownMixin, of_team
from assets_app.library.changes import clean_names
from assets_app.library.query import LibraryQuery
from assets_app.library.verb_forms import RATINGS, CollectionForm, tag_names
from assets_app.models import LONGEST_NOTES, Asset, Collection, Event, Kind, SavedView, Tag
from assets_app.models.words import sorting_name

TOO_LONG = "This has %(show_value)s characters; %(limit_value)s is the most. Shorten it, then save."


class AssetForm(ShownMixin, forms.ModelForm):
    """All that people say about one asset; what a request leaves out stays as it is. Tags are added up: two who tag at
    once both keep theirs.
    """

    added_up = frozenset({"names"})

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
        if self.instance.pk and "names" in self.fields:
            self.fields["names"].initial = ", ".join(tag.name for tag in self.instance.tags.all())
        if "kind" in self.fields:
            self.fields["kind"].widget.choices = [("", "No kind"), *Kind.choices]
        for name in {"notes", "rights_note"} & set(self.fields):
            self.fields[name].validators.append(MaxLengthValidator(LONGEST_NOTES, TOO_LONG))
        for field in self.fields.values():
            field.widget.attrs |= {"class": "input", "autocomplete": "off"}

    def clean_names(self) -> list[str]:
        return tag_names(self.cleaned_data["names"])

    def retagging(self) -> tuple[list[str], list[str]]:
        """The names of the tags that were put on, and of those that were taken off, since the page was drawn; without
        a page, since now.
        """
        if "names" not in self.cleaned_data:
            return [], []
        typed = {sorting_name(name): name for name in self.cleaned_data["names"]}
        shown = self._was_shown().get("names")
        names = clean_names(shown) if shown is not None else [tag.name for tag in self.instance.tags.all()]
        had = {sorting_name(name): name for name in names}
        return [typed[key] for key in typed if key not in had], [had[key] for key in had if key not in typed]

    def last_change(self, name: str) -> Event | None:
        said = self.instance.events.filter(subject="library", note__field=name)
        return said.select_related("actor").order_by("-id").first()


class LabelForm(ShownMixin, CollectionForm):
    """Another name for a tag or a collection."""

    def __init__(self, label: Tag | Collection, data: Any = None) -> None:
        super().__init__(data, initial={"name": label.name}, auto_id=f"label-{type(label).__name__}-{label.pk}-%s")
        self.label = label

    def last_change(self, name: str) -> Event | None:
        thing = type(self.label).__name__.lower()
        return of_team(self.label.team_id, "renamed", name, self.label.name, thing=thing, key=self.label.pk)


class ViewForm(forms.ModelForm):
    """A name for the way the library is looked at."""

    class Meta:
        model = SavedView
        fields = ["name", "query"]

    def clean_query(self) -> str:
        return LibraryQuery.from_string(self.cleaned_data["query"]).to_string()

"""What a person gives to all that they register from a list (tags, a collection, a kind), and the list itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from django import forms
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from assets_app.forms.registering import NAMED, Paste
from assets_app.library import changes
from assets_app.library.verb_forms import tag_names
from assets_app.many import BATCH
from assets_app.models import Asset, Candidate, Kind, NewCandidate, Team, look_at
from assets_app.models.states import CANDIDATE
from assets_app.models.words import words_in

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LONGEST_NAMED = 60
SHOWN = 200  # more rows than anybody reads; those that need a look come first then


def _typed(kept_as: str, example: str) -> forms.TextInput:
    """A small field for a text that the browser keeps while it is not given, under the name `kept_as`."""
    attrs = {"class": "input input-small", "placeholder": example, "autocomplete": "off", "data-draft": kept_as}
    return forms.TextInput(attrs=attrs)


class GivenToAll(forms.Form):
    tags = forms.CharField(required=False, max_length=600, widget=_typed("tags", "night, hero"))
    collection = forms.CharField(
        required=False, max_length=changes.LONGEST_NAME, widget=_typed("collection", "Trailer")
    )
    kind = forms.ChoiceField(
        required=False,
        choices=[("", "No kind"), *Kind.choices],
        widget=forms.Select(attrs={"class": "input input-small", "data-draft": "kind"}),
    )

    def as_new(self) -> GivenToAll:
        """An empty one after this was given: what the browser keeps of it is to be forgotten."""
        form = GivenToAll()
        for field in form.fields.values():
            field.widget.attrs["data-draft-taken"] = True
        return form

    def clean_tags(self) -> list[str]:
        return tag_names(self.cleaned_data["tags"])

    def clean_collection(self) -> str:
        name = " ".join(self.cleaned_data["collection"].split())
        if name and not words_in(name):
            raise forms.ValidationError("A collection’s name needs a letter, a digit or an emoji to be found by.")
        return name

    @property
    def in_words(self) -> str:
        """ "night, Hero, Trailer, Prop": all that is given; "" when nothing is."""
        given = self.cleaned_data
        kind = Kind(given["kind"]).label if given["kind"] else ""
        return ", ".join(each for each in (*given["tags"], given["collection"], kind) if each)

    def give(self, team: Team, user: User, assets: Sequence[Asset]) -> None:
        """In batches, for the engine waits for the lock meanwhile. Who has a kind keeps it."""
        given = self.cleaned_data
        tags = changes.tags_named(team, given["tags"])
        collection = changes.collection_named(team, given["collection"]) if given["collection"] else None
        for start in range(0, len(assets), BATCH):
            batch = assets[start : start + BATCH]
            if tags:
                changes.tag(team, user, batch, tags)
            if collection:
                changes.collect(team, user, batch, collection)
            if given["kind"] and (without := [asset for asset in batch if not asset.kind]):
                changes.set_for_all(team, user, without, "kind", given["kind"])


def look(paste: Paste, user: User) -> list[Candidate]:
    """Put the lines of a paste that are links onto the person's list, those the library has as well."""
    wanted = [
        NewCandidate(row.line.url, row.known.media_type if row.known else row.line.media_type, row.known, row.line.name)
        for row in paste.rows
        if row.known or row.line.has_type
    ]
    return look_at(paste.team, user, wanted) if wanted else []


class CandidateList:
    """One person's list in a team. Two queries tell all that is shown of it."""

    def __init__(self, team: Team, user: User) -> None:
        self.team, self.user = team, user

    @property
    def all(self) -> QuerySet[Candidate]:
        return Candidate.objects.filter(team=self.team, created_by=self.user)

    @cached_property
    def rows(self) -> list[Candidate]:
        rows = self.all.select_related("known_as__original")
        if self.total <= SHOWN:
            return list(rows.order_by("created_at", "pk"))
        needs_a_look = Case(When(state__in=CANDIDATE.in_group("attention"), then=Value(0)), default=Value(1))
        return list(rows.order_by(needs_a_look, "created_at", "pk")[:SHOWN])

    @cached_property
    def _counts(self) -> Mapping[str, int]:
        registrable = Q(pk__in=self.all.registrable().values("pk"))  # type: ignore[attr-defined]
        return self.all.aggregate(
            total=Count("pk"),
            looking=Count("pk", filter=Q(state="looking")),
            known=Count("pk", filter=Q(state="known")),
            registrable=Count("pk", filter=registrable, output_field=IntegerField()),
        )

    @property
    def total(self) -> int:
        return self._counts["total"]

    @property
    def looking(self) -> int:
        return self._counts["looking"]

    @property
    def known(self) -> int:
        return self._counts["known"]

    @property
    def registrable(self) -> int:
        return self._counts["registrable"]

    @property
    def in_library(self) -> str:
        """The names of what is linked instead of registered; "" when nothing is."""
        linked = self.all.filter(state="known", known_as__isnull=False).order_by("created_at", "pk")
        names = list(dict.fromkeys(linked.values_list("known_as__name", flat=True)))
        more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
        return ", ".join(name[:LONGEST_NAMED] for name in names[:NAMED]) + more

    @property
    def linked(self) -> list[Asset]:
        """What the library has of it already."""
        known = self.all.filter(state="known").values("known_as")
        return list(self.team.assets.live().filter(pk__in=known))

    @property
    def skipped(self) -> int:
        return self.total - self.looking - self.known - self.registrable

    @property
    def hidden(self) -> int:
        return max(0, self.total - SHOWN)

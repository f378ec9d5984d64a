"""How a team orders its assets: tags, collections, stars and saved views; and the tallies that make counting free."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from assets_app.models.asset import Asset, MediaType
from assets_app.models.team import Team
from assets_app.models.words import sorting_name


class Label(models.Model):
    """A name that a team gives to any number of assets."""

    name = models.CharField(max_length=60)
    key = models.CharField(max_length=200, editable=False, help_text="The name as it is compared and sorted.")
    created_at = models.DateTimeField(auto_now_add=True)
    assets_count = models.IntegerField(
        default=0, editable=False, help_text="Assets that bear it and are not in the trash; the database keeps it."
    )

    class Meta:
        abstract = True
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = sorting_name(self.name)
        super().save(*args, **kwargs)


class Tag(Label):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="tags", db_index=False)
    assets: models.ManyToManyField[Asset, Any] = models.ManyToManyField(Asset, through="Tagging", related_name="tags")

    class Meta(Label.Meta):
        constraints = [models.UniqueConstraint(fields=["team", "key"], name="one_tag_per_name")]


class Collection(Label):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="collections", db_index=False)
    assets: models.ManyToManyField[Asset, Any] = models.ManyToManyField(
        Asset, through="Placing", related_name="collections"
    )

    class Meta(Label.Meta):
        constraints = [models.UniqueConstraint(fields=["team", "key"], name="one_collection_per_name")]


class Tagging(models.Model):
    """A tag on an asset. It points at the asset's number, so that a tag's assets lie in the library's order."""

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="taggings", db_index=False)
    asset = models.ForeignKey(Asset, to_field="number", on_delete=models.CASCADE, related_name="taggings")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "asset"], name="one_tag_once_on_an_asset")]

    def __str__(self) -> str:
        return f"{self.tag} on {self.asset}"


class Placing(models.Model):
    """An asset in a collection, by its number as well."""

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="placings", db_index=False)
    asset = models.ForeignKey(Asset, to_field="number", on_delete=models.CASCADE, related_name="placings")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["collection", "asset"], name="one_place_in_a_collection")]

    def __str__(self) -> str:
        return f"{self.asset} in {self.collection}"


class Star(models.Model):
    """One person's mark on an asset."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="stars", db_index=False)
    asset = models.ForeignKey(Asset, to_field="number", on_delete=models.CASCADE, related_name="stars")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "asset"], name="one_star_per_person")]

    def __str__(self) -> str:
        return f"{self.user}: {self.asset}"


class SavedView(models.Model):
    """A way to look at the library that a team has named."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, blank=True, help_text="The address's query string.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint("team", Lower("name"), name="one_saved_view_per_name")]

    def __str__(self) -> str:
        return self.name


class Tally(models.Model):
    """How many assets out of the trash share these properties. The database keeps it, with triggers
    (`library/schema.py`): every count of the library that names only such properties is a sum of a few of these rows,
    whatever the number of assets.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="tallies", db_index=False)
    media_type = models.CharField(max_length=5, choices=MediaType.choices)
    state = models.CharField(max_length=16)
    kind = models.CharField(max_length=10, blank=True)
    owner = models.BigIntegerField(help_text="The id of who added them; 0 when nobody is known.")
    is_used = models.BooleanField()
    assets_count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "media_type", "state", "kind", "owner", "is_used"], name="one_tally_per_combination"
            )
        ]

    def __str__(self) -> str:
        return f"{self.assets_count} × {self.media_type} {self.state} {self.kind}"

"""What people change about an asset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db import transaction

from assets_app.models import Asset, Event

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


class RenameForm(forms.ModelForm):
    class Meta:
        model = Asset
        fields = ["name"]
        error_messages = {"name": {"required": "A name, please: an asset without one cannot be found again."}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name_before = self.instance.name
        self.fields["name"].widget.attrs |= {"class": "input", "autocomplete": "off", "maxlength": 200}

    def rename(self, actor: AbstractBaseUser) -> None:
        """Only the name is written, so that a state the engine changes meanwhile stays."""
        if not self.has_changed():
            return
        asset = self.instance
        with transaction.atomic():
            revision = asset.team.next_revision()
            Asset.objects.filter(pk=asset.pk).update(name=asset.name, revision=revision)
            note = {"name_before": self.name_before, "name": asset.name}
            Event.objects.create(team=asset.team, asset=asset, actor_id=actor.pk, note=note)

"""What an admin counts a model's films as until they are billed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone

from assets_app.apiframe import catalogue
from assets_app.apiframe.catalogue import Model
from assets_app.forms.shown import ShownMixin, of_team
from assets_app.models import Event, Generation, HandPrice, Team

MOST = Decimal("9999999.99")
Unit = HandPrice.Unit


class _Amount(forms.ModelForm):
    """How many credits, and for what."""

    credits = forms.DecimalField(
        label="Credits",
        min_value=Decimal("0.01"),
        max_value=MOST,
        decimal_places=2,
        error_messages={
            "required": "Credits: how many?",
            "invalid": "Credits: a number, such as 40 or 1.5.",
            "min_value": "Credits: more than 0.",
            "max_value": f"Credits: at most {MOST:,}.",
            "max_decimal_places": "Credits: at most two decimal places.",
            "max_digits": f"Credits: at most {MOST:,}.",
            "max_whole_digits": f"Credits: at most {MOST:,}.",
        },
        widget=forms.NumberInput(attrs={"autocomplete": "off", "step": "any", "data-held": True}),
    )
    unit = forms.ChoiceField(label="Per", choices=[(Unit.CLIP, "clip"), (Unit.SECOND, "second")])

    class Meta:
        model = HandPrice
        fields = ["credits", "unit"]

    def clean_unit(self) -> str:
        unit: str = self.cleaned_data["unit"]
        if unit == Unit.SECOND and self._model.longest_film is None:
            raise forms.ValidationError(
                f"{self._model.label} takes no length, so seconds cannot be counted: give the price of a clip."
            )
        return unit

    @property
    def _model(self) -> Model:
        return catalogue.load().described(self.instance.model)

    def set_by(self, user: User) -> HandPrice:
        self.instance.set_by, self.instance.set_at = user, timezone.now()
        return self.save()


class AmountForm(ShownMixin, _Amount):
    """Another amount for a price that is there."""

    def __init__(self, *args: Any, instance: HandPrice, **kwargs: Any) -> None:
        super().__init__(*args, instance=instance, initial={"credits": instance.amount}, **kwargs)

    def last_change(self, name: str) -> Event | None:
        price: HandPrice = self.instance
        return of_team(price.team_id, "price", name, self.initial[name], of=price.pk)


class HandPriceForm(_Amount):
    """A new one: of all films of a model, or of those of one resolution, one length, or both. One that was set for the
    same before is replaced.
    """

    model = forms.ChoiceField(label="Model")
    resolution = forms.ChoiceField(label="Resolution", required=False)
    seconds = forms.IntegerField(
        label="Seconds",
        required=False,
        min_value=1,
        max_value=600,
        help_text="Empty: any length.",
        error_messages={
            "invalid": "Length: a whole number of seconds, or nothing.",
            "min_value": "Length: 1 second or more.",
            "max_value": "Length: at most 600 seconds.",
        },
        widget=forms.NumberInput(attrs={"autocomplete": "off"}),
    )

    field_order = ["model", "resolution", "seconds", "credits", "unit"]

    class Meta(_Amount.Meta):
        fields = ["model", "resolution", "seconds", "credits", "unit"]

    def __init__(self, team: Team, data: Any = None, model: str = "") -> None:
        known = catalogue.load()
        super().__init__(data, instance=HandPrice(team=team), initial={"model": model, "seconds": None})
        self.fields["model"].choices = [  # type: ignore[attr-defined]
            (group, [(each.id, each.label) for each in models]) for group, models in known.groups
        ]
        every = dict.fromkeys(str(each) for one in known.video_models for each in resolutions_of(one))
        self.fields["resolution"].choices = [("", "Any"), *((each, each) for each in every)]  # type: ignore[attr-defined]

    def clean_model(self) -> str:
        self.instance.model = self.cleaned_data["model"]  # whose lengths and resolutions the others are held to
        return self.instance.model

    def clean_resolution(self) -> str:
        chosen: str = self.cleaned_data["resolution"]
        offered = [str(each) for each in resolutions_of(self._model)]
        if chosen and chosen not in offered and "model" in self.cleaned_data:
            instead = f"one of {', '.join(offered)}, or any" if offered else "it has none to choose, so any"
            raise forms.ValidationError(f"{self._model.label} does not make {chosen}: {instead}.")
        return chosen

    def clean_seconds(self) -> int:
        return self.cleaned_data["seconds"] or 0

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("unit") == Unit.SECOND and given.get("seconds"):
            self.add_error("seconds", "A price a second holds for any length. Leave this empty, or price the clip.")
        return given

    def validate_unique(self) -> None:
        """What was set for the same is replaced."""

    def set_by(self, user: User) -> HandPrice:
        kind = {name: getattr(self.instance, name) for name in ("team", "model", "resolution", "seconds")}
        amount = {"credits": self.instance.credits, "unit": self.instance.unit}
        price, _is_new = HandPrice.objects.update_or_create(
            **kind, defaults={**amount, "set_by": user, "set_at": timezone.now()}
        )
        return price


class PriceOfPress(_Amount):
    """The price of what one press asks for: of films with its model, at its resolution, and of its length where it is
    that of a clip.
    """

    def __init__(self, generation: Generation, data: Any = None) -> None:
        self.generation = generation
        super().__init__(data, instance=HandPrice(team_id=generation.team_id, model=generation.model), auto_id=False)

    def set_by(self, user: User) -> HandPrice:
        resolution = self.generation.params.get("resolution")
        seconds = self.generation.asked_seconds if self.instance.unit == Unit.CLIP else None
        price, _is_new = HandPrice.objects.update_or_create(
            team_id=self.generation.team_id,
            model=self.generation.model,
            resolution="" if resolution is None else str(resolution)[:20],
            seconds=seconds or 0,
            defaults={
                "credits": self.instance.credits,
                "unit": self.instance.unit,
                "set_by": user,
                "set_at": timezone.now(),
            },
        )
        return price


def resolutions_of(model: Model) -> tuple[Any, ...]:
    param = model.params.get("resolution")
    return param.choices if param else ()

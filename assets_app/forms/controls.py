"""How one parameter of a model is set on a page."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from assets_app.apiframe.catalogue import Model, Param, Problem
from assets_app.apiframe.model_facts import ALWAYS_SENT

EDITABLE_KINDS = ("integer", "number", "boolean", "enum", "string")
RATIO = re.compile(r"(\d+):(\d+)")
WIDEST_SLIDER = 60
SHAPE_BOX = 14


def editable_params(model: Model) -> list[Param]:
    """What people set beside the prompt and the slots; the choices that shape and price a film come first."""
    media = {slot.param for slot in model.slots}
    params = [param for param in model.params.values() if param.kind in EDITABLE_KINDS and param.name not in media]
    return sorted(params, key=_rank)


def _rank(param: Param) -> int:
    """What is always sent, then other choices, then switches, then what hardly anybody sets."""
    if param.name in ALWAYS_SENT:
        return ALWAYS_SENT.index(param.name)
    return {"enum": 10, "boolean": 20}.get(param.kind, 30)


def field_for(param: Param, model: Model) -> forms.Field:
    """The form field of one parameter. Ranges are judged by the catalogue, in its words, when the form is cleaned."""
    if param.kind == "boolean":
        return forms.BooleanField(required=False, label=param.label)
    words = {"required": f"{param.label} is needed.", "invalid": f"{param.label} must be a whole number."}
    about: dict[str, Any] = {
        "label": param.label,
        "required": param.required or param.default is not None,
        "error_messages": words,
    }
    if param.kind == "enum":
        words["invalid_choice"] = f"{model.label} does not offer %(value)s."
        choices = [(str(choice), str(choice)) for choice in param.choices]
        coerce: Callable[[Any], Any] = type(param.choices[0])
        return forms.TypedChoiceField(choices=choices, coerce=coerce, empty_value=None, **about)
    if param.kind == "integer":
        return forms.IntegerField(**about)
    if param.kind == "number":
        words["invalid"] = f"{param.label} must be a number."
        return forms.FloatField(**about)
    return forms.CharField(empty_value=None, **about)


@dataclass(frozen=True)
class Option:
    """One value of a choice; `shape` is the width and height of a small drawing of an aspect ratio."""

    value: str
    is_chosen: bool
    shape: tuple[float, float] | None

    @property
    def left(self) -> float:
        return (SHAPE_BOX - self.shape[0]) / 2 if self.shape else 0

    @property
    def top(self) -> float:
        return (SHAPE_BOX - self.shape[1]) / 2 if self.shape else 0


@dataclass(frozen=True)
class Control:
    """A parameter with the field that carries its value, and what is wrong with that."""

    param: Param
    bound: BoundField
    problems: Sequence[Problem] = ()

    @property
    def kind(self) -> str:
        """Which of the page's four controls: options, switch, number or text."""
        return {"enum": "options", "boolean": "switch", "string": "text"}.get(self.param.kind, "number")

    @property
    def value(self) -> Any:
        value = self.bound.value()
        return "" if value is None else value

    @property
    def is_on(self) -> bool:
        return bool(self.bound.field.widget.value_from_datadict(self.bound.form.data, {}, self.bound.name))

    @property
    def has_slider(self) -> bool:
        low, high = self.param.minimum, self.param.maximum
        return self.param.kind == "integer" and low is not None and high is not None and high - low <= WIDEST_SLIDER

    @property
    def options(self) -> list[Option]:
        chosen = str(self.value)
        return [Option(str(each), str(each) == chosen, _shape(str(each))) for each in self.param.choices]


def _shape(text: str) -> tuple[float, float] | None:
    """ "16:9" as a rectangle in a box of SHAPE_BOX; None for what is no ratio."""
    found = RATIO.fullmatch(text)
    if not found:
        return None
    width, height = int(found[1]), int(found[2])
    scale = SHAPE_BOX / max(width, height)
    return round(width * scale, 1), round(height * scale, 1)

"""What a film was asked to be, in the words of the form; also of a model that is not offered any more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assets_app.apiframe import catalogue
from assets_app.apiframe.model_facts import Model
from assets_app.models import Generation


def model_of(generation: Generation) -> Model | None:
    """None for a model that left the catalogue."""
    try:
        return catalogue.load().get(generation.model)
    except catalogue.UnknownModel:
        return None


def settings_of(generation: Generation) -> list[tuple[str, str, str]]:
    """Name, label and value of each setting, in the form's order; those the catalogue does not know come last."""
    model = model_of(generation)
    known = list(model.params) if model else []
    names = sorted(
        (name for name, value in generation.params.items() if value is not None),
        key=lambda name: known.index(name) if name in known else len(known),
    )
    return [(name, _label(model, name), in_words(name, generation.params[name])) for name in names]


def _label(model: Model | None, name: str) -> str:
    param = model.params.get(name) if model else None
    return param.label if param and param.label else name.replace("_", " ").capitalize()


def in_words(name: str, value: Any) -> str:
    """ "on", "8 s", "16:9"; lists and groups as one line."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {in_words(str(key), each)}" for key, each in value.items())
    if isinstance(value, list):
        return "; ".join(in_words("", each) for each in value)
    return f"{value} s" if name == "duration" and not isinstance(value, str) else str(value)

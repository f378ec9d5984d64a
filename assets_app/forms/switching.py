"""Going from one model to another while a generation is composed: what fits goes along, what does not waits."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from assets_app.apiframe import catalogue
from assets_app.apiframe.catalogue import Model, Param
from assets_app.apiframe.reading import read_json
from assets_app.apiframe.validation import nearest
from assets_app.forms.controls import editable_params
from assets_app.forms.slots import Filled

Values = dict[str, Any]

# Far beyond what any page of ours writes.
LONGEST = 100_000


@dataclass(frozen=True)
class Kept:
    """What was set for each model on this page, so that going back brings it back. The page carries it.

    `arrived` is what the model at hand was given when it was chosen: what differs from it was changed since.
    """

    of: Mapping[str, Values] = field(default_factory=dict)
    arrived: Values = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> Kept:
        """From a page; nothing at all from what no page of ours wrote."""
        try:
            found = read_json(text) if len(text) <= LONGEST else {}
        except (ValueError, RecursionError):
            found = {}
        if not isinstance(found, dict):
            return cls()
        of = found.get("of")
        models = {str(name): _values(each) for name, each in of.items()} if isinstance(of, dict) else {}
        return cls(models, _values(found.get("arrived")))

    @property
    def text(self) -> str:
        return json.dumps({"of": self.of, "arrived": self.arrived}, ensure_ascii=False)


def _values(found: object) -> Values:
    return {str(name): each for name, each in found.items() if _is_value(each)} if isinstance(found, dict) else {}


def _is_value(found: object) -> bool:
    """Whether a control could hold it: a text, a number, a switch, a list of texts or a list of shots."""
    if isinstance(found, list):
        return all(isinstance(each, str) or (isinstance(each, dict) and _is_flat(each)) for each in found)
    return found is None or isinstance(found, str | int | float)


def _is_flat(found: Mapping[Any, Any]) -> bool:
    return all(isinstance(each, str | int | float) for each in found.values())


def carry_over(
    old: Model, new: Model, data: Mapping[str, Any], remembered: Mapping[str, Any] | None = None
) -> tuple[Values, list[str]]:
    """The values of `old`'s controls that `new` takes too, and what is said of those it does not.

    `data` maps parameter names to what the page sent. What `new` does not take becomes what the person last chose for
    it, as in `remembered`, or else the nearest that fits.
    """
    kept, notes = {}, []
    new_params = {param.name: param for param in editable_params(new)}
    for param in editable_params(old):
        value = data.get(param.name)
        target = new_params.get(param.name)
        if target is None or not _is_alike(param, target):
            if value and str(value) != str(param.default):
                notes.append(f"{new.label} has no “{param.label}”; it was left out.")
            continue
        fitting = _instead_of(target, value, remembered or {})
        notes += [f"{new.label} does not take {param.label.lower()} {value}: now {each}." for each in fitting]
        kept[param.name] = fitting[0] if fitting else value
    return kept, notes


def _is_alike(old: Param, new: Param) -> bool:
    if old.fields or new.fields:  # rows, whatever they are sent as
        return [each.name for each in old.fields] == [each.name for each in new.fields]
    return new.kind in _ALIKE.get(old.kind, {old.kind})


# A choice of seconds and a range of seconds mean the same.
_ALIKE = {kind: {"enum", "integer", "number", "string"} for kind in ("enum", "integer", "number", "string")}


def _instead_of(param: Param, value: Any, remembered: Mapping[str, Any]) -> list[Any]:
    """What `param` becomes where it does not take `value`, as a list of one; empty where it does or nothing is near."""
    found = nearest(param, value)
    last = remembered.get(param.name)
    return [last] if found and last not in (None, "") and not nearest(param, last) else found


def switched(
    old: Model, new: Model, values: Values, kept: Kept, remembered: Mapping[str, Any]
) -> tuple[Values, list[str], Kept]:
    """What the controls of `new` show after those of `old`, what is said about it, and what is kept for the way back.

    A model that was here before shows again what was set for it, but for what was changed since on the other.
    """
    names = [param.name for param in editable_params(old)]
    here = {name: values.get(name) for name in names}
    defaults = {param.name: param.default for param in editable_params(new)}
    before = kept.of.get(new.id)
    if before is None:
        carried, notes = carry_over(old, new, here, remembered)
        found = {**defaults, **_fitting(new, remembered), **carried}
    else:
        changed = {name: here[name] for name in names if not same_value(here[name], kept.arrived.get(name))}
        carried, notes = carry_over(replace(old, params={n: old.params[n] for n in changed}), new, changed)
        found = {**defaults, **before, **carried}
    return found, notes, Kept({**kept.of, old.id: here}, found)


def fitted(params: Mapping[str, Any], new: Model) -> tuple[Values, list[str]]:
    """Parameters of a model that nobody knows any more, as far as `new` takes them, and what is said of the rest."""
    defaults = {param.name: param.default for param in editable_params(new)}
    found, notes = {}, []
    for name, value in params.items():
        param = new.params.get(name)
        if param is None or name not in defaults:
            if value not in (None, "", False, []):
                notes.append(f"{new.label} has no “{name.replace('_', ' ')}”; it was left out.")
            continue
        instead = nearest(param, value)
        notes += [f"{new.label} does not take {param.label.lower()} {value}: now {each}." for each in instead]
        found[name] = instead[0] if instead else value
    return {**defaults, **found}, notes


def same_value(one: Any, other: Any) -> bool:
    """As a page shows them: a switch that is off is not there, and a number is a text."""
    return str(one or "") == str(other or "")


def _fitting(model: Model, remembered: Mapping[str, Any]) -> Values:
    """What the person last chose, as far as the model still takes it."""
    params = {param.name: param for param in editable_params(model)}
    return {name: value for name, value in remembered.items() if name in params and not nearest(params[name], value)}


def settled(references: Sequence[Filled], new: Model) -> tuple[list[Filled], list[str]]:
    """The references in the places that `new` has for what they are, and what is said of those that moved or stay out.

    One for which there is no place keeps the name of its old one: it is shown as not taken, and fits again as soon as
    the model does.
    """
    known = catalogue.load().known_slots
    moved: list[Filled] = []
    notes: dict[str, None] = {}
    for reference in references:
        slot = known.get(reference.slot)
        place = new.slot_for(slot.role) if slot and slot.role else new.slot(reference.slot)
        if place is None or place.media_type != reference.media_type:
            label = slot.label.lower() if slot else reference.slot.replace("_", " ")
            notes[f"{new.label} takes no {label}: what was there is kept below, but cannot be sent with it."] = None
            moved.append(reference)
            continue
        if slot and place.label.removesuffix("s") != slot.label.removesuffix("s"):
            notes[f"{slot.label}: with {new.label} this is “{place.label}”."] = None
        moved.append(replace(reference, slot=place.name))
    return moved, list(notes)


def to_be_remembered(model: Model, params: Mapping[str, Any]) -> Values:
    """The settings worth finding again next time: not what belongs to one film, as its words and its seed."""
    names = [param.name for param in editable_params(model) if param.kind in _SETTINGS and param.name != "seed"]
    return {name: params[name] for name in names if name in params}


_SETTINGS = {"integer", "number", "boolean", "enum"}


def remembered_with(studio: Mapping[str, Any], model: Model, params: Mapping[str, Any]) -> dict[str, Any]:
    """`Membership.studio` after a film was made with these settings."""
    return {**studio, "model": model.id, "params": {**_params_in(studio), model.id: to_be_remembered(model, params)}}


def remembered_of(studio: Mapping[str, Any], model: Model) -> Values:
    """What a person last chose for this model, as far as the model still takes it."""
    found = _params_in(studio).get(model.id)
    return _fitting(model, found) if isinstance(found, dict) else {}


def _params_in(studio: Mapping[str, Any]) -> dict[str, Any]:
    found = studio.get("params")
    return found if isinstance(found, dict) else {}

"""Going from one model to another while a generation is composed: what fits goes along, what does not waits."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from assets_app.apiframe import catalogue
from assets_app.apiframe.catalogue import Model, Param
from assets_app.apiframe.reading import read_json
from assets_app.apiframe.validation import nearest
from assets_app.forms.controls import editable_params
from assets_app.forms.putting import Put, Puts, read_puts, same_value
from assets_app.forms.slots import Filled

Values = dict[str, Any]

# Far beyond what any page of ours writes.
LONGEST = 100_000


@dataclass(frozen=True)
class Kept:
    """What was set for each model on this page, so that going back brings it back. The page carries it.

    `arrived` is what the model at hand was given when it was chosen: what differs from it was changed since. `puts`
    are the settings of each that no person chose.
    """

    of: Mapping[str, Values] = field(default_factory=dict)
    arrived: Values = field(default_factory=dict)
    puts: Mapping[str, Puts] = field(default_factory=dict)

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
        puts = found.get("puts")
        put = {str(name): read_puts(each) for name, each in puts.items()} if isinstance(puts, dict) else {}
        return cls(models, _values(found.get("arrived")), put)

    @property
    def text(self) -> str:
        puts = {model: {name: put.as_json for name, put in of.items()} for model, of in self.puts.items() if of}
        return json.dumps({"of": self.of, "arrived": self.arrived, "puts": puts}, ensure_ascii=False)

    def put(self, model: Model) -> Puts:
        return self.puts.get(model.id, {})

    def with_puts(self, model: Model, puts: Puts) -> Kept:
        """The same with these settings of a model put there by a tool, over those that were before."""
        return replace(self, puts={**self.puts, model.id: {**self.put(model), **puts}})

    def without_puts(self, model: Model, names: Collection[str]) -> Kept:
        left = {name: put for name, put in self.put(model).items() if name not in names}
        return replace(self, puts={**self.puts, model.id: left})


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
        since = {name: here[name] for name in names if not same_value(here[name], kept.arrived.get(name))}
        carried, notes = carry_over(replace(old, params={n: old.params[n] for n in since}), new, since)
        found = {**defaults, **before, **carried}
    puts = {**kept.put(new), **_put_by_switching(here, carried, kept.put(old))}
    return found, notes, replace(kept, of={**kept.of, old.id: here}, arrived=found).with_puts(new, puts)


def _put_by_switching(here: Values, carried: Values, puts: Puts) -> dict[str, Put]:
    """Which of the settings carried over to a model no person chose: what it does not take became something else, or
    it was put there on the model before.
    """
    found = {}
    for name, value in carried.items():
        before = puts.get(name)
        if before and before.holds(here.get(name)):
            found[name] = replace(before, now=value)
        elif not same_value(value, here.get(name)):
            found[name] = Put(value, here.get(name))
    return found


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
            words = new.takes_only(reference.media_type)
            notes[f"{new.label} {words}: {reference.name} waits below, and cannot be sent as it is."] = None
            moved.append(reference)
            continue
        if slot and place.label.removesuffix("s") != slot.label.removesuffix("s"):
            notes[f"{slot.label}: with {new.label} this is “{place.label}”."] = None
        moved.append(replace(reference, slot=place.name))
    return moved, list(notes)


def is_remembered(param: Param) -> bool:
    """Whether a setting is worth finding again next time: not what belongs to one film, as its words and its seed."""
    return param.kind in _SETTINGS and param.name != "seed"


_SETTINGS = {"integer", "number", "boolean", "enum"}


def remembered_with(
    studio: Mapping[str, Any], model: Model, params: Mapping[str, Any], own: Collection[str]
) -> dict[str, Any]:
    """`Membership.studio` after a film was made with these settings. Of those that are not the person's `own`, what was
    remembered before stays.
    """
    before = remembered_of(studio, model)
    now = {name: (params if name in own else before).get(name) for name in _names_remembered(model)}
    known = {name: value for name, value in now.items() if value is not None}
    return {**studio, "model": model.id, "params": {**_params_in(studio), model.id: known}}


def _names_remembered(model: Model) -> list[str]:
    return [param.name for param in editable_params(model) if is_remembered(param)]


def remembered_of(studio: Mapping[str, Any], model: Model) -> Values:
    """What a person last chose for this model, as far as the model still takes it."""
    found = _params_in(studio).get(model.id)
    return _fitting(model, found) if isinstance(found, dict) else {}


def _params_in(studio: Mapping[str, Any]) -> dict[str, Any]:
    found = studio.get("params")
    return found if isinstance(found, dict) else {}

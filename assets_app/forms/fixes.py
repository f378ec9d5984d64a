"""What the one-press ways out of a problem do to the form. Each is named by the catalogue or by a check, as in
`set:aspect_ratio:adaptive`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assets_app.apiframe.catalogue import Model
from assets_app.forms.notes import CannotPlace
from assets_app.forms.slots import Filled

FRAMES = ("start", "end")
UNFIT = "unfit"


def without(references: Sequence[Filled], model: Model, what: str) -> list[Filled]:
    """The references without those of a place, or of a role such as `end` or `reference`; `unfit` are those
    for which the model has no place.
    """
    return [each for each in references if what not in _names_of(each, model)]


def _names_of(reference: Filled, model: Model) -> set[str]:
    slot = model.slot(reference.slot)
    names = {reference.slot, slot.role if slot else UNFIT}
    return names | {"reference"} if slot and slot.is_reference else names


def first_ones(references: Sequence[Filled], model: Model, slot_name: str) -> list[Filled]:
    """As many of a place as the model takes there; the rest of them go."""
    slot = model.slot(slot_name)
    if slot is None:
        return list(references)
    kept = [each for each in references if each.slot == slot_name][: slot.maximum]
    return [each for each in references if each.slot != slot_name or each in kept]


def frames_as_references(references: Sequence[Filled], model: Model) -> list[Filled]:
    """Start and end image among the reference images, behind those that are there (FACTS §6 rule 1).

    Raises CannotPlace where the model has no such place, or no room there.
    """
    place = model.slot_for("reference_image")
    frames = [model.slot_for(role) for role in FRAMES]
    names = [slot.name for slot in frames if slot]
    if place is None:
        raise CannotPlace(f"{model.label} takes no reference images.")
    there = [each for each in references if each.slot == place.name]
    moving = [replace(each, slot=place.name) for name in names for each in references if each.slot == name]
    new = [each for each in moving if each.same_thing not in {other.same_thing for other in there}]
    if len(there) + len(new) > place.maximum:
        raise CannotPlace(f"{place.label}: there is no room for {len(new)} more. {model.label} takes {place.maximum}.")
    return [each for each in references if each.slot not in names] + new


def end_as_start(references: Sequence[Filled], model: Model) -> list[Filled]:
    """The end image as the start image, where that place is empty."""
    start, end = model.slot_for("start"), model.slot_for("end")
    if start is None or end is None or any(each.slot == start.name for each in references):
        return list(references)
    return [replace(each, slot=start.name) if each.slot == end.name else each for each in references]

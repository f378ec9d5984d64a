"""What comes to the studio's form from elsewhere: picks from the library, a preset, another model; and how they get on
with what is there. Nothing that is there moves or goes, and what finds no place is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict

from assets_app.apiframe import catalogue
from assets_app.apiframe.catalogue import Fix
from assets_app.forms import attaching, fixes, press, slots, wording
from assets_app.forms.notes import CannotPlace, Note, listed
from assets_app.forms.offered import model_called, not_offered
from assets_app.forms.slots import MOST_REFERENCES, Filled
from assets_app.forms.studio import StudioForm
from assets_app.forms.switching import settled
from assets_app.models import Generation, Origin

VERBS = frozenset({"pick", "only", "beside-frames", "keep-cast"})
# Of shots in a row, looked through for the last that had a cast.
LONGEST_CHAIN = 20


def after(form: StudioForm, verb: str, thing: str) -> StudioForm:
    """`pick:<asset>,…`, `only:<asset>,…`, `beside-frames:<asset>` or `keep-cast`. Raises CannotPlace."""
    match verb:
        case "pick":
            return with_picks(form, thing.split(","))
        case "only":
            afresh = _undoable(form, form.but(references=[], data={**form.values, "prompt": "", "mentions": ""}))
            return with_picks(afresh, thing.split(","))
        case "beside-frames":
            return attaching.with_asset(frames_as_references(form), thing)
        case _:
            return _with_cast(form)


def brought(form: StudioForm, asked: QueryDict, studio: Mapping[str, Any]) -> StudioForm:
    """The same form with what the address of a link to the studio brings: `model`, `asset` (several) and `preset`.
    `studio` is what the person last chose for each model, as in `Membership.studio`.
    """
    if wanted := asked.get("model"):
        form = form.with_model(model_called(wanted), studio) if wanted != form.model.id else form
        form.notes.extend(not_offered(wanted))
    form = with_picks(form, asked.getlist("asset"))
    if not (preset := asked.get("preset")):
        return form
    try:
        return wording.after(form, "preset", preset)
    except CannotPlace as why:
        form.notes.append(why.note)
        return form


def with_picks(form: StudioForm, asset_ids: Sequence[str]) -> StudioForm:
    """The same form with these assets too, each in the first slot that fits; those that are there already stay where
    they are. `notes` say which went nowhere, and what they stand beside. One query for all.
    """
    asset_ids = list(dict.fromkeys(asset_ids[:MOST_REFERENCES]))
    known = slots.assets_of(form.team, asset_ids)
    references, notes, added = form.references, list(form.notes), []
    there = {each.asset.pk: each for each in references if each.asset}
    for asset_id in asset_ids:
        try:
            asset = attaching.own(known, asset_id)
            if asset.pk in there:
                notes.append(f"{asset.name} was attached already.")
                continue
            references = slots.place(references, asset, form.model)
            added.append(asset)
        except CannotPlace as why:
            notes.append(why.note)
    changed = form.with_references(references)
    if added and form.references:
        others = listed([each.name for each in form.references])
        words = f"{listed([each.name for each in added])} {'are' if len(added) > 1 else 'is'} added to {others}."
        only = Fix(f"only:{','.join(str(each.pk) for each in added)}", "Begin anew with only these")
        notes.append(Note(words, [only] if len(added) > 1 else [Fix(only.do, "Begin anew with only this")]))
        changed = _undoable(form, changed)
    return changed.but(notes=notes)


def _undoable(before: StudioForm, form: StudioForm) -> StudioForm:
    return form.with_values(undo=wording.snapshot(before, has_references=True))


def frames_as_references(form: StudioForm) -> StudioForm:
    """Raises CannotPlace where the model has no room for them."""
    moved = form.with_references(fixes.frames_as_references(form.references, form.model))
    words = "The frames are references now. Say in the prompt which of them the film begins with."
    return moved.but(notes=[*moved.notes, words])


# --- the cast of the shot before -------------------------------------------------------------------------------------
def kept_out(form: StudioForm) -> Note | None:
    """What the frame that a next shot begins with keeps out of it, with a press that keeps it; None when nothing."""
    if form.data.get("origin") != Origin.NEXT or not form.has_frames or form.has_guides:
        return None
    cast = _cast_before(form) if slots.keeps_frames_alone(form.model) else []
    if not cast:
        return None
    names = listed([each.name for each in cast])
    words = f"A film that begins with a frame takes no references: {names} of the shot before {_is(cast)} not attached."
    return Note(words, [Fix("keep-cast", f"Keep {names}: send the frame as Image 1")])


def _is(several: Sequence[Any]) -> str:
    return "is" if len(several) == 1 else "are"


def _with_cast(form: StudioForm) -> StudioForm:
    changed = frames_as_references(form)
    references, notes = changed.references, list(changed.notes)
    for each in _cast_before(form):
        slot = form.model.slot(each.slot)
        if slot and sum(other.slot == slot.name for other in references) < slot.maximum:
            references = [*references, each]
        else:
            notes.append(f"{each.name} was not added: there is no room for it.")
    return _undoable(form, changed.with_references(references).but(notes=notes))


def _cast_before(form: StudioForm) -> list[Filled]:
    """The references of the last shot before that had any, in the places that the form's model has for them."""
    film, _origin = press.parent_of(form.team, str(form.data.get("made_from") or ""), Origin.NEXT)
    for _ in range(LONGEST_CHAIN):
        if film is None:
            return []
        if cast := _cast_of(film):
            placed, _said = settled(cast, form.model)
            return [each for each in placed if form.model.slot(each.slot)]
        film = film.made_from
    return []


def _cast_of(film: Generation) -> list[Filled]:
    """What guided it, as far as it can be used: what was made of films is no cast."""
    known = catalogue.load().known_slots
    guides = [each for each in slots.of_generation(film) if (slot := known.get(each.slot)) and slot.is_reference]
    return [each for each in guides if not each.trouble and not (each.asset and each.asset.is_made_of_film)]

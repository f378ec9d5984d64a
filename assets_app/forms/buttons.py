"""What the small buttons of the studio's form do to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assets_app.apiframe import catalogue
from assets_app.forms import attaching, bringing, fixes, slots, wording
from assets_app.forms.controls import AS_TEXT, editable_params
from assets_app.forms.notes import CannotPlace
from assets_app.forms.offered import model_called
from assets_app.forms.studio import StudioForm


def after(form: StudioForm, action: str, studio: Mapping[str, Any] | None = None) -> StudioForm:
    """The same form after a press of one of its small buttons: `aim:<slot>`, `add:<asset>`, `put:<slot>:<asset>`,
    `put-url:<slot>:<URL>`, `url`, `remove:<n>`, `older:<n>`, `up:<n>`, `down:<n>`, `move:<n>:<slot>`,
    `place:<n>:<slot>:<position>`, `swap`; a row of shots (`row:<param>`, `row-off:<param>:<n>`); a way out of a
    problem; or one of `wording.after` and `bringing.after`. What cannot be done is said in `notes`; what makes no sense
    does nothing.
    """
    verb, _, thing = action.partition(":")
    try:
        if verb in ("set", "model", "row", "row-off"):
            return _set(form, verb, thing, studio or {})
        if verb in ("clear", "trim", "swap", "frames-to-references", "frame-first", "drop-url"):
            return _mended(form, verb, thing)
        if verb == "aim":
            return form.but(target=thing)  # the next asset picked goes there; "" for the first place with room
        if verb == "add":
            return attaching.with_asset(form, thing)
        if verb in ("put", "put-url"):
            slot_name, _, what = thing.partition(":")
            return attaching.put(form, slot_name, what) if verb == "put" else attaching.put_url(form, slot_name, what)
        if verb == "url":
            return attaching.with_pending_urls(form)
        if verb in bringing.VERBS:
            return bringing.after(form, verb, thing)
        if verb in wording.VERBS:
            return wording.after(form, verb, thing)
        index, _, where = thing.partition(":")
        places = {str(place): place for place in range(len(form.references))}
        return attaching.rearranged(form, verb, places[index], where) if index in places else form
    except CannotPlace as why:
        form.notes.append(why.note)
        return form


def _set(form: StudioForm, verb: str, thing: str, studio: Mapping[str, Any]) -> StudioForm:
    """A control set to something else, by a button beside it or beside a problem."""
    if verb == "model":
        return form.with_model(model_called(thing), studio) if thing in catalogue.load().models else form
    name, _, value = thing.partition(":")
    if name not in {param.name for param in editable_params(form.model)}:
        return form
    if verb == "set":
        return form.with_settings_put(**{name: value})
    rows = [row for each in form.controls if each.param.name == name and each.kind == "rows" for row in each.rows]
    cells = [{field.name: cell for field, cell in row} for row in rows]
    written = [row for row in form.values[name] or [] if AS_TEXT in row] if rows else []
    if verb == "row":
        return form.but(data={**form.values, name: [*cells, {}, *written]})
    return form.but(data={**form.values, name: [row for n, row in enumerate(cells) if str(n) != value] + written})


def _mended(form: StudioForm, verb: str, thing: str) -> StudioForm:
    """The references after one press on a way out of a problem."""
    match verb:
        case "clear":
            return form.with_references(fixes.without(form.references, form.model, thing))
        case "trim":
            return form.with_references(fixes.first_ones(form.references, form.model, thing))
        case "swap":
            return form.with_references(slots.swap_frames(form.references, form.model))
        case "frame-first":
            return form.with_references(fixes.end_as_start(form.references, form.model))
        case "frames-to-references":
            return bringing.frames_as_references(form)
    return form.but(pending_urls={name: url for name, url in form.pending_urls.items() if name != thing})

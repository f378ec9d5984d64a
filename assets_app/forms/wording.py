"""What the small buttons beside the prompt do to a form: attach what is mentioned, mention what is attached, bring
back a prompt of before or a preset, and undo that.
"""

from __future__ import annotations

import json
from typing import Any

from assets_app.apiframe.reading import read_json
from assets_app.forms import attaching, mentions, slots
from assets_app.forms.controls import editable_params
from assets_app.forms.links import guess_type
from assets_app.forms.mentions import is_id
from assets_app.forms.notes import CannotPlace
from assets_app.forms.offered import model_called
from assets_app.forms.putting import same_value
from assets_app.forms.slots import Filled
from assets_app.forms.studio import StudioForm
from assets_app.models import Generation, Preset
from assets_app.prompting import SIGN

VERBS = frozenset({"attach", "link", "mean", "mention", "preset", "recall", "undo"})
NOT_UNDONE = ("click", "undo")
MOST_SLOTS_UNDONE = 100


def after(form: StudioForm, verb: str, thing: str) -> StudioForm:
    """`attach:<asset or URL>`, `link:<type>:<URL>`, `mean:<asset>:<name>`, `mention:<n>`, `recall:<generation>`,
    `preset:<n>` or `undo`. Raises CannotPlace.
    """
    match verb:
        case "attach":
            return _attached(form, thing)
        case "link":
            media_type, _, url = thing.partition(":")
            return _linked(form, media_type, url)
        case "mean":
            asset_id, _, name = thing.partition(":")
            return _attached(_meaning(form, name, asset_id), asset_id)
        case "recall":
            return _recalled(form, thing)
        case "preset":
            return _preset(form, thing)
        case "undo":
            return _undone(form)
        case _:
            return _naming(form, thing)


def _attached(form: StudioForm, identity: str) -> StudioForm:
    """With what a mention means among the references; as it is when it is there."""
    if any(reference.identity == identity for reference in form.references):
        return form
    if is_id(identity):
        return attaching.with_asset(form, identity)
    return _linked(form, guess_type(identity) or "image", identity)


def _linked(form: StudioForm, media_type: str, url: str) -> StudioForm:
    """With a direct URL in the first slot for its type that has room."""
    slot = slots.first_open(form.references, Filled("", media_type, url=url), form.model)
    return form.with_references(slots.place_url(form.references, url, slot.name, form.model))


def _meaning(form: StudioForm, name: str, asset_id: str) -> StudioForm:
    """With one of several assets of a name settled on."""
    if not slots.assets_of(form.team, [asset_id]):
        raise CannotPlace("This asset is not in your team's library.")
    return form.with_values(mentions=json.dumps({**form.mentioned.used, name: asset_id}, ensure_ascii=False))


def _naming(form: StudioForm, place: str) -> StudioForm:
    """With a mention of the reference at this place at the end of the prompt."""
    found = next((each for n, each in enumerate(form.references) if str(n) == place), None)
    handle = form.mentioned.handles.get(found.identity, "") if found else ""
    if not found or not handle:
        return form
    gap = "" if not form.text or form.text[-1].isspace() else " "
    known = json.dumps({**form.mentioned.used, handle: found.identity}, ensure_ascii=False)
    return form.with_values(prompt=f"{form.text}{gap}{SIGN}{handle} ", mentions=known)


# --- a prompt of before, a preset ------------------------------------------------------------------------------------
def _recalled(form: StudioForm, key: str) -> StudioForm:
    """With the prompt of one of the team's generations; all else stays."""
    generation = Generation.objects.filter(team=form.team, pk=key).first() if is_id(key) else None
    if generation is None:
        raise CannotPlace("That prompt is not there any more.")
    worded = mentions.as_called_now(form.team, slots.of_generation(generation), generation)
    return form.with_values(**{"mentions": "", **worded, "undo": snapshot(form, has_references=False)})


def _preset(form: StudioForm, key: str) -> StudioForm:
    """With a preset's model, settings and prompt; of what it does not speak, and of the references, all stays."""
    is_number = key.isascii() and key.isdecimal() and len(key) <= 18
    preset = Preset.objects.filter(team=form.team, pk=key).first() if is_number else None
    if preset is None:
        raise CannotPlace("That preset is not there any more.")
    values: dict[str, Any] = dict(preset.params)
    if preset.prompt:
        values |= mentions.called_now(form.team, form.references, preset.prompt, preset.mentions)
    changed = _with_model(form, preset.model or form.model.id, {}).with_settings_put(**values)
    changed.notes.append(_what_changed(preset.name, form, changed))
    if preset.model and changed.model.id != preset.model:
        changed.notes.append(f"“{preset.name}” was made for {preset.model}, which is not offered any more.")
    return changed


def _what_changed(name: str, before: StudioForm, after: StudioForm) -> str:
    """What a preset of this name put in the place of something else, in words."""
    old, new = before.values, after.values
    changed = ["the model"] if after.model.id != before.model.id else []
    changed += ["the prompt"] if after.text != before.text else []
    params = editable_params(after.model)
    changed += [each.label.lower() for each in params if not same_value(old.get(each.name), new.get(each.name))]
    if not changed:
        return f"All that “{name}” says was set already."
    *others, last = changed
    return f"“{name}” changed {', '.join(others)}{' and ' if others else ''}{last}. All else is as it was."


def _undone(form: StudioForm) -> StudioForm:
    """As it was before the last of these; undone once more, it is as it is now."""
    try:
        before: Any = read_json(str(form.data.get("undo") or ""))
        model_id, values, sent = str(before["model"]), dict(before["values"]), [str(each) for each in before["slots"]]
    except (ValueError, TypeError, KeyError, RecursionError):
        return form
    values = {name: value for name, value in values.items() if name not in NOT_UNDONE and _is_plain(value)}
    has_references = bool(before.get("has_references"))
    changed = _with_model(form, model_id, values, has_references=has_references)
    if changed.model.id == form.model.id and not has_references:
        return changed
    return changed.but(references=slots.read_all(form.team, changed.model, sent[:MOST_SLOTS_UNDONE]))


def _is_plain(value: Any) -> bool:
    """Whether a page of ours could have sent it: a value, or rows of values."""
    if isinstance(value, list):
        return all(isinstance(row, dict) and all(isinstance(cell, str) for cell in row.values()) for row in value)
    return isinstance(value, str | bool | int | float | None)


def _with_model(form: StudioForm, model_id: str, values: dict[str, Any], *, has_references: bool = False) -> StudioForm:
    """The same form of another model with other values."""
    model = model_called(model_id)
    changed = form.with_model(model, {}) if model.id != form.model.id else form
    return changed.with_values(**{**values, "undo": snapshot(form, has_references=has_references)})


def snapshot(form: StudioForm, *, has_references: bool) -> str:
    """All that is set, to bring it back. Without its references it brings them back only with another model, whose
    places they were in.
    """
    values = {name: value for name, value in form.values.items() if name not in NOT_UNDONE}
    values |= {"prompt": form.text, "mentions": form.mentioned.as_json}
    kept = {"model": form.model.id, "values": values, "slots": [each.value for each in form.references]}
    return json.dumps(kept | {"has_references": has_references}, default=str, ensure_ascii=False)

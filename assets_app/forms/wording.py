"""What the small buttons beside the prompt do to a form: attach what is mentioned, mention what is attached."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from assets_app.forms import slots
from assets_app.forms.mentions import is_id
from assets_app.forms.paste import guess_type
from assets_app.prompting import SIGN

if TYPE_CHECKING:
    from assets_app.forms.studio import StudioForm

VERBS = frozenset({"attach", "link", "mean", "mention"})


def after(form: StudioForm, verb: str, thing: str) -> StudioForm:
    """`attach:<asset or URL>`, `link:<type>:<URL>`, `mean:<asset>:<name>` or `mention:<n>`. Raises CannotPlace."""
    match verb:
        case "attach":
            return _attached(form, thing)
        case "link":
            media_type, _, url = thing.partition(":")
            return _linked(form, media_type, url)
        case "mean":
            asset_id, _, name = thing.partition(":")
            return _attached(_meaning(form, name, asset_id), asset_id)
        case _:
            return _naming(form, thing)


def _attached(form: StudioForm, identity: str) -> StudioForm:
    """With what a mention means among the references; as it is when it is there."""
    if any(reference.identity == identity for reference in form.references):
        return form
    if is_id(identity):
        return form.after(f"add:{identity}")
    return _linked(form, guess_type(identity) or "image", identity)


def _linked(form: StudioForm, media_type: str, url: str) -> StudioForm:
    """With a direct URL in the first slot for its type that has room."""
    slot = slots.first_open(form.references, media_type, "The address", form.model)
    return form.with_references(slots.place_url(form.references, url, slot.name, form.model))


def _meaning(form: StudioForm, name: str, asset_id: str) -> StudioForm:
    """With one of several assets of a name settled on."""
    if not slots.assets_of(form.team, [asset_id]):
        raise slots.CannotPlace("This asset is not in your team's library.")
    return form.with_values(mentions=json.dumps({**form.mentioned.used, name: asset_id}, ensure_ascii=False))


def _naming(form: StudioForm, place: str) -> StudioForm:
    """With a mention of the reference at this place at the end of the prompt."""
    found = next((each for n, each in enumerate(form.references) if str(n) == place), None)
    handle = form.mentioned.handles.get(found.identity, "") if found else ""
    if not found or not handle:
        return form
    gap = "" if not form.text or form.text[-1].isspace() else " "
    mentions = json.dumps({**form.mentioned.used, handle: found.identity}, ensure_ascii=False)
    return form.with_values(prompt=f"{form.text}{gap}{SIGN}{handle} ", mentions=mentions)

"""Into the studio's form, about in it and out of it: what is done with its references."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace

from assets_app.forms import slots
from assets_app.forms.notes import CannotPlace
from assets_app.forms.studio import StudioForm
from assets_app.models import Asset


def with_asset(form: StudioForm, asset_id: str) -> StudioForm:
    """The same form with this asset too, in the slot that is aimed at, else in the first that fits. Where that cannot
    be, its `notes` say why.
    """
    try:
        asset = own(slots.assets_of(form.team, [asset_id]), asset_id)
        return form.with_references(slots.place(form.references, asset, form.model, form.target))
    except CannotPlace as why:
        form.notes.append(why.note)
        return form


def put(form: StudioForm, slot_name: str, asset_id: str) -> StudioForm:
    """The same form with this asset, let down on one slot. Raises CannotPlace."""
    asset = own(slots.assets_of(form.team, [asset_id]), asset_id)
    return form.with_references(slots.put(form.references, asset, slot_name, form.model))


def put_url(form: StudioForm, slot_name: str, url: str) -> StudioForm:
    """The same form with this address, let down on one slot. Raises CannotPlace."""
    return form.with_references(slots.put_url(form.references, url, slot_name, form.model))


def with_pending_urls(form: StudioForm) -> StudioForm:
    """The same form with the addresses that were typed beside its slots; what cannot be taken stays typed."""
    references, kept = form.references, {}
    for slot_name, url in form.pending_urls.items():
        try:
            references = slots.place_url(references, url, slot_name, form.model)
        except CannotPlace as why:
            kept[slot_name] = url
            if not slots.problem_with_url(url):  # that is said beside the address
                form.notes.append(why.note)
    return form.with_references(references, pending_urls=kept)


def rearranged(form: StudioForm, verb: str, index: int, where: str) -> StudioForm:
    """The same form after `remove`, `older`, `up`, `down`, `move` or `place` of a reference. Raises CannotPlace."""
    match verb:
        case "remove":
            return form.with_references(slots.remove(form.references, index))
        case "older":
            older = form.references[index].older_twin
            return with_instead(form, index, older) if older else form
        case "up":
            return form.with_references(slots.shift(form.references, index, -1))
        case "down":
            return form.with_references(slots.shift(form.references, index, +1))
        case "move":
            return form.with_references(slots.transfer(form.references, index, where, form.model))
        case "place":
            slot_name, _, position = where.partition(":")
            at = int(position) if re.fullmatch(r"[0-9]{1,3}", position) else len(form.references)
            return form.with_references(slots.settle(form.references, index, slot_name, at, form.model))
    return form


def with_instead(form: StudioForm, index: int, asset: Asset) -> StudioForm:
    """The same form with `asset` in the place of one of its references; where the prompt mentions that one, it means
    the new one.
    """
    old = form.references[index]
    new = replace(old, asset=asset, url="", lost="")
    references = [new if place == index else each for place, each in enumerate(form.references)]
    mentions = {name: new.identity if held == old.identity else held for name, held in form.mentioned.used.items()}
    return form.but(references=references, data=form.values | {"mentions": json.dumps(mentions, ensure_ascii=False)})


def own(known: Mapping[str, Asset], asset_id: str) -> Asset:
    """Raises CannotPlace."""
    if found := known.get(asset_id):
        return found
    raise CannotPlace("This asset is not in your team's library.")

"""The form as it opens upon a film that was made: to edit it, to make it final, or for the shot after it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from assets_app.apiframe.catalogue import Model
from assets_app.forms import opening, slots
from assets_app.forms.controls import editable_params
from assets_app.forms.offered import not_offered, offered_models
from assets_app.forms.putting import Put
from assets_app.forms.slots import Filled
from assets_app.forms.studio import StudioForm
from assets_app.forms.switching import remembered_of
from assets_app.models import Asset, Generation, Origin, Team

START_SLOTS = ("start_image", "image")
ADAPTIVE = "adaptive"


def continued(
    team: Team,
    generation: Generation,
    asked: Mapping[str, str],
    click: uuid.UUID | None = None,
    studio: Mapping[str, Any] | None = None,
) -> StudioForm:
    """`asked` is the address: `as=final` for the final of a draft, `as=again` for the same once more, `then=<asset>`
    for the shot after it, which starts with that picture; else it is edited.
    """
    if frame := slots.assets_of(team, [asked.get("then", "")]).get(asked.get("then", "")):
        return shot_after(team, generation, frame, studio or {})
    origin = asked.get("as", "")
    if origin == Origin.FINAL and generation.is_draft:
        return opening.of_generation(team, generation, click, made_from=generation.pk, origin=origin, draft=False)
    if origin != Origin.AGAIN:
        origin = Origin.EDIT
    return opening.of_generation(team, generation, click, made_from=generation.pk, origin=origin)


def shot_after(team: Team, generation: Generation, frame: Asset, studio: Mapping[str, Any]) -> StudioForm:
    """The settings of the film that was, its last frame to start from, and room for new words: the old ones told the
    shot that is over. `studio` is what the person last chose for each model, as in `Membership.studio`.
    """
    before = opening.of_generation(team, generation)
    model = before.model if start_slot(before.model) else next(m for m in offered_models() if start_slot(m))
    notes = not_offered((generation.draft_of or {"model": generation.model})["model"])
    if model.id != before.model.id:
        notes.append(f"{before.model.label} takes no start image: {model.label} is chosen instead.")
    known = {param.name: param for param in editable_params(model)}
    values = {name: before.data.get(name) for name in known if name in before.model.params}
    puts = opening.as_that_film(model, values)
    ratio = known.get("aspect_ratio")
    if ratio and ADAPTIVE in ratio.choices:  # the film takes the shape of the picture (FACTS §6 rule 4)
        values["aspect_ratio"] = ADAPTIVE
        chosen = (before.data.get("aspect_ratio"), remembered_of(studio, model).get("aspect_ratio"), ratio.default)
        was = next((each for each in chosen if each and each != ADAPTIVE), None)
        puts["aspect_ratio"] = Put(ADAPTIVE, was, for_frames=was is not None)
        if was is not None:
            notes.append(f"The film takes the shape of its first picture: {ratio.label} is “adaptive”, no more {was}.")
    values |= {"made_from": generation.pk, "origin": Origin.NEXT, "draft": generation.is_draft}
    references = [Filled(start_slot(model), frame.media_type, asset=frame)]
    return opening.fresh(team, model, references, values, notes, puts=puts)


def start_slot(model: Model) -> str:
    """Where a picture goes that the film begins with; "" for a model that takes none."""
    return next((name for name in START_SLOTS if (slot := model.slot(name)) and slot.media_type == "image"), "")

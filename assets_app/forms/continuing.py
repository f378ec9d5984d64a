"""The form as it opens upon a film that was made: to edit it, to make it final, or for the shot after it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from assets_app.apiframe.catalogue import Model
from assets_app.forms import opening, slots
from assets_app.forms.controls import editable_params
from assets_app.forms.offered import offered_models
from assets_app.forms.slots import Filled
from assets_app.forms.studio import StudioForm
from assets_app.models import Asset, Generation, Origin, Team

START_SLOTS = ("start_image", "image")


def continued(
    team: Team, generation: Generation, asked: Mapping[str, str], click: uuid.UUID | None = None
) -> StudioForm:
    """`asked` is the address: `as=final` for the final of a draft, `as=again` for the same once more, `then=<asset>`
    for the shot after it, which starts with that picture; else it is edited.
    """
    if frame := slots.assets_of(team, [asked.get("then", "")]).get(asked.get("then", "")):
        return shot_after(team, generation, frame)
    origin = asked.get("as", "")
    if origin == Origin.FINAL and generation.is_draft:
        return opening.of_generation(team, generation, click, made_from=generation.pk, origin=origin, draft=False)
    if origin != Origin.AGAIN:
        origin = Origin.EDIT
    return opening.of_generation(team, generation, click, made_from=generation.pk, origin=origin)


def shot_after(team: Team, generation: Generation, frame: Asset) -> StudioForm:
    """The settings of the film that was, its last frame to start from, and room for new words: the old ones told the
    shot that is over.
    """
    before = opening.of_generation(team, generation)
    model = before.model if start_slot(before.model) else next(m for m in offered_models() if start_slot(m))
    known = {param.name: param for param in editable_params(model)}
    values = {name: before.data.get(name) for name in known if name in before.model.params}
    ratio = known.get("aspect_ratio")
    if ratio and "adaptive" in ratio.choices:
        values["aspect_ratio"] = "adaptive"  # the film takes the shape of the picture (FACTS §6 rule 4)
    values |= {"made_from": generation.pk, "origin": Origin.NEXT, "draft": generation.is_draft}
    references = [Filled(start_slot(model), frame.media_type, asset=frame)]
    return opening.fresh(team, model, references, values)


def start_slot(model: Model) -> str:
    """Where a picture goes that the film begins with; "" for a model that takes none."""
    return next((name for name in START_SLOTS if (slot := model.slot(name)) and slot.media_type == "image"), "")

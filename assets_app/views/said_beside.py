"""What the composer's page says beside each slot, each control and the prompt."""

from __future__ import annotations

from typing import Any

from assets_app.apiframe import catalogue
from assets_app.forms import slots
from assets_app.forms.meters import meters_of
from assets_app.forms.studio import StudioForm


def slot_rows(form: StudioForm) -> list[dict[str, Any]]:
    """Each slot of the model with what fills it, and where else each could go."""
    rows = []
    words = slots.words_for(form.references, form.model)
    meters = {meter.slot.name: meter for meter in meters_of(form.model, form.references)}
    pair = slots.frames_of(form.model)
    last_frame, frames = (pair[1], {slot.name for slot in pair}) if pair else (None, set())
    for slot in form.model.slots:
        others = [each for each in form.model.slots if each.media_type == slot.media_type and each.name != slot.name]
        inside = [(n, each) for n, each in enumerate(form.references) if each.slot == slot.name]
        items = [
            {
                "index": index,
                "reference": reference,
                "token": slots.token_of(form.references, index, form.model),
                "word": words.get(reference.identity, ""),
                "problems": [
                    p for p in (*form.refusals, *form.warnings) if (p.field, p.position) == (slot.name, position)
                ],
                "is_first": position == 0,
                "is_last": position == len(inside) - 1,
            }
            for position, (index, reference) in enumerate(inside)
        ]
        rows.append(
            {
                "slot": slot,
                "items": items,
                "others": others,
                "meter": meters.get(slot.name),
                "is_full": len(items) >= slot.maximum,
                "is_target": form.target == slot.name,
                "may_swap": slot == last_frame and bool(frames & {each.slot for each in form.references}),
                "what": slots.LOOKS[slot.media_type],
                "url": form.pending_urls.get(slot.name, ""),
                "problems": form.problems_of(slot.name),
            }
        )
    return rows


def said_beside_the_prompt(form: StudioForm, *, submitted: bool) -> list[Any]:
    """Nobody is told off for an empty prompt, or for half a name, before pressing Generate; what has buttons of its own
    is said there.
    """
    said_elsewhere = {"mention_loose", "mention_in_doubt"}
    if not submitted:
        said_elsewhere |= {"prompt_empty", "mention_being_typed"}
    return [each for each in form.problems_of("prompt") if each.code not in said_elsewhere]


def unfit(form: StudioForm) -> list[dict[str, Any]]:
    """What the model has no place for, with the places where each could be used all the same."""
    known = catalogue.load()
    return [
        {
            "index": index,
            "reference": reference,
            "was": known.slot_called(reference.slot, form.model).label,
            "others": [slot for slot in form.model.slots if slot.media_type == reference.media_type],
        }
        for index, reference in enumerate(form.references)
        if form.model.slot(reference.slot) is None
    ]


def spots(form: StudioForm) -> list[tuple[str, Any]]:
    """The places beside controls where problems are shown, each with those it shows now."""
    names = [*(control.param.name for control in form.controls), *(slot.name for slot in form.model.slots)]
    return [(name, form.problems_of(name)) for name in names]

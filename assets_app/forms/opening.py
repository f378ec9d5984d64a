"""How a form of the studio comes about: empty, as a generation that was made, or as the page sent it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict

from assets_app.apiframe.catalogue import Model
from assets_app.forms import mentions, slots
from assets_app.forms.controls import editable_params
from assets_app.forms.offered import model_called, not_offered
from assets_app.forms.slots import MOST_REFERENCES, Filled
from assets_app.forms.studio import StudioForm
from assets_app.forms.switching import Kept, fitted, remembered_of, settled
from assets_app.models import Generation, Team

# Far beyond what any model takes: nobody's work, only much work for us.
LONGEST_PROMPT = 50_000


def fresh(
    team: Team,
    model: Model,
    references: Sequence[Filled],
    values: Mapping[str, Any],
    notes: Sequence[str] = (),
    click: uuid.UUID | None = None,
) -> StudioForm:
    """As the page first shows it: defaults, under `values`, and a new click. Bound, so that problems show."""
    defaults = {param.name: param.default for param in editable_params(model)}
    data = {**defaults, "prompt": "", "takes": 1, **values, "click": click or uuid.uuid4()}
    return StudioForm(team, model, references, data, notes=notes)


def as_last_time(team: Team, model_id: str | None, studio: Mapping[str, Any]) -> StudioForm:
    """An empty one with the settings that the person last used: those of this model, or of the model used last.

    `studio` is `Membership.studio`.
    """
    wanted = model_id or studio.get("model")
    wanted = wanted if isinstance(wanted, str) else None
    model = model_called(wanted)
    notes = not_offered(wanted) if wanted else []
    return fresh(team, model, [], remembered_of(studio, model), notes)


def of_generation(team: Team, generation: Generation, click: uuid.UUID | None = None, **pressed: Any) -> StudioForm:
    """Everything as in one that was made before, to change something and try again; of a draft, what it is a draft
    of. Of a model that is not offered any more, what the nearest takes; `notes` say so. `pressed` are values of the
    press.
    """
    stands_for = generation.draft_of or {"model": generation.model, "params": generation.params}
    model, params = model_called(stands_for["model"]), stands_for["params"]
    references, notes = slots.of_generation(generation), not_offered(stands_for["model"])
    unset = dict.fromkeys(param.name for param in editable_params(model))
    if notes:
        references, moved = settled(references, model)
        params, left_out = fitted(params, model)
        notes += [*left_out, *moved]
    worded = mentions.as_called_now(team, references, generation)
    values = {**unset, **params, **worded, "draft": generation.is_draft, **pressed}
    return fresh(team, model, references, values, notes, click=click)


def posted(team: Team, data: QueryDict, studio: Mapping[str, Any] | None = None) -> StudioForm:
    """As the page sent it. When the model was changed, what still fits is kept and the rest is said in `notes`.

    `studio` is what the person last chose for each model, as in `Membership.studio`.
    """
    model = model_called(data.get("model"))
    shown = model_called(data.get("shown_model") or model.id)
    sent = data.getlist("reference")
    references = slots.read_all(team, shown, sent[:MOST_REFERENCES])
    pending = {slot.name: url for slot in shown.slots if (url := data.get(f"url-{slot.name}", "").strip())}
    notes = not_offered(data.get("model", "")) if data.get("model") else []
    if len(sent) > MOST_REFERENCES:
        notes.append(f"{len(sent):,} references came at once: the first {MOST_REFERENCES} are here.")
    prompt = data.get("prompt", "")
    if len(prompt) > LONGEST_PROMPT:
        notes.append(f"A prompt of {len(prompt):,} characters came: the first {LONGEST_PROMPT:,} are here.")
        data = data.copy()
        data["prompt"] = prompt[:LONGEST_PROMPT]
    kept = Kept.read(data.get("kept", ""))
    form = StudioForm(
        team, shown, references, data, pending_urls=pending, notes=notes, target=data.get("target", ""), kept=kept
    )
    return form if shown.id == model.id else form.with_model(model, studio or {})

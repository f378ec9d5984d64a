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
from assets_app.forms.putting import Put, Puts
from assets_app.forms.slots import MOST_REFERENCES, Filled
from assets_app.forms.studio import StudioForm
from assets_app.forms.switching import Kept, fitted, is_remembered, remembered_of, settled
from assets_app.models import Generation, Team

# Far beyond what any model takes: nobody's work, only much work for us.
LONGEST_TEXT = 50_000
LONGEST_SETTING = 200  # what is chosen or counted, not written
WRITTEN = ("string", "object_list")
READ_ELSEWHERE = ("kept", "undo")  # JSON, which half of it is not
LONGEST_UNDO = 4 * LONGEST_TEXT


def fresh(
    team: Team,
    model: Model,
    references: Sequence[Filled],
    values: Mapping[str, Any],
    notes: Sequence[str] = (),
    click: uuid.UUID | None = None,
    puts: Puts | None = None,
) -> StudioForm:
    """As the page first shows it: defaults, under `values`, and a new click. Bound, so that problems show. `puts` are
    those of its settings that no person chose here.
    """
    defaults = {param.name: param.default for param in editable_params(model)}
    data = {**defaults, "prompt": "", "takes": 1, **values, "click": click or uuid.uuid4()}
    return StudioForm(team, model, references, data, notes=notes, kept=Kept().with_puts(model, puts or {}))


def as_that_film(model: Model, params: Mapping[str, Any]) -> dict[str, Put]:
    """The settings of a film that was made, as what no person chose here: it may be a colleague's, or a tool's."""
    names = [param.name for param in editable_params(model) if is_remembered(param)]
    return {name: Put(params.get(name)) for name in names}


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
    return fresh(team, model, references, values, notes, click=click, puts=as_that_film(model, params))


def posted(team: Team, data: QueryDict, studio: Mapping[str, Any] | None = None) -> StudioForm:
    """As the page sent it. When the model was changed, what still fits is kept and the rest is said in `notes`.

    `studio` is what the person last chose for each model, as in `Membership.studio`.
    """
    model = model_called(data.get("model"))
    shown = model_called(data.get("shown_model") or model.id)
    sent = data.getlist("reference")
    references = slots.read_all(team, shown, sent[:MOST_REFERENCES])
    notes = not_offered(data.get("model", "")) if data.get("model") else []
    if unread := len(sent[:MOST_REFERENCES]) - len(references):
        notes.append(f"{unread} of the references could not be read, and {'are' if unread > 1 else 'is'} not here.")
    if not_offered(data.get("shown_model") or shown.id):  # they stand in the places of a model that is gone
        references, moved = settled(references, shown)
        notes += moved
    if len(sent) > MOST_REFERENCES:
        notes.append(f"{len(sent):,} references came at once: the first {MOST_REFERENCES} are here.")
    data = _within_reason(data, shown, notes)
    pending = {slot.name: url for slot in shown.slots if (url := data.get(f"url-{slot.name}", "").strip())}
    kept = Kept.read(data.get("kept", ""))
    form = StudioForm(
        team, shown, references, data, pending_urls=pending, notes=notes, target=data.get("target", ""), kept=kept
    )
    return form if shown.id == model.id else form.with_model(model, studio or {})


def _within_reason(data: QueryDict, model: Model, notes: list[str]) -> QueryDict:
    """What was sent, with each value cut where nothing is lost that anybody wrote: all of it goes back onto the page.
    A cut text is told of in `notes`; a cut setting is refused as what it is.
    """
    chosen = {param.name for param in editable_params(model) if param.kind not in WRITTEN} | {"takes", "click", "model"}
    sane = data.copy()
    for name, values in data.lists():
        most = LONGEST_SETTING if name in chosen else LONGEST_TEXT
        if name in READ_ELSEWHERE or all(len(value) <= most for value in values):
            continue
        sane.setlist(name, [value[:most] for value in values])
        if name not in chosen:
            what = "A prompt" if name == "prompt" else f"“{name[:40]}”, a text"
            notes.append(f"{what} of {max(map(len, values)):,} characters came: the first {most:,} are here.")
    if len(sane.get("undo", "")) > LONGEST_UNDO:
        sane["undo"] = ""
    return sane

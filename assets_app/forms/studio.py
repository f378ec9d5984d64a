"""The Generate form: its controls come from the catalogue's parameters of the chosen model, and so do its checks."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.http import QueryDict

from assets_app import payload
from assets_app.apiframe import catalogue
from assets_app.apiframe.catalogue import Fix, Model, Problem
from assets_app.apiframe.validation import nearest
from assets_app.drafting import Plan, draft_of
from assets_app.forms import fixes, mentions, press, slots, wording
from assets_app.forms.controls import Control, editable_params, field_for
from assets_app.forms.mentions import Mentions
from assets_app.forms.slots import Filled
from assets_app.forms.switching import Kept, fitted, remembered_of, settled, switched
from assets_app.models import Asset, Generation, Order, Team, start
from assets_app.models.generation import takes_of_click
from assets_app.money import prices
from assets_app.money.prices import Quote

# Far beyond what any model takes: nobody's work, only much work for us.
MOST_REFERENCES = 100
LONGEST_PROMPT = 50_000


def offered_models() -> list[Model]:
    return catalogue.load().video_models


def model_called(model_id: str | None) -> Model:
    """The offered model of this id; for one that is not offered the nearest, and the first when none was named."""
    return catalogue.load().nearest(model_id) if model_id else offered_models()[0]


def not_offered(model_id: str) -> list[str]:
    """What is said of a model that is not in the catalogue (any more); nothing of one that is."""
    known = catalogue.load()
    if model_id in known.models:
        return []
    nearest_one = known.nearest(model_id).label
    return [f"“{model_id[:60]}” is not offered any more; the nearest is {nearest_one}, which is chosen now."]


class StudioForm(press.PressFields):
    """All that one generation is made of. `model` decides which controls there are, so it is settled first."""

    click = forms.UUIDField(widget=forms.HiddenInput)
    prompt = forms.CharField(required=False)
    mentions = forms.CharField(required=False, widget=forms.HiddenInput)
    undo = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        team: Team,
        model: Model,
        references: Sequence[Filled] = (),
        data: QueryDict | Mapping[str, Any] | None = None,
        *,
        pending_urls: Mapping[str, str] | None = None,
        notes: Sequence[str] = (),
        target: str = "",
        kept: Kept | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, auto_id="studio-%s", **kwargs)
        self.team = team
        self.model = model
        self.references = slots.in_order(references, model)
        self.pending_urls = dict(pending_urls or {})
        self.notes = list(notes)
        self.target = target if model.slot(target) else ""  # the slot that the next asset picked goes into
        self.kept = kept or Kept()
        self.problems: list[Problem] = []
        for param in editable_params(model):
            self.fields[param.name] = field_for(param, model)

    # --- where it comes from -----------------------------------------------------------------------------------------
    @classmethod
    def fresh(
        cls,
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
        return cls(team, model, references, data, notes=notes)

    @classmethod
    def as_last_time(cls, team: Team, model_id: str | None, studio: Mapping[str, Any]) -> StudioForm:
        """An empty one with the settings that the person last used: those of this model, or of the model used last.

        `studio` is `Membership.studio`.
        """
        wanted = model_id or studio.get("model")
        wanted = wanted if isinstance(wanted, str) else None
        model = model_called(wanted)
        notes = not_offered(wanted) if wanted else []
        return cls.fresh(team, model, [], remembered_of(studio, model), notes)

    @classmethod
    def of_generation(
        cls, team: Team, generation: Generation, click: uuid.UUID | None = None, **pressed: Any
    ) -> StudioForm:
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
        return cls.fresh(team, model, references, values, notes, click=click)

    @classmethod
    def posted(cls, team: Team, data: QueryDict, studio: Mapping[str, Any] | None = None) -> StudioForm:
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
        form = cls(
            team, shown, references, data, pending_urls=pending, notes=notes, target=data.get("target", ""), kept=kept
        )
        return form if shown.id == model.id else form.with_model(model, studio or {})

    @property
    def values(self) -> dict[str, Any]:
        """What each field says, as it was sent: a mapping that another form can be made of."""
        return {name: field.widget.value_from_datadict(self.data, {}, name) for name, field in self.fields.items()}

    def but(self, **changes: Any) -> StudioForm:
        """The same form, but for what is named: `model`, `references`, `data`, `pending_urls`, `notes`, `kept`. Where
        the next pick goes is not kept, unless it is named as `target`.
        """
        same = {
            "model": self.model,
            "references": self.references,
            "data": self.values,
            "pending_urls": self.pending_urls,
            "notes": self.notes,
            "kept": self.kept,
        }
        return StudioForm(self.team, **{**same, **changes})

    def with_model(self, model: Model, studio: Mapping[str, Any]) -> StudioForm:
        """The same for another model: what fits goes along, what does not is said, and comes back with the old one."""
        values, notes, kept = switched(self.model, model, self.values, self.kept, remembered_of(studio, model))
        references, moved = settled(self.references, model)
        data = {**self.values, **values}
        pending = {name: url for name, url in self.pending_urls.items() if model.slot(name)}
        dropped = [
            f"The address {url} was typed but not added."
            for url in self.pending_urls.values()
            if url not in pending.values()
        ]
        return self.but(
            model=model,
            references=references,
            data=data,
            pending_urls=pending,
            notes=[*self.notes, *notes, *moved, *dropped],
            kept=kept,
        )

    def with_references(
        self, references: Sequence[Filled], *, pending_urls: Mapping[str, str] | None = None
    ) -> StudioForm:
        """The same form with other references; the names in the prompt follow theirs."""
        worded = {"prompt": self.mentioned.renumbered(references), "mentions": self.mentioned.as_json}
        pending = self.pending_urls if pending_urls is None else pending_urls
        return self.but(references=references, data={**self.values, **worded}, pending_urls=pending)

    def aimed_at(self, slot_name: str) -> StudioForm:
        """The same form, where the next asset picked goes into this slot; "" for the first that has room."""
        return self.but(target=slot_name)

    def after(self, action: str, studio: Mapping[str, Any] | None = None) -> StudioForm:
        """The same form after a press of one of its small buttons: `aim:<slot>`, `add:<asset>`, `url`, `remove:<n>`,
        `up:<n>`, `down:<n>`, `move:<n>:<slot>`, `place:<n>:<slot>:<position>`, `swap`; a row of shots (`row:<param>`,
        `row-off:<param>:<n>`); a way out of a problem; or one of the prompt's (`wording.after`). What cannot be done is
        said in `notes`; what makes no sense does nothing.
        """
        verb, _, thing = action.partition(":")
        try:
            if verb in ("set", "model", "row", "row-off"):
                return self._set(verb, thing, studio or {})
            if verb in ("clear", "trim", "frames-to-references", "frame-first", "drop-url"):
                return self._mended(verb, thing)
            if verb == "aim":
                return self.aimed_at(thing)
            if verb == "add":
                return self._with_asset(thing)
            if verb == "url":
                return self._with_pending_urls()
            if verb == "swap":
                return self.with_references(slots.swap_frames(self.references, self.model))
            if verb in wording.VERBS:
                return wording.after(self, verb, thing)
            index, _, where = thing.partition(":")
            places = {str(place): place for place in range(len(self.references))}
            return self._rearranged(verb, places[index], where) if index in places else self
        except slots.CannotPlace as why:
            self.notes.append(str(why))
            return self

    def with_values(self, **values: Any) -> StudioForm:
        """The same form with some of its values replaced."""
        return self.but(data={**self.values, **values})

    def _set(self, verb: str, thing: str, studio: Mapping[str, Any]) -> StudioForm:
        """A control set to something else, by a button beside it or beside a problem."""
        if verb == "model":
            return self.with_model(model_called(thing), studio) if thing in catalogue.load().models else self
        name, _, value = thing.partition(":")
        if name not in {param.name for param in editable_params(self.model)}:
            return self
        if verb == "set":
            return self.with_values(**{name: value})
        rows = [row for each in self.controls if each.param.name == name and each.kind == "rows" for row in each.rows]
        cells = [{field.name: cell for field, cell in row} for row in rows]
        if verb == "row":
            return self.but(data={**self.values, name: [*cells, {}]})
        return self.but(data={**self.values, name: [row for n, row in enumerate(cells) if str(n) != value]})

    def _mended(self, verb: str, thing: str) -> StudioForm:
        """The references after one press on a way out of a problem."""
        match verb:
            case "clear":
                return self.with_references(fixes.without(self.references, self.model, thing))
            case "trim":
                return self.with_references(fixes.first_ones(self.references, self.model, thing))
            case "frame-first":
                return self.with_references(fixes.end_as_start(self.references, self.model))
            case "frames-to-references":
                moved = self.with_references(fixes.frames_as_references(self.references, self.model))
                moved.notes.append(
                    "The frames are references now. Say in the prompt which of them the film begins with."
                )
                return moved
        return self.but(pending_urls={name: url for name, url in self.pending_urls.items() if name != thing})

    def with_assets(self, asset_ids: Sequence[str]) -> StudioForm:
        """The same form with these assets too, each in the first slot that fits; `notes` say which went nowhere. One
        query for all.
        """
        known = slots.assets_of(self.team, asset_ids[:MOST_REFERENCES])
        references, notes = self.references, list(self.notes)
        for asset_id in asset_ids[:MOST_REFERENCES]:
            try:
                references = slots.place(references, self._own(known, asset_id), self.model)
            except slots.CannotPlace as why:
                notes.append(str(why))
        return self.with_references(references).but(notes=notes)

    @staticmethod
    def _own(known: Mapping[str, Asset], asset_id: str) -> Asset:
        if found := known.get(asset_id):
            return found
        raise slots.CannotPlace("This asset is not in your team's library.")

    def _with_asset(self, asset_id: str) -> StudioForm:
        asset = self._own(slots.assets_of(self.team, [asset_id]), asset_id)
        return self.with_references(slots.place(self.references, asset, self.model, self.target))

    def _with_pending_urls(self) -> StudioForm:
        references, kept = self.references, {}
        for slot_name, url in self.pending_urls.items():
            try:
                references = slots.place_url(references, url, slot_name, self.model)
            except slots.CannotPlace as why:
                kept[slot_name] = url
                if not slots.problem_with_url(url):  # that is said beside the address
                    self.notes.append(str(why))
        return self.with_references(references, pending_urls=kept)

    def _rearranged(self, verb: str, index: int, where: str) -> StudioForm:
        match verb:
            case "remove":
                return self.with_references(slots.remove(self.references, index))
            case "up":
                return self.with_references(slots.shift(self.references, index, -1))
            case "down":
                return self.with_references(slots.shift(self.references, index, +1))
            case "move":
                return self.with_references(slots.transfer(self.references, index, where, self.model))
            case "place":
                slot_name, _, position = where.partition(":")
                at = int(position) if re.fullmatch(r"[0-9]{1,3}", position) else len(self.references)
                return self.with_references(slots.settle(self.references, index, slot_name, at, self.model))
        return self

    # --- what is wrong with it ---------------------------------------------------------------------------------------
    def clean_prompt(self) -> str:
        return self.text.strip()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        refs = slots.numbered(self.references)
        self.problems = [
            *self._reference_problems(),
            *self.mentioned.problems,
            *catalogue.check_request(
                self.model,
                self.params,
                self.mentioned.rendered,
                refs,
                [reference.facts for reference in self.references],
            ),
        ]
        for problem in self.problems:
            if problem.severity == "refuse":
                self.add_error(None, forms.ValidationError(problem.message, code=problem.code))
        return cleaned

    def _reference_problems(self) -> list[Problem]:
        problems = [
            Problem("unusable", reference.slot, reference.trouble, position=ref.position)
            for reference, ref in zip(self.references, slots.numbered(self.references), strict=True)
            if reference.trouble
        ]
        problems += [
            Problem(
                "url_refused",
                slot,
                problem,
                fix="Correct it, or clear it.",
                fixes=(Fix(f"drop-url:{slot}", "Clear it"),),
            )
            if (problem := slots.problem_with_url(url))
            else Problem(
                "url_pending",
                slot,
                "An address is typed here but not added.",
                fix="Press Add, or clear it.",
                fixes=(Fix("url", "Add it"), Fix(f"drop-url:{slot}", "Clear it")),
            )
            for slot, url in self.pending_urls.items()
        ]
        return problems

    @property
    def refusals(self) -> list[Problem]:
        """Everything that keeps the button off: values that are no values, then the catalogue's refusals."""
        self.full_clean_once()
        named = [(name, errors) for name, errors in self.errors.items() if name not in ("__all__", "click")]
        bad_values = [Problem("invalid", name, str(errors[0]), fixes=self._nearest(name)) for name, errors in named]
        return bad_values + [problem for problem in self.problems if problem.severity == "refuse"]

    def _nearest(self, name: str) -> tuple[Fix, ...]:
        param = self.model.params.get(name)
        found = nearest(param, self.data.get(name)) if param else []
        return tuple(Fix(f"set:{name}:{each}", f"Use {each}") for each in found)

    def problems_of(self, *fields: str) -> list[Problem]:
        """Refusals and warnings about these fields or slots as a whole."""
        return [each for each in (*self.refusals, *self.warnings) if each.field in fields and each.position is None]

    @property
    def warnings(self) -> list[Problem]:
        self.full_clean_once()
        return [problem for problem in self.problems if problem.severity == "warn"]

    def full_clean_once(self) -> None:
        self.errors  # noqa: B018 (Django cleans a form on the first look at its errors)

    # --- what it comes to --------------------------------------------------------------------------------------------
    @property
    def text(self) -> str:
        """The prompt as it was typed: a line end is one character, although a plain form sends it as two."""
        return str(self.data.get("prompt") or "").replace("\r\n", "\n")

    @cached_property
    def mentioned(self) -> Mentions:
        """What the prompt mentions, and what it comes to for the model."""
        known = mentions.read(self.data.get("mentions"))
        return Mentions(self.team, self.model, self.references, self.text, known)

    @property
    def params(self) -> dict[str, Any]:
        """The values that are values, by name. Switches that are off are said too: the provider's defaults move."""
        return {
            param.name: value
            for param in editable_params(self.model)
            if (value := self.cleaned_data.get(param.name)) not in (None, [])
        }

    @property
    def takes(self) -> int:  # type: ignore[override]
        """How many one press makes."""
        return self.cleaned_data.get("takes") or 1

    @property
    def is_draft(self) -> bool:
        return bool(self.cleaned_data.get("draft"))

    @cached_property
    def plan(self) -> Plan:
        """What is sent: what was chosen, or a draft of it. The price is this one's, for each take."""
        self.full_clean_once()
        chosen = Plan(self.model, self.params)
        if not self.is_draft:
            return chosen
        facts = [reference.facts for reference in self.references]
        return draft_of(chosen, self.mentioned.rendered, slots.numbered(self.references), facts)

    @cached_property
    def price(self) -> Quote | None:
        """Of one take. None when no price is known, or what it goes by is not right yet."""
        if self.problems_of("duration", "resolution"):
            return None
        return prices.quote(self.team, self.plan.model, self.plan.params, has_video=self.has_video)

    @property
    def has_video(self) -> bool:
        """Whether a video guides it, which may change the price."""
        return any(reference.media_type == "video" for reference in self.references)

    @property
    def controls(self) -> list[Control]:
        return [Control(param, self[param.name], self.problems_of(param.name)) for param in editable_params(self.model)]

    @property
    def waits_for(self) -> list[Filled]:
        return [reference for reference in self.references if reference.waits]

    def request_body(self) -> dict[str, Any] | None:
        """The request as it would be sent, without a webhook; None while the model has no place for something."""
        self.full_clean_once()
        plan, refs = self.plan, slots.numbered(self.references)
        return payload.body_or_none(plan.model.id, self.mentioned.rendered, plan.params, refs)

    def is_same_as(self, generation: Generation) -> bool:
        """Whether `generation`, the first of its takes, was made from this very form."""
        plan, prompt = self.plan, self.mentioned.rendered
        ours = (plan.model.id, prompt, plan.params, _places(self.references), self.is_draft, self.takes)
        return ours == (
            generation.model,
            generation.rendered_prompt,
            generation.params,
            _places(slots.of_generation(generation)),
            generation.is_draft,
            len(takes_of_click(self.team, generation.click)),
        )

    def start(self, created_by: User) -> list[Generation]:
        """Write its takes down for the engine. Only for a valid form."""
        return start(self.team, created_by, self.order())

    def order(self) -> Order:
        price, plan = self.price, self.plan
        by = prices.measure(plan.model, plan.params, has_video=self.has_video)
        made_from, origin = press.parent_of(self.team, self.cleaned_data["made_from"], self.cleaned_data["origin"])
        return Order(
            click=self.cleaned_data["click"],
            model=plan.model.id,
            prompt=self.cleaned_data["prompt"],
            mentions=self.mentioned.used,
            params=plan.params,
            references=[reference.as_new_reference() for reference in self.references],
            takes=self.takes,
            is_draft=self.is_draft,
            draft_of={"model": self.model.id, "params": self.params} if self.is_draft else None,
            made_from=made_from,
            origin=origin,
            estimate=(price.credits_low, price.credits_high) if price else (None, None),
            price_key=by.key,
            seconds=by.seconds,
        )


def _places(references: Sequence[Filled]) -> list[tuple[str, object]]:
    """What is in which slot, in the order of each slot."""
    return sorted((reference.same_thing for reference in references), key=lambda place: place[0])

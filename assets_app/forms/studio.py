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
from assets_app.apiframe.catalogue import Model, Param, Problem
from assets_app.drafting import Plan, draft_of
from assets_app.forms import mentions, press, slots, wording
from assets_app.forms.controls import Control, editable_params, field_for
from assets_app.forms.mentions import Mentions
from assets_app.forms.slots import Filled
from assets_app.models import Generation, Order, Team, start
from assets_app.models.generation import takes_of_click
from assets_app.money import prices
from assets_app.money.prices import Quote

FAMILY = "seedance-2"
# Far beyond what any model takes: nobody's work, only much work for us.
MOST_REFERENCES = 100
LONGEST_PROMPT = 50_000


def offered_models() -> list[Model]:
    return catalogue.load().family(FAMILY)


def model_called(model_id: str | None) -> Model:
    """The offered model of this id; the first one for an id that is not offered."""
    models = offered_models()
    return next((model for model in models if model.id == model_id), models[0])


def carry_over(old: Model, new: Model, data: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The values of `old`'s controls that `new` takes too, and what is said of those it does not.

    `data` maps parameter names to what the page sent. A number out of range becomes the nearest that fits.
    """
    kept, notes = {}, []
    new_params = {param.name: param for param in editable_params(new)}
    for param in editable_params(old):
        value = data.get(param.name)
        target = new_params.get(param.name)
        if target is None:
            if value and str(value) != str(param.default):
                notes.append(f"{new.label} has no “{param.label}”; it was left out.")
            continue
        fitting = _nearest(target, value)
        if fitting is not None and str(fitting) != str(value):
            notes.append(f"{new.label} does not take {param.label.lower()} {value}: now {fitting}.")
        kept[param.name] = value if fitting is None else fitting
    return kept, notes


def _nearest(param: Param, value: Any) -> Any:
    """The value nearest to `value` that `param` takes; None when it takes `value`, or nothing near can be named."""
    if value in (None, ""):
        return None
    if param.kind == "enum":
        return None if str(value) in map(str, param.choices) else param.default
    if param.kind in ("integer", "number"):
        try:
            number = int(value) if param.kind == "integer" else float(value)
        except (TypeError, ValueError):
            return None
        if param.maximum is not None and number > param.maximum:
            return param.maximum
        if param.minimum is not None and number < param.minimum:
            return param.minimum
    return None


class StudioForm(press.PressFields):
    """All that one generation is made of. `model` decides which controls there are, so it is settled first."""

    click = forms.UUIDField(widget=forms.HiddenInput)
    prompt = forms.CharField(required=False)
    mentions = forms.CharField(required=False, widget=forms.HiddenInput)

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
        **kwargs: Any,
    ) -> None:
        super().__init__(data, auto_id="studio-%s", **kwargs)
        self.team = team
        self.model = model
        self.references = slots.in_order(references, model)
        self.pending_urls = dict(pending_urls or {})
        self.notes = list(notes)
        self.target = target if model.slot(target) else ""  # the slot that the next asset picked goes into
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
    def of_generation(
        cls, team: Team, generation: Generation, click: uuid.UUID | None = None, **pressed: Any
    ) -> StudioForm:
        """Everything as in one that was made before, to change something and try again; of a draft, what it is a draft
        of. `pressed` are values of the press.
        """
        stands_for = generation.draft_of or {"model": generation.model, "params": generation.params}
        model = model_called(stands_for["model"])
        unset = dict.fromkeys(param.name for param in editable_params(model))
        references = slots.of_generation(generation)
        worded = mentions.as_called_now(team, references, generation)
        values = {**unset, **stands_for["params"], **worded, "draft": generation.is_draft, **pressed}
        return cls.fresh(team, model, references, values, click=click)

    @classmethod
    def posted(cls, team: Team, data: QueryDict) -> StudioForm:
        """As the page sent it. When the model was changed, what still fits is kept and the rest is said in `notes`."""
        model = model_called(data.get("model"))
        shown = model_called(data.get("shown_model"))
        sent = data.getlist("reference")
        references = slots.read_all(team, model, sent[:MOST_REFERENCES])
        pending = {slot.name: url for slot in model.slots if (url := data.get(f"url-{slot.name}", "").strip())}
        notes: list[str] = []
        if len(sent) > MOST_REFERENCES:
            notes.append(f"{len(sent):,} references came at once: the first {MOST_REFERENCES} are here.")
        prompt = data.get("prompt", "")
        if len(prompt) > LONGEST_PROMPT:
            notes.append(f"A prompt of {len(prompt):,} characters came: the first {LONGEST_PROMPT:,} are here.")
            data = data.copy()
            data["prompt"] = prompt[:LONGEST_PROMPT]
        values: Any = data
        if shown.id != model.id:
            kept, left_out = carry_over(shown, model, data)
            notes += left_out
            defaults = {param.name: param.default for param in editable_params(model) if param.name not in shown.params}
            unchanged = {name: data.get(name, "") for name in ("prompt", "mentions", "click")}
            values = {**defaults, **kept, **unchanged, **press.kept(data)}
        return cls(team, model, references, values, pending_urls=pending, notes=notes, target=data.get("target", ""))

    def with_references(
        self, references: Sequence[Filled], *, pending_urls: Mapping[str, str] | None = None
    ) -> StudioForm:
        """The same form with other references; the names in the prompt follow theirs."""
        worded = {"prompt": self.mentioned.renumbered(references), "mentions": self.mentioned.as_json}
        values = {**{name: self.data.get(name) for name in self.fields}, **worded}
        pending = self.pending_urls if pending_urls is None else pending_urls
        return StudioForm(self.team, self.model, references, values, pending_urls=pending, notes=self.notes)

    def aimed_at(self, slot_name: str) -> StudioForm:
        """The same form, where the next asset picked goes into this slot; "" for the first that has room."""
        values = {name: self.data.get(name) for name in self.fields}
        return StudioForm(
            self.team,
            self.model,
            self.references,
            values,
            pending_urls=self.pending_urls,
            notes=self.notes,
            target=slot_name,
        )

    def after(self, action: str) -> StudioForm:
        """The same form after a press of one of its small buttons: `aim:<slot>`, `add:<asset>`, `url`, `remove:<n>`,
        `up:<n>`, `down:<n>`, `move:<n>:<slot>`, `place:<n>:<slot>:<position>`, `swap`; or one of the prompt's
        (`wording.after`). What cannot be done is said in `notes`; what makes no sense does nothing.
        """
        verb, _, thing = action.partition(":")
        try:
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
        everything = {name: self.data.get(name) for name in self.fields} | values
        return StudioForm(
            self.team, self.model, self.references, everything, pending_urls=self.pending_urls, notes=self.notes
        )

    def _with_asset(self, asset_id: str) -> StudioForm:
        asset = slots.assets_of(self.team, [asset_id]).get(asset_id)
        if asset is None:
            raise slots.CannotPlace("This asset is not in your team's library.")
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
            Problem("url_refused", slot, problem, fix="Correct it, or clear it.")
            if (problem := slots.problem_with_url(url))
            else Problem("url_pending", slot, "An address is typed here but not added.", fix="Press Add, or clear it.")
            for slot, url in self.pending_urls.items()
        ]
        return problems

    @property
    def refusals(self) -> list[Problem]:
        """Everything that keeps the button off: values that are no values, then the catalogue's refusals."""
        self.full_clean_once()
        named = [(name, errors) for name, errors in self.errors.items() if name not in ("__all__", "click")]
        bad_values = [Problem("invalid", name, str(errors[0])) for name, errors in named]
        return bad_values + [problem for problem in self.problems if problem.severity == "refuse"]

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
            if (value := self.cleaned_data.get(param.name)) is not None
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
        try:
            plan, refs = self.plan, slots.numbered(self.references)
            return payload.build_body(plan.model.id, self.mentioned.rendered, plan.params, refs)
        except ValueError:
            return None

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

"""The Generate form: its controls come from the catalogue's parameters of the chosen model, and so do its checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.formats import date_format

from assets_app import payload
from assets_app.apiframe import catalogue
from assets_app.apiframe.catalogue import Fix, Model, Problem
from assets_app.apiframe.validation import nearest
from assets_app.drafting import Plan, draft_of
from assets_app.forms import mentions, press, slots
from assets_app.forms.controls import Control, editable_params, field_for
from assets_app.forms.mentions import Mentions
from assets_app.forms.putting import Put, same_value
from assets_app.forms.slots import Filled
from assets_app.forms.switching import Kept, remembered_of, settled, switched
from assets_app.models import SettledDoubt, Team
from assets_app.money import prices
from assets_app.money.prices import Quote


def refused_before(problem: Problem, settled: SettledDoubt) -> Problem:
    """A doubt that the provider has settled: it keeps the request back, with the reason."""
    return replace(
        problem,
        severity="refuse",
        message=f"The provider refused {settled.what} on {date_format(settled.refused_at, 'j F Y')}.",
        fix="Keep one of the two. An admin can let it be tried again, in Settings.",
    )


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
        """The same form with other references; the names in the prompt follow theirs, and what was set only for the
        sake of frames goes with them.
        """
        worded = {"prompt": self.mentioned.renumbered(references), "mentions": self.mentioned.as_json}
        pending = self.pending_urls if pending_urls is None else pending_urls
        changed = self.but(references=references, data={**self.values, **worded}, pending_urls=pending)
        return changed if changed.has_frames else changed.without_settings_for_frames()

    def with_values(self, **values: Any) -> StudioForm:
        """The same form with some of its values replaced."""
        return self.but(data={**self.values, **values})

    def with_settings_put(self, **settings: Any) -> StudioForm:
        """The same form with settings that a tool puts there: they hold for this film, and are not remembered as what
        the person chose.
        """
        changed = self.with_values(**settings)
        values, now = self.values, changed.values
        puts = {
            name: Put(now[name], values[name])
            for name in settings
            if name in now and not same_value(now[name], values[name])
        }
        return changed.but(kept=self.kept.with_puts(self.model, puts))

    def without_settings_for_frames(self) -> StudioForm:
        values = self.values
        over = {
            name: put
            for name, put in self.kept.put(self.model).items()
            if put.for_frames and name in values and put.holds(values[name])
        }
        if not over:
            return self
        labels = {param.name: param.label for param in editable_params(self.model)}
        said = [
            f"{labels[name]} is {put.was or 'unset'} again: no frame asks for {put.now}." for name, put in over.items()
        ]
        was = {name: put.was for name, put in over.items()}
        kept = self.kept.without_puts(self.model, over.keys())
        return self.but(data={**values, **was}, kept=kept, notes=[*self.notes, *said])

    @property
    def has_frames(self) -> bool:
        """Whether the film begins or ends with a given picture."""
        slots_used = {reference.slot for reference in self.references}
        return any(slot.is_frame and slot.name in slots_used for slot in self.model.slots)

    @property
    def has_guides(self) -> bool:
        slots_used = {reference.slot for reference in self.references}
        return any(slot.is_reference and slot.name in slots_used for slot in self.model.slots)

    @property
    def own_settings(self) -> set[str]:
        """The settings that a person left or chose as they are, by name: all but what a tool put there."""
        values, puts = self.values, self.kept.put(self.model)
        return {name for name in values if name not in puts or not puts[name].holds(values[name])}

    # --- what is wrong with it ---------------------------------------------------------------------------------------
    def clean_prompt(self) -> str:
        return self.text.strip()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        refs = slots.numbered(self.references)
        self.problems = [
            *self._reference_problems(),
            *self.mentioned.problems,
            *self._settled(
                catalogue.check_request(
                    self.model,
                    self.params,
                    self.mentioned.rendered,
                    refs,
                    [reference.facts for reference in self.references],
                )
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

    def _settled(self, problems: Sequence[Problem]) -> list[Problem]:
        """What was in doubt until the provider refused it is not any more."""
        doubted = [problem.code for problem in problems if problem.severity == "doubt"]
        known = SettledDoubt.of(self.team, {self.model.id, self.plan.model.id}, doubted) if doubted else {}
        return [refused_before(each, known[each.code]) if each.code in known else each for each in problems]

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
        return [problem for problem in self.problems if problem.severity != "refuse"]

    @property
    def doubts(self) -> list[Problem]:
        """What the provider may refuse or take: whoever presses is told, and decides."""
        return [problem for problem in self.warnings if problem.severity == "doubt"]

    @property
    def doubts_said(self) -> str:
        """What a page says that it has told of."""
        return " ".join(sorted({problem.code for problem in self.doubts}))

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

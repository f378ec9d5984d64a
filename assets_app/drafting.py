"""What a draft is sent as: the cheapest way to see the same film. Pure; prices and limits come from the catalogue."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assets_app.apiframe import catalogue
from assets_app.apiframe.catalogue import MediaFacts, Model, Problem, Ref
from assets_app.apiframe.validation import errors_in_value

# Besides "480p" and "4k", which say it themselves.
WORDS_FOR_LINES = {"sd": 480, "standard": 480, "std": 480, "hd": 1080, "high": 1080, "pro": 1080}


@dataclass(frozen=True)
class Plan:
    """The model that a request goes to, and the values it goes with."""

    model: Model
    params: dict[str, Any]


def draft_of(final: Plan, prompt: str, refs: Sequence[Ref] = (), facts: Sequence[MediaFacts | None] = ()) -> Plan:
    """The cheapest plan of the model's family that takes the very same request, at its lowest resolution.

    Everything else stays as it is: a model that would refuse a value or a reference, or lacks a setting, is passed
    over. The model itself, at its lowest resolution, always remains. Equal prices fall to the earlier model.
    """
    plans = [plan for model in _family_of(final.model) if (plan := _carried_over(final, model))]
    fitting = [plan for plan in plans if _takes(plan, final, prompt, refs, facts)]
    fitting.append(Plan(final.model, _at_lowest(final.model, final.params)))
    has_video = any(ref.slot == "reference_video" for ref in refs)
    return min(fitting, key=lambda plan: _price(plan, has_video))


def lowest_resolution(model: Model) -> Any:
    """None for a model without resolutions."""
    param = model.params.get("resolution")
    return min(param.choices, key=_lines) if param and param.choices else None


def _lines(resolution: Any) -> float:
    text = str(resolution).lower()
    if found := re.fullmatch(r"(\d+)(p|k)", text):
        return int(found[1]) * (1 if found[2] == "p" else 540)
    return WORDS_FOR_LINES.get(text, math.inf)


def _family_of(model: Model) -> list[Model]:
    every = catalogue.load()
    family = next((ids for ids in every.families.values() if model.id in ids), (model.id,))
    return [every.models[model_id] for model_id in family if model_id in every.models]


def _carried_over(final: Plan, model: Model) -> Plan | None:
    """None when this model lacks a setting that is in use, or does not take its value."""
    params = {}
    for name, value in final.params.items():
        param = model.params.get(name)
        if name == "resolution":
            continue
        if param is None:
            if value not in (None, "", False):
                return None
        elif list(errors_in_value(param, value)):
            return None
        else:
            params[name] = value
    return Plan(model, _at_lowest(model, params))


def _at_lowest(model: Model, params: Mapping[str, Any]) -> dict[str, Any]:
    lowest = lowest_resolution(model)
    return {**params, "resolution": lowest} if lowest is not None else dict(params)


def _takes(plan: Plan, final: Plan, prompt: str, refs: Sequence[Ref], facts: Sequence[MediaFacts | None]) -> bool:
    """Whether this model refuses nothing that the chosen one takes."""
    if any(plan.model.slot(ref.slot) is None for ref in refs):
        return False
    accepted = {problem.code for problem in _refusals(final, prompt, refs, facts)}
    return all(problem.code in accepted for problem in _refusals(plan, prompt, refs, facts))


def _refusals(plan: Plan, prompt: str, refs: Sequence[Ref], facts: Sequence[MediaFacts | None]) -> list[Problem]:
    found = catalogue.check_request(plan.model, plan.params, prompt, refs, facts)
    return [problem for problem in found if problem.severity == "refuse"]


def _price(plan: Plan, has_video: bool) -> tuple[float, float]:
    """Highest first: a model of unknown price is dearer than any other."""
    price = plan.model.price(plan.params.get("duration") or 1, plan.params.get("resolution"), has_video)
    return (price.credits_high, price.credits_low) if price else (math.inf, math.inf)

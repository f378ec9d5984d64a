"""What each model takes, how it is called and what it costs: a page made from the catalogue."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from assets_app.apiframe import catalogue, in_words
from assets_app.apiframe.catalogue import Model
from assets_app.forms.controls import editable_params
from assets_app.middleware import TeamRequest
from assets_app.money.prices import unpriced_models


@require_safe
def help_page(request: TeamRequest) -> HttpResponse:
    """`/<team>/help/`; `#<model>` leads to one model."""
    return render(
        request, "help/help.html", {"place": "help", "unpriced": unpriced_models(request.team), **_everything()}
    )


@cache
def _everything() -> dict[str, Any]:
    """The same for everybody and as long as the process runs: so is the catalogue."""
    known = catalogue.load()
    groups = [(name, [_described(model) for model in models]) for name, models in known.groups]
    first, *_ = known.families
    return {
        "groups": groups,
        "how_many": len(known.models),
        "usual": [_described(model) for model in known.family(first)],
        "document": known.document,
    }


def _described(model: Model) -> dict[str, Any]:
    return {
        "model": model,
        "slots": [(slot, in_words.number_of(slot), slot.mention_of(0)) for slot in model.slots],
        "settings": [
            (param, in_words.values_of(param), in_words.default_of(param)) for param in editable_params(model)
        ],
        "files": [
            (limits, in_words.facts_of(limits), in_words.source_of(limits))
            for media_type, limits in model.media_limits.items()
            if any(slot.media_type == media_type for slot in model.slots)
        ],
        "mentions": in_words.mentions_of(model),
        "rules": [(rule, in_words.source_of(rule)) for rule in model.rules],
        "prices": in_words.prices_of(model.prices) if model.prices else [],
        "span": in_words.span_of(model.prices) if model.prices else "",
        "price_source": in_words.source_of(model.prices) if model.prices else "",
        "overrides": [(param, in_words.source_of(param)) for param in model.params.values() if param.source],
        "duration": _said(model, "duration"),
        "resolution": _said(model, "resolution"),
    }


def _said(model: Model, name: str) -> str:
    param = model.params.get(name)
    return in_words.values_of(param) if param else "the model decides"


@require_safe
def keys(request: TeamRequest) -> HttpResponse:
    """The map of keys, for the sheet over a page."""
    return render(request, "help/_keys.html")

"""Whatever the Generate form accepts, for any model of the catalogue, is a request the provider's schema allows."""

from __future__ import annotations

import copy
import uuid
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
from django.http import QueryDict
from hypothesis import event, given, settings
from hypothesis import strategies as st

from assets_app.apiframe import catalogue
from assets_app.apiframe.model_facts import ALWAYS_SENT, Model, Param
from assets_app.forms import opening
from assets_app.forms.controls import editable_params
from assets_app.forms.offered import offered_models
from assets_app.models import Team
from tests.apiframe.document import needs_document, video_schemas

NAMES = {
    "minimum": "minimum",
    "maximum": "maximum",
    "choices": "enum",
    "max_items": "maxItems",
}
FORMATS = jsonschema.FormatChecker(formats=())


@FORMATS.checks("uri")
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme and urlsplit(value).netloc)


@cache
def schema_of(model_id: str) -> dict[str, Any]:
    """The document's schema of a whole body, with what is known to have changed since it was written."""
    schema = copy.deepcopy(video_schemas()[model_id])
    model = catalogue.load().get(model_id)
    for name, param in model.params.items():
        if param.source:
            about = schema["properties"][model.params_key]["properties"][name]
            for ours, theirs in NAMES.items():
                if theirs in about and getattr(param, ours):
                    about[theirs] = list(param.choices) if ours == "choices" else getattr(param, ours)
    return schema


def fitting(param: Param) -> st.SearchStrategy[str]:
    """What a person would send for it."""
    if param.kind in ("enum", "enum_list"):
        return st.sampled_from([str(each) for each in param.choices])
    if param.kind in ("integer", "number"):
        return st.sampled_from([str(each) for each in (param.minimum, param.maximum, 5) if each is not None])
    return st.sampled_from(["9:16", " 1:1 "]) if param.pattern else st.sampled_from(["A door\r\nopens", "x" * 1999])


def near_miss(param: Param) -> st.SearchStrategy[str]:
    """What a page that was tampered with might send."""
    bounds = [edge for each in (param.minimum, param.maximum) if each is not None for edge in (each - 1, each + 1)]
    return st.sampled_from([*map(str, bounds), "", "on", "many", "0.5", "1e3", "٣", "-0", "16:9\n", "x" * 5001, "[]"])


@st.composite
def sent(draw: st.DrawFn) -> QueryDict:
    """A form as a page would send it; in a third of them something is wrong."""
    model: Model = draw(st.sampled_from(offered_models()))
    misses = draw(st.sampled_from([0, 0, 25]))
    data = QueryDict(mutable=True)
    data.update({"click": str(uuid.uuid4()), "model": model.id, "shown_model": model.id})
    data["prompt"] = draw(
        st.sampled_from(["A fox runs.", "x" * 1999, "two\r\nlines", *(["", "x" * 5001] if misses else [])])
    )
    for param in editable_params(model):
        _fill_in(draw, data, param, misses)
    for slot in model.slots:
        over = int(draw(st.integers(0, 99)) < misses)
        for number in range(draw(st.sampled_from([slot.minimum, slot.maximum])) + over):
            data.appendlist("reference", f"{slot.name}:url:https://media.example/{slot.name}-{number}")
    if draw(st.booleans()):
        data.update({"colour": "red", "webhookUrl": "https://evil.example", "seedanceParams": "{}"})
        data.appendlist("reference", "nowhere:url:https://media.example/x")
    return data


def _fill_in(draw: st.DrawFn, data: QueryDict, param: Param, misses: int) -> None:
    def value(of: Param) -> str:
        return draw(near_miss(of) if draw(st.integers(0, 99)) < misses else fitting(of))

    match param.kind:
        case "enum_list":
            data.setlist(param.name, [value(param) for _ in range(draw(st.integers(0, 3)))])
        case _ if param.fields:
            for _ in range(draw(st.integers(0, param.max_items or 3))):
                for field in param.fields:
                    data.appendlist(f"{param.name}-{field.name}", value(field))
            if param.kind == "string":
                data[param.name] = draw(st.sampled_from(["", "", '[{"prompt": "A door", "duration": 3}]', "[half"]))
        case _ if param.kind != "boolean" or draw(st.booleans()):
            is_left_out = param.default is None and draw(st.booleans())
            data[param.name] = "" if is_left_out else value(param)


@needs_document
@pytest.mark.django_db
@settings(max_examples=1000, deadline=None)
@given(sent())
def test_what_the_form_accepts_is_exactly_what_the_schema_allows(data: QueryDict) -> None:
    form = opening.posted(Team(pk=uuid.uuid4()), data)
    event("accepted" if form.is_valid() else "refused")
    if not form.is_valid():
        assert form.refusals
        return
    body = form.request_body()
    assert body is not None
    validator = jsonschema.Draft202012Validator(schema_of(form.model.id), format_checker=FORMATS)
    assert [f"{list(error.absolute_path)}: {error.message}" for error in validator.iter_errors(body)] == []
    block = body.get(form.model.params_key, {})
    assert {name for name in ALWAYS_SENT if name in form.model.params} <= set(block), "a silent default"
    assert set(body) <= {"model", "prompt", form.model.params_key}
    urls = sum(
        len(each) if isinstance(each, list) else 1
        for each in (block[s.param] for s in form.model.slots if s.param in block)
    )
    assert urls == len(form.references), "a reference was lost on the way"


def needed(model: Model) -> QueryDict:
    """The smallest form that this model takes, with its defaults."""
    data = QueryDict(mutable=True)
    data.update({"click": str(uuid.uuid4()), "model": model.id, "prompt": "A fox runs."})
    data.setlist("reference", [f"{s.name}:url:https://media.example/{s.name}" for s in model.slots if s.minimum])
    for param in editable_params(model):
        if param.default is not None and param.default is not False:
            data[param.name] = str(param.default)
    return data


def wrong(param: Param) -> list[str]:
    """What each control has to refuse by itself."""
    match param.kind:
        case "integer" | "number":
            edges = [(param.minimum, -1), (param.maximum, 1)]
            return ["many", "nan", *(str(edge + beyond) for edge, beyond in edges if edge is not None)]
        case "enum" | "enum_list":
            return ["nonsense"]
        case "string" if not param.fields:
            return ["@@"] * bool(param.pattern) + ["x" * ((param.max_length or 0) + 1)] * bool(param.max_length)
    return []


@pytest.mark.parametrize("model", offered_models(), ids=lambda model: model.id)
def test_each_control_of_every_model_refuses_what_it_cannot_be_in_words_of_its_own(model: Model) -> None:
    for param in editable_params(model):
        for value in wrong(param):
            data = needed(model)
            data[param.name] = value
            refusals = opening.posted(Team(pk=uuid.uuid4()), data).refusals
            assert {each.field for each in refusals} == {param.name}, (param.name, value)
            assert not any("^" in each.message for each in refusals), "a pattern is no sentence"
    for slot in model.slots:
        for count in {slot.maximum + 1, max(slot.minimum - 1, 0)} - set(range(slot.minimum, slot.maximum + 1)):
            data = needed(model)
            others = [each for each in data.getlist("reference") if not each.startswith(f"{slot.name}:")]
            here = [f"{slot.name}:url:https://media.example/{number}" for number in range(count)]
            data.setlist("reference", others + here)
            refusals = opening.posted(Team(pk=uuid.uuid4()), data).refusals
            assert slot.name in {each.field for each in refusals}, (slot.name, count)


@pytest.mark.parametrize("model", offered_models(), ids=lambda model: model.id)
def test_a_fresh_form_of_every_model_is_accepted_once_it_has_what_it_needs(model: Model) -> None:
    form = opening.posted(Team(pk=uuid.uuid4()), needed(model))
    assert form.is_valid(), form.refusals
    said = (form.request_body() or {}).get(model.params_key or "", {})
    switches = {param.name for param in model.params.values() if param.kind == "boolean"}
    assert switches <= set(said), "a switch that is off is said to be off"

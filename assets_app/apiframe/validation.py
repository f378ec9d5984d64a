"""Holds a whole request body against the catalogue as strictly as the provider does: unknown keys are refused.

The rules are those of JSON Schema, as in the provider's own document: 5.0 is an integer, true is not a number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from assets_app.apiframe.model_facts import Model, Param
from assets_app.apiframe.reading import read_json

Errors = Iterator[tuple[str, str]]
"""(path, message) pairs; paths are joined by dots, list positions count from 0."""

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")


def errors_in_body(body: object, models: Mapping[str, Model]) -> dict[str, list[str]]:
    """Every error of a body by its path; empty when the provider would accept it."""
    if not isinstance(body, Mapping):
        return {"body": ["Expected an object"]}
    model_id = body.get("model")
    if not isinstance(model_id, str) or model_id not in models:
        return {"model": ["Required" if model_id is None else f"Invalid value. Expected one of: {', '.join(models)}"]}
    found: dict[str, list[str]] = {}
    for path, message in _errors_in_model_body(body, models[model_id]):
        found.setdefault(path, []).append(message)
    return found


def _errors_in_model_body(body: Mapping[Any, Any], model: Model) -> Errors:
    params_key = model.params_key
    top = {key: value for key, value in body.items() if key not in {"model", params_key}}
    yield from _errors_in_object(model.fields, top, "")
    if params_key is None:
        return
    if params_key not in body:
        if params_key in model.required:
            yield params_key, "Required"
        return
    block = body[params_key]
    if isinstance(block, Mapping):
        yield from _errors_in_object(model.params, block, params_key)
    else:
        yield params_key, "Expected an object"


def _errors_in_object(params: Mapping[str, Param], values: Mapping[Any, Any], path: str) -> Errors:
    for key in values:
        if key not in params:
            yield _join(path, str(key)), "Unrecognized key"
    for name, param in params.items():
        below = _join(path, name)
        if name in values:
            yield from errors_in_value(param, values[name], below)
        elif param.required:
            yield below, "Required"


def errors_in_value(param: Param, value: Any, path: str = "") -> Errors:
    """What is wrong with one value of one parameter."""
    match param.kind:
        case "boolean":
            if not isinstance(value, bool):
                yield path, "Expected true or false"
        case "integer" | "number":
            yield from _errors_in_number(param, value, path)
        case "enum":
            if not _among(value, param.choices):
                yield path, f"Invalid value. Expected one of: {', '.join(map(str, param.choices))}"
        case "string":
            yield from _errors_in_string(param, value, path)
        case "uri":
            if not _is_uri(value):
                yield path, "Invalid URL"
        case "uri_list" | "enum_list" | "object_list":
            yield from _errors_in_list(param, value, path)


def nearest(param: Param, value: Any) -> list[Any]:
    """The value that `param` takes and that is nearest to `value`, as a list of one; empty when it takes `value`
    itself, or when nothing near can be named.
    """
    if value in (None, "") or isinstance(value, bool | list | Mapping):
        return []
    if param.kind == "enum":
        return [] if str(value) in map(str, param.choices) else _nearest_choice(param, value)
    if param.kind == "string" and param.pattern and param.default is not None:
        return [param.default] if any(True for _ in _errors_in_string(param, value, "")) else []
    if param.kind in ("integer", "number"):
        number = _number(value)
        bounds = (bound for bound in (param.minimum, param.maximum) if bound is not None)
        beyond = number is not None and any(True for _ in _errors_in_bounds(param, number))
        return [min(bounds, key=lambda bound: abs(bound - (number or 0)))] if beyond else []
    return []


def _nearest_choice(param: Param, value: Any) -> list[Any]:
    number = _number(value)
    if number is not None and all(isinstance(choice, int | float) for choice in param.choices):
        return [min(param.choices, key=lambda choice: (abs(choice - number), choice))]
    return [] if param.default is None else [param.default]


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _errors_in_bounds(param: Param, value: float) -> Errors:
    if param.minimum is not None and value < param.minimum:
        yield "", f"Must be at least {param.minimum}"
    elif param.maximum is not None and value > param.maximum:
        yield "", f"Must be at most {param.maximum}"


def _errors_in_number(param: Param, value: Any, path: str) -> Errors:
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield path, "Expected a number"
    elif isinstance(value, float) and not math.isfinite(value):
        yield path, "Expected a finite number"
    elif param.kind == "integer" and value != value // 1:
        yield path, "Expected a whole number"
    else:
        for _, message in _errors_in_bounds(param, value):
            yield path, message


def _errors_in_string(param: Param, value: Any, path: str) -> Errors:
    if not isinstance(value, str):
        yield path, "Expected a text"
    elif param.min_length is not None and len(value) < param.min_length:
        yield path, f"Must have at least {param.min_length} character(s)"
    elif param.max_length is not None and len(value) > param.max_length:
        yield path, f"Must have at most {param.max_length} characters"
    elif param.pattern is not None and not re.search(param.pattern, value, re.ASCII):
        yield path, f"Must match {param.pattern}"
    elif param.fields and (objects := objects_in(value)) is not None:
        yield from _errors_in_list(replace(param, kind="object_list"), objects, path)


def objects_in(text: str) -> list[dict[str, Any]] | None:
    """The objects whose list a text spells as JSON; None of a text that spells something else."""
    try:
        found = read_json(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) and all(isinstance(each, dict) for each in found) else None


def _errors_in_list(param: Param, value: Any, path: str) -> Errors:
    if not isinstance(value, list):
        yield path, "Expected a list"
        return
    if param.min_items is not None and len(value) < param.min_items:
        yield path, f"Must have at least {param.min_items} item(s)"
    if param.max_items is not None and len(value) > param.max_items:
        yield path, f"Must have at most {param.max_items} items"
    for position, item in enumerate(value):
        yield from _errors_in_item(param, item, _join(path, str(position)))


def _errors_in_item(param: Param, item: Any, path: str) -> Errors:
    if param.kind == "uri_list":
        if not _is_uri(item):
            yield path, "Invalid URL"
    elif param.kind == "enum_list":
        if not _among(item, param.choices):
            yield path, f"Invalid value. Expected one of: {', '.join(map(str, param.choices))}"
    elif isinstance(item, Mapping):
        yield from _errors_in_object({field.name: field for field in param.fields}, item, path)
    else:
        yield path, "Expected an object"


def _among(value: Any, choices: tuple[Any, ...]) -> bool:
    """Equal to a choice as JSON sees it: 5.0 is 5, but true is not 1."""
    return any(value == choice and isinstance(value, bool) == isinstance(choice, bool) for choice in choices)


def _is_uri(value: Any) -> bool:
    return isinstance(value, str) and _URI.fullmatch(value) is not None


def _join(path: str, step: str) -> str:
    return f"{path}.{step}" if path else step

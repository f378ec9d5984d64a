"""Reads the provider's OpenAPI document into the generated half of catalogue.json."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

GENERATE_PATH = "/v2/videos/generate"

Json = dict[str, Any]

_NUMBERS = {"minimum": "minimum", "maximum": "maximum"}
_LENGTHS = {"minLength": "min_length", "maxLength": "max_length"}
_SIZES = {"minItems": "min_items", "maxItems": "max_items"}


class OpenApiError(ValueError):
    """The document is not an OpenAPI description of the provider's video route. The message is for people."""


def read_document(document: object) -> Json:
    """Every video model of an OpenAPI document with its parameters, sorted by id.

    Raises OpenApiError when the document is something else.
    """
    if not isinstance(document, dict) or not isinstance(document.get("openapi"), str):
        raise OpenApiError("not an OpenAPI document: it has no “openapi” version")
    models = dict(_models(document))
    if not models:
        raise OpenApiError(f"POST {GENERATE_PATH} names no video model in this document")
    info = _mapping(document.get("info"))
    return {
        "title": str(info.get("title", "")),
        "version": str(info.get("version", "")),
        "models": dict(sorted(models.items())),
    }


def _models(document: Json) -> Iterator[tuple[str, Json]]:
    schema = _video_schema(document)
    for variant in _list(schema.get("oneOf")) or _list(schema.get("anyOf")) or [schema]:
        branch = _resolved(variant, document)
        ids = _choices(_resolved(_mapping(branch.get("properties")).get("model"), document))
        for model_id in ids or []:
            yield str(model_id), _model(str(model_id), branch, document)


def _video_schema(document: Json) -> Json:
    found: Any = document
    for step in ("paths", GENERATE_PATH, "post", "requestBody", "content", "application/json", "schema"):
        found = _resolved(found, document).get(step)
    schema = _resolved(found, document)
    if not schema:
        raise OpenApiError(f"this OpenAPI document describes no POST {GENERATE_PATH}")
    return schema


def _model(model_id: str, branch: Json, document: Json) -> Json:
    fields: Json = {}
    blocks: Json = {}
    for name, schema in sorted(_mapping(branch.get("properties")).items()):
        resolved = _resolved(schema, document)
        if name == "model":
            continue
        if "properties" in resolved:
            blocks[name] = resolved
        else:
            fields[name] = _param(resolved, document)
    if len(blocks) > 1:
        raise OpenApiError(f"{model_id} has several parameter blocks ({', '.join(blocks)}); only one is understood")
    required = _required(branch)
    for name in fields.keys() & set(required):
        fields[name]["required"] = True
    params_key = next(iter(blocks), None)
    return {
        "params_key": params_key,
        "required": required,
        "fields": fields,
        "params": _params(blocks[params_key], document) if params_key else {},
    }


def _params(block: Json, document: Json) -> Json:
    required = _required(block)
    params = {}
    for name, schema in sorted(_mapping(block.get("properties")).items()):
        params[name] = _param(_resolved(schema, document), document)
        if name in required:
            params[name]["required"] = True
    return params


def _param(schema: Json, document: Json) -> Json:
    """One parameter in the catalogue's words; of kind "unknown", which nobody validates, where the shape is new."""
    choices = _choices(schema)
    if choices is not None:
        return {"kind": "enum", "choices": choices}
    match schema.get("type"):
        case "integer" | "number" | "boolean" as kind:
            return {"kind": kind, **_limits(schema, _NUMBERS)}
        case "string":
            kind = "uri" if schema.get("format") == "uri" else "string"
            return {"kind": kind, **_limits(schema, _LENGTHS), **_pattern(schema)}
        case "array":
            return _list_param(schema, document)
    return {"kind": "unknown"}


def _list_param(schema: Json, document: Json) -> Json:
    items = _resolved(schema.get("items"), document)
    sizes = _limits(schema, _SIZES)
    choices = _choices(items)
    if choices is not None:
        return {"kind": "enum_list", "choices": choices, **sizes}
    if items.get("format") == "uri":
        return {"kind": "uri_list", **sizes}
    if "properties" in items:
        return {"kind": "object_list", "fields": _params(items, document), **sizes}
    return {"kind": "unknown"}


def _limits(schema: Json, names: Mapping[str, str]) -> Json:
    found = {ours: schema[theirs] for theirs, ours in names.items() if theirs in schema}
    for ours, value in found.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise OpenApiError(f"a {ours.replace('_', ' ')} is {_shown(value)}, which is no number")
    return found


def _pattern(schema: Json) -> Json:
    pattern = schema.get("pattern")
    if pattern is None:
        return {}
    try:
        re.compile(pattern)
    except (re.error, TypeError) as error:
        raise OpenApiError(f"the pattern {_shown(pattern)} cannot be read ({error})") from error
    return {"pattern": pattern}


def _choices(schema: Json) -> list[Any] | None:
    """The values of an enum, however it is spelled: enum, const, or anyOf of those. None when it is no enum."""
    if "enum" in schema:
        return _list(schema["enum"])
    if "const" in schema:
        return [schema["const"]]
    alternatives = [_choices(_mapping(each)) for each in _list(schema.get("anyOf"))]
    if not alternatives or None in alternatives:
        return None
    return [value for values in alternatives if values for value in values]


def _required(schema: Json) -> list[str]:
    return sorted(name for name in _list(schema.get("required")) if isinstance(name, str))


def _resolved(schema: object, document: Json) -> Json:
    found = _mapping(schema)
    for _ in range(10):
        reference = found.get("$ref")
        if not isinstance(reference, str):
            return found
        found = document
        for step in reference.removeprefix("#/").split("/"):
            found = _mapping(found.get(step.replace("~1", "/").replace("~0", "~")))
    raise OpenApiError("the document’s $ref go round in circles")


def _mapping(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What changed from one generated half to another, one readable line each; empty when nothing did."""
    before, after = old.get("models", {}), new.get("models", {})
    lines = [
        f"document {key}: {_shown(old.get(key))} → {_shown(new.get(key))}"
        for key in ("title", "version")
        if old.get(key) != new.get(key)
    ]
    lines += [f"+ model {name}" for name in sorted(after.keys() - before.keys())]
    lines += [f"- model {name}" for name in sorted(before.keys() - after.keys())]
    for name in sorted(before.keys() & after.keys()):
        lines += _changes(name, before[name], after[name])
    return lines


def _changes(path: str, old: Any, new: Any) -> Iterator[str]:
    if _shown(old) == _shown(new):
        return
    if not (isinstance(old, dict) and isinstance(new, dict)):
        yield f"~ {path}: {_shown(old)} → {_shown(new)}"
        return
    for key in sorted(old.keys() | new.keys()):
        below = f"{path}.{key}"
        if key not in old:
            yield f"+ {below}: {_shown(new[key])}"
        elif key not in new:
            yield f"- {below}: {_shown(old[key])}"
        else:
            yield from _changes(below, old[key], new[key])


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def formatted(value: Any, *, width: int = 118, indent: str = "") -> str:
    """JSON with everything that fits on one line kept on one line, so that a changed parameter is a changed line."""
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value or len(indent) + len(flat) <= width:
        return flat
    deeper = indent + "  "
    if isinstance(value, dict):
        lines = [
            f"{json.dumps(key, ensure_ascii=False)}: {formatted(v, width=width, indent=deeper)}"
            for key, v in value.items()
        ]
        opening, closing = "{", "}"
    else:
        lines = [formatted(v, width=width, indent=deeper) for v in value]
        opening, closing = "[", "]"
    body = ",\n".join(deeper + line for line in lines)
    return f"{opening}\n{body}\n{indent}{closing}"

"""GET /v2/openapi.json: what this sandbox offers, written as an OpenAPI document from the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assets_app.apiframe import catalogue
from assets_app.apiframe.catalogue import Model, Param

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_UUID: Schema = {"type": "string", "format": "uuid"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_STATUS: Schema = {"type": "string", "enum": ["QUEUED", "PROCESSING", "COMPLETED", "FAILED", "CANCELLED"]}


def build(base_url: str) -> Schema:
    models = catalogue.load().video_models
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Apiframe sandbox",
            "version": "2.0.0",
            "description": "A local stand-in for the Apiframe API.",
        },
        "servers": [{"url": base_url, "description": "This sandbox"}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"ApiKeyAuth": {"type": "apiKey", "in": "header", "name": "X-API-Key"}},
            "parameters": {
                "IdempotencyKey": {
                    "name": "Idempotency-Key",
                    "in": "header",
                    "required": False,
                    "schema": {"type": "string", "maxLength": 255},
                }
            },
            "schemas": {
                **_shared_schemas(),
                "GenerateVideoRequest": {"oneOf": [_request_of(model) for model in models]},
            },
        },
    }


def _paths() -> Schema:
    in_path = {"in": "path", "required": True}
    query = [
        {"in": "query", "name": "status", "schema": _STATUS},
        {"in": "query", "name": "model", "schema": _TEXT},
        {"in": "query", "name": "limit", "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}},
        {"in": "query", "name": "cursor", "schema": _TEXT},
        {"in": "query", "name": "scope", "schema": {"type": "string", "enum": ["user", "team"]}},
        {"in": "query", "name": "search", "schema": _UUID},
        {"in": "query", "name": "include_models", "schema": {"type": "string", "enum": ["true", "false"]}},
    ]
    modality = {"in": "query", "name": "modality", "schema": {"type": "string", "enum": ["image", "video", "music"]}}
    upload = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}
    return {
        "/v2/assets/create": {
            "post": _operation("Register an asset", 201, _ref("AssetCreated"), body=_json(_ref("CreateAssetRequest")))
        },
        "/v2/assets/{assetId}": {
            "get": _operation(
                "Get an asset",
                200,
                {"type": "object", "additionalProperties": True},
                parameters=[{**in_path, "name": "assetId", "schema": _TEXT}],
            )
        },
        "/v2/uploads": {
            "post": _operation("Upload a file", 201, _ref("Upload"), body={"multipart/form-data": {"schema": upload}})
        },
        "/v2/videos/generate": {
            "post": _operation(
                "Submit a video generation job",
                202,
                _ref("JobAccepted"),
                body=_json(_ref("GenerateVideoRequest")),
                parameters=[{"$ref": "#/components/parameters/IdempotencyKey"}],
            )
        },
        "/v2/jobs": {"get": _operation("List jobs", 200, _ref("JobList"), parameters=query)},
        "/v2/jobs/{id}": {
            "get": _operation("Get a job", 200, _ref("Job"), parameters=[{**in_path, "name": "id", "schema": _UUID}])
        },
        "/v2/me": {"get": _operation("Get the caller", 200, _ref("Me"))},
        "/v2/models": {
            "get": _operation("List the models", 200, _ref("ModelCatalog"), parameters=[modality], needs_key=False)
        },
    }


def _operation(
    summary: str,
    status: int,
    schema: Schema,
    *,
    body: Schema | None = None,
    parameters: list[Schema] | None = None,
    needs_key: bool = True,
) -> Schema:
    operation: Schema = {
        "summary": summary,
        "security": [{"ApiKeyAuth": []}] if needs_key else [],
        "responses": {
            str(status): {"description": "As asked.", "content": _json(schema)},
            "default": {"description": "Refused; the status says why.", "content": _json(_ref("Error"))},
        },
    }
    if body:
        operation["requestBody"] = {"required": True, "content": body}
    if parameters:
        operation["parameters"] = parameters
    return operation


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(properties: Mapping[str, Schema], *, optional: tuple[str, ...] = ()) -> Schema:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "required": required, "properties": dict(properties)}


def _or_null(schema: Schema) -> Schema:
    nullable = {**schema, "type": [schema["type"], "null"]}
    return {**nullable, "enum": [*schema["enum"], None]} if "enum" in schema else nullable


def _shared_schemas() -> dict[str, Schema]:
    media = {"type": "string", "enum": ["image", "video", "audio"]}
    job = {
        "id": _UUID,
        "status": _STATUS,
        "model": _TEXT,
        "progress": {"type": ["integer", "null"], "minimum": 0, "maximum": 100},
        "result": {},
        "error": _or_null(_TEXT),
        "creditCost": {"type": ["integer", "null"]},
        "webhookStatus": _or_null({"type": "string", "enum": ["pending", "delivered", "sent", "failed"]}),
        "createdAt": _TIME,
        "completedAt": _or_null(_TIME),
        "expired": {"type": "boolean"},
    }
    whole = {"type": "integer", "minimum": 0}
    return {
        "Error": _object(
            {
                "error": _TEXT,
                "details": {"type": "object", "additionalProperties": {"type": "array", "items": _TEXT}},
                "creditsRequired": whole,
                "creditsAvailable": whole,
            },
            optional=("details", "creditsRequired", "creditsAvailable"),
        ),
        "CreateAssetRequest": _object({"url": {"type": "string", "format": "uri"}, "type": media}),
        "AssetCreated": _object({"assetId": _TEXT}),
        "Upload": _object(
            {
                "id": _UUID,
                "url": {"type": "string", "format": "uri"},
                "kind": media,
                "contentType": _TEXT,
                "byteSize": whole,
                "expiresAt": _TIME,
            }
        ),
        "JobAccepted": _object({"jobId": _UUID, "status": _STATUS}),
        "Job": _object({**job, "input": {"type": ["object", "null"]}}, optional=("result", "input")),
        "JobList": _object(
            {
                "jobs": {"type": "array", "items": _object(job, optional=("result",))},
                "models": {"type": "array", "items": _TEXT},
                "nextCursor": _or_null(_TEXT),
                "hasMore": {"type": "boolean"},
            },
            optional=("models",),
        ),
        "Me": _object(
            {
                "user": _object({"id": _UUID, "email": _TEXT, "role": _TEXT}),
                "team": _object(
                    {"id": _UUID, "name": _TEXT, "credits": whole, "plan": _TEXT, "customerId": _or_null(_TEXT)}
                ),
                "apiKey": _object({"id": _UUID, "name": _TEXT, "prefix": _TEXT}),
            }
        ),
        "ModelCatalog": _object(
            {"models": {"type": "array", "items": _object({"id": _TEXT, "label": _TEXT, "modality": _TEXT})}}
        ),
    }


def _request_of(model: Model) -> Schema:
    properties: dict[str, Schema] = {"model": {"type": "string", "enum": [model.id]}}
    properties |= {name: _schema_of(param) for name, param in model.fields.items()}
    if model.params_key:
        properties[model.params_key] = _strict(model.params.values())
    return {
        "type": "object",
        "additionalProperties": False,
        "required": sorted(model.required),
        "properties": dict(sorted(properties.items())),
    }


def _strict(params: Any) -> Schema:
    listed = sorted(params, key=lambda param: param.name)
    schema: Schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": {param.name: _schema_of(param) for param in listed},
    }
    required = [param.name for param in listed if param.required]
    return {**schema, "required": required} if required else schema


def _schema_of(param: Param) -> Schema:
    """A parameter of the catalogue as JSON Schema."""
    schema = _TYPES[param.kind](param)
    bounds = {
        "minimum": param.minimum,
        "maximum": param.maximum,
        "minLength": param.min_length,
        "maxLength": param.max_length,
        "pattern": param.pattern,
        "minItems": param.min_items,
        "maxItems": param.max_items,
    }
    return {**schema, **{name: bound for name, bound in bounds.items() if bound is not None}}


def _enum(param: Param) -> Schema:
    kind = "string" if all(isinstance(choice, str) for choice in param.choices) else "number"
    return {"type": kind, "enum": list(param.choices)}


_TYPES: dict[str, Any] = {
    "integer": lambda _: {"type": "integer"},
    "number": lambda _: {"type": "number"},
    "boolean": lambda _: {"type": "boolean"},
    "string": lambda _: {"type": "string"},
    "uri": lambda _: {"type": "string", "format": "uri"},
    "enum": _enum,
    "uri_list": lambda _: {"type": "array", "items": {"type": "string", "format": "uri"}},
    "enum_list": lambda param: {"type": "array", "items": _enum(param)},
    "object_list": lambda param: {"type": "array", "items": _strict(param.fields)},
    "unknown": lambda _: {},
}

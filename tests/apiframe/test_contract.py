"""The client beside the provider's own description of its API."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from assets_app.apiframe import errors
from assets_app.apiframe.client import Client
from assets_app.apiframe.errors import ApiframeError

from .conftest import KEY
from .document import DOCUMENT, document, needs_document
from .scripted import Asked, Says

pytestmark = needs_document

JOB_ID = "0b54f7c2-5f0e-4a53-9d3b-9c8f0ac0a001"
FULL_BODY = {
    "model": "seedance-2",
    "prompt": "a fox",
    "seedanceParams": {
        "duration": 5,
        "resolution": "720p",
        "aspect_ratio": "adaptive",
        "reference_image_urls": ["asset://kie-asset-123"],
    },
    "webhookUrl": "https://castboard.example.org/webhooks/t/",
    "webhookEvents": ["completed", "failed"],
}

# Each call of the client, the route it stands for, and a good answer.
CALLS: dict[str, tuple[str, str, Any, Says]] = {
    "create_asset": (
        "post",
        "/v2/assets/create",
        lambda client: client.create_asset("https://example.org/a.png", "image"),
        Says(201, {"assetId": "kie-asset-123"}),
    ),
    "get_asset": (
        "get",
        "/v2/assets/{assetId}",
        lambda client: client.get_asset("kie-asset-123"),
        Says(200, {"status": "Active"}),
    ),
    "upload": (
        "post",
        "/v2/uploads",
        lambda client: client.upload(io.BytesIO(b"x"), "a.png", "image/png"),
        Says(
            201,
            {
                "id": JOB_ID,
                "url": "https://cdn.apiframe.ai/a.png",
                "kind": "image",
                "contentType": "image/png",
                "byteSize": 1,
                "expiresAt": "2026-11-22T10:00:00Z",
            },
        ),
    ),
    "generate_video": (
        "post",
        "/v2/videos/generate",
        lambda client: client.generate_video(FULL_BODY, "gen-1"),
        Says(202, {"jobId": JOB_ID, "status": "QUEUED"}),
    ),
    "get_job": (
        "get",
        "/v2/jobs/{id}",
        lambda client: client.get_job(JOB_ID),
        Says(
            200,
            {
                "id": JOB_ID,
                "status": "QUEUED",
                "model": "seedance-2",
                "progress": None,
                "error": None,
                "creditCost": 64,
                "webhookStatus": None,
                "createdAt": "2026-11-22T10:00:00Z",
                "completedAt": None,
            },
        ),
    ),
    "list_jobs": (
        "get",
        "/v2/jobs",
        lambda client: client.list_jobs(limit=100, cursor="c", status="COMPLETED", model="seedance-2", search=JOB_ID),
        Says(200, {"jobs": [], "nextCursor": None, "hasMore": False}),
    ),
    "me": (
        "get",
        "/v2/me",
        lambda client: client.me(),
        Says(
            200,
            {
                "user": {"id": JOB_ID, "email": "a@b.c", "role": "OWNER"},
                "team": {"id": JOB_ID, "name": "T", "credits": 1, "plan": "af_basic", "customerId": None},
                "apiKey": None,
            },
        ),
    ),
    "models": (
        "get",
        "/v2/models",
        lambda client: client.models("video"),
        Says(200, {"models": [{"id": "m", "label": "M", "modality": "video"}]}),
    ),
}
each_call = pytest.mark.parametrize("name", CALLS)


def operation(name: str) -> dict[str, Any]:
    method, path, _, _ = CALLS[name]
    return document()["paths"][path][method]


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in part:
        return part
    target: Any = document()
    for step in part["$ref"].removeprefix("#/").split("/"):
        target = target[step]
    return target


def complaints(schema: dict[str, Any], instance: object) -> list[str]:
    validator = Draft202012Validator({**schema, "components": document()["components"]})
    return [error.message for error in validator.iter_errors(instance)]


def asked_for(name: str, provider, client: Client) -> Asked:
    _, _, call, says = CALLS[name]
    provider.says = says
    call(client)
    return provider.last


def test_every_call_of_the_client_is_held_against_the_document():
    calls = {name for name, value in vars(Client).items() if callable(value) and not name.startswith("_")}
    # The document does not list the address it is itself published at (FACTS §0.1).
    assert calls - {"close", "openapi"} == set(CALLS)


@each_call
def test_each_call_goes_to_a_route_of_the_document(provider, client, name):
    method, path, _, _ = CALLS[name]
    asked = asked_for(name, provider, client)
    assert asked.method == method.upper()
    assert re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), asked.path.partition("?")[0])
    assert method in document()["paths"][path]


@each_call
def test_each_call_sends_the_key_as_the_document_wants_it(provider, client, name):
    scheme = document()["components"]["securitySchemes"]["ApiKeyAuth"]
    assert scheme["in"] == "header"
    assert asked_for(name, provider, client).headers[scheme["name"]] == KEY


@each_call
def test_each_json_body_is_one_the_document_allows(provider, client, name):
    content = operation(name).get("requestBody", {}).get("content", {})
    asked = asked_for(name, provider, client)
    if not content:
        assert asked.body == b""
    elif "application/json" in content:
        assert asked.headers["Content-Type"] == "application/json"
        assert complaints(content["application/json"]["schema"], asked.json()) == []
    else:
        assert asked.headers["Content-Type"].startswith("multipart/form-data; boundary=")
        assert list(content["multipart/form-data"]["schema"]["properties"]) == ["file"]


@each_call
def test_each_parameter_sent_is_one_the_document_knows(provider, client, name):
    known = {resolved(parameter)["name"] for parameter in operation(name).get("parameters", [])}
    asked = asked_for(name, provider, client)
    sent = {pair.partition("=")[0] for pair in asked.path.partition("?")[2].split("&") if pair}
    sent |= {"Idempotency-Key"} & set(asked.headers)
    assert sent <= known


@each_call
def test_our_idea_of_a_good_answer_is_the_documents(name):
    says = CALLS[name][3]
    promised = operation(name)["responses"][str(says.status)]["content"]["application/json"]["schema"]
    assert complaints(promised, says.body) == []


CODES = [
    (name, int(code))
    for name, (method, path, _, _) in CALLS.items()
    for code in (document()["paths"][path][method]["responses"] if DOCUMENT.exists() else ())
    if int(code) >= 400
]
EXPECTED = {
    400: errors.BadRequest,
    401: errors.Unauthorized,
    402: errors.InsufficientCredits,
    403: errors.Forbidden,
    404: errors.NotFound,
    429: errors.RateLimited,
    502: errors.ServerError,
    503: errors.ServerError,
}


@pytest.mark.parametrize(("name", "code"), CODES)
def test_each_documented_refusal_becomes_its_own_exception(provider, client, name, code):
    schema = resolved(operation(name)["responses"][str(code)]["content"]["application/json"]["schema"])
    body: dict[str, Any] = {"error": "Insufficient credits" if code == 402 else "No"}
    if code == 402:
        body |= {"creditsRequired": 80, "creditsAvailable": 12}
    assert complaints(schema, body) == []
    provider.says = Says(code, body)
    with pytest.raises(ApiframeError) as caught:
        CALLS[name][2](client)
    assert type(caught.value) is EXPECTED[code]

"""Every answer of the sandbox against the provider's own published description."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
import requests

from assets_app.sandbox import routes
from assets_app.sandbox.server import SandboxServer
from tests.sandbox.conftest import DOCUMENT, PATIENCE, Caller, Site, body, png


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    if not DOCUMENT.exists():
        pytest.skip("the provider's OpenAPI document is not at ../shared/apiframe/openapi.json")
    return dict(json.loads(DOCUMENT.read_text(encoding="utf-8")))


Check = Callable[[requests.Response, str, str], Any]


@pytest.fixture
def fits(document: dict[str, Any]) -> Check:
    """Validate an answer as what the document says of this route and status; returns the answer's JSON."""

    def check(answer: requests.Response, method: str, path: str) -> Any:
        responses = document["paths"][path][method]["responses"]
        assert str(answer.status_code) in responses, f"{method} {path} never answers {answer.status_code}"
        schema = responses[str(answer.status_code)]["content"]["application/json"]["schema"]
        jsonschema.validate(
            answer.json(),
            {**schema, "components": document["components"]},
            cls=jsonschema.Draft202012Validator,
            format_checker=jsonschema.FormatChecker(),
        )
        assert answer.headers["x-request-id"]
        return answer.json()

    return check


def test_every_api_route_exists_in_the_document(document: dict[str, Any]) -> None:
    for route in routes.ROUTES:
        if route.is_api and route.template != "/v2/openapi.json":
            assert route.method.lower() in document["paths"][route.template]


def test_assets(caller: Caller, site: Site, fits: Check) -> None:
    created = caller.post("/v2/assets/create", json={"url": site.put("/a.png", png()), "type": "image"})
    asset_id = fits(created, "post", "/v2/assets/create")["assetId"]
    fits(caller.get(f"/v2/assets/{asset_id}"), "get", "/v2/assets/{assetId}")
    fits(caller.post("/v2/assets/create", json={}), "post", "/v2/assets/create")
    fits(caller.get("/v2/assets/asset-unknown"), "get", "/v2/assets/{assetId}")


def test_uploads(caller: Caller, fits: Check) -> None:
    fits(caller.post("/v2/uploads", files={"file": ("a.png", png())}), "post", "/v2/uploads")
    fits(caller.post("/v2/uploads", files={"file": ("a.png", b"text")}), "post", "/v2/uploads")


def test_a_job_through_its_whole_life(sandbox: SandboxServer, caller: Caller, fits: Check) -> None:
    job_id = fits(caller.submit(body(return_last_frame=True)), "post", "/v2/videos/generate")["jobId"]
    fits(caller.get(f"/v2/jobs/{job_id}"), "get", "/v2/jobs/{id}")
    caller.finished_job(job_id)
    fits(caller.get(f"/v2/jobs/{job_id}"), "get", "/v2/jobs/{id}")
    failed = caller.accepted({**body("[refuse]"), "webhookUrl": "http://127.0.0.1:9/"})
    caller.finished_job(failed)
    fits(caller.get(f"/v2/jobs/{failed}"), "get", "/v2/jobs/{id}")
    fits(caller.get("/v2/jobs?include_models=true"), "get", "/v2/jobs")


def test_refused_jobs(sandbox: SandboxServer, caller: Caller, fits: Check) -> None:
    fits(caller.submit({"model": "seedance-2"}), "post", "/v2/videos/generate")
    fits(caller.get("/v2/jobs/no-uuid"), "get", "/v2/jobs/{id}")
    fits(caller.get("/v2/jobs/00000000-0000-4000-8000-000000000000"), "get", "/v2/jobs/{id}")
    fits(caller.get("/v2/jobs?limit=0"), "get", "/v2/jobs")
    sandbox.set_key(caller.api_key, credits=0)
    fits(caller.submit(body()), "post", "/v2/videos/generate")


def test_account_and_models(caller: Caller, fits: Check) -> None:
    assert fits(caller.get("/v2/me"), "get", "/v2/me")["apiKey"]["prefix"] == caller.api_key[:8]
    models = fits(caller.get("/v2/models?modality=video"), "get", "/v2/models")["models"]
    assert {"seedance-2", "seedance-2-fast", "seedance-2-mini", "seedance-2.5"} <= {model["id"] for model in models}
    assert fits(caller.get("/v2/models?modality=music"), "get", "/v2/models")["models"] == []
    fits(caller.get("/v2/models?modality=smell"), "get", "/v2/models")


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", "/v2/me"), ("get", "/v2/jobs"), ("post", "/v2/assets/create"), ("post", "/v2/videos/generate")],
)
def test_refusals_that_any_route_gives(
    sandbox: SandboxServer, api_key: str, fits: Check, method: str, path: str
) -> None:
    def refused(key: str, status: int) -> None:
        answer = requests.request(method, sandbox.base_url + path, headers={"X-API-Key": key}, timeout=PATIENCE)
        assert answer.status_code == status
        fits(answer, method, path)

    refused("wrong", 401)
    sandbox.set_key(api_key, state="inactive")
    refused(api_key, 403)
    sandbox.set_key(api_key, state="active")
    sandbox.configure(requests_per_minute=1)
    requests.get(f"{sandbox.base_url}/v2/me", headers={"X-API-Key": api_key}, timeout=PATIENCE)
    refused(api_key, 429)


def test_the_sandboxs_own_document_agrees_with_the_providers_about_every_model(
    caller: Caller, document: dict[str, Any]
) -> None:
    """Where the catalogue holds no curated override, both describe the same body, key for key."""
    ours = caller.get("/v2/openapi.json").json()
    described = {_model_of(one): one for one in ours["components"]["schemas"]["GenerateVideoRequest"]["oneOf"]}
    published = {_model_of(one): one for one in document["components"]["schemas"]["GenerateVideoRequest"]["oneOf"]}
    assert set(described) == set(published)
    for model, schema in published.items():
        assert set(described[model]["properties"]) == set(schema["properties"]), model
        assert set(described[model]["required"]) == set(schema["required"]), model
        for name, block in schema["properties"].items():
            if name.endswith("Params"):
                assert set(described[model]["properties"][name]["properties"]) == set(block["properties"]), model


def test_the_sandboxs_own_document_is_valid_and_describes_its_answers(caller: Caller) -> None:
    ours = caller.get("/v2/openapi.json").json()
    assert ours["openapi"].startswith("3.1")
    for schema in ours["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    job_schema = {**ours["components"]["schemas"]["Job"], "components": ours["components"]}
    jsonschema.validate(caller.finished_job(caller.accepted(body())), job_schema)


def _model_of(schema: dict[str, Any]) -> str:
    return str(schema["properties"]["model"]["enum"][0])

"""What the /v2 routes answer."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from assets_app.apiframe import catalogue
from assets_app.apiframe.catalogue import Model
from assets_app.sandbox import document, price_list
from assets_app.sandbox.protocol import Refusal, Request, Response, answer
from assets_app.sandbox.store import Account

if TYPE_CHECKING:
    from assets_app.sandbox.provider import Provider

_STATUSES = ("QUEUED", "PROCESSING", "COMPLETED", "FAILED", "CANCELLED")
_MODALITIES = ("image", "video", "music")
_MOST_JOBS = 100


def create_asset(provider: Provider, request: Request, account: Account) -> Response:
    asset = provider.assets.create(account, request.json())
    return answer(201, {"assetId": asset.id})


def show_asset(provider: Provider, request: Request, account: Account) -> Response:
    asset = provider.assets.find(account, request.params["assetId"])
    return answer(200, provider.assets.view(asset))


def upload(provider: Provider, request: Request, account: Account) -> Response:
    return answer(201, provider.uploads.create(account, request))


def generate_video(provider: Provider, request: Request, account: Account) -> Response:
    job_id = provider.jobs.submit(account, request.json(), request.headers.get("Idempotency-Key", "") or None)
    return answer(202, {"jobId": job_id, "status": "QUEUED"})


def show_job(provider: Provider, request: Request, account: Account) -> Response:
    job = provider.jobs.find(account, request.params["id"])
    return answer(200, provider.jobs.view(job, with_input=True))


def list_jobs(provider: Provider, request: Request, account: Account) -> Response:
    query = request.query
    details: dict[str, list[str]] = {}
    limit = query.get("limit", "20")
    if not (limit.isdecimal() and 1 <= int(limit) <= _MOST_JOBS):
        details["limit"] = [f"Number must be between 1 and {_MOST_JOBS}"]
    for name, choices in (("status", _STATUSES), ("scope", ("user", "team")), ("include_models", ("true", "false"))):
        if name in query and query[name] not in choices:
            details[name] = [f"Expected {' | '.join(repr(choice) for choice in choices)}"]
    if "search" in query and not _is_uuid(query["search"]):
        details["search"] = ["Invalid uuid"]
    if details:
        raise Refusal(400, "Validation failed", details=details)
    page = provider.jobs.page(
        account,
        int(limit),
        cursor=query.get("cursor"),
        status=query.get("status"),
        model=query.get("model"),
        job_id=query.get("search"),
    )
    if query.get("include_models") == "true":
        page["models"] = sorted({job.model for job in provider.store.jobs_newest_first(account.id)})
    return answer(200, page)


def show_me(provider: Provider, _request: Request, account: Account) -> Response:
    team = provider.store.accounts[account.id]

    def made_up(what: str) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{what} {account.id}"))

    return answer(
        200,
        {
            "user": {"id": made_up("user"), "email": "sandbox@example.com", "role": "OWNER"},
            "team": {
                "id": made_up("team"),
                "name": "Sandbox",
                "credits": max(team.credits, 0),
                "plan": "af_sandbox",
                "customerId": None,
            },
            "apiKey": {"id": made_up("key"), "name": "Sandbox key", "prefix": account.prefix},
        },
    )


def list_models(_provider: Provider, request: Request, _account: Account | None) -> Response:
    modality = request.query.get("modality")
    if modality is not None and modality not in _MODALITIES:
        raise Refusal(400, "Validation failed", details={"modality": ["Expected 'image' | 'video' | 'music'"]})
    models = catalogue.load().video_models if modality in {None, "video"} else []
    return answer(200, {"models": [_entry(model) for model in models]})


def show_document(provider: Provider, _request: Request, _account: Account | None) -> Response:
    return answer(200, document.build(provider.base_url))


def _entry(model: Model) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": model.id, "label": model.label, "modality": "video", **price_list.shown_of(model)}
    for name in ("duration", "aspect_ratio", "resolution"):
        param = model.params.get(name)
        if param and param.choices:
            entry[f"{name}s"] = list(param.choices)
    return entry


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True

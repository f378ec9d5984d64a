"""The sandbox's own routes: adjust it, look into it, hand out its files. None of them needs a key."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assets_app.sandbox import files, samples
from assets_app.sandbox.accounts import account_id, open_account
from assets_app.sandbox.protocol import Refusal, Request, Response, answer
from assets_app.sandbox.store import Account, Asset

if TYPE_CHECKING:
    from assets_app.sandbox.provider import Provider

_STATES = ("active", "revoked", "inactive")


def show(provider: Provider, _request: Request, _account: Account | None) -> Response:
    """The settings as they are."""
    return answer(200, provider.settings.as_json())


def change(provider: Provider, request: Request, _account: Account | None) -> Response:
    """Settings by name, and beside them what is done at once:

    `keys`: {"afk_…": {"credits": 10, "state": "active|revoked|inactive"}};
    `faults`: [{"kind": "drop", "route": "POST /v2/videos/generate", "times": 1}], for the next requests;
    `forget_assets`: [ids], which are unknown from then on, as if they had died of old age.
    """
    wanted = request.json()
    keys, faults = wanted.pop("keys", {}), wanted.pop("faults", [])
    forgotten = wanted.pop("forget_assets", [])
    try:
        provider.configure(wanted)
        for fault in faults:
            provider.faults.order(fault["kind"], fault.get("route", "*"), int(fault.get("times", 1)))
        for key, changes in keys.items():
            change_key(provider, key, **changes)
        provider.store.forget(Asset, [str(asset) for asset in forgotten])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Refusal(400, str(error)) from None
    return answer(200, provider.settings.as_json())


def change_key(provider: Provider, api_key: str, credits: int | None = None, state: str | None = None) -> None:  # noqa: A002
    """Give a key other credits or another state; ValueError for a state there is not."""
    if state is not None and state not in _STATES:
        raise ValueError(f"a key's state is one of {', '.join(_STATES)}")
    open_account(provider.store, provider.settings, api_key, provider.clock())
    with provider.store.writing() as write:
        account = provider.store.accounts[account_id(api_key)]
        write(
            replace(
                account,
                credits=account.credits if credits is None else int(credits),
                state=state or account.state,
            )
        )


def reset(provider: Provider, _request: Request, _account: Account | None) -> Response:
    provider.reset()
    return answer(200, {})


def show_stats(provider: Provider, _request: Request, _account: Account | None) -> Response:
    return answer(200, stats(provider))


def stats(provider: Provider) -> dict[str, Any]:
    """Requests by route and status, and what became of assets, jobs and keys."""
    now = provider.clock()
    jobs = list(provider.store.jobs.values())
    return {
        **provider.stats.as_json(),
        "assets": Counter(asset.status(now) for asset in provider.store.assets.values()),
        "jobs": Counter(job.status(now) for job in jobs),
        "jobs_per_idempotency_key": Counter(job.idempotency_key for job in jobs if job.idempotency_key),
        "jobs_without_key": sum(job.idempotency_key is None for job in jobs),
    }


def list_assets(provider: Provider, _request: Request, _account: Account | None) -> Response:
    """Every asset with the moment (Unix seconds) at which it became Active or Failed, for measuring lag."""
    now = provider.clock()
    rows = [
        {
            "id": asset.id,
            "url": asset.url,
            "type": asset.media_type,
            "status": asset.status(now),
            "created_at": asset.created_at,
            "settled_at": asset.settled_at if asset.status(now) != "Processing" else None,
        }
        for asset in list(provider.store.assets.values())
    ]
    return answer(200, {"assets": rows})


def list_samples(provider: Provider, _request: Request, _account: Account | None) -> Response:
    return answer(200, {"samples": samples.urls(provider.base_url)})


def sample(provider: Provider, request: Request, _account: Account | None) -> Response:
    return files.serve(request, *provider.samples.path(request.params["name"]))


def film(provider: Provider, request: Request, _account: Account | None) -> Response:
    return files.serve(request, provider.jobs.film_path(request.params["name"]))


def uploaded(provider: Provider, request: Request, _account: Account | None) -> Response:
    return files.serve(request, *provider.uploads.path(request.params["name"]))


def media(provider: Provider, request: Request, _account: Account | None) -> Response:
    """The provider's own copy of an Active asset."""
    path = provider.library.path(request.params["name"])
    if not path.is_file() or path.name.startswith("."):
        raise Refusal(404, "Not found")
    return files.serve(request, path)

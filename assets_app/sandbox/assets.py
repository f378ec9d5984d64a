"""Registered assets: fetched in the background, Active or Failed when their time has come."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from assets_app.apiframe import catalogue
from assets_app.sandbox.fetching import MediaRefused
from assets_app.sandbox.protocol import Refusal
from assets_app.sandbox.store import Account, Asset

if TYPE_CHECKING:
    from assets_app.sandbox.provider import Provider

MEDIA_TYPES = ("image", "video", "audio")

# A person can rehearse an asset's refusal by putting one of these into its URL.
URL_MARKERS = {
    "refuse-face": "InputImageSensitiveContentDetected.PrivacyInformation: the input image may contain real person",
    "refuse-review": "The asset was rejected by review",
}


class Assets:
    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def create(self, account: Account, document: dict[str, Any]) -> Asset:
        """Register a URL; Refusal 400 names the field that will not do."""
        url, media_type = _validated(document)
        provider = self._provider
        with provider.store.writing() as write:
            now = provider.clock()
            due_at = now + provider.settings.asset_delay.draw(provider.random)
            asset = Asset(_new_id(now), account.id, url, media_type, now, due_at)
            write(asset)
        self._fetch(asset)
        return asset

    def find(self, account: Account, asset_id: str) -> Asset:
        asset = self._provider.store.assets.get(asset_id)
        if asset is None or asset.account != account.id:
            raise Refusal(404, "Asset not found")
        return asset

    def view(self, asset: Asset) -> dict[str, Any]:
        """What GET /v2/assets/:id answers (FACTS §5)."""
        status = asset.status(self._provider.clock())
        url = f"{self._provider.base_url}/media/{asset.content}" if status == "Active" else None
        return {
            "assetId": asset.id,
            "status": status,
            "url": url,
            "errorMsg": asset.error if status == "Failed" else None,
        }

    def resume(self) -> None:
        for asset in list(self._provider.store.assets.values()):
            if asset.settled_at is None:
                self._fetch(asset)

    def _fetch(self, asset: Asset) -> None:
        self._provider.fetchers.add(lambda: self._settle(asset))

    def _settle(self, asset: Asset) -> None:
        provider = self._provider
        outcome: dict[str, Any]
        try:
            refuse_marked(asset.url)
            limits = catalogue.load().asset_limits
            kept = provider.library.fetch(asset.url, asset.media_type, limits, provider.settings.fetch_seconds)
            outcome = {"content": kept.name, "facts": kept.facts_as_json()}
        except MediaRefused as refused:
            outcome = {"error": str(refused)}
        with provider.store.writing() as write:
            if asset.id in provider.store.assets:
                write(replace(asset, settled_at=max(asset.due_at, provider.clock()), **outcome))


def refuse_marked(url: str) -> None:
    """MediaRefused when the URL carries a word by which people rehearse a refusal."""
    for marker, message in URL_MARKERS.items():
        if marker in url:
            raise MediaRefused(message)


def _validated(document: dict[str, Any]) -> tuple[str, str]:
    details: dict[str, list[str]] = {}
    url, media_type = document.get("url"), document.get("type")
    if not isinstance(url, str) or not is_web_address(url):
        details["url"] = ["Required" if url is None else "Invalid url"]
    if media_type not in MEDIA_TYPES:
        details["type"] = ["Required" if media_type is None else "Expected 'image' | 'video' | 'audio'"]
    if details:
        raise Refusal(400, "Validation failed", details=details)
    return str(url), str(media_type)


def is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and len(text) <= 8_192
    except ValueError:
        return False


def _new_id(now: float) -> str:
    return f"asset-{datetime.fromtimestamp(now, UTC):%Y%m%d%H%M%S}-{secrets.token_hex(5)}"

"""API keys: each is its own team with its own credits, made the moment it is first seen."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from assets_app.sandbox.protocol import Refusal, Request
from assets_app.sandbox.settings import Settings
from assets_app.sandbox.store import Account, Store

PREFIX = "afk_"


def account_id(api_key: str) -> str:
    """SHA-256 of the key in hex: what stands for it everywhere, and what signs its webhooks (FACTS §1)."""
    return hashlib.sha256(api_key.encode()).hexdigest()


def key_of(request: Request) -> str:
    bearer = request.headers.get("Authorization", "")
    return request.headers.get("X-API-Key", "") or bearer.removeprefix("Bearer ").strip()


def authenticate(store: Store, settings: Settings, api_key: str, now: float) -> Account:
    """The account of a key; 401 for what is no key of ours or was revoked, 403 for an inactive one."""
    if not api_key.startswith(PREFIX):
        raise Refusal(401, "Invalid or expired token" if api_key else "Missing API key")
    account = store.accounts.get(account_id(api_key)) or open_account(store, settings, api_key, now)
    if account.state == "revoked":
        raise Refusal(401, "Invalid or expired token")
    if account.state == "inactive":
        raise Refusal(403, "API key is inactive")
    return account


def open_account(store: Store, settings: Settings, api_key: str, now: float) -> Account:
    with store.writing() as write:
        known = store.accounts.get(account_id(api_key))
        if known:
            return known
        account = Account(account_id(api_key), api_key[:8], settings.credits, now)
        write(account)
    return account


def with_credits(account: Account, change: int) -> Account:
    return replace(account, credits=account.credits + change)

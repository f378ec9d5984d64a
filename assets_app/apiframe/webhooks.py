"""Webhooks from the provider: who sent this, and which job is it about. Nothing more is believed (FACTS §1)."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

KeyForm = Literal["raw", "hex"]
DIGEST_BYTES = 32
LONGEST_FIELD = 255


@dataclass(frozen=True, slots=True)
class WebhookNudge:
    """What a delivery claims; a reason to read the job, never the truth about it."""

    event: str | None
    job_id: str | None
    status: str | None


def secrets_for(api_key: str) -> tuple[bytes, bytes]:
    """The two readings of "SHA-256 of the API key": the raw digest and its lowercase hex form."""
    return forms_of(hashlib.sha256(api_key.encode()).digest())


def forms_of(digest: bytes) -> tuple[bytes, bytes]:
    """Both readings of a key's digest."""
    return digest, digest.hex().encode()


def verify(body: bytes, signature_header: str | None, secrets: Iterable[bytes]) -> KeyForm | None:
    """Which form of key signed these exact bytes; None when no secret did. Takes "sha256=<hex>" and bare hex."""
    claimed = _signature(signature_header)
    if claimed is None:
        return None
    for secret in secrets:
        if hmac.compare_digest(hmac.digest(secret, body, "sha256"), claimed):
            return "raw" if len(secret) == DIGEST_BYTES else "hex"
    return None


def parse(body: bytes, event_header: str | None = None) -> WebhookNudge:
    """What the delivery says, with None for whatever is missing or makes no sense; never raises."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        said = {}
    return WebhookNudge(
        event=_word(said.get("event")) or _word(event_header),
        job_id=_word(said.get("jobId")) or _word(said.get("id")),
        status=_word(said.get("status")),
    )


def _signature(header: str | None) -> bytes | None:
    try:
        claimed = bytes.fromhex((header or "").strip().removeprefix("sha256="))
    except ValueError:
        return None
    return claimed if len(claimed) == DIGEST_BYTES else None


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and value and value.isprintable() and len(value) <= LONGEST_FIELD else None

"""What was really sent for a film, and what the provider answered: for whoever must understand why it came out so."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from assets_app import payload
from assets_app.apiframe.catalogue import UnknownModel
from assets_app.forms import slots
from assets_app.forms.slots import Filled
from assets_app.middleware import TeamRequest
from assets_app.models import Generation

# The address of a webhook and its token: a film that was taken in has that of whoever asked for it.
_WEBHOOK = re.compile(r"(/webhooks/apiframe/)[\w-]+")


def sent_of(request: TeamRequest, generation: Generation, references: Sequence[Filled]) -> dict[str, Any]:
    """The request as JSON and as programs, and the last answer as JSON; for one that waits, what will be sent."""
    body = generation.request or _to_be_sent(generation, references)
    shared = _shareable(body) if body else None
    connection = getattr(request.team, "connection", None)
    return {
        "sent_json": _json(shared) if shared else "",
        "sent_code": payload.as_code(shared, connection.base_url) if shared and connection else [],
        "answer_json": _answer(generation),
    }


def _to_be_sent(generation: Generation, references: Sequence[Filled]) -> dict[str, Any] | None:
    """None where no request can be built any more: the model, or its place for a reference, left the catalogue."""
    try:
        return payload.build_body(
            generation.model, generation.rendered_prompt, generation.params, slots.numbered(references)
        )
    except (UnknownModel, ValueError):
        return None


def _shareable(body: Mapping[str, Any]) -> dict[str, Any]:
    """Our webhook's address is ours alone and is left out."""
    return {key: value for key, value in body.items() if not key.startswith("webhook")}


def _answer(generation: Generation) -> str:
    """The answer, whole, but for the address of a webhook, ours or of whoever else shares the key."""
    if not generation.provider_answer:
        return ""
    return _WEBHOOK.sub(r"\1…", _json(generation.provider_answer).replace(generation.webhook_token, "…"))


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)

"""What every page's frame needs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """The team at hand and its connection; nothing on pages outside a team."""
    team = getattr(request, "team", None)
    if team is None:
        return {}
    return {"team": team, "membership": request.membership, "connection": getattr(team, "connection", None)}  # type: ignore[attr-defined]

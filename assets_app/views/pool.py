"""The assets to pick from, beside the studio's form."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from assets_app.forms.slots import WAITING_STATES
from assets_app.forms.studio import StudioForm
from assets_app.middleware import TeamRequest
from assets_app.models import Asset, MediaType

POOL_SIZE = 60


def pool_of(request: TeamRequest, form: StudioForm) -> dict[str, Any]:
    """What the picker shows: Active assets and those that may become so, narrowed down as asked."""
    asked: QueryDict = request.POST if request.method == "POST" else request.GET
    action = asked.get("do", "")
    media_type = action.removeprefix("pool:") if action.startswith("pool:") else asked.get("pool_type", "")
    if action.startswith("aim:") and (slot := form.model.slot(form.target)):
        media_type = slot.media_type
    media_type = media_type if media_type in MediaType.values else ""
    name = asked.get("pool_name", "").strip()
    usable = Asset.objects.live().filter(team=request.team, state__in=("active", *WAITING_STATES))
    matching = usable.filter(media_type=media_type) if media_type else usable
    if name:
        matching = matching.filter(name__icontains=name)
    found = list(matching.select_related("original").order_by("-created_at", "-id")[: POOL_SIZE + 1])
    used = {reference.asset.pk for reference in form.references if reference.asset}
    return {
        "pool": [{"asset": asset, "is_used": asset.pk in used} for asset in found[:POOL_SIZE]],
        "pool_has_more": len(found) > POOL_SIZE,
        "pool_type": media_type,
        "pool_name": name,
        "pool_types": [
            ("", "All"),
            *((value, f"{label}s" if value != "audio" else label) for value, label in MediaType.choices),
        ],
    }

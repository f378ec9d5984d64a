"""The history people see, which is the audit log too: append-only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from assets_app.models.team import Team

if TYPE_CHECKING:
    from assets_app.models.asset import Asset
    from assets_app.models.generation import Generation


class Event(models.Model):
    """Who or what did it (no actor: Castboard itself), when, from which state to which, and why."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    asset: models.ForeignKey[Asset | None] = models.ForeignKey(
        "Asset", null=True, blank=True, on_delete=models.CASCADE, related_name="events"
    )
    generation: models.ForeignKey[Generation | None] = models.ForeignKey(
        "Generation", null=True, blank=True, on_delete=models.CASCADE, related_name="events"
    )
    subject = models.CharField(
        max_length=10, default="", blank=True, help_text="“copy” when it is about our own copy of the file."
    )
    from_state = models.CharField(max_length=16, blank=True, default="")
    to_state = models.CharField(max_length=16, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    note = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["team", "-id"], name="event_team_latest")]

    def __str__(self) -> str:
        return f"{self.from_state or '·'} → {self.to_state}"

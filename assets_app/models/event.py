"""The history people see, which is the audit log too: append-only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from assets_app.models.team import Team

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from assets_app.models.asset import Asset
    from assets_app.models.generation import Generation


class Event(models.Model):
    """Who or what did it (no actor: Castboard itself), when, from which state to which, and why.

    An event about the team itself has no states: `to_state` then says what was done, and `note` holds the facts.
    """

    COPY = "copy"
    TEAM = "team"

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="events", db_index=False)
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
        max_length=10,
        default="",
        blank=True,
        help_text="“copy” when it is about our own copy of the file, “team” when it is about the team itself.",
    )
    from_state = models.CharField(max_length=16, blank=True, default="")
    to_state = models.CharField(max_length=16, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    note = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-id"]
        # The activity page: a team's events from the newest, and those filters that leave so few that looking for them
        # would mean reading everything.
        indexes = [
            models.Index(fields=["team", "-at", "-id"], name="event_latest"),
            models.Index(
                fields=["team", "actor", "-at", "-id"], name="event_of_person", condition=Q(actor__isnull=False)
            ),
            models.Index(
                fields=["team", "-at", "-id"], name="event_of_generation", condition=Q(generation__isnull=False)
            ),
            models.Index(fields=["team", "-at", "-id"], name="event_about_team", condition=Q(subject="team")),
        ]

    def __str__(self) -> str:
        return f"{self.from_state or '·'} → {self.to_state}"

    @classmethod
    def about_team(cls, team: Team, actor: User | None, what: str, **facts: Any) -> Event:
        """Put on record what was done with the team itself: `what` is a word that the activity page knows."""
        return cls.objects.create(
            team=team, actor_id=actor.pk if actor else None, subject=cls.TEAM, to_state=what, note=facts
        )

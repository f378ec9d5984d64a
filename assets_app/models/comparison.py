"""How far the comparison of the provider's list of jobs with ours has come, and when the next one begins."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from assets_app.models.due import Due, DueQuerySet
from assets_app.models.team import Team

NIGHT_BEGINS = 3  # o'clock; teams are spread over the hour, so that a provider is not asked by all at once


class Comparison(Due):
    """One row a team. A worker that dies leaves it where its last page was written down: the next goes on there, and
    what it repeats changes nothing.
    """

    furthest_plan = timedelta(days=1, hours=2)  # the next night, on the day the hour changes

    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="comparison")
    fingerprint = models.CharField(
        max_length=64, blank=True, default="", help_text="Of the key whose jobs it compares: another has another list."
    )
    compared_until = models.DateTimeField(
        null=True, blank=True, help_text="Of the jobs made up to then, the end of each has been compared."
    )

    # The one under way.
    began_at = models.DateTimeField(null=True, blank=True)
    reaches_to = models.DateTimeField(null=True, blank=True, help_text="Jobs made before are left out.")
    cursor = models.TextField(blank=True, default="", help_text="The provider's name of the next page.")
    pages = models.PositiveIntegerField(default=0)
    jobs = models.PositiveIntegerField(default=0)
    newest = models.DateTimeField(null=True, blank=True, help_text="When the newest job of the list was made.")
    reads_all = models.BooleanField(default=False, help_text="Whether it goes back to the first job there is.")
    unreadable = models.PositiveIntegerField(default=0, help_text="Rows of the list that nobody could read.")
    oldest = models.DateTimeField(
        null=True, blank=True, help_text="When the newest job of the last page read was made: all after it was listed."
    )
    unfinished = models.DateTimeField(null=True, blank=True, help_text="When the oldest was made that goes on.")

    # The last one.
    finished_at = models.DateTimeField(null=True, blank=True)
    jobs_compared = models.PositiveIntegerField(default=0)
    is_whole = models.BooleanField(default=True, help_text="Whether the list was read as far back as was meant.")
    covers_from = models.DateTimeField(
        null=True, blank=True, help_text="Of ours sent from then on, each was looked for in the list. Empty: of none."
    )
    not_covered = models.PositiveIntegerField(
        default=0, help_text="Of ours that count, how many were never looked for: older, or sent with another key."
    )

    objects = DueQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="comparison_due", condition=models.Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.team}: compared until {self.compared_until}"

    @property
    def is_complete(self) -> bool:
        """Whether the last one may say that both lists agree, as far back as it was meant to go."""
        return self.finished_at is not None and self.is_whole and not self.unreadable and self.covers_from is not None

    @property
    def is_under_way(self) -> bool:
        """Begun, or asked for and about to; not while it waits for trouble to pass."""
        return self.due_at is not None and self.due_at <= timezone.now()

    def next_night(self) -> datetime:
        """When the next one begins by itself."""
        now = timezone.localtime()
        begin = now.replace(hour=NIGHT_BEGINS, minute=0, second=0, microsecond=0)
        begin += timedelta(seconds=self.team_id.int % 3600)
        return begin if begin > now else begin + timedelta(days=1)

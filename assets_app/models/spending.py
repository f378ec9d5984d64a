"""How much a team, or one of its members, may spend."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from assets_app.apiframe.values import LONGEST_ID
from assets_app.models.team import Membership, Team


class SpendingLimit(models.Model):
    """A budget in credits for a stretch of time: of the whole team when it names nobody. Above `warn_at` people are
    warned; what would go above `stop_at` is refused.
    """

    class Period(models.TextChoices):
        DAY = "day", "a day"
        WEEK = "week", "a week"
        MONTH = "month", "a month"

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="spending_limits")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    period = models.CharField(max_length=5, choices=Period.choices)
    warn_at = models.PositiveIntegerField(null=True, blank=True, help_text="Credits.")
    stop_at = models.PositiveIntegerField(null=True, blank=True, help_text="Credits.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "user", "period"], name="one_limit_per_person_and_period"),
            # An empty user is a value of its own to both databases, equal to no other.
            models.UniqueConstraint(
                fields=["team", "period"], condition=Q(user__isnull=True), name="one_limit_per_team_and_period"
            ),
            models.CheckConstraint(
                condition=Q(warn_at__isnull=False) | Q(stop_at__isnull=False), name="limit_limits_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user or 'the whole team'}: {self.stop_at or self.warn_at} {self.get_period_display()}"


class Discrepancy(models.Model):
    """Something in which the provider's list of jobs and ours differ; for an admin to look at."""

    class Kind(models.TextChoices):
        UNKNOWN_JOB = "unknown", "A job we do not know"
        UNSAVED_RESULT = "unsaved", "A film we had not saved"
        OTHER_CHARGE = "charge", "Another charge than ours"
        OTHER_STATE = "state", "Another outcome than ours"
        GIVEN_UP = "given_up", "A film nobody can ask about"

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="discrepancies")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    job_id = models.CharField(max_length=LONGEST_ID)
    generation = models.ForeignKey(
        "Generation", null=True, blank=True, on_delete=models.CASCADE, related_name="discrepancies"
    )
    facts = models.JSONField(default=dict, help_text="What the provider says and what we say.")
    found_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True, blank=True, help_text="When an admin, or the next look, closed it.")
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-found_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["team", "kind", "job_id"], name="one_discrepancy_per_kind_and_job")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.job_id}"

    @classmethod
    def waiting_for(cls, membership: Membership) -> int:
        """How many this person is to look at: none unless they run the team."""
        return cls.objects.filter(team_id=membership.team_id, settled_at=None).count() if membership.is_admin else 0

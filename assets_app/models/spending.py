"""How much a team, or one of its members, may spend."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

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


class HandPrice(models.Model):
    """What an admin counts a model's films as until they are billed: any of its films, or those of one resolution, of
    one length, or of both.
    """

    class Unit(models.TextChoices):
        CLIP = "clip", "a clip"
        SECOND = "second", "a second"

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="hand_prices")
    model = models.CharField(max_length=60)
    resolution = models.CharField(max_length=20, blank=True, default="", help_text="Empty: whatever it is.")
    seconds = models.PositiveSmallIntegerField(default=0, help_text="Length of the film; 0: whatever it is.")
    credits = models.DecimalField(max_digits=9, decimal_places=2)
    unit = models.CharField(max_length=6, choices=Unit.choices, default=Unit.CLIP)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["model", "resolution", "seconds"]
        constraints = [
            models.UniqueConstraint(fields=["team", "model", "resolution", "seconds"], name="one_hand_price_per_kind"),
            models.CheckConstraint(condition=Q(credits__gt=0), name="hand_price_is_a_price"),
        ]

    def __str__(self) -> str:
        return f"{self.model}: {self.amount_words}"

    @property
    def amount_words(self) -> str:
        """ "1.5 credits a second"."""
        amount = f"{Decimal(self.amount):,}"
        return f"{amount} credit{'' if amount == '1' else 's'} {self.get_unit_display()}"

    @property
    def amount(self) -> str:
        """Its credits without noughts that say nothing: "1.5", "3135"."""
        return f"{self.credits:.2f}".rstrip("0").rstrip(".")

    @property
    def kind_words(self) -> str:
        """ "720p, 8 s"; "" for any film of the model."""
        return ", ".join(filter(None, (self.resolution, f"{self.seconds} s" if self.seconds else "")))


class Discrepancy(models.Model):
    """Something in which the provider's list of jobs and ours differ; for an admin to look at."""

    class Kind(models.TextChoices):
        UNKNOWN_JOB = "unknown", "Unknown job"
        UNSAVED_RESULT = "unsaved", "Film not saved"
        OTHER_CHARGE = "charge", "Different charge"
        OTHER_STATE = "state", "Different outcome"
        NOT_LISTED = "unlisted", "Not in the provider’s list"
        GIVEN_UP = "given_up", "Outcome not known"

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="discrepancies")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    job_id = models.CharField(max_length=LONGEST_ID)
    generation = models.ForeignKey(
        "Generation", null=True, blank=True, on_delete=models.CASCADE, related_name="discrepancies"
    )
    facts = models.JSONField(default=dict, help_text="What the provider says and what we say.")
    found_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True, blank=True, help_text="When an admin, or the next look, closed it.")
    why = models.CharField(max_length=500, blank=True, default="", help_text="Why an admin put it aside.")
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

"""Who works together: a team, its members, and the counter that tells live pages that something changed."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F

# Words that routes use or may come to use: a team of that name could never be reached.
RESERVED_SLUGS = frozenset(
    "account accounts admin api assets favicon.ico health healthz help home invite login logout "
    "media new password robots.txt settings static team teams webhooks".split()
)


def refuse_reserved_slug(slug: str) -> None:
    if slug in RESERVED_SLUGS:
        raise ValidationError(f"“{slug}” is a word that Castboard uses itself. Choose another.", code="reserved")


class Team(models.Model):
    """Everything belongs to a team and is reached through it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    slug = models.CharField(
        max_length=40,
        unique=True,
        validators=[
            RegexValidator(r"^[a-z0-9][a-z0-9-]*$", "Small letters, digits and hyphens."),
            refuse_reserved_slug,
        ],
    )
    revision = models.BigIntegerField(
        default=0, help_text="Grows with each visible change; rows carry the value they changed at."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="teams")

    def __str__(self) -> str:
        return self.name

    def next_revision(self) -> int:
        """Take the next revision. Call it first in a transaction: the lock on this row orders the team's changes, so
        whoever reads revision N has everything up to N, and two outcomes can never wait for each other.
        """
        Team.objects.filter(pk=self.pk).update(revision=F("revision") + 1)
        return Team.objects.values_list("revision", flat=True).get(pk=self.pk)


class Membership(models.Model):
    """A person in a team, with what they may do there."""

    class Role(models.TextChoices):
        VIEWER = "viewer", "Viewer"
        EDITOR = "editor", "Editor"
        ADMIN = "admin", "Admin"

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.EDITOR)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="one_membership_per_team")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team} as {self.role}"

    @property
    def may_edit(self) -> bool:
        return self.role in (self.Role.EDITOR, self.Role.ADMIN)

"""An invitation: a link that lets one person into a team, once, before it expires."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from assets_app.models.event import Event
from assets_app.models.team import Membership, Team

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> InvitationQuerySet:
        """Those that still let somebody in."""
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())

    def open_with(self, token: str) -> Invitation | None:
        """The invitation behind a link, while it is good."""
        return self.open().select_related("team", "created_by").filter(token_hash=hash_of(token)).first()


class Invitation(models.Model):
    """The link's token is kept as a hash only: whoever reads the database cannot walk in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=10, choices=Membership.Role.choices)
    note = models.CharField(max_length=80, blank=True, default="", help_text="Whom it is for, in the inviter's words.")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["team", "-created_at"],
                name="invitation_open",
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.team} as {self.role}"

    def accept(self, user: User) -> bool:
        """Make `user` a member. False when the link was used, revoked or expired meanwhile; somebody who is a member
        already stays what they are and does not use it up.
        """
        with transaction.atomic():
            self.team.next_revision()
            if Membership.objects.filter(team=self.team, user=user).exists():
                return True
            used = Invitation.objects.open().filter(pk=self.pk).update(accepted_at=timezone.now(), accepted_by=user)
            if not used:
                return False
            Membership.objects.create(team=self.team, user=user, role=self.role)
            Event.about_team(self.team, user, "joined", role=self.role, invited_by=_name(self.created_by))
        return True

    def revoke(self, actor: User) -> bool:
        """False when there was nothing left to revoke."""
        with transaction.atomic():
            revoked = Invitation.objects.open().filter(pk=self.pk).update(revoked_at=timezone.now())
            if revoked:
                Event.about_team(self.team, actor, "uninvited", role=self.role, whom=self.note)
        return bool(revoked)


def invite(team: Team, actor: User, role: str, lasting: timedelta, note: str = "") -> tuple[Invitation, str]:
    """A new invitation and the token of its link, which can be had only here and now."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        invitation = Invitation.objects.create(
            team=team,
            role=role,
            note=note,
            token_hash=hash_of(token),
            created_by=actor,
            expires_at=timezone.now() + lasting,
        )
        Event.about_team(team, actor, "invited", role=role, whom=note)
    return invitation, token


def hash_of(token: str) -> str:
    """Plain SHA-256 is enough: the token is 256 random bits, which nobody can guess from its hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def _name(user: User | None) -> str:
    return user.get_username() if user else ""

"""Who works together: a team, its members, and the counter that tells live pages that something changed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# Words that routes use or may come to use: a team of that name could never be reached.
RESERVED_SLUGS = frozenset(
    "account accounts admin api assets favicon.ico health healthz help home invite login logout "
    "media new password robots.txt settings share static team teams webhooks".split()
)


def refuse_reserved_slug(slug: str) -> None:
    if slug in RESERVED_SLUGS:
        raise ValidationError(f"“{slug}” is a word that Castboard uses itself. Choose another.", code="reserved")


class LastAdmin(Exception):
    """The team would be left without anybody who may run it."""


class NotAdmin(Exception):
    """Whoever asked for it is not an admin of the team (any more)."""


@dataclass(frozen=True)
class Gone:
    """What ended with somebody's place in a team: their links to films that still worked, their films not yet sent."""

    links: int = 0
    films: int = 0

    @property
    def as_facts(self) -> dict[str, int]:
        return {name: number for name, number in (("links", self.links), ("films", self.films)) if number}


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
    keep_originals = models.BooleanField(
        default=True, help_text="Whether the files that assets were made from are kept, or only their previews."
    )
    confirm_above = models.PositiveIntegerField(
        null=True, blank=True, help_text="Credits of one press of Generate above which it asks first; empty: never."
    )
    film_names = models.CharField(
        max_length=120,
        default="{date}_{shot}_{asset}_{model}_{take}",
        help_text="How films are called when they are downloaded.",
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
    studio = models.JSONField(
        default=dict, blank=True, help_text="How they last set the studio: the model, and the settings of each."
    )
    asks_first = models.BooleanField(
        default=True, help_text="Whether Generate asks them before it spends more than the team's limit for that."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="one_membership_per_team")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team} as {self.role}"

    @classmethod
    def of_editors(cls, team: Team) -> models.QuerySet[Membership]:
        """Of those who may spend the team's credits."""
        return Membership.objects.filter(team=team, role__in=EDITORS)

    @property
    def may_edit(self) -> bool:
        return self.role in EDITORS

    @property
    def is_admin(self) -> bool:
        return self.role == self.Role.ADMIN

    def change_role(self, role: str, by: Membership) -> bool:
        """Give this member another role; False when it is theirs already. Raises NotAdmin and LastAdmin."""
        from assets_app.models.event import Event

        with self._one_change_at_a_time():
            by.must_be_admin()
            before = Membership.objects.values_list("role", flat=True).get(pk=self.pk)
            if before == role:
                return False
            if role != self.Role.ADMIN:
                self._must_not_be_the_last_admin()
                self._take_invitations_back()
            gone = self._take_back(by.user) if role == self.Role.VIEWER else Gone()
            Membership.objects.filter(pk=self.pk).update(role=role)
            self.role = role
            told = {"person": str(self.user), "role": role, "role_before": before} | gone.as_facts
            Event.about_team(self.team, by.user, "role", **told)
        return True

    def end(self, by: Membership) -> Gone:
        """Take this member out of the team: oneself, or, as an admin, anybody. Returns what ended with that. Raises
        NotAdmin and LastAdmin.
        """
        from assets_app.models.event import Event

        with self._one_change_at_a_time():
            if by.pk != self.pk:
                by.must_be_admin()
            self._must_not_be_the_last_admin()
            self._take_invitations_back()
            gone = self._take_back(by.user)
            Membership.objects.filter(pk=self.pk).delete()
            what = "left" if by.pk == self.pk else "removed"
            Event.about_team(self.team, by.user, what, person=str(self.user), **gone.as_facts)
        return gone

    @contextmanager
    def _one_change_at_a_time(self) -> Iterator[None]:
        """The lock that a new revision takes makes whoever else changes the team's members wait, and then see this
        change: two admins who demote each other at once leave one.
        """
        with transaction.atomic():
            self.team.next_revision()
            yield

    def must_be_admin(self) -> None:
        if not Membership.objects.filter(pk=self.pk, role=self.Role.ADMIN).exists():
            raise NotAdmin

    def _must_not_be_the_last_admin(self) -> None:
        admins = Membership.objects.filter(team=self.team, role=self.Role.ADMIN, user__is_active=True)
        if admins.filter(pk=self.pk).exists() and not admins.exclude(pk=self.pk).exists():
            raise LastAdmin

    def _take_back(self, actor: User) -> Gone:
        """What somebody showed to outsiders for the team, and what they asked its money for and was not sent yet, ends
        when they may not any more.
        """
        from assets_app.models.cancelling import cancel_unsent_of
        from assets_app.models.sharing import revoke_all_of

        return Gone(revoke_all_of(self.user, self.team), cancel_unsent_of(self.user, self.team, actor))

    def _take_invitations_back(self) -> None:
        """A link made by somebody who may not invite any more must not let them back in."""
        from assets_app.models.invitation import Invitation

        Invitation.objects.open().filter(team=self.team, created_by=self.user).update(revoked_at=timezone.now())


EDITORS = (Membership.Role.EDITOR, Membership.Role.ADMIN)


def found(name: str, slug: str, founder: User) -> Team:
    """A new team with its founder as its admin. Call it in the transaction that also connects it."""
    from assets_app.models.event import Event

    team = Team.objects.create(name=name, slug=slug)
    Membership.objects.create(team=team, user=founder, role=Membership.Role.ADMIN)
    Event.about_team(team, founder, "founded", name=name)
    return team

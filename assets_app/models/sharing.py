"""What is made of films and prompts beyond the film itself: marks, links for outsiders, prompts kept for the team."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.formats import date_format

from assets_app.models.generation import Generation
from assets_app.models.team import Team

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class FilmStar(models.Model):
    """One person's mark on a film."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="stars")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "generation"], name="one_film_star_per_person")]

    def __str__(self) -> str:
        return f"{self.user}: {self.generation}"


def new_share_token() -> str:
    return secrets.token_urlsafe(24)


OPENINGS_NOTED_EVERY = timedelta(hours=1)


class ShareQuerySet(models.QuerySet["Share"]):
    def open(self) -> ShareQuerySet:
        """Those that still show something."""
        return self.working().filter(generation__video__state="saved")

    def working(self) -> ShareQuerySet:
        """Those that neither ended nor were taken back; of films that are there, but for their file perhaps."""
        shown = self.filter(generation__trashed_at=None, generation__purged_at=None, generation__video__isnull=False)
        return shown.filter(revoked_at=None, expires_at__gt=timezone.now())

    def of_team(self, team: Team) -> ShareQuerySet:
        return self.filter(generation__team=team)

    def behind(self, token: str) -> Share | None:
        """What a link shows, while it shows anything; also of a film whose file is being had again."""
        return self.working().select_related("generation__video").filter(token=token).first()


class Share(models.Model):
    """A link by which anybody may watch one film until it ends or is taken back.

    The token is kept as it is, for the team copies the link again from the film's page.
    """

    token = models.CharField(max_length=64, unique=True, default=new_share_token, editable=False)
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="shares")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True, help_text="When it was last opened, to the hour.")
    shows_prompt = models.BooleanField(default=False)

    objects = ShareQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.generation} until {self.expires_at:%Y-%m-%d %H:%M}"

    def note_opening(self) -> None:
        """Keep when it was opened. Written once an hour at most, however many look: nobody needs to know it better."""
        now = timezone.now()
        if self.opened_at is None or now - self.opened_at >= OPENINGS_NOTED_EVERY:
            Share.objects.filter(pk=self.pk, opened_at=self.opened_at).update(opened_at=now)

    def revoke(self, actor: User) -> bool:
        """False when there was nothing left to take back."""
        with transaction.atomic():
            revision = self.generation.team.next_revision()
            revoked = Share.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=timezone.now())
            if revoked:
                Generation.objects.filter(pk=self.generation_id).update(revision=revision)
                self.generation.say(actor, "Took back a link to it")
        return bool(revoked)


def revoke_all_of(person: User, team: Team) -> int:
    """End the links that somebody made who may make none any more. Returns how many still worked. Call it in the
    transaction of that change.
    """
    revision, made = team.next_revision(), Share.objects.of_team(team).filter(created_by=person, revoked_at=None)
    open_ones = made.open().count()
    Generation.objects.filter(pk__in=list(made.values_list("generation_id", flat=True))).update(revision=revision)
    made.update(revoked_at=timezone.now())  # also of films in the trash, which may come back
    return open_ones


def share(film: Generation, actor: User, lasting: timedelta, *, shows_prompt: bool = False) -> Share:
    """A new link to the film."""
    with transaction.atomic():
        revision = film.team.next_revision()
        made = Share.objects.create(
            generation=film, created_by=actor, expires_at=timezone.now() + lasting, shows_prompt=shows_prompt
        )
        Generation.objects.filter(pk=film.pk).update(revision=revision)
        until = date_format(timezone.localtime(made.expires_at), "j F Y, H:i")
        film.say(actor, f"Shared it by a link, until {until}{', with its prompt' if shows_prompt else ''}")
    return made


class Preset(models.Model):
    """A prompt with its settings, kept for the whole team under a name."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="presets")
    name = models.CharField(max_length=60)
    model = models.CharField(max_length=60, blank=True, default="", help_text="Empty: of whatever model is chosen.")
    prompt = models.TextField(blank=True, default="")
    mentions = models.JSONField(default=dict, blank=True)
    params = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = [Lower("name")]
        constraints = [models.UniqueConstraint("team", Lower("name"), name="one_preset_per_name")]

    def __str__(self) -> str:
        return self.name

"""What is made of films and prompts beyond the film itself: marks, links for outsiders, prompts kept for the team."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from assets_app.models.generation import Generation
from assets_app.models.team import Team


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


class Share(models.Model):
    """A link by which anybody may watch one film until it ends or is taken back."""

    token = models.CharField(max_length=64, unique=True, default=new_share_token, editable=False)
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="shares")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    shows_prompt = models.BooleanField(default=False)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.generation} until {self.expires_at:%Y-%m-%d %H:%M}"


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

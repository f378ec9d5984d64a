"""A team's connection to the provider: where it is, with which key, and what is wrong with it right now."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from assets_app.apiframe.price_ranges import PriceRange
from assets_app.apiframe.webhooks import forms_of, secrets_for
from assets_app.models.sealing import Unreadable, seal, unseal
from assets_app.models.team import Team

# Webhooks of jobs that were submitted with a key are signed with it (FACTS §1); jobs are over well within a day.
OLD_SECRET_LIFETIME = timedelta(hours=24)


class Connection(models.Model):
    """The key is sealed at rest and shown by its prefix only."""

    class Problem(models.TextChoices):
        NONE = "", "None"
        KEY_REFUSED = "key_refused", "The provider refuses the API key"
        BLOCKED = "blocked", "The provider's gate refuses this server"
        NO_CREDITS = "no_credits", "The credits are used up"
        DOWN = "down", "The provider does not answer"
        ASKED_TO_WAIT = "asked_to_wait", "The provider asked us to wait"
        KEY_UNREADABLE = "key_unreadable", "The stored API key cannot be read"

    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="connection")
    base_url = models.URLField(max_length=300)
    sealed_key = models.TextField()
    key_prefix = models.CharField(max_length=16)
    # Both in seconds. The provider advises to ask about a video each five to ten (FACTS §10.3); ours bears more.
    SECONDS_BETWEEN_LOOKS = 5.0
    SECONDS_BETWEEN_LOOKS_AT_SANDBOX = 1.0

    fingerprint = models.CharField(
        max_length=64, db_index=True, help_text="Names the key's budget, which several teams may share."
    )
    requests_per_minute = models.PositiveIntegerField(default=500)
    is_sandbox = models.BooleanField(default=False)

    credits = models.BigIntegerField(null=True, blank=True)
    account_name = models.CharField(max_length=200, blank=True, default="")
    account_id = models.CharField(max_length=200, blank=True, default="", help_text="Whose jobs and assets these are.")
    account_heard_with = models.CharField(
        max_length=64, blank=True, default="", help_text="Fingerprint of the key that was answered with that account."
    )
    plan = models.CharField(max_length=100, blank=True, default="")
    asked_at = models.DateTimeField(null=True, blank=True, help_text="When GET /v2/me last answered.")

    price_list = models.JSONField(
        default=dict, blank=True, help_text="What GET /v2/models said films cost, by model: `PriceRange.as_json`."
    )
    prices_heard_at = models.DateTimeField(null=True, blank=True)
    prices_heard_with = models.CharField(
        max_length=64, blank=True, default="", help_text="Fingerprint of the key that was answered with that list."
    )
    prices_asked_at = models.DateTimeField(null=True, blank=True, help_text="When GET /v2/models was last asked.")

    webhooks = models.BooleanField(default=True, help_text="Whether to ask for them, where PUBLIC_URL allows it.")
    webhook_at = models.DateTimeField(null=True, blank=True, help_text="When the last one arrived.")
    webhook_words = models.CharField(max_length=200, blank=True, default="", help_text="What became of it.")
    old_secret = models.TextField(blank=True, default="", help_text="Sealed: what the key before this one signs with.")
    old_secret_until = models.DateTimeField(null=True, blank=True)

    problem = models.CharField(max_length=20, choices=Problem.choices, blank=True, default="")
    problem_words = models.TextField(blank=True, default="", help_text="The provider's own words.")
    credits_needed = models.PositiveIntegerField(
        default=0, help_text="What the submit that was refused for lack of credits would cost."
    )
    problem_since = models.DateTimeField(null=True, blank=True)
    probe_at = models.DateTimeField(
        null=True, blank=True, help_text="When to ask the provider again whether all is well."
    )

    def __str__(self) -> str:
        return f"{self.base_url} ({self.key_prefix}…)"

    @property
    def api_key(self) -> str:
        """Raises Unreadable when it was sealed under another SECRET_KEY."""
        return unseal(self.sealed_key)

    @api_key.setter
    def api_key(self, key: str) -> None:
        self._remember_old_secret(key)
        self.sealed_key = seal(key)
        self.key_prefix = key[:8]
        if self.fingerprint != (new := fingerprint(self.base_url, key)):
            self.fingerprint, self.prices_asked_at = new, None

    @property
    def webhook_secrets(self) -> tuple[bytes, ...]:
        """What a webhook may be signed with: this key and, for a day, the one before it. Raises Unreadable."""
        secrets: tuple[bytes, ...] = secrets_for(self.api_key)
        if self.old_secret_until and self.old_secret_until > timezone.now():
            secrets += forms_of(bytes.fromhex(unseal(self.old_secret)))
        return secrets

    def _remember_old_secret(self, new_key: str) -> None:
        try:
            old_key = self.api_key if self.sealed_key else new_key
        except Unreadable:
            return
        if old_key != new_key:
            self.old_secret = seal(secrets_for(old_key)[0].hex())
            self.old_secret_until = timezone.now() + OLD_SECRET_LIFETIME

    def price_range_of(self, model: str) -> PriceRange | None:
        """What the provider says films of this model cost; None when it does not, or said so to another key."""
        if self.prices_heard_with != self.fingerprint:
            return None
        return PriceRange.from_json(self.price_list.get(model))

    def heard_webhook(self, words: str) -> None:
        """Note when the last webhook came and what became of it, for whoever wonders whether they arrive."""
        Connection.objects.filter(pk=self.pk).update(webhook_at=timezone.now(), webhook_words=words[:200])

    @property
    def seconds_between_looks(self) -> float:
        """How long a job is left alone after a look at it, unless a webhook told of news."""
        return self.SECONDS_BETWEEN_LOOKS_AT_SANDBOX if self.is_sandbox else self.SECONDS_BETWEEN_LOOKS

    @property
    def stops_everything(self) -> bool:
        """Want of credits does not: assets register, and films that there are credits for are made."""
        return self.problem not in (self.Problem.NONE, self.Problem.NO_CREDITS)

    def stops_submit_of(self, most: int | None) -> bool:
        """Whether a film that costs up to `most` credits (None: nobody knows) would have to wait now."""
        if self.problem != self.Problem.NO_CREDITS:
            return self.stops_everything
        return most is None or self.credits is None or most > self.credits

    @property
    def waits_until(self) -> datetime | None:
        """Until when the provider asked us not to ask for anything; None when it did not."""
        return self.probe_at if self.problem == self.Problem.ASKED_TO_WAIT else None

    def notice(self, problem: str, words: str, probe_at: datetime) -> None:
        """Put up the banner, or keep it up with news; the time it began stays."""
        now = timezone.now()
        fresh = Connection.objects.filter(pk=self.pk).exclude(problem=problem)
        if fresh.update(problem=problem, problem_words=words[:1000], problem_since=now, probe_at=probe_at):
            self.team.next_revision()
        else:
            Connection.objects.filter(pk=self.pk).update(problem_words=words[:1000], probe_at=probe_at)
        self.problem, self.problem_words, self.probe_at = problem, words[:1000], probe_at

    def all_is_well(self) -> bool:
        """Take the banner down; True when there was one."""
        cleared = (
            Connection.objects.filter(pk=self.pk)
            .exclude(problem="")
            .update(problem="", problem_words="", problem_since=None, probe_at=None)
        )
        self.problem, self.problem_words, self.problem_since, self.probe_at = "", "", None, None
        if cleared:
            self.team.next_revision()
        return bool(cleared)


class Budget(models.Model):
    """When the next request with a key may leave: one row per key and provider, whatever number of processes ask
    (GCRA).
    """

    fingerprint = models.CharField(max_length=64, primary_key=True)
    next_free = models.FloatField(default=0.0, help_text="Theoretical arrival time, seconds since the epoch.")
    blocked_until = models.FloatField(
        default=0.0, help_text="Set by a 429: nothing leaves before, seconds since the epoch."
    )

    def __str__(self) -> str:
        return self.fingerprint[:12]


def fingerprint(base_url: str, key: str) -> str:
    return hashlib.sha256(f"{base_url}\0{key}".encode()).hexdigest()

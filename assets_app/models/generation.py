"""A generation: paid work, written down before it is sent and sent at most once."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Prefetch, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from assets_app import payload, prompting
from assets_app.apiframe import catalogue, film_urls
from assets_app.apiframe.values import LONGEST_ID
from assets_app.models.asset import MAX_URL_LENGTH, Asset, MediaType
from assets_app.models.cancelling import Cancellable
from assets_app.models.connection import Connection
from assets_app.models.due import DueQuerySet
from assets_app.models.marks import Followed, Marks
from assets_app.models.own_copy import OwnCopy
from assets_app.models.quoting import Quoting
from assets_app.models.states import GENERATION
from assets_app.models.team import Team

MOST_TAKES = 8
# FACTS §2: a replay within 24 h returns the original job. Less what a clock may be wrong by.
CLOCK_IS_WRONG_BY = timedelta(hours=1)
REPLAY_WINDOW = timedelta(hours=24) - CLOCK_IS_WRONG_BY
# FACTS §0.2: sources contradict each other. The shortest promise is the one to plan for, and the longest how long a
# film is looked for that could not be had until then.
RESULT_LIFETIME = timedelta(hours=24)
LONGEST_RESULT_LIFETIME = timedelta(days=90)


LOOKED_AT = ["state", "spend", "model", "created_by", "is_draft", "followed", "rating", "trashed_at"]


class GenerationQuerySet(DueQuerySet):
    def live(self) -> GenerationQuerySet:
        """Those out of the trash: all that people see. The engine follows the others as well."""
        return self.filter(trashed_at__isnull=True)

    def in_trash(self) -> GenerationQuerySet:
        return self.filter(trashed_at__isnull=False, purged_at__isnull=True)

    def in_groups(self, *groups: Any) -> GenerationQuerySet:
        return self.filter(state__in=GENERATION.in_group(*groups))

    def counted_jobs(self) -> GenerationQuerySet:
        """Those that were finished by a job of the provider's, and count: its list should have them."""
        return self.filter(Q(spend__gt=0) & ~Q(job_id=""), state="completed")

    def with_what_came_of_it(self) -> GenerationQuerySet:
        """Each with `runs`, how often it was run again: the next press of that button is named by it; and with
        `final_id`, its newest final that may come to something, where it is a draft that has one.
        """
        made = Generation.objects.filter(made_from=models.OuterRef("pk"))
        again = made.filter(origin=Origin.AGAIN).order_by().values("made_from")
        finals = made.filter(origin=Origin.FINAL, trashed_at=None).exclude(state__in=("failed", "cancelled"))
        return self.annotate(
            runs=Coalesce(models.Subquery(again.annotate(number=models.Count("pk")).values("number")), 0),
            final_id=models.Subquery(finals.order_by("-created_at").values("pk")[:1]),
        )


def retries_of_all() -> GenerationQuerySet:
    """What was asked for by itself because another one failed, and not called off."""
    return Generation.objects.filter(origin=Origin.RETRY).exclude(state="cancelled").order_by("created_at")


def told_retries() -> Prefetch:
    """For lists: what was asked for by itself because one of them failed, as its `retries`; one query for all."""
    return Prefetch("made_later", retries_of_all(), to_attr="retries")


def new_webhook_token() -> str:
    return secrets.token_urlsafe(24)


class Origin(models.TextChoices):
    """How a generation came of the one it was made from."""

    EDIT = "edit", "Edited from"
    AGAIN = "again", "Run again from"
    FINAL = "final", "The final of the draft"
    RETRY = "retry", "Tried again by itself after"
    NEXT = "next", "The shot after"


class Generation(Marks, Cancellable, Quoting):
    """`request` is the exact body that was, or will be, sent; `pk` is its Idempotency-Key."""

    machine = GENERATION

    # Put here by the engine while it has the row; not stored.
    jobs_of_others: frozenset[str] = frozenset()
    rivals = 0
    is_same_account = True
    asked_with = ""  # put here by the lane: the fingerprint of the key whose client carries the next call
    seconds_between_looks = Connection.SECONDS_BETWEEN_LOOKS  # put here by the lane: as its team's provider likes it
    is_to_be_replayed = False
    was_replayed = False
    # Put here by the pages: what was asked for by itself because this one failed, what it was made with, and what a
    # press of its buttons costs.
    retries: list[Generation]
    final_id: uuid.UUID | None = None
    tags: Any
    told_references: list[Reference]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="generations")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    click = models.UUIDField(
        help_text="Names the press of the button, hence its set of takes: the same press twice is one set."
    )
    take = models.PositiveSmallIntegerField(default=1, help_text="Its place in the set, from 1.")
    is_draft = models.BooleanField(default=False, help_text="A cheap try, to be made final if it is liked.")
    draft_of = models.JSONField(
        null=True, blank=True, help_text="What a draft stands for: the model and params that it is made final with."
    )
    made_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="made_later")
    origin = models.CharField(max_length=5, choices=Origin.choices, blank=True, default="")

    model = models.CharField(max_length=60)
    prompt = models.TextField(help_text="As it was typed: assets are mentioned by name, as in “@Anna”.")
    mentions = models.JSONField(default=dict, blank=True, help_text="Which asset each mentioned name means, by its id.")
    params = models.JSONField(default=dict)
    estimate_low = models.PositiveIntegerField(null=True, blank=True, help_text="Credits.")
    estimate_high = models.PositiveIntegerField(null=True, blank=True, help_text="Credits.")

    request = models.JSONField(null=True, blank=True)
    sent_with = models.CharField(
        max_length=64, blank=True, default="", help_text="Fingerprint of the key it was sent with."
    )
    sent_at = models.DateTimeField(
        null=True, blank=True, help_text="First moment at which the provider may have got it."
    )
    replays = models.PositiveSmallIntegerField(
        default=0, help_text="How often it was sent again with the same key because no answer had come."
    )
    replayed_at = models.DateTimeField(null=True, blank=True)
    key_known_at = models.DateTimeField(
        null=True, blank=True, help_text="When the provider first said that it knows the Idempotency-Key (409)."
    )
    job_id = models.CharField(max_length=LONGEST_ID, blank=True, default="")
    listed_at = models.DateTimeField(
        null=True, blank=True, help_text="The beginning of the last comparison in which the provider listed its job."
    )
    webhook_token = models.CharField(max_length=64, unique=True, default=new_webhook_token, editable=False)
    progress = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Percent.")
    provider_answer = models.JSONField(default=dict, blank=True, help_text="The provider's last answer, whole.")
    credit_cost = models.BigIntegerField(null=True, blank=True, help_text="What the provider says it charged.")
    spend = models.BigIntegerField(
        default=0,
        help_text="Credits it counts for: held at the upper estimate while it runs, then its cost; 0 when it failed.",
    )
    price_key = models.CharField(
        max_length=100, blank=True, default="", help_text="What the price a second goes by, beside the model."
    )
    asked_seconds = models.PositiveSmallIntegerField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    revision = models.BigIntegerField(default=0)

    # What people say about it.
    rating = models.PositiveSmallIntegerField(
        default=0, validators=[MaxValueValidator(5)], help_text="1 to 5; 0 is unrated."
    )
    followed = models.CharField(max_length=6, choices=Followed.choices, blank=True, default="")
    notes = models.TextField(blank=True, default="")
    trashed_at = models.DateTimeField(null=True, blank=True)
    trashed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    purged_at = models.DateTimeField(
        null=True, blank=True, help_text="When its files were deleted; the row stays, for it is part of the accounts."
    )

    furthest_plan = timedelta(days=1, hours=1)  # one whose film could not be had is asked about once a day

    objects = GenerationQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "click", "take"], name="one_generation_per_take")]
        indexes = [
            models.Index(fields=["due_at"], name="generation_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["team", "revision"], name="generation_live"),
            # What every page counts as under way: few of a hundred thousand.
            models.Index(fields=["team", "state"], name="generation_under_way", condition=Q(due_at__isnull=False)),
            # The order of the list, with all that its filters, counts and sums look at: a row is ten times as large.
            models.Index(fields=["team", "-created_at", "-id", *LOOKED_AT], name="generation_list"),
            models.Index(
                fields=["team", "-rating", "-created_at", "-id"],
                name="generation_rated",
                condition=Q(trashed_at__isnull=True),
            ),
            models.Index(
                fields=["team", "-spend", "-created_at", "-id"],
                name="generation_dearest",
                condition=Q(trashed_at__isnull=True),
            ),
            models.Index(fields=["trashed_at"], name="generation_trash", condition=Q(trashed_at__isnull=False)),
            models.Index(
                fields=["team", "-trashed_at", "-id"], name="generation_thrown", condition=Q(trashed_at__isnull=False)
            ),
            models.Index(
                fields=["team", "model", "price_key", "-completed_at"],
                name="generation_priced",
                condition=Q(state="completed", credit_cost__isnull=False),
            ),
            models.Index(
                fields=["team", "-completed_at"],
                name="generation_charged",
                condition=Q(state="completed", credit_cost__isnull=False),
            ),
            models.Index(fields=["team", "model", "followed", "state", "id"], name="generation_followed"),
            models.Index(fields=["team", "created_at"], name="generation_approval", condition=Q(state="approval")),
            models.Index(fields=["claim"], name="generation_claim", condition=Q(claim__isnull=False)),
            models.Index(fields=["job_id"], name="generation_job"),
            # What the provider must know of: all that counts, by when it was sent.
            models.Index(
                fields=["team", "sent_at"], name="generation_counted", condition=Q(spend__gt=0) & ~Q(job_id="")
            ),
        ]

    def __str__(self) -> str:
        return self.prompt[:60]

    def owner_of_event(self) -> dict[str, Any]:
        return {"generation_id": self.pk}

    @property
    def idempotency_key(self) -> str:
        return str(self.pk)

    def move(self, to: str, **changes: Any) -> bool:
        """What it counts for follows its state: a job that failed or was cancelled costs nothing, whatever its
        `creditCost` says (FACTS §3), and one that is finished its upper estimate as long as no charge is known.
        Given as `spend`, it counts on: nobody knows what became of it.
        """
        match to:
            case "completed":
                charged = changes.get("credit_cost")
                changes["spend"] = charged if charged is not None else self.spend or self.estimate_high or 0
            case "failed" | "cancelled":
                changes.setdefault("spend", 0)
        return super().move(to, **changes)

    @property
    def last_frame_url(self) -> str:
        """Where the provider has the last frame as a picture; "" when its result names none."""
        return film_urls.last_frame_url(self.provider_answer.get("result")) or ""

    @property
    def may_be_replayed(self) -> bool:
        """Whether sending the same Idempotency-Key again is still sure to return the same job. Not for one that was
        sent in the future: the clock was set back since, and nobody knows how long ago it was.
        """
        return self.sent_at is not None and -CLOCK_IS_WRONG_BY <= timezone.now() - self.sent_at < REPLAY_WINDOW

    @property
    def rendered_prompt(self) -> str:
        """The prompt as the model receives it, with what it mentions in the model's own words."""
        if not self.mentions:
            return self.prompt
        places = [(each.identity, each.slot, each.position) for each in self.references.all()]
        words = prompting.words_for(catalogue.load().described(self.model), places)
        return prompting.render(self.prompt, self.mentions, words)

    def build_request(self, webhook_url: str | None) -> dict[str, Any]:
        """The body to send. All assets must have their provider ids."""
        return payload.build_body(
            self.model,
            self.rendered_prompt,
            self.params,
            [reference.as_ref() for reference in self.references.all()],
            webhook_url=webhook_url,
            webhook_events=("completed", "failed"),
        )


@dataclass(frozen=True)
class NewReference:
    """One filled slot: an asset, or a direct URL of a given type."""

    slot: str
    media_type: str
    asset: Asset | None = None
    url: str = ""


class Reference(models.Model):
    """What a generation was given: an asset or a direct URL in a slot, in the order the prompt counts them."""

    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="references")
    slot = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField()
    media_type = models.CharField(max_length=5, choices=MediaType.choices)
    asset = models.ForeignKey(Asset, null=True, blank=True, on_delete=models.RESTRICT, related_name="references")
    url = models.CharField(max_length=MAX_URL_LENGTH, blank=True, default="")

    class Meta:
        ordering = ["slot", "position"]
        constraints = [
            models.UniqueConstraint(fields=["generation", "slot", "position"], name="one_reference_per_place"),
            models.CheckConstraint(
                condition=Q(asset__isnull=False, url="") | (Q(asset__isnull=True) & ~Q(url="")),
                name="reference_is_asset_or_url",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slot} {self.position + 1}"

    @property
    def identity(self) -> str:
        """By which a prompt remembers what it mentions."""
        return str(self.asset_id) if self.asset_id else self.url

    def as_ref(self) -> payload.Ref:
        return payload.Ref(
            slot=self.slot,
            position=self.position,
            media_type=self.media_type,
            value=self.asset.reference_url if self.asset else self.url,
        )


def takes_of_click(team: Team, click: uuid.UUID) -> list[Generation]:
    """The set of takes that one press of the button made, in their order; [] for a press that made none."""
    return list(Generation.objects.filter(team=team, click=click).order_by("take"))


class Video(OwnCopy):
    """Our own copy of a generation's result: what people play, whatever becomes of the provider's."""

    generation = models.OneToOneField(Generation, on_delete=models.CASCADE, primary_key=True, related_name="video")
    clip = models.FileField(
        max_length=300,
        null=True,
        blank=True,
        help_text="Its first seconds, small and silent. Empty: there is none to be had. NULL: saved before clips were "
        "made, and none was tried yet.",
    )

    class Meta(OwnCopy.Meta):
        abstract = False
        indexes = [
            *OwnCopy.Meta.indexes,
            models.Index(fields=["-state_since"], name="video_without_clip", condition=Q(clip=None, state="saved")),
        ]

    def owner_of_event(self) -> dict[str, Any]:
        return {"generation_id": self.generation_id, "subject": "copy"}

    def touch_parent(self, revision: int) -> None:
        Generation.objects.filter(pk=self.generation_id).update(revision=revision)

    @property
    def folder(self) -> str:
        return f"{self.team_id}/videos/{self.generation_id}"

    @property
    def dies_at(self) -> datetime | None:
        completed_at = self.generation.completed_at
        return completed_at + RESULT_LIFETIME if completed_at else None

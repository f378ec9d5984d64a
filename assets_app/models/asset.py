"""An asset: the lasting thing in the team's library. The provider's id is a replaceable attribute of it."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import connections, models, transaction
from django.db.models import Q
from django.utils import timezone

from assets_app.apiframe.values import LONGEST_ID, LONGEST_URL
from assets_app.models.clock import Clock
from assets_app.models.due import DueQuerySet
from assets_app.models.event import Event
from assets_app.models.numbers import next_number
from assets_app.models.quoting import Quoting
from assets_app.models.states import ASSET
from assets_app.models.team import Team
from assets_app.models.words import sorting_name, words_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from assets_app.models.original import Original

MAX_URL_LENGTH = 2000


class MediaType(models.TextChoices):
    IMAGE = "image", "Image"
    VIDEO = "video", "Video"
    AUDIO = "audio", "Audio"


class Kind(models.TextChoices):
    """What an asset is to the film."""

    CHARACTER = "character", "Character"
    PLACE = "place", "Place"
    PROP = "prop", "Prop"
    VOICE = "voice", "Voice"
    STYLE = "style", "Style"


class MadeBy(models.TextChoices):
    """What made an asset out of a film or another asset of ours."""

    FILM = "film", "The film"
    LAST_FRAME = "last_frame", "The last frame"
    CROP = "crop", "Cropped"
    TRIM = "trim", "Trimmed"


# On a page of its own, before the name of what it was made from; and on a card.
MADE_FROM = {
    MadeBy.FILM: ("Film of", "a film of ours"),
    MadeBy.LAST_FRAME: ("Last frame of", "last frame of a film"),
    MadeBy.CROP: ("Cropped from", "cropped here"),
    MadeBy.TRIM: ("Trimmed from", "trimmed here"),
}
MADE_OF_FILM = (MadeBy.FILM, MadeBy.LAST_FRAME)


@dataclass(frozen=True)
class FileToSend:
    """A file of ours as the thread that uploads it needs it."""

    name: str
    content_type: str


class AssetQuerySet(DueQuerySet):
    def live(self) -> AssetQuerySet:
        """Those out of the trash: all that people see and use. The engine goes on watching the others as well."""
        return self.filter(trashed_at__isnull=True)

    def in_trash(self) -> AssetQuerySet:
        return self.filter(trashed_at__isnull=False, purged_at__isnull=True)

    def active(self) -> AssetQuerySet:
        return self.filter(state="active")

    def in_groups(self, *groups: Any) -> AssetQuerySet:
        return self.filter(state__in=ASSET.in_group(*groups))

    def needing_attention(self) -> AssetQuerySet:
        """What failed and nobody has dismissed."""
        return self.filter(NEEDS_ATTENTION)

    def make_findable(self) -> None:
        """Bring what these assets are found and sorted by up to date with all that is known of them."""
        from assets_app.models.library import Tagging

        assets: list[Asset] = list(cast("models.QuerySet[Asset]", self.select_related("original")))
        tags: dict[int, list[str]] = {}
        for number, name in Tagging.objects.filter(asset__in=assets).values_list("asset__number", "tag__name"):
            tags.setdefault(number, []).append(name)
        for asset in assets:
            asset.be_findable(getattr(asset, "original", None), sorted(tags.get(asset.number, [])))
        with connections[self.db].cursor() as cursor:
            cursor.executemany(
                f"UPDATE {self.model._meta.db_table} SET sort_name = %s, words = %s WHERE number = %s",  # noqa: S608
                [(asset.sort_name, asset.words, asset.number) for asset in assets],
            )

    def with_source(self, urls: Sequence[str]) -> AssetQuerySet:
        return self.filter(source_hash__in=[hash_of(url) for url in urls])


FRESH_FOR = timedelta(hours=1)
UPLOAD_KEPT_FOR = timedelta(minutes=45)  # by the provider, with room: about an hour (FACTS §5)
LIVE = Q(trashed_at__isnull=True)
NEEDS_ATTENTION = LIVE & Q(state__in=ASSET.in_group("attention"), dismissed_at__isnull=True)


class Asset(Quoting):
    """Source, name and owner are ours for good; `provider_id` lives as long as the provider's copy does."""

    machine = ASSET
    to_send: FileToSend | None = None

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="assets")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=5, choices=MediaType.choices)
    source_url = models.CharField(max_length=MAX_URL_LENGTH, blank=True, help_text="Empty for an uploaded file.")
    source_hash = models.CharField(
        max_length=64, editable=False, help_text="SHA-256 of the address, or of the content of an uploaded file."
    )

    provider_id = models.CharField(max_length=LONGEST_ID, blank=True, default="")
    provider_answer = models.JSONField(default=dict, blank=True, help_text="The provider's last answer, whole.")
    previous_provider_id = models.CharField(max_length=LONGEST_ID, blank=True, default="")
    active_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True, help_text="When the provider last said Active.")
    sends_copy = models.BooleanField(
        default=False, help_text="Whether the provider is sent our own copy instead of the source's address."
    )
    upload_url = models.CharField(max_length=LONGEST_URL, blank=True, default="")
    upload_until = models.DateTimeField(null=True, blank=True, help_text="Until when the provider keeps that upload.")
    took_seconds = models.FloatField(null=True, blank=True, help_text="How long the provider last processed it.")
    dismissed_at = models.DateTimeField(
        null=True, blank=True, help_text="When somebody took its failure off the board; a new state clears it."
    )
    revision = models.BigIntegerField(default=0)

    # Where it came from, when it was made here.
    made_from = models.ForeignKey(
        "Generation", null=True, blank=True, on_delete=models.SET_NULL, related_name="made_assets"
    )
    cut_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="cuts")
    made_by = models.CharField(max_length=10, choices=MadeBy.choices, blank=True, default="")

    # What people say about it.
    kind = models.CharField(max_length=10, choices=Kind.choices, blank=True, default="")
    notes = models.TextField(blank=True, default="")
    rating = models.PositiveSmallIntegerField(
        default=0, validators=[MaxValueValidator(5)], help_text="1 to 5; 0 is unrated."
    )
    rights_note = models.TextField(blank=True, default="", help_text="Who agreed to what.")
    rights_until = models.DateField(null=True, blank=True, help_text="The last day on which it may be used.")

    # Where it stands in the library.
    number = models.BigIntegerField(unique=True, default=next_number, editable=False)
    sort_name = models.CharField(max_length=200, default="", editable=False)
    words = models.TextField(default="", editable=False, help_text="What it is found by; see models.words.")
    used_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="Last time in a generation.")
    trashed_at = models.DateTimeField(null=True, blank=True)
    trashed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    purged_at = models.DateTimeField(
        null=True, blank=True, help_text="When its files were deleted; the row stays because a generation used it."
    )

    objects = AssetQuerySet.as_manager()

    class Meta:
        indexes = [
            # The engine's claims; partial, because a library of a million rests while a handful are due.
            models.Index(fields=["due_at"], name="asset_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["team", "revision"], name="asset_live"),
            models.Index(fields=["team", "state", "-state_since", "-id"], name="asset_board"),
            models.Index(fields=["team", "-created_at", "-id"], name="asset_latest"),
            models.Index(fields=["team", "-state_since"], name="asset_attention", condition=NEEDS_ATTENTION),
            models.Index(fields=["team", "verified_at"], name="asset_verified", condition=LIVE & Q(state="active")),
            models.Index(fields=["team", "source_hash"], name="asset_source"),
            models.Index(fields=["claim"], name="asset_claim", condition=Q(claim__isnull=False)),
            # The library: one index for each way to narrow it down, all in the order of its numbers, and one for each
            # other order. They leave the trash out.
            models.Index(fields=["team", "number"], name="library_newest", condition=LIVE),
            models.Index(fields=["team", "media_type", "number"], name="library_type", condition=LIVE),
            models.Index(fields=["team", "state", "number"], name="library_state", condition=LIVE),
            models.Index(fields=["team", "kind", "number"], name="library_kind", condition=LIVE),
            models.Index(fields=["team", "created_by", "number"], name="library_owner", condition=LIVE),
            models.Index(fields=["team", "number"], name="library_unused", condition=LIVE & Q(used_at__isnull=True)),
            models.Index(
                fields=["team", "used_at", "number"], name="library_used", condition=LIVE & Q(used_at__isnull=False)
            ),
            models.Index(fields=["team", "rating", "number"], name="library_rating", condition=LIVE),
            models.Index(fields=["team", "sort_name", "number"], name="library_name", condition=LIVE),
            # SQLite uses a partial index only where a query says its condition in the very same words.
            models.Index(fields=["team", "-trashed_at"], name="library_trash", condition=Q(trashed_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name

    def owner_of_event(self) -> dict[str, Any]:
        return {"asset_id": self.pk}

    @property
    def reference_url(self) -> str:
        """How a request names this asset; "" while the provider has not given it an id."""
        return f"asset://{self.provider_id}" if self.provider_id else ""

    @property
    def is_made_of_film(self) -> bool:
        """Whether it is a film of ours, the last frame of one, or a part of either: it shows what that film shows, and
        is called so by a tool.
        """
        return self.made_by in MADE_OF_FILM or (self.cut_from is not None and self.cut_from.is_made_of_film)

    @property
    def made_words(self) -> str:
        """ "Last frame of “A lighthouse at dawn”"; "" for what came from outside."""
        if not self.made_by:
            return ""
        name = self.made_from.prompt[:60] if self.made_from else self.cut_from.name if self.cut_from else "another"
        return f"{MADE_FROM[MadeBy(self.made_by)][0]} “{name}”"

    @property
    def came_by(self) -> str:
        """How one came that has no address, in the little room of a card: "uploaded", "last frame of a film"."""
        return MADE_FROM[MadeBy(self.made_by)][1] if self.made_by else "uploaded"

    @property
    def is_live(self) -> bool:
        """Out of the trash."""
        return self.trashed_at is None

    @property
    def rights_are_over(self) -> bool:
        """The day up to which it may be used has passed."""
        return self.rights_until is not None and self.rights_until < timezone.localdate()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A new row gets its words; those who change one by UPDATE call `make_findable`."""
        if self._state.adding:
            self.be_findable()
        super().save(*args, **kwargs)

    def be_findable(self, original: Original | None = None, tags: Sequence[str] = ()) -> None:
        """Work out what it is found and sorted by, from the row, its file and its tags."""
        self.sort_name, self.words = sorting_name(self.name), words_of(self, original, tags)

    @property
    def needs_attention(self) -> bool:
        return self.is_live and self.status.group == "attention" and self.dismissed_at is None

    @property
    def is_fresh(self) -> bool:
        """Whether the provider has said Active so lately that it may be used without asking again (FACTS §5)."""
        if self.verified_at is None:
            return False
        return -Clock.SLACK <= timezone.now() - self.verified_at < FRESH_FOR  # from the future: the clock was set back

    def move(self, to: str, **changes: Any) -> bool:
        """A new state is a new matter: what was dismissed shows again if it fails again. The provider's id that is
        given up is remembered until there is another.
        """
        if self.provider_id and changes.get("provider_id") == "":
            changes["previous_provider_id"] = self.provider_id
        return super().move(to, **{"dismissed_at": None, **changes})

    @property
    def needs_upload(self) -> bool:
        """Whether our copy has to be sent (again) before the provider can be told of it."""
        if not self.sends_copy or self.upload_until is None:
            return self.sends_copy
        # It lies further ahead than any is kept when the clock was set back since.
        return not timedelta(0) < self.upload_until - timezone.now() <= UPLOAD_KEPT_FOR

    def dismiss(self, actor: User | None) -> bool:
        """Take its failure off the board; False when there is none to take off (any more)."""
        with transaction.atomic():
            revision = self.team.next_revision()
            failed = Asset.objects.filter(pk=self.pk).filter(NEEDS_ATTENTION)
            if not failed.update(dismissed_at=timezone.now(), revision=revision):
                return False
            Event.objects.create(
                team_id=self.team_id,
                asset=self,
                actor_id=actor.pk if actor else None,
                subject="library",
                note={"said": "Took its failure off the board"},
            )
        return True


def hash_of(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()

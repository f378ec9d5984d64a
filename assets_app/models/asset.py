"""An asset: the lasting thing in the team's library. The provider's id is a replaceable attribute of it."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.validators import MaxValueValidator
from django.db import connections, models, transaction
from django.db.models import Case, Q, When
from django.utils import timezone

from assets_app.apiframe.values import LONGEST_ID, LONGEST_URL
from assets_app.library.numbers import next_number
from assets_app.library.words import printable, sorting_name, words_of
from assets_app.models.due import DueQuerySet
from assets_app.models.event import Event
from assets_app.models.own_copy import OwnCopy
from assets_app.models.stateful import Stateful
from assets_app.models.states import ASSET
from assets_app.models.team import Team

if TYPE_CHECKING:
    from django.contrib.auth.models import User

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


@dataclass(frozen=True)
class NewAsset:
    """What a person gives for one asset."""

    url: str
    media_type: str
    name: str = ""


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


RETRIED = ("failed", "expired")
REGISTERED = "queued"  # where a life begins without a check of ours
FRESH_FOR = timedelta(hours=1)
LIVE = Q(trashed_at__isnull=True)
NEEDS_ATTENTION = LIVE & Q(state__in=ASSET.in_group("attention"), dismissed_at__isnull=True)


class Asset(Stateful):
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
    words = models.TextField(default="", editable=False, help_text="What it is found by; see library.words.")
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
            models.Index(fields=["team", "state", "-created_at"], name="asset_board"),
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
            models.Index(fields=["team", "kind", "number"], name="library_kind", condition=LIVE & ~Q(kind="")),
            models.Index(fields=["team", "created_by", "number"], name="library_owner", condition=LIVE),
            models.Index(fields=["team", "number"], name="library_unused", condition=LIVE & Q(used_at__isnull=True)),
            models.Index(
                fields=["team", "used_at", "number"], name="library_used", condition=LIVE & Q(used_at__isnull=False)
            ),
            models.Index(fields=["team", "rating", "number"], name="library_rating", condition=LIVE),
            models.Index(fields=["team", "sort_name", "number"], name="library_name", condition=LIVE),
            models.Index(fields=["team", "trashed_at"], name="library_trash", condition=~LIVE),
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
        return self.verified_at is not None and timezone.now() - self.verified_at < FRESH_FOR

    def move(self, to: str, **changes: Any) -> bool:
        """A new state is a new matter: what was dismissed shows again if it fails again. The provider's id that is
        given up is remembered until there is another.
        """
        if self.provider_id and changes.get("provider_id") == "":
            changes["previous_provider_id"] = self.provider_id
        return super().move(to, **{"dismissed_at": None, **changes})

    def renew(self, why: str) -> bool:
        """The provider has lost it: register it again under the same identity, from our own copy where there is one
        that it takes, else from the source.
        """
        from assets_app.judging import may_be_uploaded

        original = Original.objects.filter(pk=self.pk).first()
        sends_copy = original is not None and may_be_uploaded(original)
        if not sends_copy and not self.source_url:
            return self.move("expired", reason=f"{why} Our own copy of the file is gone, so it cannot be sent again.")
        note = {"previous_provider_id": self.provider_id}
        return self.move("queued", reason=why, note=note, provider_id="", sends_copy=sends_copy)

    @property
    def needs_upload(self) -> bool:
        """Whether our copy has to be sent (again) before the provider can be told of it."""
        return self.sends_copy and (self.upload_until is None or self.upload_until <= timezone.now())

    def register_again(self, actor: User | None, media_type: str = "") -> bool:
        """Send it to the provider once more, as a new provider asset under the same identity; as another type when it
        turned out to be one.
        """
        with transaction.atomic():
            moved = self.move(
                "queued",
                actor=actor,
                note={"previous_provider_id": self.provider_id},
                provider_id="",
                media_type=media_type or self.media_type,
            )
            if moved and media_type:
                Asset.objects.filter(pk=self.pk).make_findable()
        return moved

    def replace_source(self, url: str, actor: User | None) -> bool:
        """Register what is at `url` instead, under the same identity; our own copy is made anew."""
        with transaction.atomic():
            moved = self.move(
                "queued",
                actor=actor,
                note={"previous_provider_id": self.provider_id, "previous_source": self.source_url, "source": url},
                provider_id="",
                source_url=url,
                source_hash=hash_of(url),
                sends_copy=False,
            )
            if moved:
                Original.objects.get(pk=self.pk).start_over(url)
        return moved

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


def name_from(url: str) -> str:
    """The file's name without its ending, as people would call it; the host when the path says nothing."""
    parts = urlsplit(url)
    stem = PurePosixPath(printable(unquote(parts.path))).stem.replace("_", " ").replace("-", " ").strip()
    return (stem or parts.hostname or url)[:200]


def retry_failed(team: Team, actor: User | None, *, most: int = 5_000) -> int:
    """Send all that failed and nobody dismissed to the provider once more, in one transaction. Returns how many. What
    we would not send in the first place is not among it.

    The revision comes first: its lock keeps others from moving these rows while we do.
    """
    with transaction.atomic():
        revision, now = team.next_revision(), timezone.now()
        failed_assets = team.assets.needing_attention().filter(state__in=RETRIED, claim=None)
        failed = list(failed_assets.order_by("-state_since")[:most])
        for asset in failed:
            ASSET.check_move(asset.state, "queued")
        Asset.objects.filter(pk__in=[asset.pk for asset in failed]).update(
            state="queued",
            state_since=now,
            due_at=now,
            attempts=0,
            last_error="",
            reason="",
            previous_provider_id=Case(When(provider_id="", then="previous_provider_id"), default="provider_id"),
            provider_id="",
            revision=revision,
        )
        Event.objects.bulk_create(
            [
                Event(
                    team=team,
                    actor_id=actor.pk if actor else None,
                    asset=asset,
                    from_state=asset.state,
                    to_state="queued",
                    note={"previous_provider_id": asset.provider_id},
                )
                for asset in failed
            ],
            batch_size=500,
        )
    return len(failed)


def register_all(
    team: Team, created_by: User | None, wanted: Sequence[NewAsset], *, unless_known: bool = False
) -> list[Asset]:
    """Write the rows that the engine will register, in one transaction. Wakes nobody: see `engine.wake`.

    `unless_known` leaves out sources that the team's library has by then: of two equal pastes at once, one registers.

    Each counts as a microsecond older than the one before it, so that lists, newest first, show them as they came.
    """
    now = timezone.now()
    with transaction.atomic():
        revision = team.next_revision()  # which also makes two pastes at once come one after the other
        if unless_known:
            known = set(team.assets.with_source([new.url for new in wanted]).values_list("source_hash", flat=True))
            wanted = [new for new in wanted if hash_of(new.url) not in known]
        assets = [
            Asset(
                team=team,
                created_by_id=created_by.pk if created_by else None,
                created_at=now - timedelta(microseconds=place),
                name=new.name or name_from(new.url),
                media_type=new.media_type,
                source_url=new.url,
                source_hash=hash_of(new.url),
                state=REGISTERED,
                state_since=now,
                due_at=now,
                revision=revision,
            )
            for place, new in enumerate(wanted)
        ]
        for asset, number in zip(assets, sorted((asset.number for asset in assets), reverse=True), strict=True):
            asset.number = number
            asset.be_findable()
        Asset.objects.bulk_create(assets, batch_size=500)
        Original.objects.bulk_create([Original.of(asset) for asset in assets], batch_size=500)
        Event.objects.bulk_create(
            [Event(team=team, actor_id=asset.created_by_id, asset=asset, to_state=asset.state) for asset in assets],
            batch_size=500,
        )
    return assets


class SourceCopy(OwnCopy):
    """Our own copy of what an asset is, or may be, made from. Without a source it is a file that somebody gave us."""

    clip = models.FileField(max_length=300, blank=True, help_text="The first seconds of a video, small and silent.")

    class Meta(OwnCopy.Meta):
        abstract = True

    @property
    def is_upload(self) -> bool:
        """It came to us as a file, or was cut out of one here: there is no address to fetch it from again."""
        return not self.source_url


class Original(SourceCopy):
    """Our own copy of what an asset was made from: the preview people pick by, and the way back when the provider
    forgets.
    """

    asset = models.OneToOneField(Asset, on_delete=models.CASCADE, primary_key=True, related_name="original")
    cut = models.JSONField(
        null=True, blank=True, help_text="What part of the file of the asset it is cut from it is to be."
    )

    # Put here by the files lane while it has the row; not stored.
    parents_file: str = ""

    class Meta(SourceCopy.Meta):
        abstract = False
        indexes = [
            *SourceCopy.Meta.indexes,
            models.Index(fields=["team", "sha256"], name="original_content", condition=~Q(sha256="")),
        ]

    @classmethod
    def of(cls, asset: Asset) -> Original:
        return cls(
            asset=asset,
            team_id=asset.team_id,
            source_url=asset.source_url,
            state=cls.machine.initial,
            due_at=asset.due_at,
        )

    def owner_of_event(self) -> dict[str, Any]:
        return {"asset_id": self.asset_id, "subject": "copy"}

    def touch_parent(self, revision: int) -> None:
        Asset.objects.filter(pk=self.asset_id).update(revision=revision)

    def move(self, to: str, **changes: Any) -> bool:
        """A saved file tells facts that its asset is found by; and an asset that waits for its file's check need not
        wait any longer.
        """
        with transaction.atomic():
            moved = super().move(to, **changes)
            if moved and to == "saved":
                Asset.objects.filter(pk=self.asset_id).make_findable()
            if moved:
                Asset.objects.filter(pk=self.asset_id, state="checking", claim=None).update(due_at=timezone.now())
        return moved

    def start_over(self, url: str) -> None:
        """Forget the file we have and fetch what is at `url`. A fetch under way loses its claim, hence its say."""
        gone = [field.name for field in (self.file, self.poster, self.clip) if field.name]
        Original.objects.filter(pk=self.pk).update(
            **FORGOTTEN, source_url=url, state=self.machine.initial, state_since=timezone.now(), due_at=timezone.now()
        )

        def delete() -> None:
            for name in gone:
                default_storage.delete(name)

        transaction.on_commit(delete)

    @property
    def folder(self) -> str:
        return f"{self.team_id}/originals/{self.asset_id}"

    @property
    def is_to_be_cut(self) -> bool:
        return self.cut is not None and not self.file


@dataclass(frozen=True)
class NewFile:
    """An uploaded file that is in the storage already, at `Original.file_name` of the asset with this id."""

    id: uuid.UUID
    name: str
    media_type: str
    file: str
    sha256: str
    content_type: str
    byte_size: int


def add_file(team: Team, created_by: User | None, new: NewFile) -> Asset:
    """Write down an asset made of an uploaded file: it is looked into first, then registered. Wakes nobody."""
    now = timezone.now()
    with transaction.atomic():
        asset = Asset(
            id=new.id,
            team=team,
            created_by_id=created_by.pk if created_by else None,
            name=new.name,
            media_type=new.media_type,
            source_hash=new.sha256,
            sends_copy=True,
            state="checking",
            due_at=now,
            revision=team.next_revision(),
        )
        asset.save(force_insert=True)
        Original.objects.create(
            asset=asset,
            team=team,
            state=Original.machine.initial,
            due_at=now,
            file=new.file,
            sha256=new.sha256,
            content_type=new.content_type,
            byte_size=new.byte_size,
        )
        Event.objects.create(team=team, actor_id=asset.created_by_id, asset=asset, to_state=asset.state)
    return asset


# A copy of which nothing is known yet.
FORGOTTEN: dict[str, Any] = {
    "claim": None,
    "claimed_until": None,
    "attempts": 0,
    "last_error": "",
    "reason": "",
    "file": "",
    "poster": "",
    "clip": "",
    "sha256": "",
    "content_type": "",
    "byte_size": None,
    "width": None,
    "height": None,
    "seconds": None,
    "fps": None,
    "has_audio": None,
}

"""How an asset comes to the provider: for the first time, and again under the same identity. Wakes nobody: see
`engine.wake`.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import unquote, urlsplit

from django.db import transaction
from django.db.models import Case, When
from django.utils import timezone

from assets_app.models.asset import Asset, hash_of
from assets_app.models.event import Event
from assets_app.models.judging import facts_of, may_be_uploaded, must_be_converted, seems_to_go_converted
from assets_app.models.original import Original
from assets_app.models.sameness import with_content
from assets_app.models.states import ASSET
from assets_app.models.team import Team
from assets_app.models.words import printable

if TYPE_CHECKING:
    from django.contrib.auth.models import User

_PARTING = re.compile(r"(?<!\d)-|-(?!\d)")
RETRIED = ("failed", "expired")
REGISTERED = "queued"  # where a life begins without a check of ours


@dataclass(frozen=True)
class NewAsset:
    """What a person gives for one asset."""

    url: str
    media_type: str
    name: str = ""


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


def register_all(
    team: Team, created_by: User | None, wanted: Sequence[NewAsset], *, unless_known: bool = False
) -> list[Asset]:
    """Write the rows that the engine will register, in one transaction. Wakes nobody: see `engine.wake`.

    `unless_known` leaves out sources that the team's library has by then: of two equal pastes at once, one registers.

    Each counts as a microsecond older than the one before it, so that lists, newest first, show them as they came.
    """
    from assets_app.models.candidate import link_listed

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
                sends_copy=seems_to_go_converted(new.url, new.media_type),
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
        link_listed(team, assets)
    return assets


def add_file(team: Team, created_by: User | None, new: NewFile) -> Asset:
    """Write down an asset made of an uploaded file: it is looked into first, then registered. Where the library has
    that content by then, the asset that it has: of two who upload it at once, the first. Wakes nobody.
    """
    now = timezone.now()
    with transaction.atomic():
        revision = team.next_revision()
        if known := with_content(team.pk, new.sha256, new.media_type).first():
            return known.asset
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
            revision=revision,
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


def name_from(url: str) -> str:
    """The file's name without its ending, as people would call it; the host when the path says nothing."""
    parts = urlsplit(url)
    stem = spaced(PurePosixPath(printable(unquote(parts.path))).stem)
    return (stem or parts.hostname or url)[:200]


def spaced(stem: str) -> str:
    """The name of a file as people would write it: low lines are blanks; hyphens too where nothing else parts its
    words, but not between figures, as in “3-4” or a date.
    """
    is_parted = " " in stem.strip()
    return (stem if is_parted else _PARTING.sub(" ", stem)).replace("_", " ").strip()


# --- again ---------------------------------------------------------------------------------------------------------
Way = Literal["copy", "source", ""]


def way_to_register(asset: Asset) -> Way:
    """What it would be registered from: our own copy, its source, or nothing that is left. What was Active once goes
    from our copy where there is one that the provider takes, for its source may be gone or show something else by now;
    and so does what it takes only converted.
    """
    return _way(asset, Original.objects.filter(pk=asset.pk).first())


def _way(asset: Asset, original: Original | None) -> Way:
    if original is not None and (may_be_uploaded(original) or (asset.sends_copy and original.has_file_to_send)):
        is_ours = asset.sends_copy or not asset.source_url
        if is_ours or asset.state in ("active", "expired") or must_be_converted(facts_of(original)):
            return "copy"
    return "source" if asset.source_url else ""


def renew(asset: Asset, why: str) -> bool:
    """The provider has lost it: register it again under the same identity, from our own copy where there is one
    that it takes, else from the source.
    """
    way = way_to_register(asset)
    if not way:
        return asset.move("expired", reason=f"{why} Our own copy of the file is gone, so it cannot be sent again.")
    note = {"previous_provider_id": asset.provider_id}
    return asset.move("queued", reason=why, note=note, provider_id="", sends_copy=way == "copy")


def register_again(asset: Asset, actor: User | None, media_type: str = "") -> bool:
    """Send it to the provider once more, as a new provider asset under the same identity; as another type when it
    turned out to be one. Says False also where nothing is left to register it from.
    """
    way = way_to_register(asset)
    if not way:
        return False
    with transaction.atomic():
        moved = asset.move(
            "queued",
            actor=actor,
            note={"previous_provider_id": asset.provider_id},
            provider_id="",
            sends_copy=way == "copy",
            media_type=media_type or asset.media_type,
        )
        if moved and media_type:
            Asset.objects.filter(pk=asset.pk).make_findable()
    return moved


def replace_source(asset: Asset, url: str, actor: User | None) -> bool:
    """Register what is at `url` instead, under the same identity; our own copy is made anew."""
    with transaction.atomic():
        moved = asset.move(
            "queued",
            actor=actor,
            note={"previous_provider_id": asset.provider_id, "previous_source": asset.source_url, "source": url},
            provider_id="",
            source_url=url,
            source_hash=hash_of(url),
            sends_copy=seems_to_go_converted(url, asset.media_type),
        )
        if moved:
            Original.objects.get(pk=asset.pk).start_over(url)
    return moved


class Retried(NamedTuple):
    """How many were sent once more, and how many have nothing left to be registered from."""

    sent: int
    left: int


def retry_failed(team: Team, actor: User | None, *, most: int = 5_000) -> Retried:
    """Send all that failed and nobody dismissed to the provider once more, in one transaction. What we would not send
    in the first place is not among it.

    The revision comes first: its lock keeps others from moving these rows while we do.
    """
    with transaction.atomic():
        revision, now = team.next_revision(), timezone.now()
        failed_assets = team.assets.needing_attention().filter(state__in=RETRIED, claim=None)
        ways: dict[Way, list[Asset]] = {"copy": [], "source": [], "": []}
        for asset in failed_assets.select_related("original").order_by("-state_since")[:most]:
            ASSET.check_move(asset.state, "queued")
            ways[_way(asset, getattr(asset, "original", None))].append(asset)
        left = ways.pop("")
        for way, assets in ways.items():
            Asset.objects.filter(pk__in=[asset.pk for asset in assets]).update(
                state="queued",
                state_since=now,
                due_at=now,
                attempts=0,
                last_error="",
                reason="",
                previous_provider_id=Case(When(provider_id="", then="previous_provider_id"), default="provider_id"),
                provider_id="",
                sends_copy=way == "copy",
                revision=revision,
            )
        sent = [asset for assets in ways.values() for asset in assets]
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
                for asset in sent
            ],
            batch_size=500,
        )
    return Retried(len(sent), len(left))

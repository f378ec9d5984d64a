"""A link that somebody wants checked before it is registered: looked at by us, judged, and kept until they decide."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from assets_app.models.asset import Asset, MediaType, hash_of
from assets_app.models.clock import Clock
from assets_app.models.due import DueQuerySet
from assets_app.models.event import Event
from assets_app.models.judging import facts_of, goes_converted
from assets_app.models.original import NO_ROOM_FOR_IT, Original, SourceCopy
from assets_app.models.registering import REGISTERED, name_from
from assets_app.models.sameness import contents_of
from assets_app.models.states import CANDIDATE
from assets_app.models.team import Team
from assets_app.models.waiting import refuse_links

if TYPE_CHECKING:
    from django.contrib.auth.models import User

KEPT = timedelta(days=14)
LINKED_AT_ONCE = 200


class CandidateQuerySet(DueQuerySet):
    def registrable(self) -> CandidateQuerySet:
        """Those that "Register" takes along: fit, not ours to check, or wanted all the same."""
        return self.filter(
            Q(state__in=CANDIDATE.in_group("ready")) | Q(anyway=True), ~Q(wanted_type=""), ~Q(state__in=UNDECIDED)
        )

    def throw_away(self) -> int:
        """Delete these rows and, once that is committed, their files."""
        files = [name for row in self.values_list(*Candidate.file_columns()) for name in row if name]
        deleted = self.delete()[0]
        transaction.on_commit(lambda: _delete(files))
        return deleted


UNDECIDED = ("looking", "known")


class Candidate(SourceCopy):
    """What became an asset keeps its id, and with it the place of its files."""

    machine = CANDIDATE

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    name = models.CharField(max_length=200)
    wanted_type = models.CharField(max_length=5, choices=MediaType.choices, blank=True, default="")
    is_corrected = models.BooleanField(default=False, help_text="Whether a person chose the type.")
    anyway = models.BooleanField(default=False, help_text="Whether to register it whatever we found.")
    warning = models.TextField(blank=True, default="", help_text="What it may be refused for.")
    known_as = models.ForeignKey(Asset, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    revision = models.BigIntegerField(default=0)

    objects = CandidateQuerySet.as_manager()  # type: ignore[misc]

    class Meta(SourceCopy.Meta):
        abstract = False
        indexes = [
            *SourceCopy.Meta.indexes,
            models.Index(fields=["team", "created_by", "created_at"], name="candidate_list"),
            models.Index(fields=["team"], name="candidate_looking", condition=Q(state="looking")),
        ]

    def stamp(self, revision: int) -> dict[str, Any]:
        return {"revision": revision}

    def record(self, **columns: Any) -> None:
        """What was never registered has no history."""

    @property
    def folder(self) -> str:
        return f"{self.team_id}/originals/{self.pk}"

    @property
    def order(self) -> int:
        """Lists sort by it, largest first; a list of candidates stands in the order of the paste."""
        return -int(self.created_at.timestamp() * 1_000_000)

    @property
    def may_be_cut(self) -> bool:
        """Whether we would not send it, and have its file to cut a part from."""
        return self.state == "refused" and bool(self.wanted_type) and self.was_seen and bool(self.file)

    @property
    def was_seen(self) -> bool:
        """Whether we had the file itself before us."""
        return bool(self.sha256)


@dataclass(frozen=True)
class NewCandidate:
    url: str
    media_type: str
    known_as: Asset | None = None
    name: str = ""


def look_at(team: Team, user: User, wanted: Sequence[NewCandidate]) -> list[Candidate]:
    """Write down what is to be looked at, in its order, after what is in the person's list; what is in it already is
    left out. Wakes nobody. Raises TooMuchWaits, and then wrote down nothing.
    """
    now = timezone.now()
    with transaction.atomic():
        revision = team.next_revision()
        listed = set(Candidate.objects.filter(team=team, created_by=user).values_list("source_url", flat=True))
        wanted = [new for new in wanted if new.url not in listed]
        refuse_links(Candidate.objects.filter(team=team), user, len(wanted))
        candidates = [
            Candidate(
                team=team,
                created_by=user,
                created_at=now + timedelta(microseconds=place),
                source_url=new.url,
                name=new.known_as.name if new.known_as else new.name or name_from(new.url),
                wanted_type=new.media_type,
                known_as=new.known_as,
                state="known" if new.known_as else CANDIDATE.initial,
                state_since=now,
                due_at=None if new.known_as else now,
                revision=revision,
            )
            for place, new in enumerate(wanted)
        ]
        Candidate.objects.bulk_create(candidates, batch_size=500)
    return candidates


def link_listed(team: Team, assets: Sequence[Asset]) -> None:
    """What anybody's list holds of the links of these new assets is in the library now, and says so. What is being
    looked at is left to that look.
    """
    if not Candidate.objects.filter(team=team).exists():
        return
    with transaction.atomic():
        revision = team.next_revision()
        for start in range(0, len(assets), LINKED_AT_ONCE):
            batch = assets[start : start + LINKED_AT_ONCE]
            listed = Candidate.objects.filter(
                team=team, claim=None, source_url__in=[asset.source_url for asset in batch if asset.source_url]
            )
            same = Asset.objects.filter(pk__in=[asset.pk for asset in batch], source_url=OuterRef("source_url"))
            listed.exclude(state="known").update(
                state="known",
                state_since=timezone.now(),
                due_at=None,
                known_as=Subquery(same.values("pk")[:1]),
                anyway=False,
                reason="",
                warning="",
                revision=revision,
            )


FACTS = ["content_type", "byte_size", "width", "height", "seconds", "fps", "has_audio", "sha256"]


def register_candidates(team: Team, user: User) -> list[Asset]:
    """Make assets of all that this person's list holds fit to be registered, under the ids they have, in one
    transaction. What came into the library meanwhile is linked instead. Wakes nobody.
    """
    now = timezone.now()
    with transaction.atomic():
        revision = team.next_revision()
        mine = Candidate.objects.filter(team=team, created_by=user)
        chosen = list(mine.registrable().order_by("created_at", "pk"))
        there = set(
            team.assets.live().with_source([each.source_url for each in chosen]).values_list("source_url", flat=True)
        )
        chosen = [each for each in chosen if each.source_url not in there]
        contents = contents_of(team.pk, {each.sha256 for each in chosen if each.sha256})
        there |= {each.source_url for each in chosen if (each.sha256, each.wanted_type) in contents}
        chosen = [each for each in chosen if each.source_url not in there]
        assets = [
            _asset_of(each, user, now - timedelta(microseconds=place), revision) for place, each in enumerate(chosen)
        ]
        for asset, number in zip(assets, sorted((asset.number for asset in assets), reverse=True), strict=True):
            asset.number = number
        for asset, candidate in zip(assets, chosen, strict=True):
            asset.be_findable(candidate if candidate.was_seen else None)
        Asset.objects.bulk_create(assets, batch_size=500)
        Original.objects.bulk_create(
            [_original_of(each, asset, team) for each, asset in zip(chosen, assets, strict=True)], batch_size=500
        )
        Event.objects.bulk_create(
            [Event(team=team, actor_id=user.pk, asset=asset, to_state=asset.state) for asset in assets], batch_size=500
        )
        mine.filter(pk__in=[each.pk for each in chosen]).delete()
        mine.filter(Q(state="known") | Q(source_url__in=there)).throw_away()
        link_listed(team, assets)
    return assets


def keep_unsent(candidate: Candidate, user: User) -> Asset | None:
    """Make an asset of what we would not send, so that a part of its file can be: it stays unsent, and nobody is to see
    to it. Pressed twice, one. None when it was dropped, or is looked at anew, meanwhile: its file went with that. Wakes
    nobody.
    """
    now = timezone.now()
    with transaction.atomic():
        revision = candidate.team.next_revision()
        if known := Asset.objects.filter(pk=candidate.pk).first():
            return known
        there = Candidate.objects.select_for_update().filter(pk=candidate.pk, claim=None).first()
        if there is None or not there.may_be_cut:
            return None
        candidate = there
        asset = _asset_of(candidate, user, now, revision)
        asset.state, asset.due_at, asset.reason, asset.dismissed_at = "rejected", None, candidate.reason, now
        original = _original_of(candidate, asset, candidate.team)
        asset.be_findable(original)
        Asset.objects.bulk_create([asset])
        original.save(force_insert=True)
        Event.objects.create(team_id=asset.team_id, actor_id=user.pk, asset=asset, to_state=asset.state)
        Candidate.objects.filter(pk=candidate.pk).delete()
    return asset


def _asset_of(candidate: Candidate, user: User, now: datetime, revision: int) -> Asset:
    return Asset(
        id=candidate.pk,
        team_id=candidate.team_id,
        created_by_id=user.pk,
        created_at=now,
        name=candidate.name,
        media_type=candidate.wanted_type,
        source_url=candidate.source_url,
        source_hash=hash_of(candidate.source_url),
        sends_copy=candidate.was_seen and goes_converted(facts_of(candidate), candidate.wanted_type),
        state=REGISTERED,
        state_since=now,
        due_at=now,
        revision=revision,
    )


def _original_of(candidate: Candidate, asset: Asset, team: Team) -> Original:
    """What was looked at need not be fetched again."""
    original = Original.of(asset)
    if candidate.was_seen:
        original.state, original.due_at = "saved", None
        for name in FACTS + candidate.file_columns():
            setattr(original, name, getattr(candidate, name))
        if team.keep_originals and not candidate.file:
            original.reason = NO_ROOM_FOR_IT
    return original


def forget_old_candidates(now: datetime | None = None) -> int:
    """Throw away what nobody decided about for two weeks. Nothing while the clock may only say so."""
    if not Clock.may_delete():
        return 0
    before = (now or timezone.now()) - KEPT
    with transaction.atomic():
        return Candidate.objects.filter(created_at__lt=before, claim=None).throw_away()


def _delete(files: Iterable[str]) -> None:
    for name in files:
        default_storage.delete(name)

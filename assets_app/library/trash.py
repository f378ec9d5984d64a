"""The trash: out of sight at once, back with one click for thirty days, then gone for good.

An asset that a generation was made with is purged softly: its files go, its row stays, because the film it became
part of must still be able to say what it was made from. All others go whole.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from assets_app.models import Asset, Clock, Event, Original, Team
from assets_app.models.states import ASSET

if TYPE_CHECKING:
    from django.contrib.auth.models import User

log = logging.getLogger(__name__)

KEPT = timedelta(days=30)
WATCHED = [state.value for state in ASSET.values() if not state.is_final]
AT_REST = Q(due_at=None) | Q(state="failed")  # one that failed may be asked about once more, for what that is worth
BATCH = 100


def throw_away(team: Team, actor: User, assets: Sequence[Asset]) -> list[Asset]:
    """Put assets into the trash; the answer is those that were not there already."""
    with transaction.atomic():
        return _move(team, actor, assets, into_trash=True, said="Put it into the trash")


def restore(team: Team, actor: User, assets: Sequence[Asset]) -> list[Asset]:
    """Take assets out of the trash again; the answer is those that were still there."""
    with transaction.atomic():
        return _move(team, actor, assets, into_trash=False, said="Took it out of the trash")


def _move(team: Team, actor: User, assets: Sequence[Asset], *, into_trash: bool, said: str) -> list[Asset]:
    revision = team.next_revision()
    rows = Asset.objects.filter(team=team, pk__in=[asset.pk for asset in assets])
    rows = rows.live() if into_trash else rows.in_trash()
    moved = list(rows)
    columns = (
        {"trashed_at": timezone.now(), "trashed_by": actor} if into_trash else {"trashed_at": None, "trashed_by": None}
    )
    Asset.objects.filter(pk__in=[asset.pk for asset in moved]).update(revision=revision, **columns)
    events = [Event(team=team, actor=actor, asset=asset, subject="library", note={"said": said}) for asset in moved]
    Event.objects.bulk_create(events, batch_size=400)
    return moved


def uses_of(assets: Sequence[Asset]) -> dict[str, int]:
    """In how many videos each of those that are in use was used, by name, most used first."""
    used = (
        Asset.objects.filter(pk__in=[asset.pk for asset in assets])
        .annotate(uses=Count("references__generation", distinct=True))
        .filter(uses__gt=0)
        .order_by("-uses", "sort_name")
    )
    return {asset.name: asset.uses for asset in used}


# --- for good --------------------------------------------------------------------------------------------------------
def purge_old() -> int:
    """Purge one batch of what has been in the trash for thirty days; the answer is how many. None while the clock may
    only say so.
    """
    if not Clock.may_delete():
        return 0
    old = Asset.objects.in_trash().filter(AT_REST, trashed_at__lt=timezone.now() - KEPT).order_by("trashed_at")[:BATCH]
    return purge(list(old))


def purge(assets: Sequence[Asset], actor: User | None = None) -> int:
    """Delete assets that are in the trash, at most a batch at once; files go after the rows' commit, so that a row
    never points at a file that is gone. What the engine still watches is left for later.
    """
    purged = 0
    for asset in assets[:BATCH]:
        with transaction.atomic():
            purged += _purge_one(asset, actor)
    return purged


def _purge_one(asset: Asset, actor: User | None) -> bool:
    revision = asset.team.next_revision()
    free = Q(claimed_until=None) | Q(claimed_until__lte=timezone.now())
    row = Asset.objects.in_trash().filter(free, AT_REST, pk=asset.pk).exclude(state__in=WATCHED)
    if not row.exists() or Original.objects.filter(asset=asset.pk).exclude(free).exists():
        return False
    original = Original.objects.filter(asset=asset.pk).first()
    files = original.file_names if original else []
    if asset.references.exists():
        row.update(purged_at=timezone.now(), revision=revision)
        Original.objects.filter(asset=asset.pk).update(
            **dict.fromkeys(Original.file_columns(), ""), state="lost", due_at=None
        )
        Event.objects.create(
            team_id=asset.team_id,
            actor=actor,
            asset=asset,
            subject="library",
            note={"said": "Deleted its files for good; the videos made with it still name it"},
        )
    else:
        Event.objects.create(
            team_id=asset.team_id, actor=actor, subject="library", note={"said": f"Deleted “{asset.name}” for good"}
        )
        row.delete()
    transaction.on_commit(lambda: delete_files(files))
    return True


def delete_files(names: Iterable[str | None]) -> None:
    for name in names:
        try:
            if name:
                default_storage.delete(name)
        except OSError:
            log.exception("%s could not be deleted", name)

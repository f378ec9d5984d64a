"""The same content twice in a team's library: found by its SHA-256 as soon as the file is known, linked, and said."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from django.db.models import QuerySet

from assets_app.models.asset import Asset
from assets_app.models.event import Event
from assets_app.models.original import Original


def with_content(team_id: uuid.UUID, sha256: str, media_type: str = "") -> QuerySet[Original]:
    """What the team's library has of this very content, registered as this type or as any; the oldest first. What lies
    in the trash is not in the library.
    """
    same = Original.objects.filter(team_id=team_id, sha256=sha256, asset__trashed_at=None).exclude(sha256="")
    if media_type:
        same = same.filter(asset__media_type=media_type)
    return same.select_related("asset").order_by("asset__number")


def contents_of(team_id: uuid.UUID, sha256s: Collection[str]) -> set[tuple[str, str]]:
    """Which of these contents the team's library has, each with the type that it is registered as."""
    live = Original.objects.filter(team_id=team_id, sha256__in=sha256s, asset__trashed_at=None)
    return set(live.values_list("sha256", "asset__media_type"))


def link_same(original: Original, revision: int) -> None:
    """Have it, and what came after it with the same content, know the oldest. Call it where the content becomes known,
    under the team's lock (`Team.next_revision`): of two at once the second then sees the first. What was made of a
    film here is no second registration of anything.
    """
    if Asset.objects.filter(pk=original.pk).exclude(made_by="").exists():
        return
    same = with_content(original.team_id, original.sha256, original.asset.media_type).filter(asset__made_by="")
    if (first := same.first()) is None:
        return
    unlinked = [each for each in same if each.pk != first.pk and each.same_as_id != first.pk]
    if not unlinked:
        return
    changed = [each.pk for each in unlinked]
    Original.objects.filter(pk__in=changed).update(same_as=first.asset)
    Asset.objects.filter(pk__in=changed).update(revision=revision)
    said = {"said": f"Found to be the same file as “{first.asset.name}”, which was here before"}
    Event.objects.bulk_create(
        Event(team_id=original.team_id, asset_id=pk, subject="library", note=said) for pk in changed
    )


def registration_of_same(asset: Asset) -> tuple[str, str]:
    """The provider's id, and the name, of an older Active asset with the same content: it need not be registered once
    more. ("", "") when none is known.
    """
    older = Asset.objects.live().active().filter(media_type=asset.media_type).exclude(provider_id="")
    found = older.filter(pk__in=Original.objects.filter(pk=asset.pk).values("same_as")).values_list(
        "provider_id", "name"
    )
    return found.first() or ("", "")

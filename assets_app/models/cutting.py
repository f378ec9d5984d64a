"""Assets that are a part of another one's file: written down at once, cut by the engine, registered like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from assets_app.cuts import Cut
from assets_app.models.asset import Asset, MadeBy, hash_of
from assets_app.models.event import Event
from assets_app.models.original import Original
from assets_app.models.states import ASSET

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LONGEST_NAME = 200


def may_be_cut(asset: Asset | None) -> bool:
    """Whether we have the file that a part could be cut out of."""
    return asset is not None and not why_not_cut(asset)


def why_not_cut(asset: Asset) -> str:
    """Why nothing can be cut out of it, and what to do; "" when something can."""
    original = getattr(asset, "original", None)
    if not asset.is_live:
        return "It is in the trash. Restore it first."
    if original is None or original.state == "lost":
        why = original.reason if original else ""
        return f"We have no copy of the file. {why} Upload the file itself, and cut that.".replace("  ", " ")
    if not original.is_saved:
        return "Our own copy of the file is still on its way. Come back in a moment."
    if not original.file and original.reason:
        return f"There is no file to cut. {original.reason}"
    if not original.file:
        return (
            "This team keeps no originals, so there is no file to cut. Upload the file itself, "
            "or have an admin switch “Keep the originals” on in the settings and register the link anew."
        )
    return ""


def add_cut(parent: Asset, user: User | None, cut: Cut, *, name: str = "") -> Asset:
    """The asset that is this part of `parent`: the one there is already, unless it came to nothing, else a new one,
    called `name` or after its parent. Wakes nobody.
    """
    with transaction.atomic():
        revision = parent.team.next_revision()  # whose lock lets two presses at once make one
        if known := cut_made(parent, cut):
            return known
        now = timezone.now()
        asset = Asset(
            team_id=parent.team_id,
            created_by_id=user.pk if user else None,
            name=name or name_of_cut(parent.name, cut),
            media_type=parent.media_type,
            source_hash=_hash_of(parent, cut),
            sends_copy=True,
            state="checking",
            due_at=now,
            revision=revision,
            cut_from=parent,
            made_by=MadeBy.CROP if cut.box else MadeBy.TRIM,
            kind=parent.kind,
            rights_note=parent.rights_note,
            rights_until=parent.rights_until,
        )
        asset.save(force_insert=True)
        Original.objects.create(
            asset=asset, team_id=parent.team_id, state=Original.machine.initial, due_at=now, cut=cut.as_json
        )
        Event.objects.create(
            team_id=parent.team_id,
            actor_id=asset.created_by_id,
            asset=asset,
            to_state=asset.state,
            note={"of": parent.name},
        )
    return asset


def cut_made(parent: Asset, cut: Cut) -> Asset | None:
    """The asset that is this part of `parent` already; None when there is none, or it came to nothing."""
    cuts = Asset.objects.live().filter(team_id=parent.team_id, source_hash=_hash_of(parent, cut), cut_from=parent)
    return cuts.exclude(state__in=ASSET.in_group("attention")).select_related("original").first()


def _hash_of(parent: Asset, cut: Cut) -> str:
    return hash_of(f"cut:{parent.pk}:{cut.as_json}")


def name_of_cut(whole: str, cut: Cut) -> str:
    """ "Harbour (cropped)", "Harbour (first 15 s)", "Harbour (cropped, 3.2 to 8 s)"."""
    said = ["cropped"] if cut.box else []
    if cut.seconds is not None:
        said.append(Cut(seconds=cut.seconds, start=cut.start).words.removeprefix("the "))
    what = f" ({', '.join(said)})"
    return whole[: LONGEST_NAME - len(what)] + what

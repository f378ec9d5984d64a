"""What people change about assets, one or many: each change is one short transaction, kept in the history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django_q.tasks import async_task

from assets_app.models import Asset, Collection, Event, Placing, Star, Tag, Tagging, Team
from assets_app.models.words import sorting_name, words_in

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LONGEST_NAME = 60
AT_ONCE = 200  # assets whose words are written in one transaction: for so long nobody else can write on SQLite

WORDS_OF_FIELD = {
    "name": "Renamed it from “{before}” to “{}”",
    "notes": "Changed the notes",
    "kind": "Called it a {}",
    "rating": "Rated it {} of 5",
    "rights_note": "Changed the note on consent and rights",
    "rights_until": "Said it may be used until {}",
}
WORDS_OF_EMPTY = {
    "notes": "Took the notes out",
    "kind": "Took its kind away",
    "rating": "Took its rating away",
    "rights_note": "Took the note on consent and rights out",
    "rights_until": "Took the end of its rights away",
}


def clean_names(text: str) -> list[str]:
    """Names of tags as people type them, separated by commas; each once, whatever its case."""
    names = (" ".join(part.split())[:LONGEST_NAME].strip() for part in text.replace("\0", "").split(","))
    return list({sorting_name(name): name for name in names if words_in(name)}.values())


def tags_named(team: Team, names: Iterable[str]) -> list[Tag]:
    """The team's tags of these names; new ones are made."""
    return [_named(Tag, team, name) for name in names]


def collection_named(team: Team, name: str) -> Collection:
    return _named(Collection, team, name)


def _named(model: Any, team: Team, name: str) -> Any:
    return model.objects.get_or_create(team=team, key=sorting_name(name), defaults={"name": name})[0]


def edit(asset: Asset, actor: User, **changes: Any) -> None:
    """Set some of name, notes, kind, rating, rights_note and rights_until. Only these are written, so that a state the
    engine changes meanwhile stays.
    """
    changed = {name: value for name, value in changes.items() if getattr(asset, name) != value}
    if not changed:
        return
    lines = [_told(name, value, getattr(asset, name)) for name, value in changed.items()]
    with transaction.atomic():
        _record(asset.team, actor, [asset], lines, **changed)
    for name, value in changed.items():
        setattr(asset, name, value)


def tag(team: Team, actor: User, assets: Sequence[Asset], tags: Sequence[Tag]) -> None:
    with transaction.atomic():
        names = ", ".join(f"“{tag.name}”" for tag in tags)
        _record(team, actor, assets, [{"said": f"Tagged it {names}"}])
        Tagging.objects.bulk_create(
            [Tagging(tag=tag, asset=asset) for tag in tags for asset in assets], ignore_conflicts=True, batch_size=400
        )
        _find_again(assets)


def untag(team: Team, actor: User, assets: Sequence[Asset], tags: Sequence[Tag]) -> None:
    with transaction.atomic():
        names = ", ".join(f"“{tag.name}”" for tag in tags)
        _record(team, actor, assets, [{"said": f"Took the tag {names} off"}])
        Tagging.objects.filter(tag__in=tags, asset__number__in=_numbers(assets)).delete()
        _find_again(assets)


def collect(team: Team, actor: User, assets: Sequence[Asset], collection: Collection) -> None:
    with transaction.atomic():
        _record(team, actor, assets, [{"said": f"Put it into “{collection.name}”"}])
        Placing.objects.bulk_create(
            [Placing(collection=collection, asset=asset) for asset in assets], ignore_conflicts=True, batch_size=400
        )


def take_out(team: Team, actor: User, assets: Sequence[Asset], collection: Collection) -> None:
    with transaction.atomic():
        _record(team, actor, assets, [{"said": f"Took it out of “{collection.name}”"}])
        Placing.objects.filter(collection=collection, asset__number__in=_numbers(assets)).delete()


def set_for_all(team: Team, actor: User, assets: Sequence[Asset], field: str, value: Any) -> None:
    """Give all of them the same kind or rating."""
    with transaction.atomic():
        _record(team, actor, assets, [_told(field, value)], **{field: value})


def _told(field: str, value: Any, before: Any = "") -> dict[str, str]:
    """A sentence for people, and which field it was: a form asks who changed that last."""
    said = WORDS_OF_FIELD[field].format(value, before=before) if value else WORDS_OF_EMPTY[field]
    return {"said": said, "field": field}


def star(user: User, assets: Sequence[Asset]) -> None:
    """A star is a person's own: the team is not told."""
    Star.objects.bulk_create([Star(user=user, asset=asset) for asset in assets], ignore_conflicts=True, batch_size=400)


def unstar(user: User, assets: Sequence[Asset]) -> None:
    Star.objects.filter(user=user, asset__number__in=_numbers(assets)).delete()


def rename_label(label: Tag | Collection, name: str, actor: User) -> None:
    """Raises IntegrityError when the team has one of that name."""
    thing = type(label).__name__.lower()
    with transaction.atomic():
        label.team.next_revision()
        before, label.name = label.name, name
        label.save(update_fields=["name", "key"])
        Event.about_team(label.team, actor, "renamed", thing=thing, key=label.pk, name=name, before=before)
        if not isinstance(label, Tag):
            return
        if label.assets.count() <= AT_ONCE:
            Asset.objects.filter(taggings__tag=label).make_findable()
        else:
            _find_again_later(label)


def _find_again_later(tag: Tag) -> None:
    """A message in the database is written with the name, so that whoever dies in between, it is done. One that goes
    through Redis leaves after the name is there, for a worker reads it at once.
    """
    send = partial(async_task, "assets_app.tasks.find_again", tag.pk, task_name=f"find again by tag {tag.pk}")
    if settings.REDIS_URL:
        transaction.on_commit(send)
    else:
        send()


def find_again(tag: int) -> None:
    """Have the assets with this tag found by its present name. In portions, between which others get to write; safe to
    run twice.
    """
    team = Team.objects.filter(tags=tag).first()
    if team is None:
        return  # the tag is gone, and took itself out of their words
    numbers: list[Any] = list(Tagging.objects.filter(tag=tag).order_by("asset").values_list("asset", flat=True))
    for start in range(0, len(numbers), AT_ONCE):
        with transaction.atomic():
            team.next_revision()  # or a portion and a change of the same assets might wait for each other
            Asset.objects.filter(number__in=numbers[start : start + AT_ONCE]).make_findable()


def delete_label(label: Tag | Collection) -> None:
    """A tag leaves its assets in portions, between which others get to write; it goes itself when none bears it. Cut
    off in the middle, it is still there for the rest.
    """
    is_borne = True
    while is_borne:
        with transaction.atomic():
            label.team.next_revision()
            is_borne = isinstance(label, Tag) and _take_off_some(label) == AT_ONCE
            if not is_borne:
                label.delete()


def _take_off_some(tag: Tag) -> int:
    numbers: list[Any] = list(tag.taggings.order_by("asset").values_list("asset", flat=True)[:AT_ONCE])
    tag.taggings.filter(asset__in=numbers).delete()
    Asset.objects.filter(number__in=numbers).make_findable()
    return len(numbers)


# --- what every change does ------------------------------------------------------------------------------------------
def _record(team: Team, actor: User, assets: Sequence[Asset], lines: Sequence[dict[str, str]], **columns: Any) -> None:
    """Write the columns, let live pages know, and put the lines into each asset's history. In a transaction."""
    revision = team.next_revision()
    Asset.objects.filter(team=team, pk__in=[asset.pk for asset in assets]).update(revision=revision, **columns)
    Event.objects.bulk_create(
        [
            Event(team=team, actor=actor, asset=asset, subject="library", note=line)
            for asset in assets
            for line in lines
        ],
        batch_size=400,
    )
    if {"name", "notes", "kind"} & columns.keys():
        _find_again(assets)


def _find_again(assets: Sequence[Asset]) -> None:
    Asset.objects.filter(pk__in=[asset.pk for asset in assets]).make_findable()


def _numbers(assets: Sequence[Asset]) -> list[int]:
    return [asset.number for asset in assets]

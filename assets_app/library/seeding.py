"""A library of any size, made up: for measuring, and for looking at pages that are full."""

# ruff: noqa: S608 (SQL from our own table names; no value of a person comes near it)
from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import AutoField
from django.utils import timezone

from assets_app.library import schema
from assets_app.models import Asset, Collection, Original, Placing, Star, Tag, Tagging, Team
from assets_app.models.asset import hash_of
from assets_app.models.numbers import first_number_at
from assets_app.models.words import sorting_name

PATTERN = 10_000
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
YEARS = timedelta(days=3 * 365)

TYPES = {"image": 70, "video": 24, "audio": 6}
STATES = {"active": 94, "failed": 3, "expired": 3}
KINDS = {"": 62, "character": 14, "place": 10, "prop": 7, "style": 5, "voice": 2}
RATINGS = {0: 80, 3: 8, 4: 7, 5: 5}
TAGS = {"night": 300, "day": 400, "hero": 50, "interior": 200, "pickup": 20, "lookbook": 5, "cleared": 100, "rain": 30}
COLLECTIONS = {"Season one": 250, "Trailer": 30, "Client picks": 4}
SUBJECTS = "courier harbour lantern rooftop market tram alley studio forest bridge kitchen train dancer captain".split()
MANNERS = "wide close slow golden foggy neon quiet handheld aerial rainy warm blue empty crowded".split()
# A few names that are rare whatever the size of the library, and many that are.
RARE_EVERY = 200
FILES = {
    "image": ("jpg", "image/jpeg", ((1920, 1080), (1080, 1920), (1024, 1024), (3840, 2160))),
    "video": ("mp4", "video/mp4", ((1920, 1080), (1080, 1920), (1280, 720))),
    "audio": ("mp3", "audio/mpeg", ((None, None),)),
}


def seed(team: Team, count: int, *, say: Callable[[str], Any] = lambda _: None, chance: int = 7) -> None:
    """Add `count` settled assets to the team, spread over three years up to now. The same `chance`, the same library.

    The first 10,000 are made here, one by one; the database multiplies them, which is ten times as fast.
    """
    step = timedelta(seconds=max(1, int(YEARS.total_seconds() / count)))
    start = timezone.now().replace(microsecond=0) - step * count
    with schema.suspended():
        numbers = _make_pattern(team, min(count, PATTERN), start, step, random.Random(chance))
        for copy in range(1, -(-count // PATTERN)):
            say(f"{copy * PATTERN:,} of {count:,}")
            _multiply(numbers, copy, min(PATTERN, count - copy * PATTERN), step * PATTERN * copy)
        say("counting and indexing")
    schema.analyse()


def _make_pattern(team: Team, count: int, start: datetime, step: timedelta, dice: random.Random) -> list[int]:
    people: list[int | None] = list(team.members.order_by("pk").values_list("pk", flat=True)) or [None]
    tags = {_named(Tag, team, name): share for name, share in TAGS.items()}
    collections = {_named(Collection, team, name): share for name, share in COLLECTIONS.items()}
    made = list(_assets(team, count, people, start, step, dice))
    numbers = [asset.number for asset, _original in made]
    with transaction.atomic():
        team.next_revision()
        Asset.objects.bulk_create((asset for asset, _original in made), batch_size=1000)
        Original.objects.bulk_create((original for _asset, original in made), batch_size=1000)
        Tagging.objects.bulk_create(_links(Tagging, "tag_id", tags, numbers, dice), batch_size=1000)
        Placing.objects.bulk_create(_links(Placing, "collection_id", collections, numbers, dice), batch_size=1000)
        if people[0] is not None:
            Star.objects.bulk_create(Star(user_id=people[0], asset_id=number) for number in numbers[::100])
    return numbers


def _multiply(numbers: list[int], copy: int, count: int, later: timedelta) -> None:
    """Copy the first `count` assets of the pattern, with all that hangs on them, to a later time."""
    pattern = [numbers[0], numbers[count - 1]]
    shift = first_number_at(EPOCH + later) - first_number_at(EPOCH)
    is_sqlite = connection.vendor == "sqlite"
    at = "datetime({0}, '+%d seconds')" if is_sqlite else "{0} + interval '%d seconds'"
    at %= later.total_seconds()
    changed = {
        "id": "lower(hex(randomblob(16)))" if is_sqlite else "gen_random_uuid()",
        "number": f"number + {shift}",
        "created_at": at.format("created_at"),
        "state_since": at.format("state_since"),
        "used_at": at.format("used_at"),
        "name": f"name || '-{copy}'",
        "sort_name": f"sort_name || ' {copy:08}'",
        "words": f"words || ' c{copy}'",
        "source_hash": f"substr(source_hash, 1, 56) || '{copy:08}'",
    }
    with transaction.atomic(), connection.cursor() as cursor:
        _copy_rows(cursor, Asset, changed, "number BETWEEN %s AND %s", pattern)
        asset = Asset._meta.db_table
        new_id = f"(SELECT c.id FROM {asset} a, {asset} c WHERE a.id = asset_id AND c.number = a.number + {shift})"
        pattern_ids = f"asset_id IN (SELECT id FROM {asset} WHERE number BETWEEN %s AND %s)"
        _copy_rows(cursor, Original, {"asset_id": new_id}, pattern_ids, pattern)
        for model in (Tagging, Placing, Star):
            _copy_rows(cursor, model, {"asset_id": f"asset_id + {shift}"}, "asset_id BETWEEN %s AND %s", pattern)


def _copy_rows(cursor: Any, model: Any, changed: dict[str, str], where: str, params: list[int]) -> None:
    columns = [field.column for field in model._meta.concrete_fields if not isinstance(field, AutoField)]
    values = ", ".join(changed.get(column, column) for column in columns)
    table = model._meta.db_table
    cursor.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} WHERE {where}", params)


def _named(model: Any, team: Team, name: str) -> int:
    return model.objects.get_or_create(team=team, key=sorting_name(name), defaults={"name": name})[0].pk


def _links(model: Any, column: str, shares: dict[int, int], numbers: list[int], dice: random.Random) -> Iterator[Any]:
    """`shares` are how many of 1,000 assets bear each."""
    for label, share in shares.items():
        for number in numbers:
            if dice.random() * 1000 < share:
                yield model(**{column: label}, asset_id=number)


def _assets(
    team: Team, count: int, people: list[Any], start: datetime, step: timedelta, dice: random.Random
) -> Iterator[tuple[Asset, Original]]:
    types, states, kinds, ratings = (_endless(shares, dice) for shares in (TYPES, STATES, KINDS, RATINGS))
    for place in range(count):
        at = start + step * place
        asset = Asset(
            id=uuid.UUID(int=dice.getrandbits(128), version=4),
            team=team,
            created_by_id=people[min(int(dice.expovariate(0.7)), len(people) - 1)],
            created_at=at,
            number=first_number_at(at),
            media_type=next(types),
            state=next(states),
            state_since=at + timedelta(seconds=20),
            kind=next(kinds),
            rating=next(ratings),
            used_at=at + timedelta(days=1) if dice.random() < 0.3 else None,
        )
        ending, content_type, sizes = FILES[asset.media_type]
        name = f"{dice.choice(MANNERS)} {dice.choice(SUBJECTS)} {place + 1}"
        if place % RARE_EVERY == 0:
            name = f"take{place // RARE_EVERY} {name}"
        asset.name = name
        asset.source_url = f"https://media.example/{name.replace(' ', '_')}.{ending}"
        asset.source_hash = hash_of(asset.source_url)
        asset.reason = "The provider gave no reason." if asset.state == "failed" else ""
        original = _original(asset, content_type, dice.choice(sizes), at)
        asset.be_findable(original)
        yield asset, original


def _original(asset: Asset, content_type: str, size: tuple[int | None, int | None], at: datetime) -> Original:
    return Original(
        asset=asset,
        team_id=asset.team_id,
        source_url=asset.source_url,
        state="lost",
        state_since=at,
        reason="Made up by seed_library: there is no file.",
        content_type=content_type,
        width=size[0],
        height=size[1],
        seconds=None if asset.media_type == "image" else 4.0 + (asset.number >> 22) % 11,
    )


def _endless(shares: dict[Any, int], dice: random.Random) -> Iterator[Any]:
    values, weights = list(shares), list(shares.values())
    while True:
        yield from dice.choices(values, weights, k=1000)

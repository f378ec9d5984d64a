"""Pages, searches and counts of a library, held against the plain way to do the same."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps as django_apps
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ

from assets_app import tasks
from assets_app.library import changes, schema, trash
from assets_app.library.counting import BOUND, Counts, count
from assets_app.library.finding import Shelf
from assets_app.library.query import SORTS, LibraryQuery
from assets_app.models import Asset, Collection, Star, Tag, Tagging, Tally, Team
from assets_app.models.numbers import first_number_at
from assets_app.models.states import ASSET
from assets_app.models.words import query_words

NAMES = "Harbour fog|harbour night|Café noir|cafe au lait|Tram 2|tram 10|Lantern|lantern photograph".split("|")


@pytest.fixture
def library(team: Team, people: Sequence[User]) -> list[Asset]:
    """A hundred assets of all sorts; some in the trash, some of another team."""
    dice = random.Random(5)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    other = Team.objects.create(name="Else", slug="else")
    assets = []
    for place in range(110):
        at = start + timedelta(hours=6 * place)
        assets.append(
            Asset.objects.create(
                team=other if place % 11 == 0 else team,
                name=f"{dice.choice(NAMES)} {place % 7}",
                media_type=dice.choice(["image", "video", "audio"]),
                state=dice.choice(["active", "active", "failed", "processing", "expired"]),
                kind=dice.choice(["", "place", "voice"]),
                rating=dice.choice([0, 0, 3, 5]),
                created_by=dice.choice([*people, None]),
                created_at=at,
                number=first_number_at(at),
                used_at=dice.choice([None, at + timedelta(days=dice.randrange(9))]),
                notes=dice.choice(["", "for the trailer"]),
                source_url=f"https://media.example/{place}.bin",
            )
        )
    ours = [asset for asset in assets if asset.team_id == team.pk]
    night, hero = Tag.objects.create(team=team, name="night"), Tag.objects.create(team=team, name="hero")
    changes.tag(team, people[0], dice.sample(ours, 40), [night])
    changes.tag(team, people[0], dice.sample(ours, 9), [hero])
    changes.collect(team, people[0], dice.sample(ours, 20), Collection.objects.create(team=team, name="Trailer"))
    changes.star(people[0], dice.sample(ours, 15))
    trash.throw_away(team, people[0], dice.sample(ours, 12))
    return ours


def plainly(team: Team, user: User, query: LibraryQuery) -> list[Asset]:
    """The same by looking at every asset."""
    starred = set(Star.objects.filter(user=user).values_list("asset__pk", flat=True))

    def fits(asset: Asset) -> bool:
        words = asset.words.split()
        owner = user.pk if query.owner == "me" else query.owner
        tags = {tag.pk for tag in asset.tags.all()}
        return all(
            [
                all(any(word.startswith(part) for word in words) for part in query_words(query.text)),
                query.media_type in ("", asset.media_type),
                query.status in ("", ASSET[asset.state].group),
                query.kind in ("", asset.kind),
                set(query.tags) <= tags,
                query.collection is None or query.collection in {each.pk for each in asset.collections.all()},
                owner is None or owner == asset.created_by_id,
                query.since is None or asset.created_at.date() >= query.since,
                query.until is None or asset.created_at.date() <= query.until,
                query.used == "" or (query.used == "yes") == (asset.used_at is not None),
                not query.starred or asset.pk in starred,
                asset.rating >= query.rating,
            ]
        )

    assets = Asset.objects.filter(team=team, trashed_at=None).order_by("number")
    found = [asset for asset in assets.prefetch_related("tags", "collections") if fits(asset)]
    keys: dict[str, tuple[Callable[[Asset], Any], bool]] = {
        "newest": (lambda asset: asset.number, True),
        "oldest": (lambda asset: asset.number, False),
        "name": (lambda asset: (asset.sort_name, asset.number), False),
        "used": (lambda asset: (asset.used_at, asset.number), True),
        "rating": (lambda asset: (asset.rating, asset.number), True),
    }
    key, backwards = keys[query.sort]
    return sorted(found, key=key, reverse=backwards)


def all_pages(shelf: Shelf, size: int = 7) -> list[int]:
    numbers: list[int] = []
    after = ""
    while True:
        page = shelf.page(after, size)
        numbers += page.numbers
        after = page.next_after
        if not after:
            return numbers


FILTERS = [
    "",
    "q=harb",
    "q=harbour+fog",
    "q=CAFÉ",
    "q=lantern+photogr",
    "q=zzz",
    "q=trailer&kind=place",
    "q=media&tag=night",
    "type=video",
    "status=attention",
    "status=processing&type=audio",
    "kind=voice&owner=me",
    "owner=me&used=no",
    "tag=night",
    "tag=night&tag=hero",
    "tag=night&type=image&status=ready",
    "collection=Trailer&tag=night",
    "starred=yes",
    "starred=yes&tag=night",
    "from=2026-01-10&to=2026-01-15",
    "rating=4",
    "used=yes",
]


def query_of(text: str, sort: str = "newest") -> LibraryQuery:
    for name, model in (("night", Tag), ("hero", Tag), ("Trailer", Collection)):
        text = text.replace(f"={name}", f"={model.objects.get(name=name).pk}") if name in text else text
    return LibraryQuery.from_string(f"{text}&sort={sort}")


def test_every_way_to_look_shows_what_looking_at_everything_would(
    team: Team, editor: User, library: list[Asset]
) -> None:
    for filters, sort in product(FILTERS, SORTS):
        query = query_of(filters, sort)
        shelf = Shelf(team, editor, query)
        expected = [asset.number for asset in plainly(team, editor, query)]
        assert all_pages(shelf) == expected, (filters, sort)
        assert sorted(shelf.assets().values_list("number", flat=True)) == sorted(expected)
        assert count(shelf).number == len(expected)


def test_counts_of_a_filter_are_what_choosing_it_would_show(team: Team, editor: User, library: list[Asset]) -> None:
    facets = (("media_type", ["image", "audio"]), ("status", ["attention", "ready"]), ("used", ["no"]))
    for filters, (facet, values) in product(FILTERS, facets):
        query = query_of(filters)
        told = Counts(Shelf(team, editor, query)).of(facet)
        assert told is not None
        for value in values:
            changed = query.but(**{facet: value})
            assert told.get(value, 0) == len(plainly(team, editor, changed)), (filters, facet, value)


def test_pages_do_not_shift_while_new_assets_come(team: Team, editor: User, make: Any) -> None:
    old = [make(f"old {number}").number for number in range(9)]
    shelf = Shelf(team, editor, LibraryQuery())
    first = shelf.page("", 5)
    make("new")
    assert first.numbers + shelf.page(first.next_after, 5).numbers == old[::-1]


def test_beyond_the_bound_a_count_says_so(team: Team, editor: User) -> None:
    Asset.objects.bulk_create(
        Asset(team=team, name="x", media_type="image", state="active", source_url="https://a.example/1", rating=5)
        for _ in range(BOUND + 1)
    )
    assert str(count(Shelf(team, editor, LibraryQuery(rating=5)))) == "1,000+"
    assert str(count(Shelf(team, editor, LibraryQuery()))) == "1,001"


def test_a_tag_of_another_team_finds_nothing(team: Team, editor: User, library: list[Asset]) -> None:
    foreign = Tag.objects.create(team=Team.objects.get(slug="else"), name="theirs")
    shelf = Shelf(team, editor, LibraryQuery(tags=(foreign.pk,)))
    assert (shelf.page().numbers, count(shelf).number) == ([], 0)


# --- what the database keeps in step ---------------------------------------------------------------------------------
def tallied(team: Team) -> Counter[tuple[Any, ...]]:
    rows = Tally.objects.filter(team=team).exclude(assets_count=0)
    names = ("media_type", "state", "kind", "owner", "is_used")
    return Counter({tuple(getattr(row, name) for name in names): row.assets_count for row in rows})


def counted(team: Team) -> Counter[tuple[Any, ...]]:
    return Counter(
        (asset.media_type, asset.state, asset.kind, asset.created_by_id or 0, asset.used_at is not None)
        for asset in Asset.objects.filter(team=team, trashed_at=None)
    )


def test_tallies_and_counts_follow_whatever_changes_the_rows(
    team: Team, editor: User, viewer: User, library: list[Asset]
) -> None:
    dice = random.Random(1)

    def some() -> Any:
        return Asset.objects.filter(pk__in=[asset.pk for asset in dice.sample(library, 8)])

    doings: list[Callable[[], Any]] = [
        lambda: some().update(state="failed", kind="prop"),
        lambda: some().update(trashed_at=datetime.now(UTC)),
        lambda: some().update(trashed_at=None),
        lambda: some().update(used_at=None),
        lambda: some().delete(),
        lambda: Asset.objects.filter(team=team, state="active")[0].move("expired"),
        lambda: viewer.delete(),
        lambda: Tag.objects.get(name="hero").taggings.all().delete(),
    ]
    for doing in doings:
        doing()
        assert tallied(team) == counted(team)
        for label in [*team.tags.all(), *team.collections.all()]:
            assert label.assets_count == label.assets.filter(trashed_at=None).count()


def test_what_the_database_keeps_can_be_counted_anew(team: Team, library: list[Asset]) -> None:
    before = tallied(team)
    Tally.objects.update(assets_count=7)
    Tag.objects.update(assets_count=99)
    schema.rebuild()
    assert tallied(team) == before
    tag = Tag.objects.get(name="night")
    assert tag.assets_count == tag.assets.filter(trashed_at=None).count()


@pytest.mark.django_db(transaction=True)
def test_triggers_that_a_rebuilt_table_lost_come_back_with_the_next_migrate(
    team: Team, editor: User, make: Any
) -> None:
    with schema.suspended():
        make("lighthouse")
        assert count(Shelf(team, editor, LibraryQuery())).number == 0
    assert count(Shelf(team, editor, LibraryQuery())).number == 1
    assert len(Shelf(team, editor, LibraryQuery(text="light")).page().numbers) == 1


def test_a_search_follows_every_change_of_what_is_said(team: Team, editor: User, make: Any) -> None:
    asset = make("Lantern", source_url="https://a.example/1.bin")

    def finds(text: str) -> bool:
        return bool(Shelf(team, editor, LibraryQuery(text=text)).page().numbers)

    changes.edit(asset, editor, name="Lighthouse", notes="Für später")
    assert finds("lighth")
    assert finds("fur spat")
    assert not finds("lantern light")
    changes.tag(team, editor, [asset], changes.tags_named(team, ["Storm"]))
    assert finds("storm")
    changes.rename_label(Tag.objects.get(), "Calm", editor)
    assert (finds("storm"), finds("calm")) == (False, True)
    changes.delete_label(Tag.objects.get())
    assert not finds("calm")


def test_a_tag_of_many_is_renamed_and_deleted_in_portions(team: Team, editor: User, make: Any, monkeypatch) -> None:
    monkeypatch.setattr(changes, "AT_ONCE", 2)
    changes.tag(team, editor, [make(f"Lantern {n}") for n in range(5)], changes.tags_named(team, ["Storm"]))

    def found(text: str) -> int:
        return len(Shelf(team, editor, LibraryQuery(text=text)).page().numbers)

    changes.rename_label(Tag.objects.get(), "Calm", editor)
    (message,) = OrmQ.objects.all()
    assert message.task["func"] == "assets_app.tasks.find_again"
    for _ in range(2):  # a message may come twice
        tasks.find_again(*message.task["args"])
    assert (found("storm"), found("calm")) == (0, 5)
    changes.delete_label(Tag.objects.get())
    assert (found("calm"), Tag.objects.count(), Tagging.objects.count()) == (0, 0, 0)


def test_a_portion_waits_for_its_turn_like_every_change_of_the_team(team: Team, editor: User, make: Any) -> None:
    changes.tag(team, editor, [make("Lantern")], changes.tags_named(team, ["Storm"]))
    with CaptureQueriesContext(connection) as asked:
        changes.find_again(Tag.objects.get().pk)
    written = [query["sql"] for query in asked if "UPDATE" in query["sql"]]
    assert Team._meta.db_table in written[0]
    assert Asset._meta.db_table in written[1]


def test_through_redis_nobody_is_told_of_a_name_that_is_not_there_yet(
    team: Team, editor: User, make: Any, monkeypatch, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    told: list[Any] = []
    settings.REDIS_URL = "redis://queue.example:6379/0"
    monkeypatch.setattr(changes, "AT_ONCE", 1)
    monkeypatch.setattr(changes, "async_task", lambda *args, **_: told.append(args))
    changes.tag(team, editor, [make(f"Lantern {n}") for n in range(2)], changes.tags_named(team, ["Storm"]))
    with django_capture_on_commit_callbacks() as after:
        changes.rename_label(Tag.objects.get(), "Calm", editor)
    assert not told
    for send in after:
        send()
    assert told == [("assets_app.tasks.find_again", Tag.objects.get().pk)]


def test_deleting_a_tag_that_is_cut_off_leaves_it_whole_on_the_rest(
    team: Team, editor: User, make: Any, monkeypatch
) -> None:
    monkeypatch.setattr(changes, "AT_ONCE", 2)
    changes.tag(team, editor, [make(f"Lantern {n}") for n in range(5)], changes.tags_named(team, ["Storm"]))
    assert changes._take_off_some(Tag.objects.get()) == 2
    assert len(Shelf(team, editor, LibraryQuery(text="storm")).page().numbers) == Tagging.objects.count() == 3


@pytest.mark.parametrize(
    "text", ['"', "*", "a*b", "AND OR NOT", "NEAR(a b)", "a:b", "'", "\\", "^x", "-x", "(", "%", "_", "🎬"]
)
def test_no_text_is_a_syntax_error(team: Team, editor: User, make: Any, text: str) -> None:
    make("anything")
    for sort in ("newest", "name"):
        Shelf(team, editor, LibraryQuery(text=text, sort=sort)).page()


def test_a_long_word_is_compared_whole(team: Team, editor: User, make: Any) -> None:
    make("photogenic")
    wanted = make("photograph")
    assert Shelf(team, editor, LibraryQuery(text="photograph")).page().numbers == [wanted.number]


@pytest.mark.parametrize("sort", ["newest", "oldest", "name", "rating"])
@pytest.mark.parametrize("text", ["???", "%", "_", "！？", "\u0301", "\u200b", "€"])
def test_a_text_that_says_nothing_finds_nothing(team: Team, editor: User, make: Any, text: str, sort: str) -> None:
    make("anything")
    shelf = Shelf(team, editor, LibraryQuery(text=text, sort=sort))
    assert shelf.page().numbers == []
    assert not shelf.assets().exists()
    assert count(shelf).number == 0
    assert Counts(shelf).of("media_type") == {}


@pytest.mark.parametrize(
    ("name", "text"), [("🎬🔥.jpg", "🎬"), ("DSC01273.JPG", "1273"), ("IMG1234", "1234"), ("s01e07", "7 e")]
)
def test_a_name_is_found_by_its_pictures_and_by_the_numbers_in_it(
    team: Team, editor: User, make: Any, name: str, text: str
) -> None:
    make("anything else 🎥")
    wanted = make(name)
    for sort in ("newest", "name"):
        assert Shelf(team, editor, LibraryQuery(text=text, sort=sort)).page().numbers == [wanted.number]


def test_an_upgrade_finds_what_was_there_before_by_its_parts(team: Team, editor: User, make: Any) -> None:
    wanted = make("🎬 DSC01273")
    Asset.objects.filter(pk=wanted.pk).update(words="dsc01273 image a example tag")
    migration = import_module("assets_app.migrations.0026_parts_of_words")
    migration.find_by_parts(django_apps, SimpleNamespace(connection=connection))
    for text in ("1273", "🎬", "tag"):
        assert Shelf(team, editor, LibraryQuery(text=text)).page().numbers == [wanted.number]

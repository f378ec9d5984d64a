"""How much room a team's files take, and what no longer goes in when they take all of it."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django.fixtures import Settings

from assets_app.engine.files import Keeping, _keeping, make_copy
from assets_app.models import Asset, Candidate, NewAsset, NewCandidate, Original, Team, Video, look_at, register_all
from assets_app.models.cutting import why_not_cut
from assets_app.models.media_use import GIGABYTE, MediaUse, has_room
from assets_app.models.original import NO_ROOM_FOR_IT
from assets_app.sandbox import samples
from assets_app.sandbox.server import SandboxServer
from tests.views.scene import make_asset, make_generation

UPLOAD = "/dailies/assets/upload/"


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> None:
    cache.clear()


@pytest.fixture
def gigabyte(settings: Settings) -> None:
    """A team may have one."""
    settings.TEAM_MEDIA_GB = 1


@pytest.fixture
def taken(team: Team) -> Callable[[float], None]:
    """So many gigabytes are taken by one file."""
    asset = make_asset(team)

    def take(gigabytes: float) -> None:
        Original.objects.update_or_create(
            asset=asset,
            defaults={"team": team, "state": "saved", "file": "a.png", "byte_size": int(gigabytes * GIGABYTE)},
        )
        cache.clear()

    return take


def picture() -> SimpleUploadedFile:
    output = io.BytesIO()
    Image.new("RGB", (320, 320)).save(output, "PNG")
    return SimpleUploadedFile("a.png", output.getvalue())


def test_it_counts_the_files_of_assets_films_and_check_lists_and_what_is_sent_instead(
    team: Team, editor: User, stranger: User
) -> None:
    kept, converted, film = make_asset(team), make_asset(team), make_generation(team, "completed")
    Original.objects.filter(pk__in=[kept.pk, converted.pk]).delete()
    Original.objects.create(asset=kept, team=team, file="a", byte_size=1)
    Original.objects.create(
        asset=converted, team=team, file="a", byte_size=10, sent_file="b", sent_facts={"byte_size": 100}
    )
    Video.objects.filter(generation=film).delete()
    Video.objects.create(generation=film, team=team, file="a", byte_size=1_000)
    look_at(team, editor, [NewCandidate(f"https://a.example/{name}", "image") for name in "ab"])
    Candidate.objects.filter(source_url__endswith="a").update(file="a", byte_size=10_000)
    Candidate.objects.filter(source_url__endswith="b").update(byte_size=100_000)  # of which only the preview is kept
    assert MediaUse.of(team.pk).used == 11_111
    assert MediaUse.of(stranger.teams.get().pk).used == 0


@pytest.mark.parametrize(
    ("used", "said"),
    [(None, (0, False, False)), (0.5, (50, False, False)), (0.9501, (95, True, False)), (0.9999, (99, True, False))]
    + [(used, (100, True, True)) for used in (1, 2)],
)
def test_it_is_told_from_nine_tenths_on_and_is_full_at_all(
    team: Team, taken: Callable, gigabyte: None, used: float | None, said: tuple[int, bool, bool]
) -> None:
    if used:
        taken(used)
    use = MediaUse.of(team.pk)
    assert (use.percent, use.is_nearly_full, use.is_full) == said


def test_without_a_bound_there_is_always_room_and_nobody_asks(
    team: Team, taken: Callable, django_assert_num_queries: Callable
) -> None:
    taken(5)
    with django_assert_num_queries(0):
        assert has_room(team.pk, 10**15)
        assert MediaUse.shown_for(team.pk) is None


def test_an_upload_is_refused_when_it_would_not_fit(
    team: Team, editor: User, client_of: Callable[[User], Client], taken: Callable, gigabyte: None
) -> None:
    client = client_of(editor)
    taken(1)
    answer = client.post(UPLOAD, {"file": picture()})
    assert answer.status_code == 507
    assert answer.json()["problem"].startswith("There is no room for it: this team’s media may take 1 GB.")
    assert Asset.objects.count() == 1
    taken(0.99)
    assert client.post(UPLOAD, {"file": picture()}).status_code == 201


def test_of_a_link_only_the_preview_is_kept_and_its_page_says_so(
    team: Team,
    editor: User,
    client_of: Callable[[User], Client],
    sandbox: SandboxServer,
    taken: Callable,
    gigabyte: None,
) -> None:
    taken(1)
    sample = next(sample for sample in samples.urls(sandbox.base_url) if sample["type"] == "image")
    (asset,) = register_all(team, editor, [NewAsset(str(sample["url"]), "image")])
    assert _keeping(asset.original) is Keeping.NO_ROOM
    stored = make_copy(asset.original, frozenset({sandbox.base_url}), Keeping.NO_ROOM)
    assert "file" not in stored.columns
    asset.original.move("saved", **stored.columns)
    page = client_of(editor).get(f"/dailies/assets/{asset.pk}/").content.decode()
    assert f"A preview. {NO_ROOM_FOR_IT}" in page
    assert NO_ROOM_FOR_IT in why_not_cut(asset)


def test_films_and_what_had_room_before_are_kept_all_the_same(team: Team, taken: Callable, gigabyte: None) -> None:
    taken(1)
    film = Video.objects.filter(generation=make_generation(team, "completed")).first() or Video(team=team)
    assert _keeping(film) is Keeping.ALL
    assert _keeping(Original.objects.get(file="a.png")) is Keeping.ALL


def test_the_settings_say_how_much_is_taken_and_pages_warn_whoever_adds(
    team: Team,
    admin: User,
    editor: User,
    viewer: User,
    client_of: Callable[[User], Client],
    taken: Callable,
    settings: Settings,
) -> None:
    taken(0.9501)
    assert "The team’s media take 972.9 MB." in client_of(admin).get("/dailies/settings/").content.decode()
    settings.TEAM_MEDIA_GB = 1
    assert "972.9 MB of 1 GB, which is 95&nbsp;%." in client_of(admin).get("/dailies/settings/").content.decode()
    assert "take 95&nbsp;% of their 1 GB" in client_of(editor).get("/dailies/").content.decode()
    assert "of their 1 GB" not in client_of(viewer).get("/dailies/").content.decode()
    taken(1.5)
    assert "take all of their 1 GB" in client_of(editor).get("/dailies/").content.decode()

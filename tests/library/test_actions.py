"""Doing something to many assets at once, and the trash."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from assets_app import tasks
from assets_app.library import trash
from assets_app.library.actions import ACTIONS
from assets_app.models import Asset, Collection, Event, NewReference, Original, Star, Tag, Tagging, Team
from tests.views.scene import make_asset, make_generation

JSON = {"Accept": "application/json"}


@pytest.fixture
def ana(editor: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(editor)


def do(client: Client, action: str, *assets: Asset, **data: Any) -> Any:
    fields = {"asset": [str(asset.pk) for asset in assets]} | data
    return client.post(f"/dailies/assets/do/{action}/", fields, headers=JSON)


@pytest.fixture
def three(team: Team) -> list[Asset]:
    return [make_asset(team, name=f"tram {number}") for number in range(3)]


def test_tags_are_given_and_taken_without_caring_for_case(team: Team, ana: Client, three: list[Asset]) -> None:
    answer = do(ana, "tag", *three, names="Night, hero , NIGHT").json()
    assert answer["said"] == "Tagged 3."
    assert sorted(team.tags.values_list("name", "assets_count")) == [("NIGHT", 3), ("hero", 3)]
    do(ana, "untag", three[0], names="night")
    assert [tag.name for tag in three[0].tags.all()] == ["hero"]
    assert Tag.objects.get(key="night").assets_count == 2
    said = Event.objects.filter(asset=three[0], subject="library").order_by("id").values_list("note", flat=True)
    assert [note["said"] for note in said] == ["Tagged it “NIGHT”, “hero”", "Took the tag “NIGHT” off"]


def test_tagging_twice_is_tagging_once(team: Team, ana: Client, three: list[Asset]) -> None:
    for _ in range(2):
        assert do(ana, "tag", *three, names="night").status_code == 200
    assert Tag.objects.get().assets_count == 3


def test_a_collection_is_made_by_naming_it(team: Team, ana: Client, three: list[Asset]) -> None:
    do(ana, "collect", *three[:2], name="Trailer")
    do(ana, "collect", three[2], name="trailer")
    assert Collection.objects.get().assets_count == 3
    do(ana, "take-out", three[2], name="Trailer")
    assert Collection.objects.get().assets_count == 2


def test_kind_and_rating_are_set_for_all(team: Team, ana: Client, three: list[Asset]) -> None:
    do(ana, "kind", *three, kind="place")
    do(ana, "rate", *three, rating="4")
    assert set(Asset.objects.values_list("kind", "rating")) == {("place", 4)}


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("tag", {"names": " , !"}),
        ("tag", {"names": " , ,"}),
        ("tag", {}),
        ("collect", {"name": ""}),
        ("kind", {"kind": "x"}),
        ("rate", {"rating": "9"}),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(ana: Client, three: list[Asset], action: str, data: Any) -> None:
    answer = do(ana, action, *three, **data)
    assert answer.status_code == 422
    assert answer.json()["said"]


def test_a_tag_that_nobody_could_search_for_is_named_and_none_is_dropped_in_silence(
    ana: Client, three: list[Asset]
) -> None:
    answer = do(ana, "tag", *three, names="night, †")
    assert answer.status_code == 422
    assert answer.json()["said"].startswith("“†” is no tag")
    assert not Tagging.objects.exists()
    said = ana.post(f"/dailies/assets/{three[0].pk}/edit/", {"names": "night, †"}, headers={"HX-Request": "true"})
    assert "is no tag" in said.headers["HX-Trigger"]
    assert not Tagging.objects.exists()


def test_the_answer_is_for_each_item(team: Team, ana: Client) -> None:
    failed = [make_asset(team, state="failed", name=f"tram {number}") for number in range(11)]
    fine = make_asset(team, state="active", name="lantern")
    said = do(ana, "retry", *failed, fine).json()["said"]
    assert said == "Sent once more: 11, 1 failed: lantern (it is Active: nothing to retry)."
    assert {asset.state for asset in Asset.objects.exclude(pk=fine.pk)} == {"queued"}


def test_active_ones_are_registered_again_under_the_same_identity(team: Team, ana: Client, three: list[Asset]) -> None:
    do(ana, "register", *three)
    assert set(Asset.objects.values_list("state", "provider_id")) == {("queued", "")}


def test_a_star_is_a_persons_own_and_a_viewer_may_give_one(
    team: Team, viewer: User, ana: Client, three: list[Asset], client_of: Callable[[User], Client]
) -> None:
    vito = client_of(viewer)
    assert do(vito, "star", *three).status_code == 200
    assert Star.objects.filter(user=viewer).count() == 3
    assert "starred=yes" in vito.get("/dailies/assets/").content.decode()
    assert vito.get("/dailies/assets/?starred=yes").content.decode().count("<article") == 3
    assert ana.get("/dailies/assets/?starred=yes").content.decode().count("<article") == 0


@pytest.mark.parametrize("action", sorted(set(ACTIONS) - {"star", "unstar"}))
def test_a_viewer_changes_nothing(
    viewer: User, three: list[Asset], client_of: Callable[[User], Client], action: str
) -> None:
    assert do(client_of(viewer), action, *three, names="x", name="x").status_code == 403


def test_only_an_admin_deletes_for_good(
    team: Team, editor: User, admin: User, three: list[Asset], client_of: Callable[[User], Client]
) -> None:
    trash.throw_away(team, editor, three)
    assert do(client_of(editor), "purge", *three).status_code == 403
    assert do(client_of(admin), "purge", *three).status_code == 200
    assert not Asset.objects.exists()


def test_another_teams_assets_are_out_of_reach(
    team: Team, stranger: User, three: list[Asset], client_of: Callable[[User], Client]
) -> None:
    theirs = client_of(stranger)
    assert do(theirs, "trash", *three).status_code == 404
    answer = theirs.post("/others/assets/do/trash/", {"asset": [str(three[0].pk)]}, headers=JSON)
    assert answer.status_code == 422
    assert not Asset.objects.in_trash().exists()


def test_all_that_match_are_found_anew_when_it_is_done(team: Team, ana: Client, three: list[Asset]) -> None:
    film = make_asset(team, "video", name="film")
    late = make_asset(team, name="came meanwhile")
    do(ana, "tag", names="picture", all="1", query="type=image")
    assert set(Tag.objects.get().assets.all()) == {*three, late}
    assert film.tags.count() == 0


@pytest.mark.parametrize("text", ["%F0%9F%8E%AC", "%3F%3F%3F", "%25", "_"])
def test_all_that_match_a_text_that_nothing_says_are_none(
    team: Team, ana: Client, three: list[Asset], text: str
) -> None:
    do(ana, "trash", all="1", query=f"q={text}")
    assert team.assets.live().count() == len(three)


def test_an_answer_without_scripts_goes_back_where_it_came_from(ana: Client, three: list[Asset]) -> None:
    fields = {"asset": [str(three[0].pk)], "names": "night", "back": "/dailies/assets/?type=image"}
    response = ana.post("/dailies/assets/do/tag/", fields, follow=True)
    assert response.redirect_chain == [("/dailies/assets/?type=image", 302)]
    assert "Tagged 1." in response.content.decode()
    elsewhere = ana.post("/dailies/assets/do/tag/", fields | {"back": "https://evil.example/"})
    assert elsewhere["Location"] == "/dailies/assets/"


def test_the_lines_of_all_that_match_can_be_copied(team: Team, ana: Client, three: list[Asset]) -> None:
    make_asset(team, "video")
    lines = ana.get("/dailies/assets/lines/?type=image").content.decode().split("\n")
    assert lines == [f"asset://{asset.provider_id}" for asset in reversed(three)]


# --- the trash -------------------------------------------------------------------------------------------------------
def with_files(asset: Asset) -> Original:
    original = Original.objects.get(asset=asset)
    original.file.save(f"{original.folder}/one.png", ContentFile(b"pixels"), save=False)
    original.poster.save(f"{original.folder}/one.webp", ContentFile(b"poster"), save=False)
    original.state, original.due_at = "saved", None
    original.save()
    return original


def test_thrown_away_is_out_of_sight_and_back_with_one_undo(team: Team, ana: Client, three: list[Asset]) -> None:
    do(ana, "tag", *three, names="night")
    answer = do(ana, "trash", three[0]).json()
    assert answer["removed"]
    for page in ("/dailies/", "/dailies/assets/", "/dailies/generate/", f"/dailies/tray/?asset={three[0].pk}"):
        assert str(three[0].pk) not in ana.get(page).content.decode(), page
    assert str(three[0].pk) in ana.get("/dailies/assets/trash/").content.decode()
    assert "Restore" in ana.get(f"/dailies/assets/{three[0].pk}/").content.decode()
    assert Tag.objects.get().assets_count == 2
    ana.post(answer["undo"], {"asset": answer["done"]}, headers=JSON)
    assert Tag.objects.get().assets_count == 3
    assert str(three[0].pk) in ana.get("/dailies/assets/").content.decode()


def test_throwing_away_what_is_in_use_says_where(team: Team, ana: Client, three: list[Asset]) -> None:
    for _ in range(2):
        make_generation(team, references=[NewReference("reference_image", "image", three[1])])
    said = do(ana, "trash", *three).json()["said"]
    assert said == "To the trash: 3. “tram 1” was used in 2 videos; those stay as they are."


def test_what_is_in_the_trash_is_not_used(team: Team, editor: User, ana: Client, three: list[Asset]) -> None:
    trash.throw_away(team, editor, three)
    page = ana.get(f"/dailies/generate/?asset={three[0].pk}").content.decode()
    assert "is in the trash" in page


@pytest.mark.usefixtures("steady_clock")
def test_after_thirty_days_it_goes_with_its_files_but_not_before(
    team: Team, editor: User, three: list[Asset], django_capture_on_commit_callbacks: Any
) -> None:
    original = with_files(three[0])
    trash.throw_away(team, editor, three[:1])
    with time_machine.travel(timezone.now() + timedelta(days=29)):
        assert trash.purge_old() == 0
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        with django_capture_on_commit_callbacks() as callbacks:
            assert trash.purge_old() == 1
        assert default_storage.exists(original.file.name), "files go only once the rows are gone for good"
        for callback in callbacks:
            callback()
    assert not Asset.objects.filter(pk=three[0].pk).exists()
    assert not default_storage.exists(original.file.name)
    assert not default_storage.exists(original.poster.name)


@pytest.mark.usefixtures("steady_clock")
def test_what_a_film_was_made_from_keeps_its_row_and_loses_its_files(
    team: Team, editor: User, ana: Client, three: list[Asset], django_capture_on_commit_callbacks: Any
) -> None:
    original = with_files(three[0])
    generation = make_generation(team, references=[NewReference("reference_image", "image", three[0])])
    trash.throw_away(team, editor, three[:1])
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        with django_capture_on_commit_callbacks(execute=True):
            tasks.purge_trash()
        assert trash.purge_old() == 0
    assert generation.references.get().asset == three[0]
    assert not default_storage.exists(original.file.name)
    assert str(three[0].pk) not in ana.get("/dailies/assets/trash/").content.decode()
    assert "Its files were deleted" in ana.get(f"/dailies/assets/{three[0].pk}/").content.decode()


def test_what_the_engine_is_busy_with_is_not_purged(team: Team, editor: User) -> None:
    asset = make_asset(team, state="processing")
    trash.throw_away(team, editor, [asset])
    assert trash.purge([asset]) == 0
    assert asset.move("active")
    Original.objects.update(due_at=None)
    assert trash.purge([asset]) == 1


# --- views -----------------------------------------------------------------------------------------------------------
def test_a_view_is_saved_for_the_team_and_counts_live(
    team: Team, viewer: User, ana: Client, three: list[Asset], client_of: Any
) -> None:
    ana.post("/dailies/assets/views/save/", {"name": "Pictures", "query": "type=image&nonsense=1"})
    vito = client_of(viewer)
    html = vito.get("/dailies/assets/views/").content.decode()
    assert "Pictures" in html
    assert "?type=image" in html
    assert ">3<" in html
    make_asset(team)
    assert ">4<" in vito.get("/dailies/assets/views/").content.decode()
    again = ana.post("/dailies/assets/views/save/", {"name": "pictures", "query": ""}, follow=True)
    assert "already" in again.content.decode()
    assert vito.post("/dailies/assets/views/save/", {"name": "Mine", "query": ""}).status_code == 403
    view = team.saved_views.get()
    assert ana.post(f"/dailies/assets/views/{view.pk}/delete/").status_code == 302
    assert not team.saved_views.exists()


def test_tags_are_renamed_and_deleted_and_the_assets_stay(team: Team, ana: Client, three: list[Asset]) -> None:
    do(ana, "tag", *three, names="night, day")
    night = team.tags.get(key="night")
    assert (
        "is there already"
        in ana.post(f"/dailies/assets/labels/tag/{night.pk}/rename/", {"name": "Day"}, follow=True).content.decode()
    )
    ana.post(f"/dailies/assets/labels/tag/{night.pk}/rename/", {"name": "Dusk"})
    assert "Dusk" in ana.get("/dailies/assets/labels/").content.decode()
    ana.post(f"/dailies/assets/labels/tag/{night.pk}/delete/")
    assert [tag.name for tag in three[0].tags.all()] == ["day"]


# --- one asset -------------------------------------------------------------------------------------------------------
def test_what_people_say_about_one_asset_is_kept_field_by_field(team: Team, ana: Client, three: list[Asset]) -> None:
    address = f"/dailies/assets/{three[0].pk}/edit/"
    ana.post(address, {"notes": "Shot at dusk", "names": "night, hero", "rating": "5", "kind": "place"})
    ana.post(address, {"rights_note": "Ana agreed", "rights_until": "2020-01-31"})
    asset = Asset.objects.get(pk=three[0].pk)
    assert (asset.name, asset.notes, asset.rating, asset.kind) == ("tram 0", "Shot at dusk", 5, "place")
    assert [tag.name for tag in asset.tags.all()] == ["hero", "night"]
    ana.post(address, {"names": "hero"})
    assert [tag.name for tag in asset.tags.all()] == ["hero"]
    html = ana.get(f"/dailies/assets/{asset.pk}/").content.decode()
    assert "It was allowed to be used until" in html
    assert "Said it may be used until 2020-01-31" in html
    assert "It was allowed to be used until" in ana.get(f"/dailies/generate/?asset={asset.pk}").content.decode()


def test_an_asset_knows_the_videos_it_was_used_in(team: Team, ana: Client, three: list[Asset]) -> None:
    generation = make_generation(team, references=[NewReference("reference_image", "image", three[0])])
    html = ana.get(f"/dailies/assets/{three[0].pk}/").content.decode()
    assert f"/dailies/videos/{generation.pk}/" in html
    assert "used=yes" in ana.get("/dailies/assets/").content.decode()
    assert str(three[0].pk) in ana.get("/dailies/assets/?used=yes").content.decode()
    assert str(three[1].pk) in ana.get("/dailies/assets/?used=no").content.decode()


def test_an_asset_shows_its_own_code(team: Team, ana: Client, three: list[Asset]) -> None:
    html = ana.get(f"/dailies/assets/{three[0].pk}/").content.decode()
    for part in ("curl --fail-with-body", "import requests", "await fetch", three[0].provider_id, "APIFRAME_API_KEY"):
        assert part in html

"""The library, the page of one asset, its files, and what is picked."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assets_app.library import changes
from assets_app.models import Asset, Event, NewAsset, Original, Team, register_all
from tests.views.scene import make_asset

HTMX = {"HX-Request": "true"}
PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" * 100


@pytest.fixture
def page(editor: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(editor)


def cards(html: str) -> list[str]:
    return re.findall(r'data-asset="([^"]+)" data-status', html)


def fetch(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def with_file(asset: Asset, name: str = "one.png", content: bytes = PNG) -> Original:
    original = asset.original
    original.file.save(f"{original.folder}/{name}", ContentFile(content), save=False)
    original.poster.save(f"{original.folder}/poster.webp", ContentFile(b"RIFFxxxxWEBP"), save=False)
    original.sha256, original.content_type, original.state = "cd" * 32, "image/png", "saved"
    original.save()
    return original


# --- the library -----------------------------------------------------------------------------------------------------
def test_the_library_shows_everything_newest_first_a_page_at_a_time(team: Team, page: Client) -> None:
    register_all(team, None, [NewAsset(f"https://a.example/{n}.png", "image", f"Shot {n:03}") for n in range(150)])
    in_order = [str(pk) for pk in Asset.objects.order_by("name").values_list("pk", flat=True)]
    shown: list[str] = []
    address, counts = "/dailies/assets/", []
    while address:
        html = fetch(page, address)
        shown += cards(html)
        text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))
        counts += re.findall(r"\d+ of \d+", text)
        link = re.search(r'href="([^"]+after[^"]+)" data-load-more', html)
        address = "/dailies/assets/" + link[1].replace("&amp;", "&") if link else ""
    assert shown == in_order
    assert counts == ["60 of 150", "120 of 150", "150 of 150"]


def test_pages_do_not_shift_while_new_assets_come(team: Team, page: Client) -> None:
    register_all(team, None, [NewAsset(f"https://a.example/{n}.png", "image") for n in range(70)])
    first = fetch(page, "/dailies/assets/")
    link = re.search(r'href="(\?after[^"]+)" data-load-more', first)
    assert link
    make_asset(team)
    second = fetch(page, "/dailies/assets/" + link[1].replace("&amp;", "&"))
    assert len(cards(second)) == 10
    assert not set(cards(first)) & set(cards(second))


def test_filters_live_in_the_address(team: Team, page: Client) -> None:
    film = make_asset(team, "video", "active")
    make_asset(team, "image", "active")
    make_asset(team, "video", "failed")
    assert cards(fetch(page, "/dailies/assets/?type=video&status=ready")) == [str(film.pk)]
    assert len(cards(fetch(page, "/dailies/assets/?type=video"))) == 2
    assert len(cards(fetch(page, "/dailies/assets/?type=film&status=odd&after=nonsense&seen=x"))) == 3


def test_an_empty_library_and_an_empty_filter_say_different_things(team: Team, page: Client) -> None:
    assert "The library is empty" in fetch(page, "/dailies/assets/")
    make_asset(team, "image")
    assert "Nothing in the library matches" in fetch(page, "/dailies/assets/?type=audio")
    assert "does not have any more" in fetch(page, "/dailies/assets/?tag=99")
    assert "nothing more after this place" in fetch(page, "/dailies/assets/?after=1")


OFF_THE_CALENDAR = ["7_0001-01-01T00:00:00+14:00", "7_9999-12-31T23:59:59-14:00", "7_2026-01-01T00:00:00"]


@pytest.mark.parametrize(
    "after", ["x_y", "_", "-5", "99999999999999999999", "²", "7_nope", *OFF_THE_CALENDAR, f"7_{10**30}"]
)
@pytest.mark.parametrize("sort", ["newest", "oldest", "rating", "name", "used"])
def test_a_place_that_makes_no_sense_shows_the_first_page(team: Team, page: Client, after: str, sort: str) -> None:
    make_asset(team)
    response = page.get("/dailies/assets/", {"after": after, "sort": sort})
    assert response.status_code == 200


def test_the_library_costs_the_same_for_three_and_for_thirty(team: Team, page: Client) -> None:
    def cost(number: int) -> int:
        for _ in range(number):
            make_asset(team, sha256="ab" * 32)
        with CaptureQueriesContext(database) as queries:
            fetch(page, "/dailies/assets/")
        return len(queries)

    assert cost(3) == cost(27) <= 14


# --- one asset -------------------------------------------------------------------------------------------------------
def test_the_page_of_an_asset_tells_its_facts(team: Team, page: Client) -> None:
    asset = make_asset(team, "video", name="Walk cycle", width=1280, height=720, seconds=5.04, fps=24.0, byte_size=2048)
    html = fetch(page, f"/dailies/assets/{asset.pk}/")
    for fact in ("Walk cycle", "1280 × 720", "0:05", "at 24 frames a second", asset.source_url):
        assert fact in html
    assert f'data-copy="asset://{asset.provider_id}"' in html
    assert f'data-asset="{asset.pk}" data-status="active"' in html


def test_the_history_is_told_in_plain_words(team: Team, editor: User, page: Client) -> None:
    (asset,) = register_all(team, editor, [NewAsset("https://a.example/1.png", "image")])
    assert asset.move("processing", provider_id="p1")
    assert asset.move("failed", reason="InvalidParameter.DownloadFailed: x")
    assert asset.original.move("lost", reason="This is a web page, not a picture.")
    page.post(f"/dailies/assets/{asset.pk}/retry/")
    page.post(f"/dailies/assets/{asset.pk}/edit/", {"name": "Lantern"})
    html = re.sub(r"\s+", " ", fetch(page, f"/dailies/assets/{asset.pk}/"))
    told = [
        "Renamed it from “1” to “Lantern”",
        "Asked to register it again",
        "Could not fetch a copy of our own",
        "The provider did not take it",
        "Sent to the provider",
        "Registered it here",
    ]
    places = [html.index(words) for words in told]
    assert places == sorted(places)
    assert "This is a web page, not a picture." in html
    assert "edda ·" in html


@pytest.mark.parametrize("state", ["failed", "expired"])
def test_retry_sends_it_on_its_way_again(team: Team, editor: User, page: Client, state: str) -> None:
    asset = make_asset(team, state=state)
    response = page.post(f"/dailies/assets/{asset.pk}/retry/", headers=HTMX)
    assert response.status_code == 204
    assert "castboard:changed" in response["HX-Trigger"]
    asset.refresh_from_db()
    assert (asset.state, asset.provider_id) == ("queued", "")
    assert asset.due_at is not None
    assert Event.objects.filter(asset=asset, actor=editor, to_state="queued").exists()


@pytest.mark.parametrize("state", ["queued", "processing", "active"])
def test_there_is_nothing_to_retry_on_what_is_well(team: Team, page: Client, state: str) -> None:
    asset = make_asset(team, state=state)
    response = page.post(f"/dailies/assets/{asset.pk}/retry/", follow=True)
    assert "nothing to retry" in response.content.decode()
    asset.refresh_from_db()
    assert asset.state == state


def test_a_new_name_is_kept_and_an_empty_one_refused(team: Team, page: Client) -> None:
    asset = make_asset(team, name="Old name")
    address = f"/dailies/assets/{asset.pk}/edit/"
    assert page.post(address, {"name": "  New <name>  "}, follow=True).status_code == 200
    asset.refresh_from_db()
    assert asset.name == "New <name>"
    refused = page.post(address, {"name": " "}).content.decode()
    assert "Give it a name" in refused
    assert '<h1 id="asset-name">New &lt;name&gt;</h1>' in refused
    too_long = page.post(address, {"name": "x" * 201}).content.decode()
    assert "x" * 201 in too_long, "what was typed is still there"
    asset.refresh_from_db()
    assert asset.name == "New <name>"


def test_an_edit_leaves_alone_what_the_engine_changed_meanwhile(team: Team, editor: User) -> None:
    asset = make_asset(team, state="processing")
    assert Asset.objects.get(pk=asset.pk).move("active")
    changes.edit(asset, editor, name="Renamed")
    asset.refresh_from_db()
    assert (asset.name, asset.state) == ("Renamed", "active")


# --- files -----------------------------------------------------------------------------------------------------------
def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_members_get_our_copy_whole_and_in_parts(team: Team, page: Client) -> None:
    asset = make_asset(team, name="Lantern, lit")
    with_file(asset)
    address = f"/dailies/assets/{asset.pk}/file/"
    whole = page.get(address)
    assert (whole.status_code, body(whole), whole["Content-Type"]) == (200, PNG, "image/png")
    assert whole["Cache-Control"].startswith("private")
    for version, stays in (("cdcdcdcd", True), ("abababab", False)):
        answer = page.get(address, {"v": version})
        assert ("immutable" in answer["Cache-Control"]) is stays
        assert body(answer) == PNG
    assert "Lantern, lit.png" in whole["Content-Disposition"]
    part = page.get(address, headers={"Range": "bytes=1-3"})
    assert (part.status_code, body(part)) == (206, b"PNG")
    assert page.get(address, headers={"If-None-Match": whole["ETag"]}).status_code == 304
    poster = page.get(f"/dailies/assets/{asset.pk}/poster/")
    assert (body(poster), poster["Content-Type"]) == (b"RIFFxxxxWEBP", "image/webp")
    assert poster["ETag"] != whole["ETag"]


def test_a_copy_that_is_not_there_is_404(team: Team, page: Client) -> None:
    nothing_yet, file_gone = make_asset(team), make_asset(team)
    with_file(file_gone).file.delete(save=False)
    Original.objects.filter(pk=file_gone.pk).update(file="gone.png")
    for asset in (nothing_yet, file_gone):
        assert page.get(f"/dailies/assets/{asset.pk}/file/").status_code == 404


# --- what is picked --------------------------------------------------------------------------------------------------
def test_the_tray_shows_what_is_usable_in_the_order_of_picking(team: Team, stranger: User, page: Client) -> None:
    first, second = make_asset(team, name="First"), make_asset(team, state="processing", name="Second")
    failed = make_asset(team, state="failed")
    theirs = make_asset(stranger.teams.get())
    picked = [str(pk) for pk in (second.pk, failed.pk, theirs.pk, uuid.uuid4(), first.pk, second.pk, "nonsense")]
    html = page.get("/dailies/tray/", {"asset": picked}).content.decode()
    assert cards(html) == [str(second.pk), str(first.pk)]
    assert f"/dailies/generate/?asset={second.pk}&amp;asset={first.pk}" in html
    assert "Generate with 2" in html


def test_an_empty_tray_is_nothing(team: Team, page: Client) -> None:
    assert page.get("/dailies/tray/").content.decode().strip() == ""

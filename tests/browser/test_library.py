"""The library and the team, as people use them: drop, select, tag, save a view, trash, undo, invite, join."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from assets_app.models import Asset, Membership, NewAsset, Team, register_all
from tests.views.scene import make_asset

from .conftest import PATIENCE_MS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shelf(team: Team) -> list[Asset]:
    """Six Active assets, newest first as the library shows them."""
    urls = [f"https://media.example/shot-{number}.png" for number in range(6)]
    assets = register_all(team, None, [NewAsset(url, "image") for url in urls])
    Asset.objects.update(state="active", due_at=None, provider_id="asset-x")
    return assets


def tiles(page: Page) -> list[str]:
    return [tile.get_attribute("data-asset") or "" for tile in page.locator(".tile[data-asset]").all()]


def test_three_dropped_files_become_assets(page: Page, editor, sign_in, worker, sandbox, tmp_path: Path, reloads):
    sign_in(editor)
    page.goto("/dailies/")
    paths = []
    for number, colour in enumerate(("maroon", "teal", "olive")):
        paths.append(tmp_path / f"still-{number}.png")
        Image.new("RGB", (640, 480), colour).save(paths[-1])
    reloads.count = 0
    page.set_input_files("#files", [str(path) for path in paths])
    expect(page.locator("[data-asset][data-status=active]")).to_have_count(3)
    assert reloads.count == 0
    assert set(Asset.objects.values_list("state", flat=True)) == {"active"}


def test_a_range_is_selected_with_shift_and_tagged(page: Page, editor, sign_in, shelf):
    sign_in(editor)
    page.goto("/dailies/assets/")
    boxes = page.locator("[data-select]")
    boxes.nth(1).check()
    boxes.nth(4).click(modifiers=["Shift"])
    expect(page.locator("[data-selected-count]")).to_have_text("4")
    page.locator("#bar summary", has_text="Tag").click()
    page.get_by_label("Tags, separated by commas").fill("hero, night")
    page.locator("#bar").get_by_role("button", name="Tag", exact=True).click()
    expect(page.get_by_text("Tagged 4").first).to_be_visible()
    chosen = tiles(page)[1:5]
    tagged = Asset.objects.filter(tags__name="hero").values_list("pk", flat=True)
    assert {str(pk) for pk in tagged} == set(chosen)


def test_a_view_is_saved_and_found_in_the_sidebar(page: Page, editor, sign_in, shelf):
    sign_in(editor)
    page.goto("/dailies/")
    Asset.objects.filter(pk=shelf[0].pk).update(media_type="video")
    page.goto("/dailies/assets/?type=video")
    page.locator("summary", has_text="Save as a view").click()
    expect(page.locator("form[action$='/views/save/'] input[name=name]")).to_be_focused()
    page.keyboard.type("Moving pictures")
    page.locator("form[action$='/views/save/'] button").click()
    view = page.locator("a.place", has_text="Moving pictures")
    expect(view).to_contain_text("1")
    page.goto("/dailies/")
    view.click()
    page.wait_for_url("**/assets/?*type=video*")
    assert len(tiles(page)) == 1


def test_what_is_trashed_can_be_taken_back_at_once(page: Page, editor, sign_in, shelf):
    sign_in(editor)
    page.goto("/dailies/assets/")
    page.locator("[data-select]").first.check()
    page.locator("#bar [data-trash]").click()
    expect(page.locator(".tile[data-asset]")).to_have_count(5)
    assert Asset.objects.filter(trashed_at__isnull=False).count() == 1
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".tile[data-asset]")).to_have_count(6)
    assert Asset.objects.filter(trashed_at__isnull=False).count() == 0


def test_search_as_you_type_and_back_keeps_the_place(page: Page, editor, sign_in, shelf):
    sign_in(editor)
    page.goto("/dailies/assets/")
    page.keyboard.press("/")
    page.keyboard.type("shot 3")
    expect(page.locator(".tile[data-asset]")).to_have_count(1)
    expect(page).to_have_url(re.compile("q=shot"))
    page.locator(".tile-name").click()
    page.wait_for_url(f"**/assets/{shelf[3].pk}/")
    page.go_back()
    expect(page.locator(".tile[data-asset]")).to_have_count(1)
    expect(page.get_by_label("Search the library")).to_have_value("shot 3")


@pytest.fixture
def moving_shelf(page: Page, editor, sign_in, worker, sandbox) -> list[Asset]:
    """A film, a sound and a picture, saved and Active."""
    sign_in(editor)
    page.goto("/dailies/")
    urls = [f"{sandbox.base_url}/samples/{name}" for name in ("crossing.mp4", "bell.mp3", "courier.jpg")]
    page.fill("textarea[name=urls]", "\n".join(urls))
    page.get_by_role("button", name="Register").click()
    expect(page.locator("[data-asset][data-status=active]")).to_have_count(3)
    expect(page.locator(".card img")).to_have_count(3)
    return list(Asset.objects.order_by("-number"))


def test_a_film_plays_while_the_mouse_rests_on_it_and_a_sound_where_it_stands(page: Page, moving_shelf):
    page.goto("/dailies/assets/")
    page.locator(".tile[data-type=video] .tile-picture").hover()
    film = page.locator(".tile[data-type=video] video.thumb-film-on")
    expect(film).to_have_count(1)
    assert film.evaluate("film => film.muted && !film.paused")
    page.locator(".tile[data-type=image] .tile-picture").hover()
    expect(page.locator("video")).to_have_count(0)
    sound = page.locator("[data-sound]")
    sound.click()
    expect(sound).to_have_attribute("aria-pressed", "true")
    sound.click()
    expect(sound).to_have_attribute("aria-pressed", "false")


def test_a_finger_starts_no_film(page: Page, moving_shelf):
    page.goto("/dailies/assets/")
    tile = page.locator(".tile[data-type=video]")
    page.clock.install()
    tile.dispatch_event("pointerover", {"pointerType": "touch", "bubbles": True})
    page.clock.run_for(1000)
    expect(page.locator("video")).to_have_count(0)
    tile.dispatch_event("pointerover", {"pointerType": "mouse", "bubbles": True})
    page.clock.run_for(1000)
    expect(page.locator("video")).to_have_count(1)


def test_the_large_view_is_walked_with_keys(page: Page, moving_shelf):
    page.goto("/dailies/assets/")
    first, second, _third = tiles(page)
    page.locator(".tile-picture").first.click()
    large = page.locator("#viewer .large")
    expect(large).to_have_attribute("data-asset", first)
    page.keyboard.press("ArrowRight")
    expect(large).to_have_attribute("data-asset", second)
    page.keyboard.press("i")
    expect(page.locator(".large-info")).to_be_visible()
    page.keyboard.press("f")
    expect(page.locator(f"#asset-{second} [data-star][aria-pressed=true]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#viewer")).to_be_hidden()
    expect(page.locator(f"#asset-{second} [data-open]")).to_be_focused()


def test_whoever_is_signed_out_meanwhile_is_shown_no_sign_in_page_in_the_place_of_an_asset(page: Page, moving_shelf):
    page.goto("/dailies/assets/")
    first, *_ = tiles(page)
    page.locator(".tile-picture").first.click()
    large = page.locator("#viewer .large")
    expect(large).to_have_attribute("data-asset", first)
    page.context.clear_cookies(name="sessionid")
    with page.expect_response("**/login/**"):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#connection-lost")).to_be_visible()
    expect(large).to_have_attribute("data-asset", first)
    expect(page.locator("input[name=password]")).to_have_count(0)
    page.keyboard.press("Escape")
    with page.expect_response("**/login/**"):
        page.keyboard.press("?")
    expect(page.locator("#keys-sheet")).to_be_hidden()
    # The browser says of each refusal that it is an error.
    page.complaints[:] = [each for each in page.complaints if "401" not in each]


def test_somebody_is_invited_and_joins(
    page: Page, editor: User, sign_in: Callable[[User], None], chromium: Browser, live_server: LiveServer, team: Team
):
    Membership.objects.filter(user=editor).update(role=Membership.Role.ADMIN)
    sign_in(editor)
    page.goto("/dailies/members/")
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_label("Invitation link").input_value()
    theirs = chromium.new_context(base_url=live_server.url)
    theirs.set_default_timeout(PATIENCE_MS)
    newcomer = theirs.new_page()
    newcomer.goto(link)
    newcomer.locator("input[name=username]").fill("nora")
    for field in newcomer.locator("input[type=password]").all():
        field.fill("a rather long password")
    newcomer.locator("main form button[type=submit]").first.click()
    newcomer.wait_for_url("**/dailies/")
    theirs.close()
    assert Membership.objects.filter(team=team, user__username="nora").exists()


def test_on_a_phone_the_bar_of_the_selected_stands_above_the_tray_of_the_picked(page: Page, team, editor, sign_in):
    page.set_viewport_size({"width": 390, "height": 700})
    make_asset(team, name="Boat")
    sign_in(editor)
    page.goto("/dailies/assets/")
    page.get_by_label("Select Boat").check()
    page.get_by_role("button", name="Pick for a video").click()
    generate = page.get_by_role("link", name="Generate with 1")
    expect(generate).to_be_visible()
    expect(page.locator(".tile").get_by_text("Picked")).to_be_visible()
    way = str(generate.get_attribute("href"))
    expect(page.locator(".places").get_by_role("link", name="Generate")).to_have_attribute("href", way)
    page.get_by_label("Select Boat").check()
    expect(page.locator("#bar")).to_be_visible()
    assert bottom_of(page, "#bar") <= top_of(page, "#tray")
    assert bottom_of(page, "#tray") == pytest.approx(top_of(page, ".places"), abs=1)
    generate.click()
    page.wait_for_url("**/generate/**")


def top_of(page: Page, what: str) -> float:
    return page.locator(what).first.evaluate("element => element.getBoundingClientRect().top")


def bottom_of(page: Page, what: str) -> float:
    return page.locator(what).first.evaluate("element => element.getBoundingClientRect().bottom")

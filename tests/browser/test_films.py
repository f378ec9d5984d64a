"""The list of films, as people use it: look, select, compare, trash, undo, download, come back."""

from __future__ import annotations

import re
import uuid
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from assets_app.models import Generation, Team
from assets_app.money.ordering import Order, start
from tests.media.samples import film as film_file
from tests.views.scene import PARAMS, hours_ago, make_generation, make_video

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def films(team: Team, tmp_path: Path) -> list[Generation]:
    """Five finished films, newest first as the list shows them; the first three are takes of one press."""
    content = film_file(tmp_path / "film.webm", codec="libvpx", sound=None, seconds=1).read_bytes()
    click, made = uuid.uuid4(), []
    for number in range(5):
        film = make_generation(team, prompt=f"Shot {number}", created_at=hours_ago(number + 1))
        if number < 3:
            Generation.objects.filter(pk=film.pk).update(click=click, take=number + 1)
        make_video(film, content=content, content_type="video/webm")
        film.refresh_from_db()
        made.append(film)
    return made


def shown(page: Page) -> list[str]:
    return [card.get_attribute("data-generation") or "" for card in page.locator("#films .film").all()]


def card(page: Page, film: Generation):
    return page.locator(f"#videos-{film.pk}")


def test_a_film_plays_under_the_mouse_and_large_with_keys(page: Page, editor, sign_in, films):
    sign_in(editor)
    page.goto("/dailies/videos/")
    card(page, films[0]).locator(".thumb").hover()
    expect(card(page, films[0]).locator(".thumb-film-on")).to_have_count(1)
    card(page, films[1]).locator(".thumb").hover()
    expect(card(page, films[1]).locator(".thumb-film-on")).to_have_count(1)
    expect(page.locator(".thumb-film")).to_have_count(1)
    card(page, films[1]).locator("[data-open]").click()
    large = page.locator("#viewer .large")
    expect(large).to_have_attribute("data-generation", str(films[1].pk))
    page.keyboard.press("ArrowRight")
    expect(large).to_have_attribute("data-generation", str(films[2].pk))
    page.keyboard.press("4")
    expect(page.locator("#viewer .rating .verdict-on")).to_have_count(4)
    page.keyboard.press("f")
    expect(page.locator("#viewer .film-star .verdict-on")).to_have_count(1)
    page.keyboard.press("i")
    expect(page.locator(".large-info")).to_be_visible()
    expect(card(page, films[2]).locator(".rating .verdict-on")).to_have_count(4)
    expect(card(page, films[2]).locator(".film-star .verdict-on")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(large).to_have_count(0)
    assert Generation.objects.get(pk=films[2].pk).rating == 4


def test_what_is_trashed_leaves_its_set_and_can_be_taken_back(page: Page, editor, sign_in, films):
    sign_in(editor)
    page.goto("/dailies/videos/")
    expect(card(page, films[0])).to_have_attribute("data-begins", "")
    card(page, films[0]).locator("[data-select]").check()
    page.locator("#bar [data-trash]").click()
    expect(page.locator("#films .film")).to_have_count(4)
    expect(page.locator("#load-more")).to_contain_text("4 of 4")
    expect(card(page, films[1])).to_have_attribute("data-begins", "")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#films .film")).to_have_count(5)
    expect(page.locator("#load-more")).to_contain_text("5 of 5")
    assert shown(page) == [str(film.pk) for film in films]
    assert not Generation.objects.in_trash().exists()


def test_a_range_is_selected_and_comes_as_one_zip(page: Page, editor, sign_in, films):
    Team.objects.update(film_names="{prompt}")
    sign_in(editor)
    page.goto("/dailies/videos/")
    boxes = page.locator("[data-select]")
    boxes.nth(1).check()
    boxes.nth(3).click(modifiers=["Shift"])
    expect(page.locator("[data-selected-count]")).to_have_text("3")
    with page.expect_download() as coming:
        page.locator("#bar").get_by_role("button", name="Download").click()
    archive = zipfile.ZipFile(coming.value.path())
    assert archive.testzip() is None
    assert sorted(archive.namelist()) == ["Shot-1.webm", "Shot-2.webm", "Shot-3.webm"]
    expect(page.locator("[data-selected-count]")).to_have_text("3")


def test_two_that_are_selected_are_compared(page: Page, editor, sign_in, films):
    sign_in(editor)
    page.goto("/dailies/videos/")
    card(page, films[0]).locator("[data-select]").check()
    expect(page.locator("[data-compare]")).to_be_hidden()
    card(page, films[4]).locator("[data-select]").check()
    page.locator("[data-compare]").click()
    page.wait_for_url(f"**/videos/compare/?film={films[0].pk}&film={films[4].pk}")


def test_new_takes_come_on_top_in_one_frame_and_what_is_selected_stays(
    page: Page, team, editor, sign_in, films, reloads
):
    sign_in(editor)
    page.goto("/dailies/videos/")
    card(page, films[3]).locator("[data-select]").check()
    reloads.count = 0
    takes = start(team, editor, Order(uuid.uuid4(), "seedance-2", "New one", PARAMS, takes=2))
    expect(page.locator("#films .film")).to_have_count(7)
    assert shown(page)[:2] == [str(take.pk) for take in takes]
    expect(card(page, takes[0])).to_have_attribute("data-begins", "")
    expect(card(page, takes[1])).to_have_attribute("data-ends", "")
    expect(page.locator("#films-total")).to_have_text("7")
    films[3].rate(editor, 5)
    expect(card(page, films[3]).locator(".rating .verdict-on")).to_have_count(5)
    expect(card(page, films[3]).locator("[data-select]")).to_be_checked()
    assert reloads.count == 0


def test_search_filters_and_the_place_survive_going_back(page: Page, team, editor, sign_in, films):
    for number in range(40):
        make_generation(team, prompt=f"Old {number}", created_at=hours_ago(24 + number))
    sign_in(editor)
    page.goto("/dailies/videos/")
    page.keyboard.press("/")
    page.keyboard.type("old")
    expect(page.locator("#films-total")).to_have_text("40")
    page.locator("#films .film").last.scroll_into_view_if_needed()
    expect(page.locator("#films .film")).to_have_count(40)
    expect(page).to_have_url(re.compile("shown=40"))
    page.locator("#films .film .film-name").last.click()
    page.wait_for_url("**/videos/*-*/")
    page.go_back()
    expect(page.locator("#films .film")).to_have_count(40)
    expect(page.get_by_label("Search the prompts")).to_have_value("old")

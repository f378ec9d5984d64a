"""One's own account, and what every page of a team has, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from PIL import Image
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from assets_app.models import Asset, Team

from .conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_account_is_deleted_once_it_is_shown_whose_it_is(page: Page, editor: User, admin: User, sign_in):
    sign_in(editor)
    page.goto("/account/")
    page.get_by_role("link", name="Delete your account").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Delete your account?")).to_be_visible()
    page.get_by_role("button", name="Delete the account").click()
    expect(page.get_by_text("Your account is deleted.")).to_be_visible()
    page.goto("/dailies/")
    expect(page).to_have_url(re.compile("/login/"))


@pytest.mark.parametrize("place", ["/dailies/", "/dailies/generate/", "/dailies/members/"])
def test_a_question_mark_shows_the_keys_on_every_page_but_not_while_one_types(page: Page, editor: User, sign_in, place):
    sign_in(editor)
    page.goto(place)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Map of keys")).to_contain_text("Ctrl Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Map of keys")).to_be_hidden()
    if place == "/dailies/":
        page.get_by_label("Links to images").press("?")
        expect(page.get_by_label("Links to images")).to_have_value("?")
        expect(page.get_by_role("dialog", name="Map of keys")).to_be_hidden()


def test_a_file_from_a_page_that_is_too_old_is_refused_in_words_and_goes_once_it_is_new(
    page: Page, team: Team, editor: User, sign_in, tmp_path: Path, live_server: LiveServer
):
    a_png = tmp_path / "harbour.png"
    Image.new("RGB", (640, 480), "teal").save(a_png)
    sign_in(editor)
    page.goto("/dailies/")
    token = next(each["value"] for each in page.context.cookies() if each["name"] == "csrftoken")
    page.context.clear_cookies(name="csrftoken")
    page.locator("#files").set_input_files(a_png)
    expect(page.locator("#uploads")).to_contain_text("This page is older than your sign-in, so nothing was sent.")
    page.context.add_cookies([{"name": "csrftoken", "value": token, "url": live_server.url}])
    page.get_by_role("button", name="Retry", exact=False).first.click()
    expect(page.locator("#uploads")).to_contain_text("Added")
    assert Asset.objects.filter(team=team).count() == 1
    page.complaints.clear()  # the browser itself notes the 403

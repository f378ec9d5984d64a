"""Two people, one computer, one after the other: who signs out leaves nothing of theirs in the browser."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from assets_app.models import Team

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SECRET = "the ending of the film"
LINK = "https://bucket.example/secret.mp4?X-Amz-Signature=abc"
OF_OTHERS = """
    localStorage.setItem("castboard:theme", "light");
    localStorage.setItem("castboard:draft-paste:dailies:0", "another’s");
    localStorage.setItem("castboard:draft:dailies:paste", "an earlier version’s");
"""


def test_what_somebody_wrote_and_picked_goes_with_them(page: Page, team: Team, editor: User, admin: User, sign_in):
    sign_in(editor)
    page.goto("/dailies/")
    page.locator("#urls").fill(LINK)
    page.goto("/dailies/generate/")
    page.locator("#studio-prompt").fill(SECRET)
    page.evaluate(OF_OTHERS)
    local = page.evaluate("({...localStorage})")
    assert SECRET in str(local)
    assert LINK in str(local)
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url("/login/")
    local, session = page.evaluate("[{...localStorage}, {...sessionStorage}]")
    assert local == {"castboard:theme": "light", "castboard:draft-paste:dailies:0": "another’s"}
    assert not [key for key in session if key.startswith("castboard:")]
    sign_in(admin)
    page.goto("/dailies/generate/")
    expect(page.locator("#studio-prompt")).to_have_value("")


ASK_ONCE_MORE = """
    document.addEventListener("submit", () =>
        document.getElementById("studio-check").dispatchEvent(new Event("studio:recheck")))
"""


def test_a_page_that_is_being_left_asks_for_nothing_more(page: Page, team: Team, editor: User, sign_in):
    sign_in(editor)
    page.goto("/dailies/generate/")
    page.evaluate(ASK_ONCE_MORE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url("/login/")
    assert any("/logout/" in url for url in asked)
    assert not [url for url in asked if "/generate/check/" in url]

"""The paste box of the board, in a real browser: the preview follows every change, and the keyboard keeps its place."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from assets_app.models import Asset, NewAsset, register_all

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_preview_follows_each_change_of_the_box(page: Page, editor, sign_in, sandbox):
    sign_in(editor)
    box = page.locator("#urls")
    lines = page.locator(".paste-row")
    register = page.locator("#paste .button-next, #paste button[type=submit]").last

    box.fill("https://media.example/a.png")
    expect(lines).to_have_count(1)
    expect(register).to_have_text("Register 1")
    box.fill("https://media.example/a.png\nhttps://media.example/unknown")
    expect(lines).to_have_count(2)
    expect(page.get_by_text("1 needs a look")).to_be_visible()

    page.get_by_label("Type of line 2").select_option("video")
    expect(register).to_have_text("Register 2")
    expect(page.get_by_label("Type of line 2")).to_have_value("video")
    box.fill("")
    expect(lines).to_have_count(0)
    expect(register).to_have_text("Register")


def test_after_register_the_keyboard_is_back_in_the_box(page: Page, editor, sign_in, sandbox):
    sign_in(editor)
    page.fill("#urls", "https://media.example/a.png")
    register = page.get_by_role("button", name="Register 1")
    expect(register).to_be_visible()
    register.press("Enter")
    expect(page.get_by_text("Registered 1.")).to_be_visible()
    expect(page.locator("#urls")).to_be_focused()
    expect(page.locator("#urls")).to_have_value("")
    assert Asset.objects.count() == 1


def test_quick_picks_are_all_kept_although_the_tray_answers_late(page: Page, editor, sign_in, team):
    urls = [f"https://media.example/shot-{number}.png" for number in range(5)]
    register_all(team, None, [NewAsset(url, "image") for url in urls])
    Asset.objects.update(state="active", due_at=None, provider_id="asset-x", state_since=timezone.now())
    sign_in(editor)
    page.evaluate("document.querySelectorAll('[data-pick]').forEach(box => box.click())")
    expect(page.get_by_role("link", name="Generate with 5")).to_be_visible()
    expect(page.locator("[data-pick]:checked")).to_have_count(5)

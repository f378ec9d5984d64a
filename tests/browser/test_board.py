"""The paste box of the board, in a real browser: the preview follows every change, and the keyboard keeps its place."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import OperationalError
from django.utils import timezone
from playwright.sync_api import Page, expect

from assets_app.models import Asset, NewAsset, register_all

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_preview_follows_each_change_of_the_box(page: Page, editor, sign_in, sandbox):
    sign_in(editor)
    page.goto("/dailies/")
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
    page.goto("/dailies/")
    page.fill("#urls", "https://media.example/a.png")
    register = page.get_by_role("button", name="Register 1")
    expect(register).to_be_visible()
    register.press("Enter")
    expect(page.get_by_text("Registered 1.")).to_be_visible()
    expect(page.locator("#urls")).to_be_focused()
    expect(page.locator("#urls")).to_have_value("")
    assert Asset.objects.count() == 1


@pytest.mark.parametrize(
    ("error", "words"),
    [("database or disk is full", "The disk of this server is full."), ("database is locked", "The database is busy.")],
)
def test_what_cannot_be_saved_now_is_said_and_stays_in_the_box(
    page: Page, editor, sign_in, sandbox, monkeypatch, error, words
):
    sign_in(editor)
    page.goto("/dailies/")
    page.fill("#urls", "https://media.example/a.png")
    register = page.get_by_role("button", name="Register 1")
    expect(register).to_be_visible()
    with monkeypatch.context() as outage:
        outage.setattr("assets_app.models.Team.next_revision", refuse(OperationalError(error)))
        register.click()
        expect(page.get_by_text(words)).to_be_visible()
        expect(page.locator("#urls")).to_have_value("https://media.example/a.png")
    register.click()
    expect(page.get_by_text("Registered 1.")).to_be_visible()
    assert Asset.objects.count() == 1
    page.complaints.clear()  # the browser itself notes each 503 and 507


def refuse(error: Exception) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise error

    return fail


def test_quick_picks_are_all_kept_although_the_tray_answers_late(page: Page, editor, sign_in, team):
    urls = [f"https://media.example/shot-{number}.png" for number in range(5)]
    register_all(team, None, [NewAsset(url, "image") for url in urls])
    Asset.objects.update(state="active", due_at=None, provider_id="asset-x", state_since=timezone.now())
    sign_in(editor)
    page.goto("/dailies/")
    page.evaluate("document.querySelectorAll('[data-pick]').forEach(box => box.click())")
    expect(page.get_by_role("link", name="Generate with 5")).to_be_visible()
    expect(page.locator("[data-pick]:checked")).to_have_count(5)


def test_links_are_checked_then_registered_and_what_failed_is_retried(
    page: Page, editor, sign_in, worker, sandbox, reloads
):
    sign_in(editor)
    page.goto("/dailies/")
    reloads.count = 0
    names = ("courier.jpg", "harbour.jpg", "missing.jpg")
    page.fill("#urls", "\n".join(f"{sandbox.base_url}/samples/{name}" for name in names))
    page.get_by_role("button", name="Check first").click()
    expect(page.locator("[data-candidate][data-status=ready]")).to_have_count(2)
    expect(page.locator("[data-candidate][data-status=unreachable]")).to_have_count(1)
    assert Asset.objects.count() == 0

    page.reload()
    expect(page.locator("[data-candidate]")).to_have_count(3)
    page.get_by_label("Name of courier").fill("Mara, close up")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Name of Mara, close up")).to_be_visible()
    page.locator("[data-status=unreachable]").get_by_role("button", name="Register anyway").click()
    page.get_by_role("button", name="Register 3").click()
    expect(page.locator("[data-asset][data-status=active]")).to_have_count(2)
    failed = page.locator("[data-asset][data-status=failed]")
    expect(failed).to_have_count(1)

    Asset.objects.filter(state="failed").update(source_url=f"{sandbox.base_url}/samples/lantern.jpg")
    page.get_by_role("button", name="Retry all 1").or_(page.get_by_role("button", name="Retry")).first.click()
    expect(page.locator("[data-asset][data-status=active]")).to_have_count(3)
    expect(page.locator(".tile, .card").get_by_text("Mara, close up").first).to_be_visible()
    assert reloads.count == 1  # ours


def test_a_page_without_a_poll_bears_news_all_the_same(page: Page, editor, sign_in):
    sign_in(editor)
    page.goto("/dailies/")
    page.evaluate("document.getElementById('live').remove()")
    for name in ("castboard:changed", "visibilitychange"):
        page.evaluate("name => document.dispatchEvent(new CustomEvent(name))", name)
    expect(page.locator("#live")).to_have_count(0)  # and `page` minds errors

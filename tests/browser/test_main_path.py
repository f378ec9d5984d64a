"""The main job, as a person does it: paste, watch, pick, generate, play."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from assets_app.models import Asset, Generation
from assets_app.sandbox.server import SandboxServer

from .conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SLOW_ENOUGH_TO_WATCH = {"asset_delay": "uniform:0.6:1.5", "job_delay": "2"}

# Promises, for Playwright's own waiting evaluates strings, which the page's policy forbids.
HAS_ITS_LENGTH = """film => new Promise(done => {
    const tell = () => done(film.duration)
    film.readyState ? tell() : film.onloadedmetadata = tell
})"""
PLAYS = """film => new Promise(done => {
    film.muted = true
    film.ontimeupdate = () => film.currentTime && done(film.currentTime)
    film.play()
})"""
SEEKS_TO_THE_THIRD_SECOND = """film => new Promise(done => {
    film.onseeked = () => done(film.currentTime)
    film.currentTime = 3
})"""


def test_pasted_urls_become_active_and_a_film_that_plays(page: Page, editor, sign_in, worker, sandbox, reloads):
    sandbox.configure(**SLOW_ENOUGH_TO_WATCH)
    sign_in(editor)
    page.goto("/dailies/")
    reloads.count = 0

    paste(page, sandbox, "courier.jpg", "crossing.mp4", "bell.mp3", "missing.jpg")
    active = page.locator("[data-asset][data-status=active]")
    expect(active).to_have_count(3)
    failed = page.locator("[data-asset][data-status=failed]")
    expect(failed).to_have_count(1)
    # Ours and the provider's look at it race; ours says more, but either says it plainly.
    expect(failed).to_contain_text(re.compile("There is no file at this address|could not fetch"))
    assert reloads.count == 0
    assert Asset.objects.filter(state="active").count() == 3

    for media_type in ("image", "video"):
        asset = Asset.objects.get(media_type=media_type, state="active")
        page.locator(f"[data-asset='{asset.pk}'] input[type=checkbox]").check()
    page.get_by_role("link", name="Generate with 2").click()
    page.wait_for_url("**/generate/**")
    page.select_option("select[name=model]", "seedance-2-mini")
    expect(page.locator("input[name=shown_model]")).to_have_value("seedance-2-mini")  # its controls are there
    page.fill("textarea[name=prompt]", "The courier of [Image1] walks the coast of [Video1] at dusk")
    page.locator("label", has_text="480p").click()
    page.locator("input[name=duration]").last.fill("4")
    expect(page.get_by_role("button", name="Generate")).to_contain_text("credits")
    reloads.count = 0
    page.keyboard.press("Control+Enter")
    take = page.locator("[data-generation]")
    expect(take).to_have_count(1)
    expect(page.locator("[data-generation][data-status=completed]")).to_have_count(1)
    assert reloads.count == 0

    take.get_by_role("link").first.click()
    film = page.locator("video")
    expect(film).to_be_visible()
    assert film.evaluate(HAS_ITS_LENGTH) == pytest.approx(4, abs=0.1)
    assert film.evaluate(PLAYS) > 0
    assert film.evaluate(SEEKS_TO_THE_THIRD_SECOND) >= 3
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename.endswith(".mp4")
    generation = Generation.objects.get()
    assert generation.references.count() == 2
    assert sandbox.stats()["jobs_per_idempotency_key"][str(generation.pk)] == 1


def test_a_film_appears_on_its_page_without_a_reload(page: Page, editor, sign_in, worker, sandbox, reloads):
    sandbox.configure(job_delay="3")
    sign_in(editor)
    page.goto("/dailies/generate/")
    page.select_option("select[name=model]", "seedance-2-mini")
    expect(page.locator("input[name=shown_model]")).to_have_value("seedance-2-mini")
    page.fill("textarea[name=prompt]", "A quiet harbour")
    page.keyboard.press("Control+Enter")
    page.locator("[data-generation]").get_by_role("link").first.click()
    page.wait_for_url("**/videos/**")
    reloads.count = 0
    film = page.locator("video")
    expect(film).to_be_visible()
    assert film.evaluate(HAS_ITS_LENGTH) > 0
    assert reloads.count == 0


def test_whoever_signs_in_with_a_password_is_on_the_board(page: Page, editor):
    page.goto("/dailies/")
    page.fill("input[name=username]", editor.username)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/dailies/")
    expect(page.locator("#urls")).to_be_visible()


def test_what_was_typed_survives_a_reload_and_an_expired_session(page: Page, editor, sign_in, window, sandbox):
    sign_in(editor)
    page.goto("/dailies/")
    page.fill("textarea[name=urls]", "https://media.example/a.png\nnot a link")
    expect(page.get_by_text("Not a web address")).to_be_visible()
    page.reload()
    expect(page.locator("textarea[name=urls]")).to_have_value("https://media.example/a.png\nnot a link")
    window.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_text("You have been signed out")).to_be_visible()
    expect(page.locator("textarea[name=urls]")).to_have_value("https://media.example/a.png\nnot a link")
    page.complaints.clear()  # the browser itself notes each 401


def paste(page: Page, sandbox: SandboxServer, *names: str) -> None:
    page.fill("textarea[name=urls]", "\n".join(f"{sandbox.base_url}/samples/{name}" for name in names))
    page.get_by_role("button", name=f"Register {len(names)}").click()

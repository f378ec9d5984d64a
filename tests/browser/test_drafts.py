"""What is being composed stays: on every page of its own, and in every tab."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from assets_app.models import Asset
from tests.views.scene import make_asset, make_generation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STUDIO = "/dailies/generate/"


def write(page: Page, words: str) -> None:
    page.fill("#studio-prompt", words)
    expect(page.locator("#prompt-count")).to_contain_text(str(len(words)))


def test_words_on_one_film_are_there_again_after_another_film_was_opened(page: Page, team, editor, sign_in):
    one, other = (make_generation(team, prompt=words) for words in ("A harbour", "A pier"))
    sign_in(editor)
    prompt = page.locator("#studio-prompt")
    page.goto(f"{STUDIO}?from={one.pk}")
    write(page, "She opens the letter")
    page.goto(f"{STUDIO}?from={other.pk}")
    expect(prompt).to_have_value("A pier")
    write(page, "The ferry leaves")
    page.go_back()
    expect(prompt).to_have_value("She opens the letter")
    page.goto(STUDIO)
    expect(prompt).to_have_value("")
    page.goto(f"{STUDIO}?from={other.pk}")
    expect(prompt).to_have_value("The ferry leaves")


def test_films_that_are_only_looked_at_push_out_no_words(page: Page, team, editor, sign_in):
    films = [make_generation(team, prompt=f"Shot {number}") for number in range(10)]
    sign_in(editor)
    prompt = page.locator("#studio-prompt")
    page.goto(f"{STUDIO}?from={films[0].pk}")
    write(page, "She opens the letter")
    for film in films[1:]:
        page.goto(f"{STUDIO}?from={film.pk}")
        expect(prompt).to_have_value(film.prompt)
        page.evaluate("document.dispatchEvent(new CustomEvent('htmx:afterSettle'))")
    page.goto(f"{STUDIO}?from={films[0].pk}")
    expect(prompt).to_have_value("She opens the letter")


def test_two_tabs_keep_a_draft_each(page: Page, team, editor, sign_in):
    sign_in(editor)
    page.goto(STUDIO)
    write(page, "She opens the letter")
    other = page.context.new_page()
    other.goto(STUDIO)
    expect(other.locator("#studio-prompt")).to_have_value("She opens the letter")
    write(other, "The ferry leaves")
    for tab, words in ((page, "She opens the letter"), (other, "The ferry leaves")):
        tab.reload()
        expect(tab.locator("#studio-prompt")).to_have_value(words)


def test_a_tab_that_nobody_touches_asks_only_about_what_changes_its_form(page: Page, team, editor, sign_in):
    mine, other = make_asset(team, name="Boat"), make_asset(team, state="processing", name="Pier")
    sign_in(editor)
    page.goto(f"{STUDIO}?asset={mine.pk}")
    expect(page.locator("#studio-slots .reference")).to_have_count(1)
    expect(page).to_have_url(re.compile(f"{STUDIO}$"))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/check/" in request.url else None)
    in_flight = page.locator("#meters [data-in-flight]")
    expect(in_flight).to_have_text("1")
    changed(other, state="active", due_at=None)
    expect(in_flight).to_have_text("0")
    assert asked == []
    with page.expect_request("**/generate/check/"):
        changed(mine, state="expired")
    expect(page.locator("#studio-slots .reference-bad")).to_have_count(1)


def changed(asset: Asset, **columns: object) -> None:
    Asset.objects.filter(pk=asset.pk).update(revision=asset.team.next_revision(), **columns)

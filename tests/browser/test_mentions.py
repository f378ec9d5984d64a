"""`@` in the prompt, with names as people give them and with input methods of other scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .test_prompt import STUDIO, make_assets, pick, received

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AWKWARD = ["Jean-Luc", "Pier (old)", "Zoë “Q” 🎬", "[Image9]", "C:\\cut|2^$.*+?{}", "花子"]
COMPOSES = """(key) => {
    const textarea = document.getElementById("studio-prompt")
    textarea.dispatchEvent(new KeyboardEvent("keydown", {key, keyCode: 229, bubbles: true, cancelable: true}))
    textarea.dispatchEvent(new KeyboardEvent("keydown", {key, isComposing: true, bubbles: true, cancelable: true}))
}"""


@pytest.mark.parametrize("name", AWKWARD)
def test_a_name_of_any_signs_is_mentioned_drawn_and_sent(page: Page, team, editor, sign_in, name):
    make_assets(team, name)
    sign_in(editor)
    page.goto(STUDIO)
    page.locator("#studio-pool .pool-item").click()
    expect(page.locator("#studio-slots .reference")).to_have_count(1)
    prompt = page.locator("#studio-prompt")
    prompt.click()
    page.keyboard.type("See @")
    page.locator("#mention-list").get_by_role("option").click()
    page.keyboard.type("in fog")
    expect(prompt).to_have_value(f"See @{name} in fog")
    expect(page.locator("#prompt-layer mark")).to_have_text(f"@{name}")
    expect(received(page)).to_contain_text("See [Image1] in fog")


def test_undo_takes_a_mention_back_to_what_was_typed(page: Page, team, editor, sign_in):
    make_assets(team, "Jean-Luc")
    sign_in(editor)
    page.goto(STUDIO)
    prompt = page.locator("#studio-prompt")
    prompt.click()
    page.keyboard.type("See @jea")
    expect(page.locator("#mention-list").get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(prompt).to_have_value("See @Jean-Luc ")
    expect(page.locator("#studio-slots .reference")).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(prompt).to_have_value("See @jea")
    page.keyboard.press("Control+Shift+z")
    expect(prompt).to_have_value("See @Jean-Luc ")
    expect(page.locator("#prompt-layer mark.mention:not(.mention-off)")).to_have_count(1)


def test_enter_of_an_input_method_mentions_nobody(page: Page, team, editor, sign_in):
    make_assets(team, "Hanako", "花子")
    sign_in(editor)
    page.goto(STUDIO)
    prompt = page.locator("#studio-prompt")
    prompt.click()
    page.keyboard.type("見る @")
    options = page.locator("#mention-list").get_by_role("option")
    expect(options).to_have_count(2)
    chosen = page.locator("#mention-list [aria-selected=true]")
    expect(chosen).to_have_id("mention-option-1")
    name = chosen.get_attribute("data-name")
    for key in ("Enter", "Tab", "ArrowDown", "Escape"):
        page.evaluate(COMPOSES, key)
    expect(prompt).to_have_value("見る @")
    expect(chosen).to_have_id("mention-option-1")
    page.keyboard.press("Enter")
    expect(prompt).to_have_value(f"見る @{name} ")


def test_a_pasted_text_that_mentions_somebody_by_name_mentions_them(page: Page, team, editor, sign_in):
    make_assets(team, "Anna", "Boat")
    sign_in(editor)
    page.goto(STUDIO)
    pick(page, "Boat")
    prompt = page.locator("#studio-prompt")
    prompt.click()
    page.keyboard.insert_text("@Anna rows @Boat")
    expect(page.locator("#prompt-layer mark.mention-off")).to_have_text("@Anna")
    expect(page.locator("#prompt-layer mark.mention:not(.mention-off)")).to_have_text("@Boat")
    page.get_by_role("button", name="Attach Anna").click()
    expect(received(page)).to_contain_text("[Image2] rows [Image1]")


def test_namesakes_are_told_apart_in_the_list_and_in_the_prompt(page: Page, team, editor, sign_in):
    make_assets(team, "Anna", "Anna")
    sign_in(editor)
    page.goto(STUDIO)
    prompt = page.locator("#studio-prompt")
    prompt.click()
    options = page.locator("#mention-list").get_by_role("option")
    for place in (0, 1):
        page.keyboard.type("@ann")
        expect(options).to_have_count(2)
        expect(options.nth(place)).to_contain_text("image, added" if place == 0 else "Anna 2")
        options.nth(place).click()
        expect(page.locator("#studio-slots .reference")).to_have_count(place + 1)
    expect(prompt).to_have_value("@Anna @Anna 2 ")
    expect(received(page)).to_contain_text("[Image1] [Image2]")

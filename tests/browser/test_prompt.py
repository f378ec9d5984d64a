"""The prompt and its references, as a person works on them: mention, reorder, drop, paste, recall; and what is sent."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from assets_app.models import Asset, Generation, NewAsset, NewReference, Original, Preset, Team, register_all
from assets_app.money.ordering import Order, start

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STUDIO = "/dailies/generate/"
PASTES = """([selector, text]) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData("text/plain", text)
    const event = new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true})
    document.querySelector(selector).dispatchEvent(event)
}"""


def make_assets(team: Team, *names: str, state: str = "active") -> list[Asset]:
    new = [NewAsset(f"https://media.example/{uuid.uuid4()}.png", "image", name) for name in names]
    assets = register_all(team, None, new)
    pks = [asset.pk for asset in assets]
    Asset.objects.filter(pk__in=pks).update(state=state, due_at=None, provider_id="prov")
    for asset in assets:
        Asset.objects.filter(pk=asset.pk).update(provider_id=f"prov-{asset.name.lower()}")
    Original.objects.filter(pk__in=pks).update(state="skipped", due_at=None)
    return [Asset.objects.get(pk=pk) for pk in pks]


def references(page: Page) -> list[str]:
    return [item.get_attribute("data-name") or "" for item in page.locator("#studio-slots .reference").all()]


def pick(page: Page, *names: str) -> None:
    for name in names:
        page.locator("#studio-pool").get_by_role("button", name=f"Add {name}, image").click()
        expect(page.locator(f"#studio-slots .reference[data-name='{name}']")).to_be_visible()


def received(page: Page) -> Locator:
    return page.locator("#studio-receives")


def sent(generation: Generation) -> dict[str, Any]:
    body = generation.build_request(None)
    return {"prompt": body["prompt"], "images": body["seedanceParams"]["reference_image_urls"]}


def test_three_are_picked_mentioned_and_reordered_and_the_model_gets_their_numbers(page: Page, team, editor, sign_in):
    make_assets(team, "Anna Smith", "Boat", "Pier")
    sign_in(editor)
    page.goto(STUDIO)
    pick(page, "Anna Smith", "Boat", "Pier")
    prompt = page.locator("#studio-prompt")
    prompt.click()
    page.keyboard.type("@ann")
    options = page.locator("#mention-list").get_by_role("option")
    expect(options).to_have_count(1)
    expect(prompt).to_have_attribute("role", "combobox")
    expect(prompt).to_have_attribute("aria-activedescendant", "mention-option-1")
    expect(page.locator("#announcer")).to_contain_text("1 asset.")
    page.keyboard.press("Enter")
    page.keyboard.type("rows from @pi")
    expect(options).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.type("in [Image2]")
    expect(prompt).to_have_value("@Anna Smith rows from @Pier in [Image2]")
    expect(prompt).not_to_have_attribute("role", "combobox")
    expect(received(page)).to_contain_text("[Image1] rows from [Image3] in [Image2]")
    expect(page.locator("#prompt-layer mark")).to_have_count(2)

    page.get_by_role("button", name="Move Pier earlier").focus()
    page.keyboard.press("Enter")
    expect(received(page)).to_contain_text("[Image1] rows from [Image2] in [Image3]")
    expect(page.locator("#announcer")).to_contain_text("Pier: Reference images, 2 of 3.")
    expect(page.get_by_role("button", name="Move Pier earlier")).to_be_focused()
    drag(page, "Anna Smith", "Boat")
    expect(received(page)).to_contain_text("[Image3] rows from [Image1] in [Image2]")
    assert references(page) == ["Pier", "Boat", "Anna Smith"]
    expect(prompt).to_have_value("@Anna Smith rows from @Pier in [Image2]")

    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-generation]")).to_have_count(1)
    made = Generation.objects.get()
    assert made.prompt == "@Anna Smith rows from @Pier in [Image2]"
    assert sent(made) == {
        "prompt": "[Image3] rows from [Image1] in [Image2]",
        "images": ["asset://prov-pier", "asset://prov-boat", "asset://prov-anna smith"],
    }


def drag(page: Page, name: str, onto: str) -> None:
    """By the pointer, to behind another."""
    moving, target = (page.locator(f"#studio-slots .reference[data-name='{each}']") for each in (name, onto))
    moving.scroll_into_view_if_needed()
    here, there = moving.bounding_box(), target.bounding_box()
    assert here
    assert there
    page.mouse.move(here["x"] + 20, here["y"] + 50)
    page.mouse.down()
    page.mouse.move(here["x"] + 40, here["y"] + 55, steps=3)
    page.mouse.move(there["x"] + there["width"] - 4, there["y"] + 50, steps=5)
    page.mouse.up()


def test_what_is_mentioned_and_not_attached_is_attached_at_once(page: Page, team, editor, sign_in):
    make_assets(team, "Boat")
    sign_in(editor)
    page.goto(STUDIO)
    page.locator("#studio-prompt").click()
    page.keyboard.type("Past @bo")
    page.locator("#mention-list").get_by_role("option").click()
    expect(page.locator("#studio-slots .reference")).to_have_count(1)
    expect(received(page)).to_contain_text("Past [Image1]")
    expect(page.locator("#studio-prompt")).to_be_focused()


def test_the_space_after_a_mention_is_one_and_gives_way_to_a_full_stop(page: Page, team, editor, sign_in):
    make_assets(team, "Boat", "Pier")
    sign_in(editor)
    page.goto(STUDIO)
    prompt = page.locator("#studio-prompt")
    prompt.click()
    for name, after in (("boa", " leaves "), ("pie", ". Late")):
        page.keyboard.type(f"@{name}")
        expect(page.locator("#mention-list").get_by_role("option")).to_have_count(1)
        page.keyboard.press("Enter")
        page.keyboard.type(after)
    expect(prompt).to_have_value("@Boat leaves @Pier. Late")


def test_a_chip_is_removed_whole_and_comes_back_with_undo(page: Page, team, editor, sign_in):
    make_assets(team, "Boat")
    sign_in(editor)
    page.goto(STUDIO)
    pick(page, "Boat")
    prompt = page.locator("#studio-prompt")
    prompt.fill("See @Boat")
    expect(page.locator("mark.mention")).to_have_count(1)
    prompt.press("End")
    prompt.press("Backspace")
    expect(prompt).to_have_value("See ")
    prompt.press("Control+z")
    expect(prompt).to_have_value("See @Boat")
    prompt.press("Home")
    for _ in "See ":
        prompt.press("ArrowRight")
    prompt.press("Delete")
    expect(prompt).to_have_value("See ")


def test_one_key_attaches_what_a_grey_chip_means(page: Page, team, editor, sign_in):
    make_assets(team, "Boat")
    sign_in(editor)
    page.goto(STUDIO)
    pick(page, "Boat")
    prompt = page.locator("#studio-prompt")
    prompt.fill("See @Boat")
    expect(received(page)).to_contain_text("See [Image1]")
    page.get_by_role("button", name="Remove Boat").focus()
    page.keyboard.press("Enter")
    expect(page.locator("mark.mention-off")).to_have_count(1)
    expect(page.locator("#studio-mentions")).to_contain_text("mentioned but not among the references")
    prompt.focus()
    prompt.press("End")
    prompt.press("Alt+Enter")
    expect(page.locator("#studio-slots .reference")).to_have_count(1)
    expect(page.locator("mark.mention-off")).to_have_count(0)


def test_escape_leaves_the_sign_alone_and_enter_is_a_new_line_then(page: Page, team, editor, sign_in):
    make_assets(team, "Boat")
    sign_in(editor)
    page.goto(STUDIO)
    prompt = page.locator("#studio-prompt")
    prompt.click()
    page.keyboard.type("@b")
    expect(page.locator("#mention-list").get_by_role("option")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#mention-list")).to_be_hidden()
    page.keyboard.type("o")
    page.keyboard.press("Enter")
    page.keyboard.type("x")
    expect(prompt).to_have_value("@bo\nx")


def test_a_file_dropped_into_the_studio_is_attached_and_generated_with_when_ready(
    page: Page, editor, sign_in, worker, sandbox, tmp_path: Path
):
    sandbox.configure(asset_delay="2", job_delay="1")
    sign_in(editor)
    page.goto(STUDIO)
    page.select_option("select[name=model]", "seedance-2-mini")
    expect(page.locator("input[name=shown_model]")).to_have_value("seedance-2-mini")
    page.fill("#studio-prompt", "Slow waves")
    path = tmp_path / "Pier.png"
    Image.new("RGB", (640, 480), "teal").save(path)
    page.set_input_files("#files", str(path))
    expect(page.locator("#studio-slots .reference[data-name='Pier']")).to_be_visible()
    button = page.locator("#studio-generate")
    expect(button).to_contain_text("when ready")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-generation]")).to_have_count(1)
    expect(page.locator("[data-generation][data-status=completed]")).to_have_count(1)
    request = Generation.objects.get().request
    assert request is not None
    assert request["seedanceParams"]["reference_image_urls"][0].startswith("asset://")


def test_a_link_pasted_into_the_prompt_becomes_a_reference_or_stays_a_text(page: Page, team, editor, sign_in):
    sign_in(editor)
    page.goto(STUDIO)
    url = "https://media.example/pier.png"
    page.evaluate(PASTES, ["#studio-prompt", url])
    page.get_by_role("button", name="Use the direct URL").click()
    expect(page.locator("#studio-slots .reference[data-name='pier.png']")).to_be_visible()
    expect(page.locator("#pool-name")).to_have_value("")
    page.evaluate(PASTES, ["#studio-prompt", url])
    page.get_by_role("button", name="Put it into the prompt").click()
    expect(page.locator("#studio-prompt")).to_have_value(url)


def test_a_prompt_of_before_fills_the_box_and_is_taken_back(page: Page, team, editor, sign_in):
    (boat,) = make_assets(team, "Boat")
    guide = NewReference("reference_image", "image", boat)
    order = Order(uuid.uuid4(), "seedance-2", "@Boat in fog", {}, [guide], {"Boat": str(boat.pk)})
    start(team, editor, order)
    sign_in(editor)
    page.goto(STUDIO)
    prompt = page.locator("#studio-prompt")
    with page.expect_response("**/generate/check/"):
        prompt.fill("My own words")
    page.locator("#prompt-menu summary").click()
    with page.expect_response("**/generate/**"):
        page.get_by_role("button", name="@Boat in fog").click()
    expect(prompt).to_have_value("@Boat in fog")
    expect(page.locator("#prompt-menu")).not_to_have_attribute("open", "")
    page.get_by_role("button", name="Attach Boat").click()
    expect(received(page)).to_contain_text("[Image1] in fog")
    page.get_by_role("button", name="Put back what was there").click()
    expect(prompt).to_have_value("My own words")


def test_a_preset_is_saved_and_applied(page: Page, team, editor, sign_in):
    sign_in(editor)
    page.goto(STUDIO)
    page.fill("#studio-prompt", "Fog over the pier")
    page.locator("input[name=duration]").last.fill("12")
    page.locator("#prompt-menu summary").click()
    page.evaluate("composer.addEventListener('input', () => { composer.dataset.isChecked = '' })")
    page.get_by_label("Name of the new preset").fill("Fog")
    expect(page.locator("#composer")).not_to_have_attribute("data-is-checked", "")  # which would wipe away what is said
    page.keyboard.press("Enter")
    expect(page.locator("#studio-notes")).to_contain_text("Kept as “Fog”")
    page.fill("#studio-prompt", "Something else")
    page.locator("input[name=duration]").last.fill("5")
    page.locator("#prompt-menu summary").click()
    page.get_by_role("button", name="Fog Seedance 2.0").click()
    expect(page.locator("#studio-prompt")).to_have_value("Fog over the pier")
    expect(page.locator("input[name=duration]").last).to_have_value("12")


def test_a_preset_by_its_link_goes_over_what_was_composed_and_is_taken_back(page: Page, team, editor, sign_in):
    make_assets(team, "Boat")
    Preset.objects.create(team=team, name="Long", model="seedance-2", params={"duration": 15})
    sign_in(editor)
    page.goto(STUDIO)
    pick(page, "Boat")
    with page.expect_response("**/generate/check/"):
        page.fill("#studio-prompt", "My own words")
    page.goto(f"{STUDIO}presets/")
    page.get_by_role("link", name="Long").click()
    expect(page.locator("#studio-notes")).to_contain_text("“Long” changed duration. All else is as it was.")
    expect(page.locator("#studio-prompt")).to_have_value("My own words")
    expect(page.locator("#studio-slots .reference")).to_have_count(1)
    expect(page.locator("input[name=duration]").last).to_have_value("15")
    page.get_by_role("button", name="Put back what was there").click()
    expect(page.locator("input[name=duration]").last).to_have_value("8")
    page.reload()
    expect(page.locator("#studio-prompt")).to_have_value("My own words")
    expect(page.locator("input[name=duration]").last).to_have_value("8")

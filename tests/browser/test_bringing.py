"""Picks on their way into the studio: what was composed there stays, and what finds no place is said in sight."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from assets_app.models import Asset, Generation, Membership, NewReference, Team
from tests.views.scene import make_asset, make_generation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def used_last(user: User, model: str) -> None:
    Membership.objects.filter(user=user).update(studio={"model": model, "params": {}})


def compose(page: Page, model: str) -> None:
    """A draft with this model in the browser's memory."""
    page.goto("/dailies/generate/")
    page.select_option("select[name=model]", model)
    expect(page.locator("#studio-controls input[name=shown_model]")).to_have_value(model)
    page.fill("textarea[name=prompt]", "She waits")
    page.wait_for_function("Object.keys(localStorage).some((key) => localStorage[key].includes('She waits'))")


def remember(page: Page, what: str, text: str) -> None:
    """Put into this person's own memory of the browser, as a page would."""
    put = "async ([what, text]) => localStorage.setItem((await import('/static/js/person.js')).ownKey(what), text)"
    page.evaluate(put, [what, text])


def pick_and_generate(page: Page, *assets: Asset) -> None:
    page.goto("/dailies/assets/")
    for asset in assets:
        page.locator(f".tile[data-asset='{asset.pk}'] [data-select]").check()
    page.get_by_role("button", name="Pick for a video").click()
    page.get_by_role("link", name=f"Generate with {len(assets)}").click()
    page.wait_for_url("**/generate/")


def references(page: Page) -> list[str]:
    return [str(each.get_attribute("value")) for each in page.locator("#studio-slots [name=reference]").all()]


def test_picks_fit_the_model_on_the_page_though_another_was_used_last(page: Page, team: Team, editor, sign_in):
    used_last(editor, "happyhorse-1.1")
    courier = make_asset(team, name="Courier")
    sign_in(editor)
    compose(page, "wan-2.7")
    pick_and_generate(page, courier)
    expect(page.locator(f"[data-slot=image] [data-identity='{courier.pk}']")).to_be_visible()
    expect(page.locator("textarea[name=prompt]")).to_have_value("She waits")
    expect(page.locator("#prompt-count")).to_have_text("9 / 5,000")  # as many as Wan takes, not the one used last
    assert references(page) == [f"image:asset:{courier.pk}"]
    expect(page.locator("#studio-generate")).not_to_have_attribute("aria-disabled", "true")


def test_what_the_model_does_not_take_is_said_after_the_draft_is_back_too(page: Page, team: Team, editor, sign_in):
    courier, crossing = make_asset(team, name="Courier"), make_asset(team, "video", name="Crossing")
    harbour = make_asset(team, name="Harbour")
    sign_in(editor)
    compose(page, "happyhorse-1.1")
    page.get_by_role("button", name="Add Harbour").click()
    expect(page.locator("#studio-slots .reference")).to_have_count(1)
    pick_and_generate(page, courier, crossing)
    notes = page.locator("#studio-notes")
    expect(notes).to_contain_text("HappyHorse 1.1 takes no video: Crossing was not added.")
    expect(notes).to_contain_text("Courier is added to Harbour.")
    expect(notes).to_be_in_viewport()
    assert references(page) == [f"images:asset:{harbour.pk}", f"images:asset:{courier.pk}"]
    page.get_by_role("button", name="Put back what was there").click()
    expect(page.locator("#studio-slots .reference")).to_have_count(1)
    page.reload()  # nothing is brought twice
    expect(page.locator("#studio-slots .reference")).to_have_count(1)
    expect(page.locator("textarea[name=prompt]")).to_have_value("She waits")


def test_what_has_no_place_can_be_used_in_another_by_a_press_that_is_in_sight(page: Page, team: Team, editor, sign_in):
    courier = make_asset(team, name="Courier")
    sign_in(editor)
    compose(page, "happyhorse-1.1")
    page.get_by_role("button", name="Add Courier").click()
    expect(page.locator("#studio-slots .reference")).to_have_count(1)
    page.select_option("select[name=model]", "wan-2.7")
    press = page.locator("#studio-bill").get_by_role("button", name="Use it as image")
    expect(press).to_be_in_viewport()
    expect(page.get_by_text("takes no image")).to_have_count(0)
    press.click()
    expect(page.locator(f"[data-slot=image] [data-identity='{courier.pk}']")).to_be_visible()


def test_a_draft_of_an_older_page_is_placed_for_its_own_model(page: Page, team: Team, editor, sign_in):
    """Its fields know nothing of what pages write today."""
    courier, harbour = make_asset(team, name="Courier"), make_asset(team, name="Harbour")
    sign_in(editor)
    page.goto("/dailies/")
    fields = [
        ["model", "wan-2.7"],
        ["shown_model", "wan-2.7"],
        ["prompt", "She waits"],
        ["takes", "1"],
        ["reference", f"image:asset:{harbour.pk}"],
    ]
    draft = json.dumps({"address": "?asset=old&add=1", "fields": fields})
    remember(page, "studio", draft)
    page.goto(f"/dailies/generate/?asset={courier.pk}&add=1")
    expect(page.locator("#studio-notes")).to_contain_text("Courier was not added. Image: 1 of 1 taken.")
    assert references(page) == [f"image:asset:{harbour.pk}"]
    page.get_by_role("button", name="Use it as last frame").click()
    expect(page.locator(f"[data-slot=last_frame] [data-identity='{courier.pk}']")).to_be_visible()


def test_the_cast_stays_with_the_next_shot_by_one_press_and_no_pick_becomes_the_end(
    page: Page, team: Team, editor, sign_in
):
    courier, lantern = make_asset(team, name="Courier"), make_asset(team, name="Lantern")
    film = make_generation(team, by=editor, references=[NewReference("reference_image", "image", courier)])
    frame = make_asset(team, name="Last frame: A lighthouse at dawn")
    Asset.objects.filter(pk=frame.pk).update(made_from=film, made_by="last_frame")
    sign_in(editor)
    page.goto(f"/dailies/generate/?from={film.pk}&then={frame.pk}")
    page.get_by_role("button", name="Add Lantern").click()
    expect(page.locator("#studio-notes")).to_contain_text("Lantern was not added. Start image: 1 of 1 taken.")
    expect(page.locator("[data-slot=end_image] .reference")).to_have_count(0)
    page.reload()
    page.get_by_role("button", name="Keep Courier: send the frame as Image 1").click()
    row = page.locator("[data-slot=reference_image] .reference")
    expect(row).to_have_count(2)
    assert [each.get_attribute("data-identity") for each in row.all()] == [str(frame.pk), str(courier.pk)]
    page.fill("textarea[name=prompt]", "Then")
    page.get_by_role("button", name="Generate").click()
    expect(page.locator(".take")).to_have_count(2)
    fresh = page.context.new_page()
    fresh.goto("/dailies/generate/")
    expect(fresh.locator("[name=aspect_ratio][value='16:9']")).to_be_checked()
    assert Generation.objects.filter(prompt="Then", references__asset=lantern).count() == 0


def test_the_studio_opened_past_the_tray_offers_what_is_picked(page: Page, team: Team, editor, sign_in):
    courier, lantern = make_asset(team, name="Courier"), make_asset(team, name="Lantern")
    sign_in(editor)
    page.goto("/dailies/")
    remember(page, "tray", json.dumps([str(courier.pk), str(lantern.pk)]))
    page.get_by_role("link", name="Generate", exact=True).click()
    page.get_by_role("button", name="Attach them").click()
    expect(page.locator("#studio-slots .reference")).to_have_count(2)


def test_a_press_in_one_tab_sends_what_that_tab_shows_though_another_chose_another_model(
    page: Page, team: Team, editor, sign_in, sandbox
):
    courier, harbour = make_asset(team, name="Courier"), make_asset(team, name="Harbour")
    sign_in(editor)
    compose(page, "seedance-2-fast")
    page.get_by_role("button", name="Add Courier").click()
    expect(page.locator("#studio-slots .reference")).to_have_count(1)
    other = page.context.new_page()
    compose(other, "wan-2.7")
    pick_and_generate(other, harbour)
    expect(other.locator("#studio-slots .slot [name=reference]")).not_to_have_count(0)
    page.get_by_role("button", name="Generate").click()
    expect(page.locator(".take")).to_have_count(1)
    film = Generation.objects.get()
    assert (film.model, [each.asset for each in film.references.all()]) == ("seedance-2-fast", [courier])


CHOOSE_AND_GENERATE = """(model) => {
  const choice = document.querySelector("select[name=model]");
  choice.value = model;
  for (const name of ["input", "change"]) choice.dispatchEvent(new Event(name, { bubbles: true }));
  document.getElementById("studio").requestSubmit(document.getElementById("studio-generate"));
}"""


def test_a_press_faster_than_the_model_sends_nothing_and_says_so_until_it_was_read(
    page: Page, team: Team, editor, sign_in
):
    used_last(editor, "kling-3.0")
    sign_in(editor)
    page.goto("/dailies/generate/")
    page.fill("textarea[name=prompt]", "She waits")
    expect(page.locator("#studio-generate")).not_to_have_attribute("aria-disabled", "true")
    with page.expect_response(
        lambda answer: answer.url.endswith("/check/")
    ):  # the question that was on its way comes last
        page.evaluate(CHOOSE_AND_GENERATE, "seedance-2-mini")
    expect(page.locator("input[name=shown_model]")).to_have_value("seedance-2-mini")
    expect(page.locator("#bill-notice")).to_contain_text("The model was changed to Seedance 2.0 Mini just now")
    assert not Generation.objects.exists()
    page.locator("#studio-generate").click()
    expect(page.locator("[data-generation]")).to_have_count(1)
    expect(page.locator("#bill-notice")).to_have_count(0)

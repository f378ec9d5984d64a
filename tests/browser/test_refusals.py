"""A refused film in the browser: why, and one press to the film that follows."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from assets_app.models import Generation, NewAsset, register_all
from assets_app.sandbox.store import Asset as SandboxAsset

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_blocked_sound_is_mended_with_one_press(page: Page, team, editor, sign_in, worker, sandbox):
    sign_in(editor)
    page.goto("/dailies/generate/")
    page.select_option("select[name=model]", "seedance-2-mini")
    expect(page.locator("input[name=shown_model]")).to_have_value("seedance-2-mini")
    page.fill("textarea[name=prompt]", "A quiet harbour [refuse-sound]")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-generation][data-status=failed]")).to_have_count(1)
    failed = Generation.objects.get()
    page.goto(f"/dailies/videos/{failed.pk}/")
    expect(page.locator("[data-refusal=sound_blocked]")).to_contain_text("its sound was blocked")
    page.get_by_role("button", name="Try again without sound").click()
    page.wait_for_url(lambda address: str(failed.pk) not in address)
    again = Generation.objects.exclude(pk=failed.pk).get()
    assert str(again.pk) in page.url
    assert again.params["generate_audio"] is False
    assert again.made_from == failed


def test_what_there_was_no_room_for_says_when_it_is_tried_again_and_can_be_called_off(
    page: Page, team, editor, sign_in, worker, sandbox
):
    sign_in(editor)
    page.goto("/dailies/generate/")
    page.select_option("select[name=model]", "seedance-2-mini")
    expect(page.locator("input[name=shown_model]")).to_have_value("seedance-2-mini")
    page.fill("textarea[name=prompt]", "Fog over the pier [no-capacity]")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-generation][data-status=failed]")).to_have_count(1)
    failed = Generation.objects.get(origin="")
    page.goto(f"/dailies/videos/{failed.pk}/")
    page.locator(".film-retry").get_by_role("link", name="the film").click()
    expect(page.locator("#film-stage")).to_contain_text("It is tried again by itself at")
    page.get_by_role("button", name="Cancel, nothing is charged").click()
    expect(page.locator("#film-stage")).to_have_attribute("data-status", "cancelled")
    page.goto(f"/dailies/videos/{failed.pk}/")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_a_film_over_an_asset_that_the_provider_forgot_is_tried_again_with_one_press(
    page: Page, team, editor, sign_in, worker, sandbox
):
    (asset,) = register_all(team, editor, [NewAsset(f"{sandbox.base_url}/samples/courier.jpg", "image", "Courier")])
    sign_in(editor)
    page.goto(f"/dailies/assets/{asset.pk}/")
    expect(page.locator("#asset-status")).to_have_attribute("data-status", "active")
    asset.refresh_from_db()
    sandbox.provider.store.forget(SandboxAsset, [asset.provider_id])

    page.goto(f"/dailies/generate/?asset={asset.pk}")
    page.select_option("select[name=model]", "seedance-2-mini")
    expect(page.locator("input[name=shown_model]")).to_have_value("seedance-2-mini")
    page.fill("textarea[name=prompt]", "Rain")
    generate = page.get_by_role("button", name="Generate")
    expect(generate).to_contain_text("credits")
    generate.click()
    expect(page.locator("[data-generation][data-status=failed]")).to_have_count(1)
    failed = Generation.objects.get()
    page.goto(f"/dailies/videos/{failed.pk}/")
    expect(page.locator("[data-refusal=asset_gone]")).to_contain_text("no longer knows one of the assets")
    page.get_by_role("button", name="Try again").click()
    page.wait_for_url(lambda address: str(failed.pk) not in address)

    expect(page.locator("#film-stage")).to_have_attribute("data-status", "completed")
    again, lost = Generation.objects.get(made_from=failed), asset.provider_id
    asset.refresh_from_db()
    assert asset.provider_id != lost
    assert f"asset://{asset.provider_id}" in str(again.request)

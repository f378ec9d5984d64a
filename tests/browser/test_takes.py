"""Two takes at a press, and the next shot from the end of one."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from assets_app.models import Asset, Generation
from tests.views.scene import make_generation, make_video

from .test_main_path import HAS_ITS_LENGTH, PLAYS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_two_takes_play_and_the_last_frame_of_one_begins_the_next_shot(
    page: Page, editor, sign_in, worker, sandbox, reloads
):
    sandbox.configure(job_delay="1", film_scale=1)  # a small last frame is no reference
    sign_in(editor)
    page.goto("/dailies/generate/")
    page.select_option("select[name=model]", "seedance-2-mini")
    expect(page.locator("input[name=shown_model]")).to_have_value("seedance-2-mini")
    page.fill("textarea[name=prompt]", "A quiet harbour at dusk")
    page.locator("label", has_text="480p").click()
    page.locator("input[name=duration]").last.fill("4")
    page.locator(".press-takes label", has_text="2").click()
    expect(page.locator("#studio-generate")).to_contain_text("32")
    reloads.count = 0
    page.keyboard.press("Control+Enter")
    expect(page.locator(".take[data-status=completed] [data-open]")).to_have_count(2)
    assert reloads.count == 0
    assert set(Generation.objects.values_list("take", flat=True)) == {1, 2}
    for number in (0, 1):  # in its place, with all that is composed left as it is
        page.locator(".take-link").nth(number).click()
        film = page.locator("#viewer video")
        expect(film).to_be_visible()
        assert film.evaluate(HAS_ITS_LENGTH) == pytest.approx(4, abs=0.1)
        assert film.evaluate(PLAYS) > 0
        page.keyboard.press("Escape")
        expect(page.locator("#viewer")).to_be_hidden()
    expect(page.locator("textarea[name=prompt]")).to_have_value("A quiet harbour at dusk")
    assert reloads.count == 0
    page.locator(".take-link").nth(1).press("Enter")
    page.wait_for_url("**/videos/**")
    page.get_by_role("button", name="Next shot from its last frame").click()
    page.wait_for_url("**/generate/**")
    frame = Asset.objects.get(made_by="last_frame")
    start = page.locator(f".slot-frame input[value='start_image:asset:{frame.pk}']")
    expect(start).to_have_count(1)
    page.fill("textarea[name=prompt]", "A gull lands on the mast")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".take[data-status=completed]")).to_have_count(3)
    shot = Generation.objects.get(prompt="A gull lands on the mast")
    assert shot.origin == "next"
    assert shot.made_from_id == frame.made_from_id
    assert shot.request
    assert shot.request["seedanceParams"]["start_image"] == Asset.objects.get(pk=frame.pk).reference_url
    # A take becomes a reference of what is being composed, beside what is there.
    page.goto("/dailies/generate/")
    page.fill("textarea[name=prompt]", "And then")
    page.locator("#studio-pool").get_by_role("button", name="Last frame").click()
    expect(page.locator("#studio-slots .reference")).to_have_count(1)
    page.locator(".take").first.get_by_role("button", name="Use as reference").click()
    expect(page.locator("#studio-slots .reference")).to_have_count(2)
    expect(page).to_have_url(re.compile("/dailies/generate/$"))
    expect(page.locator("textarea[name=prompt]")).to_have_value("And then")
    # Once more from the strip, without leaving the page.
    reloads.count = 0
    page.locator(".take").first.get_by_role("button", name="Run again").click()
    expect(page.locator(".take[data-status=completed]")).to_have_count(4)
    assert reloads.count == 0
    assert Generation.objects.get(origin="again").made_from == shot


@pytest.mark.parametrize("place", ["generate", "videos"])
@pytest.mark.parametrize("is_there", [False, True])
def test_a_double_click_on_run_again_makes_one_though_the_list_moves_under_it(
    page: Page, team, editor, sign_in, sandbox, place, is_there
):
    films = [make_generation(team) for _ in range(3)]
    for film in films:
        make_video(film)
    sign_in(editor)
    page.goto(f"/dailies/{place}/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    card = page.locator(f"[data-generation='{films[1].pk}']")
    card.hover()
    card.get_by_role("button", name="Run again").click()
    queued = page.locator("[data-generation][data-status=queued]")
    if is_there:
        expect(queued).to_have_count(1)
    page.mouse.down(click_count=2)  # on whatever is there by now
    page.mouse.up(click_count=2)
    expect(queued).to_have_count(1)
    assert len([url for url in asked if "/run/" in url]) == 1
    assert [film.made_later.count() for film in films] == [0, 1, 0]


def test_on_a_phone_it_is_said_that_a_take_is_on_its_way_and_the_word_leads_there(page: Page, team, editor, sign_in):
    page.set_viewport_size({"width": 390, "height": 700})
    sign_in(editor)
    page.goto("/dailies/generate/")
    page.fill("textarea[name=prompt]", "A quiet harbour at dusk")
    page.locator(".press-takes").scroll_into_view_if_needed()
    expect(page.locator("#takes-title")).not_to_be_in_viewport()
    page.locator("#studio-generate").click()
    page.get_by_role("button", name="Show the takes").click()
    expect(page.locator("#takes .take")).to_be_in_viewport()
    assert Generation.objects.count() == 1

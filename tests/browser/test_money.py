"""Money, as a person meets it: the question before a large sum, and the budget that stops."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from assets_app.models import Generation, Membership, SpendingLimit, Team
from tests.views.scene import make_generation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


# `ask.js` takes a press that comes sooner after what it is on was drawn for one meant for what stood there before.
NOT_TOO_SOON = 800  # milliseconds; longer does no harm


def press_again(page: Page, button: Locator) -> None:
    """The second half of a double click, wherever the first was."""
    button.hover()
    page.mouse.down(click_count=2)
    page.mouse.up(click_count=2)


def compose(page: Page, takes: int) -> None:
    page.goto("/dailies/generate/")
    page.fill("textarea[name=prompt]", "A quiet harbour")
    page.locator("label", has=page.locator(f"input[name=takes][value='{takes}']")).click()
    expect(page.locator(".generate-words")).to_contain_text(f"Generate {takes}")


def test_above_the_teams_limit_it_asks_and_a_double_click_is_no_yes(
    page: Page, team, editor, sign_in, sandbox, reloads
):
    Team.objects.filter(pk=team.pk).update(confirm_above=500)
    sign_in(editor)
    compose(page, 4)
    reloads.count = 0
    page.locator("#studio-generate").click()
    yes = page.get_by_role("button", name="Yes, spend 576 credits")
    press_again(page, yes)  # where Generate was a moment ago
    expect(yes).to_be_visible()
    assert not Generation.objects.exists()
    page.get_by_role("button", name="Not now").click()
    expect(page.locator("#studio-generate")).to_be_visible()
    page.locator("#studio-generate").click()
    expect(yes).to_be_visible()
    page.reload()  # a page that is only opened asks nothing
    expect(page.locator(".generate-words")).to_contain_text("Generate 4")
    expect(page.locator("textarea[name=prompt]")).to_have_value("A quiet harbour")
    expect(yes).to_have_count(0)
    reloads.count = 0
    page.locator("#studio-generate").click()
    expect(yes).to_be_visible()
    page.wait_for_timeout(NOT_TOO_SOON)
    page.get_by_label("Don’t ask me again").check()
    yes.click()
    expect(page.locator("#takes [data-generation]")).to_have_count(4)
    expect(page.locator("textarea[name=prompt]")).to_have_value("A quiet harbour")
    assert not Membership.objects.get(user=editor).asks_first
    assert reloads.count == 0


@pytest.mark.parametrize("is_answered", [False, True])
def test_a_double_click_pays_once_also_when_the_answer_came_in_between(
    page: Page, team, editor, sign_in, sandbox, is_answered
):
    sign_in(editor)
    compose(page, 2)
    click = page.locator("#studio-click").input_value()
    button = page.locator("#studio-generate")
    button.click()
    if is_answered:
        expect(page.locator("#studio-click")).not_to_have_value(click)
        press_again(page, button)
    else:
        page.mouse.down(click_count=2)
        page.mouse.up(click_count=2)
    expect(page.locator("#takes [data-generation]")).to_have_count(2)
    page.wait_for_timeout(NOT_TOO_SOON)
    button.click()  # and the next press is another one; what was pressed before it has been answered before it
    expect(page.locator("#takes [data-generation]")).to_have_count(4)
    assert Generation.objects.count() == 4


def test_a_press_right_after_the_question_is_no_answer_to_it(page: Page, team, editor, sign_in, sandbox):
    Team.objects.filter(pk=team.pk).update(confirm_above=500)
    sign_in(editor)
    compose(page, 4)
    page.evaluate(
        """document.addEventListener("studio:asked", () => {
            document.getElementById("studio-yes").click()
            document.body.dataset.pressed = "at once"
        })"""
    )
    page.locator("#studio-generate").click()
    expect(page.locator("body")).to_have_attribute("data-pressed", "at once")
    page.get_by_role("button", name="Not now").click()  # answered after whatever was pressed before
    expect(page.locator("#studio-generate")).to_be_visible()
    assert not Generation.objects.exists()


def test_a_hard_budget_switches_the_button_off_and_says_who_can_raise_it(page: Page, team, editor, sign_in, sandbox):
    SpendingLimit.objects.create(team=team, user=editor, period="day", stop_at=300)
    sign_in(editor)
    compose(page, 2)
    page.locator("#studio-generate").click()
    expect(page.locator("#takes [data-generation]")).to_have_count(2)
    bill = page.locator("#studio-bill")
    expect(bill).to_contain_text("edda: 288 of 300 credits today")
    expect(bill).to_contain_text("the budget has 12 left")
    expect(page.locator("#studio-generate")).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Control+Enter")
    expect(page.locator("textarea[name=prompt]")).to_have_value("A quiet harbour")
    assert Generation.objects.count() == 2


def test_what_has_no_price_waits_for_an_admin_who_lets_it_through_where_it_is_seen(
    page: Page, team, admin, editor, sign_in, sandbox
):
    SpendingLimit.objects.create(team=team, period="day", stop_at=500)
    sign_in(editor)
    page.goto("/dailies/generate/?model=sora-2")
    page.fill("textarea[name=prompt]", "A quiet harbour")
    expect(page.locator(".generate-words")).to_have_text("Generate · price not known")
    expect(page.locator("#bill-why")).to_contain_text("It needs approval from ada before it is sent.")
    page.locator("#studio-generate").click()
    expect(page.locator("#takes [data-status=approval]")).to_have_count(1)
    sign_in(admin)
    page.goto("/dailies/")
    waiting = page.locator("[data-approval]")
    expect(waiting).to_contain_text("A quiet harbour")
    waiting.get_by_label("Reason").fill("half a reason")
    waiting.get_by_role("button", name="Approve · price not known").click()
    expect(page.get_by_text("1 take approved, on its way.")).to_be_visible()
    expect(page.get_by_text("Waiting for your approval")).to_be_hidden()
    assert Generation.objects.get().state != "approval"


def test_a_small_tool_names_its_price_and_its_press_sends_what_it_showed(page: Page, team, editor, sign_in, sandbox):
    sign_in(editor)
    compose(page, 2)
    page.locator("#studio-generate").click()
    again = page.locator("#takes").get_by_role("button", name="Run again · 144 sandbox credits").first
    expect(again).to_have_attribute("title", re.compile(r"144 sandbox credits$"))
    expect(again.locator("[aria-hidden]", has_text="144")).to_be_visible()
    with page.expect_request("**/run/**") as sent:
        again.click()
    assert "shown_price=144" in (sent.value.post_data or "")
    expect(page.locator(".toast", has_text="On its way: 144 sandbox credits.")).to_be_visible()
    expect(page.locator("#takes [data-generation]")).to_have_count(3)


def test_a_failed_take_is_tried_again_from_the_strip_with_the_step_that_helps(
    page: Page, team, editor, sign_in, sandbox
):
    make_generation(team, "failed", reason="The request failed because the output audio may contain sensitive content.")
    sign_in(editor)
    page.goto("/dailies/generate/")
    page.fill("textarea[name=prompt]", "Something else")
    page.locator("#takes").get_by_role("button", name="Try again without sound · 144 sandbox credits").click()
    expect(page.locator(".toast", has_text="On its way: 144 sandbox credits.")).to_be_visible()
    expect(page.locator("#takes [data-status=queued]")).to_have_count(1)
    expect(page.locator("textarea[name=prompt]")).to_have_value("Something else")
    assert Generation.objects.get(state="queued").params["generate_audio"] is False

"""A person is faster than the line: what is pressed and set while answers are on their way, however late they come."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, Request, Route, expect

from assets_app.models import Generation, NewReference
from assets_app.money.ordering import Order, start

from .test_prompt import STUDIO, make_assets, pick, references

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CHECK = "**/generate/check/"


class Line:
    """The line to the server: questions of one kind are kept until they are let go."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.kept: list[Route] = []
        self.keeps: str | None = None
        page.route(CHECK, self._pass)

    def _pass(self, route: Route) -> None:
        does = parse_qs(route.request.post_data or "").get("do", [""])[0]
        if self.keeps is not None and does.partition(":")[0] == self.keeps:
            self.kept.append(route)
        else:
            route.continue_()

    @contextmanager
    def keeping(self, what: str) -> Iterator[None]:
        """Keeps the question that is asked inside; `what` is the verb of its `do`, nothing for a mere check."""
        self.keeps = what
        with self.page.expect_request(lambda request: "/generate/check/" in request.url):
            yield
        while not self.kept:
            self.page.wait_for_load_state()  # gives the route its turn
        self.keeps = None

    def let_go(self) -> None:
        self.kept.pop().continue_()


@pytest.fixture
def line(page: Page) -> Line:
    return Line(page)


def test_a_late_answer_about_the_form_of_before_takes_nothing_back(page: Page, team, editor, sign_in, line):
    (boat,) = make_assets(team, "Boat")
    guide = NewReference("reference_image", "image", boat)
    start(team, editor, Order(uuid.uuid4(), "seedance-2", "@Boat in fog", {}, [guide], {"Boat": str(boat.pk)}))
    sign_in(editor)
    page.goto(STUDIO)
    prompt = page.locator("#studio-prompt")
    page.locator("#prompt-menu summary").click()
    old = page.get_by_role("button", name="@Boat in fog")
    expect(old).to_be_visible()
    with line.keeping(""):
        prompt.fill("My own words")
    old.click()
    expect(prompt).to_have_value("@Boat in fog")
    with page.expect_request(CHECK):  # what comes so late is not believed: it is asked anew
        line.let_go()
    back = page.get_by_role("button", name="Put back what was there")
    expect(back).to_be_visible()
    back.click()
    expect(prompt).to_have_value("My own words")


def test_three_that_are_picked_at_once_are_all_attached(page: Page, team, editor, sign_in, line):
    make_assets(team, "Anna", "Boat", "Pier")
    sign_in(editor)
    page.goto(STUDIO)
    add = {name: page.get_by_role("button", name=f"Add {name}, image") for name in ("Anna", "Boat", "Pier")}
    with line.keeping("add"):
        add["Anna"].click()
    add["Boat"].click()
    add["Pier"].click()
    line.let_go()
    expect(page.locator("#studio-slots .reference")).to_have_count(3)
    assert references(page) == ["Anna", "Boat", "Pier"]


def test_what_was_pressed_is_what_goes_though_it_has_moved_meanwhile(page: Page, team, editor, sign_in, line):
    make_assets(team, "Anna", "Boat", "Pier")
    sign_in(editor)
    page.goto(STUDIO)
    pick(page, "Anna", "Boat", "Pier")
    with line.keeping("remove"):
        page.get_by_role("button", name="Remove Anna").press("Enter")
    page.get_by_role("button", name="Remove Boat").press("Enter")
    page.get_by_role("button", name="Move Pier earlier").press("Enter")
    line.let_go()
    expect(page.locator("#studio-slots .reference")).to_have_count(1)
    assert references(page) == ["Pier"]


def test_what_is_set_while_an_answer_is_on_its_way_stays_and_is_reckoned_with(page: Page, team, editor, sign_in, line):
    make_assets(team, "Boat")
    sign_in(editor)
    page.goto(STUDIO)
    page.fill("#studio-prompt", "A quiet harbour")
    duration = page.locator("#studio-duration")
    duration.fill("5")
    words = page.locator(".generate-words")
    expect(words).to_contain_text("90")
    with line.keeping("add"):
        page.get_by_role("button", name="Add Boat, image").click()
    duration.fill("10")
    page.locator("label", has=page.locator("input[name=resolution][value='480p']")).click()
    line.let_go()
    expect(page.locator("#studio-slots .reference")).to_have_count(1)
    expect(duration).to_have_value("10")
    expect(page.locator("input[name=resolution][value='480p']")).to_be_checked()
    expect(words).to_contain_text("80")


def test_what_is_picked_before_the_draft_is_back_is_added_to_it(page: Page, team, editor, sign_in, line):
    make_assets(team, "Anna", "Boat")
    sign_in(editor)
    page.goto(STUDIO)
    pick(page, "Anna")
    page.fill("#studio-prompt", "Fog over the pier")
    with line.keeping("restore"):
        page.reload()
    page.get_by_role("button", name="Add Boat, image").click()
    line.let_go()
    expect(page.locator("#studio-slots .reference")).to_have_count(2)
    assert references(page) == ["Anna", "Boat"]
    expect(page.locator("#studio-prompt")).to_have_value("Fog over the pier")
    expect(page.locator("#studio-prompt")).to_be_editable()


def test_an_answer_between_press_and_release_swallows_no_press(page: Page, team, editor, sign_in, sandbox, line):
    sign_in(editor)
    page.goto(STUDIO)
    with line.keeping(""):
        page.fill("#studio-prompt", "A quiet harbour")
    page.locator("#studio-generate").hover()
    page.mouse.down()
    with page.expect_event("requestfinished", lambda request: "/generate/check/" in request.url):
        line.let_go()
    page.mouse.up()
    expect(page.locator("#takes [data-generation]")).to_have_count(1)
    assert Generation.objects.get().prompt == "A quiet harbour"


def test_a_release_that_is_never_heard_of_holds_no_answer_up(page: Page, team, editor, sign_in):
    make_assets(team, "Boat")
    sign_in(editor)
    page.goto(STUDIO)
    page.locator("#studio-prompt").dispatch_event("pointerdown", {"button": 0})
    page.locator("#studio-prompt").hover()
    page.get_by_role("button", name="Add Boat, image").press("Enter")
    expect(page.locator("#studio-slots .reference")).to_have_count(1)


def test_generate_pressed_twice_while_it_waits_for_its_turn_pays_once(page: Page, team, editor, sign_in, sandbox, line):
    (boat,) = make_assets(team, "Boat")
    sign_in(editor)
    page.goto(STUDIO)
    page.fill("#studio-prompt", "A quiet harbour")
    answered: list[Request] = []

    def is_second_answer(request: Request) -> bool:
        if request.method == "POST" and request.url.endswith(STUDIO):
            answered.append(request)
        return len(answered) == 2

    generate = page.locator("#studio-generate")
    expect(generate).to_be_enabled()
    with line.keeping("add"):  # as after an upload
        page.evaluate(
            "asset => document.dispatchEvent(new CustomEvent('castboard:uploaded', { detail: { asset } }))",
            str(boat.pk),
        )
    generate.click()
    generate.click()
    with page.expect_event("requestfinished", is_second_answer):
        line.let_go()
    expect(page.locator("#takes [data-generation]")).to_have_count(1)
    assert Generation.objects.count() == 1

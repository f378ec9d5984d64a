"""References put into their places by hand: by a finger, out of the picker, and from outside onto one slot."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from .test_prompt import STUDIO, make_assets, pick, references

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DROPS = """([selector, kind, text]) => {
    const dataTransfer = new DataTransfer()
    const bytes = () => Uint8Array.from(atob(text), (c) => c.charCodeAt(0))
    if (kind === "file") dataTransfer.items.add(new File([bytes()], "Pier.png", {type: "image/png"}))
    else dataTransfer.setData("text/uri-list", text)
    const target = document.querySelector(selector)
    for (const name of ["dragenter", "dragover", "drop"])
        target.dispatchEvent(new DragEvent(name, {dataTransfer, bubbles: true, cancelable: true}))
}"""


def slot(page: Page, name: str) -> Locator:
    return page.locator(f"#studio-slots [data-slot={name}]")


def middle(place: Locator) -> tuple[float, float]:
    box = place.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


# --- by the pointer, out of the picker -------------------------------------------------------------------------------
def test_an_asset_is_dragged_out_of_the_picker_into_one_slot(page: Page, team, editor, sign_in):
    make_assets(team, "Boat", "Pier")
    sign_in(editor)
    page.goto(STUDIO)
    drag_from_pool(page, "Boat", "start_image")
    expect(slot(page, "start_image").locator(".reference")).to_have_attribute("data-name", "Boat")
    expect(page.locator("#announcer")).to_contain_text("Boat: Start image, 1 of 1.")
    expect(page.locator("#studio-pool .pool-used")).to_have_count(1)  # the picker is the new one as well
    drag_from_pool(page, "Pier", "reference_video")
    expect(page.locator("#studio-notes")).to_contain_text("Pier is an image; “Reference videos” takes a video.")
    expect(page.locator("#studio-slots .reference")).to_have_count(1)
    expect(page.locator(".drag-ghost")).to_have_count(0)


def drag_from_pool(page: Page, name: str, onto: str) -> None:
    page.mouse.move(*middle(page.locator(f"#studio-pool [aria-label='Add {name}, image']")))
    page.mouse.down()
    page.mouse.move(*middle(slot(page, onto)), steps=6)
    expect(page.locator(".drag-ghost")).to_be_visible()
    page.mouse.up()


# --- by a finger -----------------------------------------------------------------------------------------------------
class Finger:
    """One finger on the glass of a tablet, as the system reports it."""

    def __init__(self, page: Page) -> None:
        page.set_viewport_size({"width": 1024, "height": 1200})
        self._devtools = page.context.new_cdp_session(page)
        self._devtools.send("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def _is(self, what: str, *points: tuple[float, float]) -> None:
        touches: Any = [{"x": x, "y": y} for x, y in points]
        self._devtools.send("Input.dispatchTouchEvent", {"type": what, "touchPoints": touches})

    def down(self, at: tuple[float, float]) -> None:
        self._is("touchStart", at)

    def move(self, start: tuple[float, float], end: tuple[float, float], steps: int = 5) -> None:
        for n in range(1, steps + 1):
            x, y = (a + (b - a) * n / steps for a, b in zip(start, end, strict=True))
            self._is("touchMove", (x, y))

    def up(self) -> None:
        self._is("touchEnd")


def test_a_finger_that_holds_on_reorders_and_one_that_moves_at_once_scrolls(page: Page, team, editor, sign_in):
    make_assets(team, "Anna", "Boat", "Pier")
    sign_in(editor)
    page.goto("/dailies/")
    finger = Finger(page)
    page.goto(STUDIO)
    pick(page, "Anna", "Boat", "Pier")
    expect(page.locator("#studio-pool .pool-used")).to_have_count(3)
    items = page.locator("#studio-slots .reference")
    items.nth(2).scroll_into_view_if_needed()
    here, (x, y) = middle(items.nth(0).locator(".thumb")), middle(items.nth(2).locator(".thumb"))
    there = (x + 60, y)

    finger.down(here)
    expect(page.locator(".reference-dragged")).to_have_attribute("data-name", "Anna")
    finger.move(here, there)
    expect(page.locator(".drop-after")).to_have_attribute("data-name", "Pier")
    finger.up()
    expect(items.nth(2)).to_have_attribute("data-name", "Anna")
    assert references(page) == ["Boat", "Pier", "Anna"]

    page.set_viewport_size({"width": 1024, "height": 600})
    page.evaluate("scrollTo(0, 0)")
    items.nth(0).scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    x, y = middle(items.nth(0).locator(".thumb"))
    finger.down((x, y))
    finger.move((x, y), (x, y - 200), steps=10)
    finger.up()
    page.wait_for_function(f"scrollY > {before}")
    assert references(page) == ["Boat", "Pier", "Anna"]
    expect(page.locator(".reference-dragged")).to_have_count(0)


def test_a_finger_takes_an_asset_from_the_picker_to_a_slot_and_a_press_still_adds(page: Page, team, editor, sign_in):
    make_assets(team, "Boat", "Pier")
    sign_in(editor)
    page.goto("/dailies/")
    finger = Finger(page)
    page.goto(STUDIO)
    boat = page.locator("#studio-pool [aria-label='Add Boat, image']")
    here, there = middle(boat), middle(slot(page, "end_image"))
    finger.down(here)
    expect(page.locator(".drag-ghost")).to_be_visible()
    finger.move(here, there)
    finger.up()
    expect(slot(page, "end_image").locator(".reference")).to_have_attribute("data-name", "Boat")
    expect(page.locator("#studio-slots .reference")).to_have_count(1)
    pick(page, "Pier")
    expect(page.locator("#studio-slots .reference")).to_have_count(2)


# --- from outside ----------------------------------------------------------------------------------------------------
def test_a_file_dropped_on_a_slot_goes_there(page: Page, team, editor, sign_in, a_png):
    sign_in(editor)
    page.goto(STUDIO)
    page.evaluate(DROPS, ["#studio-slots [data-slot=end_image] .slot-empty", "file", a_png])
    expect(slot(page, "end_image").locator(".reference")).to_have_attribute("data-name", "Pier")
    expect(page.locator("#drop")).to_be_hidden()


def test_a_file_dropped_on_a_slot_for_something_else_says_why_it_is_not_there(page: Page, editor, sign_in, a_png):
    sign_in(editor)
    page.goto(STUDIO)
    page.evaluate(DROPS, ["#studio-slots [data-slot=reference_audio]", "file", a_png])
    expect(page.locator("#studio-notes")).to_contain_text("Pier is an image; “Reference audio” takes audio.")
    expect(page.locator("#studio-pool [aria-label='Add Pier, image']")).to_be_visible()
    expect(page.locator("#studio-slots .reference")).to_have_count(0)


@pytest.fixture
def a_png() -> str:
    """In base64, as a script can carry it."""
    written = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(written, "PNG")
    return base64.b64encode(written.getvalue()).decode()


def test_a_link_dropped_on_a_slot_goes_there_and_one_dropped_elsewhere_asks(page: Page, editor, sign_in):
    sign_in(editor)
    page.goto(STUDIO)
    page.evaluate(DROPS, ["#studio-slots [data-slot=start_image]", "link", "https://media.example/pier.png"])
    expect(slot(page, "start_image").locator(".reference")).to_have_attribute("data-name", "pier.png")
    page.evaluate(DROPS, ["#studio-slots [data-slot=end_image]", "link", "https://media.example/pier.mp4"])
    expect(page.locator("#studio-notes")).to_contain_text("pier.mp4 looks like a video; “End image” takes an image.")
    page.evaluate(DROPS, ["#inspector", "link", "https://media.example/boat.png"])
    expect(page.get_by_role("button", name="Use the direct URL")).to_be_visible()


LISTS = """([name, bytes]) => {
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File([Uint8Array.from(bytes)], name, {type: "text/csv"}))
    for (const kind of ["dragenter", "dragover", "drop"])
        document.body.dispatchEvent(new DragEvent(kind, {dataTransfer, bubbles: true, cancelable: true}))
}"""


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_dropped_table_brings_its_links_whole_and_its_names(page: Page, team, editor, sign_in, encoding):
    links = [
        "https://media.example/w_4,h_3/a.png",
        "https://media.example/b.mp4?h=a;b",
        "https://media.example/it's.png",
    ]
    table = f'name,url,note\r\nHéro,"{links[0]}",\r\nClip,{links[1]},late\r\nQuote,"{links[2]}",\r\nNone,,\r\n'
    sign_in(editor)
    page.goto("/dailies/")
    page.evaluate(LISTS, ["list.csv", list(table.encode(encoding))])
    expect(page.locator("#paste-summary")).to_contain_text("3 to register · 1 needs a look · not read: note")
    expect(page.locator(".paste-row").first).to_contain_text(f"Héro {links[0]}")
    page.get_by_role("button", name="Register 3").click()
    expect(page.locator(".paste-outcome")).to_contain_text("Registered 3. Only links, names and types were read")
    expect(page.locator("#urls")).to_have_value("None,,")
    assert dict(team.assets.values_list("name", "source_url")) == dict(
        zip(["Héro", "Clip", "Quote"], links, strict=True)
    )

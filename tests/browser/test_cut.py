"""Choosing a part in the browser: the frame and the seconds by mouse and keys, and back to the composer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from PIL import Image
from playwright.sync_api import Page, expect

from assets_app.models import Asset, Original
from tests.media import samples
from tests.views.scene import make_asset

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def with_file(asset: Asset, file: Path) -> Asset:
    original = Original.objects.get(pk=asset.pk)
    original.file.save(original.file_name("e" * 64, file.suffix), ContentFile(file.read_bytes()), save=False)
    Original.objects.filter(pk=asset.pk).update(file=original.file.name)
    return Asset.objects.select_related("original").get(pk=asset.pk)


@pytest.fixture
def panorama(team, tmp_path) -> Asset:
    """1200 × 400: too wide for the model."""
    Image.new("RGB", (1200, 400), (30, 90, 160)).save(tmp_path / "wide.jpg")
    facts = {"width": 1200, "height": 400, "content_type": "image/jpeg"}
    return with_file(make_asset(team, name="Panorama", **facts), tmp_path / "wide.jpg")


@pytest.fixture
def crossing(team, tmp_path) -> Asset:
    """Six seconds, 1280 × 720."""
    file = samples.film(tmp_path / "crossing.mp4", seconds=6, size=(1280, 720))
    facts = {"width": 1280, "height": 720, "content_type": "video/mp4", "seconds": 6.0, "fps": 24.0}
    return with_file(make_asset(team, "video", name="Crossing", **facts), file)


def box_is(page: Page, left: int, top: int, width: int, height: int) -> None:
    for name, value in {"left": left, "top": top, "width": width, "height": height}.items():
        expect(page.locator(f"[data-box={name}]")).to_have_value(str(value))


def drag(page: Page, start: tuple[float, float], by: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + by[0], start[1] + by[1], steps=4)
    page.mouse.up()


def test_a_part_is_chosen_for_what_is_being_composed_and_nothing_typed_is_lost(page: Page, panorama, editor, sign_in):
    sign_in(editor)
    page.goto(f"/dailies/generate/?asset={panorama.pk}")
    page.fill("textarea[name=prompt]", "Along the shore, at dawn")
    page.get_by_role("button", name="Choose the part of Panorama").click()
    frame = page.locator("#cut-frame")
    expect(frame).to_be_visible()
    box_is(page, 100, 0, 1000, 400)

    # By mouse: the frame to the left edge and beyond, then its right edge to the middle of the picture.
    stage = page.locator("#cut-stage").bounding_box()
    assert stage
    x, y, width, height = stage["x"], stage["y"], stage["width"], stage["height"]
    drag(page, (x + width / 2, y + height / 2), (-width, 0))
    box_is(page, 0, 0, 1000, 400)
    drag(page, (x + width * 1000 / 1200, y + height / 2), (-width * 400 / 1200, 0))
    expect(page.locator("[data-box=width]")).to_have_value(re.compile(r"^(59[5-9]|60[0-5])$"))

    # By keys, a hundredth of the picture at a time, or a pixel.
    page.get_by_role("button", name="1:1").click()
    left = int(page.locator("[data-box=left]").input_value())
    frame.press("ArrowRight")
    frame.press("Alt+ArrowRight")
    box_is(page, left + 13, 0, 400, 400)
    frame.press("Shift+ArrowLeft")
    box_is(page, left + 13, 0, 388, 388)
    expect(page.locator("#cut-verdict")).to_contain_text("388 × 388")
    expect(page.locator("#cut-verdict")).to_contain_text("Seedance 2.0 takes this size.")

    # By numbers; what they come to is said.
    page.fill("[data-box=width]", "2000")
    expect(page.locator("#cut-verdict")).to_contain_text("pixels left. Make it at most")
    page.get_by_role("button", name="16:9").click()
    expect(page.locator("#cut-verdict")).to_contain_text("takes this size.")
    chosen = [int(page.locator(f"[data-box={name}]").input_value()) for name in ("left", "top", "width", "height")]
    page.get_by_role("button", name="Cut it and use it").click()

    expect(page).to_have_url(re.compile("/dailies/generate/$"))  # what the address brought is in the draft
    expect(page.locator(".reference-name")).to_have_text("Panorama (cropped)")
    expect(page.locator("textarea[name=prompt]")).to_have_value("Along the shore, at dawn")
    assert Original.objects.get(asset__cut_from=panorama).cut == {"box": chosen}
    page.reload()
    expect(page.locator(".reference-name")).to_have_text("Panorama (cropped)")
    expect(page.locator("textarea[name=prompt]")).to_have_value("Along the shore, at dawn")


def test_seconds_are_chosen_by_handles_keys_and_where_it_plays_on_a_phone_too(page: Page, crossing, editor, sign_in):
    sign_in(editor)
    page.goto("/dailies/")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/dailies/assets/{crossing.pk}/cut/?most=3")
    start, end = page.locator("[data-time=start]"), page.locator("[data-time=end]")
    expect(end).to_have_value("3")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    page.get_by_label("End, in seconds").press("ArrowLeft")
    expect(end).to_have_value("2.9")
    page.get_by_label("Start, in seconds").press("ArrowRight")
    expect(start).to_have_value("0.1")

    # The part is played from its start, and stops at its end.
    page.fill("[data-time=start]", "2.2")
    player = page.locator("#cut-player")
    player.evaluate("player => player.playbackRate = 0.1")  # or it may be over by the time we look
    page.get_by_role("button", name="Play the part").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    player.evaluate("player => player.playbackRate = 1")
    expect(page.get_by_role("button", name="Play the part")).to_be_visible()
    assert player.evaluate("player => player.currentTime") >= 2.9

    page.locator("[data-seek]").fill("1")
    page.get_by_role("button", name="Start from here").click()
    expect(start).to_have_value("1")
    frame = page.locator("#cut-frame")
    frame.press("Shift+ArrowLeft")
    expect(page.locator("#cut-verdict")).to_contain_text("1268 × 720, 1.9 s")
    page.get_by_role("button", name="Cut it").click()
    expect(page.locator("#asset-status")).to_contain_text("Checking")
    assert Original.objects.get(asset__cut_from=crossing).cut == {"box": [0, 0, 1268, 720], "start": 1, "seconds": 1.9}

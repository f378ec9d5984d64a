"""What this browser cannot play gives way to our clip or still of it, and the page says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from playwright.sync_api import Page, expect

from assets_app.media.probe import probe
from assets_app.media.thumbnails import hover_clip, still
from assets_app.models import Asset
from tests.media import samples
from tests.views.scene import make_asset

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def with_previews(asset: Asset, path: Path) -> Asset:
    """The asset with that file, and the previews that the worker would have made of it."""
    facts, original = probe(path), asset.original
    made = {"file": path.read_bytes(), "poster": still(path, facts)}
    if facts.media_type == "video":
        made["clip"] = hover_clip(path, facts)
    for column, content in made.items():
        getattr(original, column).save(f"{original.folder}/{column}{path.suffix}", ContentFile(content), save=False)
    original.sha256, original.content_type, original.state = "cd" * 32, str(facts.content_type), "saved"
    original.save()
    return asset


def test_a_film_that_the_browser_cannot_decode_gives_way_to_our_clip(page: Page, team, editor, sign_in, tmp_path):
    film = samples.film(tmp_path / "a.mov", seconds=0.5, codec="prores_ks", pixels="yuv422p10le", sound="aac")
    asset = with_previews(make_asset(team, "video", name="Dailies"), film)
    sign_in(editor)
    page.goto("/dailies/")
    for address in (f"/dailies/assets/{asset.pk}/", "/dailies/assets/"):
        page.goto(address)
        if address.endswith("/assets/"):
            page.locator("[data-open]").first.click()
        player = page.locator("#asset-preview video, #viewer video")
        page.wait_for_function("() => document.querySelector('video[data-media]')?.src.includes('/clip/')")
        page.wait_for_function("() => document.querySelector('video[data-media]').videoWidth === 320")
        expect(player).to_have_js_property("loop", True)  # noqa: FBT003
    page.goto(f"/dailies/assets/{asset.pk}/")
    expect(page.get_by_text("This browser cannot show the file; this is a preview of it.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the original").click()
    assert download.value.suggested_filename == "Dailies.mov"


def test_a_sound_that_the_browser_cannot_decode_leaves_its_waveform(page: Page, team, editor, sign_in, tmp_path):
    sound = samples.sound(tmp_path / "a.m4a", "alac", seconds=0.5)
    asset = with_previews(make_asset(team, "audio", name="Voice"), sound)
    sign_in(editor)
    page.goto(f"/dailies/assets/{asset.pk}/")
    expect(page.get_by_text("This browser cannot show the file")).to_be_visible()
    expect(page.locator("#asset-preview audio")).to_have_count(0)
    expect(page.get_by_alt_text("Waveform")).to_have_js_property("naturalWidth", 640)


def test_a_photo_of_a_phone_is_shown_as_our_still(page: Page, team, editor, sign_in):
    asset = with_previews(make_asset(team, name="Phone"), samples.PHOTO_HEIC)
    sign_in(editor)
    page.goto(f"/dailies/assets/{asset.pk}/")
    expect(page.get_by_alt_text("Phone")).to_have_js_property("naturalWidth", 320)
    expect(page.get_by_text("Browsers cannot show this kind of file")).to_be_visible()

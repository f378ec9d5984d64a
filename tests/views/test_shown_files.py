"""The page of an asset shows what browsers can show, says what is sent, and never a broken picture or a dead player."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.test import Client

from assets_app.models import Asset, Original, Team
from tests.views.scene import make_asset

SENT = {"content_type": "image/jpeg", "byte_size": 2048, "width": 640, "height": 480, "seconds": None, "fps": None}


@pytest.fixture
def page(editor: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(editor)


def with_files(asset: Asset, content_type: str, *columns: str) -> Asset:
    """The asset with files in those columns of its original."""
    original = asset.original
    for column in columns:
        getattr(original, column).save(f"{original.folder}/{column}.bin", ContentFile(column.encode()), save=False)
    original.sha256, original.content_type, original.state = "cd" * 32, content_type, "saved"
    original.sent_facts = SENT if "sent_file" in columns else {}
    original.save()
    return asset


def preview_of(page: Client, asset: Asset, address: str = "") -> str:
    html = page.get(f"/dailies/assets/{asset.pk}/{address}").content.decode()
    found = re.search(r'<figure class="preview".*?</figure>|<div class="large-stage">.*?<header', html, re.DOTALL)
    assert found
    return " ".join(found[0].split())


def shown_in(preview: str) -> list[str]:
    """Which of its addresses pictures and players show."""
    return re.findall(r'<(?:img|video|audio) [^>]*?src="[^"]+/(\w+)/\?v=cdcdcdcd"', preview)


@pytest.mark.parametrize(
    ("media_type", "content_type", "columns", "shown"),
    [
        ("image", "image/jpeg", ["file", "poster"], ["file"]),
        ("image", "image/tiff", ["file", "poster", "sent_file"], ["sent"]),
        ("image", "image/heic", ["file", "poster"], ["poster"]),
        ("image", "image/heic", ["file"], []),
        ("image", "image/jpeg", ["poster"], ["poster"]),
        ("image", "image/tiff", ["poster", "sent_file"], ["sent"]),
        ("video", "video/mp4", ["file", "poster", "clip"], ["file"]),
        ("video", "video/x-msvideo", ["file", "poster", "clip"], ["clip"]),
        ("video", "video/x-msvideo", ["file", "poster"], ["poster"]),
        ("video", "video/x-msvideo", ["file", "poster", "clip", "sent_file"], ["sent"]),
        ("audio", "audio/mpeg", ["file", "poster"], ["poster", "file"]),
        ("audio", "audio/aiff", ["file", "poster"], ["poster"]),
        ("audio", "audio/aiff", ["file", "poster", "sent_file"], ["poster", "sent"]),
    ],
)
@pytest.mark.parametrize("address", ["", "large/"])
def test_what_is_shown_is_what_browsers_can_show(
    team: Team, page: Client, media_type: str, content_type: str, columns: list[str], shown: list[str], address: str
) -> None:
    asset = with_files(make_asset(team, media_type), content_type, *columns)
    assert shown_in(preview_of(page, asset, address)) == shown


def test_the_original_of_what_no_browser_shows_can_be_had(team: Team, page: Client) -> None:
    asset = with_files(make_asset(team), "image/heic", "file", "poster")
    preview = preview_of(page, asset)
    assert "Browsers cannot show this kind of file; this is a preview of it." in preview
    assert f'/dailies/assets/{asset.pk}/file/?v=cdcdcdcd" download>Download the original<' in preview
    assert " hidden" not in preview


def test_the_page_says_as_what_it_is_sent(team: Team, page: Client) -> None:
    asset = with_files(make_asset(team), "image/tiff", "file", "poster", "sent_file")
    assert "Sent as JPEG. <a" in preview_of(page, asset)
    html = " ".join(page.get(f"/dailies/assets/{asset.pk}/").content.decode().split())
    assert '<dt>Sent as</dt><dd>JPEG <span class="muted">2.0 KB, converted here; the original stays</span>' in html
    answer = page.get(f"/dailies/assets/{asset.pk}/sent/")
    assert (answer["Content-Type"], b"".join(answer)) == ("image/jpeg", b"sent_file")


def test_there_is_nothing_at_the_address_of_what_is_sent_where_the_original_is(team: Team, page: Client) -> None:
    asset = with_files(make_asset(team), "image/jpeg", "file")
    assert page.get(f"/dailies/assets/{asset.pk}/sent/").status_code == 404


def test_a_sound_in_the_library_is_played_as_it_is_sent(team: Team, page: Client) -> None:
    with_files(make_asset(team, "audio"), "audio/aiff", "file", "poster", "sent_file")
    assert "/sent/?v=cdcdcdcd" in page.get("/dailies/assets/").content.decode()
    assert Original.objects.get().sent_as == "JPEG"

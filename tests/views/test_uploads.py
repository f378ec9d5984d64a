"""Files from a browser: one a request, to the disk, told by content, linked when they are there already."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from django.contrib.auth.models import User
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from assets_app.engine.storing import incoming_directory
from assets_app.models import Asset, Original, Team
from assets_app.views import uploads

if TYPE_CHECKING:
    from assets_app.media.receiving import ReceivedFile

ADDRESS = "/dailies/assets/upload/"


@pytest.fixture
def page(editor: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(editor)


@pytest.fixture(autouse=True)
def _nothing_is_left_behind() -> Iterator[None]:
    before = set(incoming_directory().iterdir())
    yield
    assert set(incoming_directory().iterdir()) <= before


def picture(colour: str = "red", kind: str = "PNG") -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (320, 320), colour).save(output, kind)
    return output.getvalue()


def send(client: Client, content: bytes, name: str = "the-courier_1.png") -> tuple[int, dict]:
    response = client.post(ADDRESS, {"file": SimpleUploadedFile(name, content)})
    return response.status_code, response.json()


def test_a_file_becomes_an_asset_that_is_looked_into_before_it_is_sent(team: Team, editor: User, page: Client) -> None:
    status, said = send(page, picture())
    assert status == 201
    asset = Asset.objects.get()
    assert said == {
        "asset": str(asset.pk),
        "name": "the courier 1",
        "url": f"/dailies/assets/{asset.pk}/",
        "known": False,
    }
    assert (asset.state, asset.media_type, asset.source_url, asset.created_by) == ("checking", "image", "", editor)
    original = Original.objects.get()
    assert asset.source_hash == original.sha256
    assert Path(default_storage.path(original.file.name)).read_bytes() == picture()
    assert original.due_at


def test_the_name_of_a_file_says_nothing_about_what_it_is(team: Team, page: Client) -> None:
    assert send(page, picture(kind="JPEG"), "song.mp3")[0] == 201
    original = Original.objects.get()
    assert original.content_type == "image/jpeg"
    assert original.file.name.endswith(".jpg")
    status, said = send(page, b"<html><body>Not found</body></html>", "film.mp4")
    assert (status, said["problem"]) == (415, "This is a web page, no picture, video or sound.")
    assert Asset.objects.count() == 1


def test_the_same_content_is_linked_instead_of_added(team: Team, page: Client) -> None:
    _, first = send(page, picture(), "first.png")
    status, second = send(page, picture(), "second.png")
    assert status == 200
    assert second == first | {"known": True}
    assert Asset.objects.count() == 1


def test_what_is_in_the_trash_or_another_teams_does_not_count_as_there(
    team: Team, page: Client, stranger: User, client_of: Callable[[User], Client]
) -> None:
    other = client_of(stranger).post("/others/assets/upload/", {"file": SimpleUploadedFile("a.png", picture())})
    assert other.status_code == 201
    assert send(page, picture())[0] == 201
    Asset.objects.update(trashed_at=timezone.now())
    assert send(page, picture())[0] == 201


def test_bigger_than_the_provider_takes_is_refused_with_the_numbers(
    team: Team, page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(uploads.LARGEST_UPLOAD, "image", 0)
    status, said = send(page, picture())
    assert (status, said["problem"]) == (413, "It is 0.0 MB; the provider takes 0 MB at most.")
    monkeypatch.setattr(uploads, "LARGEST", 1000)
    status, said = send(page, b"x" * 2000)
    assert (status, said["problem"]) == (413, "It is bigger than 0 MB.")
    status, said = send(page, b"x" * 200_000)
    assert (status, said["problem"]) == (413, "It is 0.2 MB; the provider takes 0 MB at most.")
    assert not Asset.objects.exists()


@pytest.mark.parametrize("content", [b"", b"plain words"])
def test_what_is_no_media_is_refused_in_plain_words(team: Team, page: Client, content: bytes) -> None:
    status, said = send(page, content)
    assert status in (400, 415)
    assert said["problem"].endswith(".")


def test_a_form_without_a_file_is_no_error_page(team: Team, page: Client) -> None:
    response = page.post(ADDRESS, {"file": "a text"})
    assert (response.status_code, response.json()) == (400, {"problem": "No file arrived."})


def test_names_cannot_lead_out_of_the_storage(team: Team, page: Client) -> None:
    assert send(page, picture(), "../../../../etc/passwd")[0] == 201
    original = Original.objects.get()
    assert Path(default_storage.path(original.file.name)).is_relative_to(default_storage.location)
    assert original.asset.name == "passwd"


def test_viewers_may_not_upload_and_a_missing_token_is_refused(
    team: Team, viewer: User, editor: User, client_of: Callable[[User], Client]
) -> None:
    assert client_of(viewer).post(ADDRESS, {"file": SimpleUploadedFile("a.png", picture())}).status_code == 403
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(editor)
    assert careful.post(ADDRESS, {"file": SimpleUploadedFile("a.png", picture())}).status_code == 403
    assert not Asset.objects.exists()


def test_clips_are_for_members_only(team: Team, page: Client, stranger: User, client_of: Callable) -> None:
    send(page, picture())
    original = Original.objects.get()
    original.clip.save(f"{original.folder}/a.clip.mp4", SimpleUploadedFile("a", b"film"))
    address = f"/dailies/assets/{original.pk}/clip/"
    response = page.get(address)
    assert response["Content-Type"] == "video/mp4"
    assert b"".join(response.streaming_content) == b"film"
    assert client_of(stranger).get(f"/others/assets/{original.pk}/clip/").status_code == 404


def test_what_is_refused_for_its_token_leaves_nothing_on_the_disk(team: Team, editor: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)
    for token in ({}, {"csrfmiddlewaretoken": "x" * 32}):
        answer = client.post("/dailies/assets/upload/", {"file": io.BytesIO(b"x" * 300_000), **token})
        assert answer.status_code == 403
    assert list(incoming_directory().iterdir()) == []


@pytest.mark.parametrize(
    ("sent", "called"),
    [
        ("Shot 3.2", "Shot 3.2"),
        ("Shot 3.2.png", "Shot 3.2"),
        ("x%22y.jpg", 'x"y'),
        ("the-courier_1.mp4", "the courier 1"),
        ("clip.3gp", "clip"),
        ("Dr. No", "Dr. No"),
        ("", "Unnamed"),
    ],
)
def test_an_asset_is_called_as_its_file_was_without_the_ending(sent: str, called: str) -> None:
    assert uploads._name_of(cast("ReceivedFile", File(io.BytesIO(), sent))) == called

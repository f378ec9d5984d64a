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
from django.http import HttpResponse
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone
from PIL import Image

from assets_app.engine.storing import incoming_directory
from assets_app.media.receiving import ToDisk
from assets_app.models import Asset, Original, Team, waiting
from assets_app.models.waiting import Bound
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


def test_a_file_is_given_what_stands_on_the_page_for_all_that_is_added(team: Team, page: Client) -> None:
    given = {"tags": "night, Hero", "collection": "Trailer", "kind": "prop"}
    said = page.post(ADDRESS, {"file": SimpleUploadedFile("bell.png", picture()), **given}).json()
    assert said["given"] == "night, Hero, Trailer, Prop"
    asset = Asset.objects.get()
    assert sorted(asset.tags.values_list("name", flat=True)) == ["Hero", "night"]
    assert [each.name for each in asset.collections.all()] == ["Trailer"]
    assert asset.kind == "prop"
    said = page.post(ADDRESS, {"file": SimpleUploadedFile("bow.png", picture("blue")), "collection": "—"}).json()
    assert "needs a letter" in said["given"]
    assert Asset.objects.count() == 2


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


class Watched(io.BytesIO):
    """The body of a request, which knows how much of it was asked for."""

    read_so_far = 0

    def read(self, size: int | None = -1) -> bytes:
        found = super().read(size)
        self.read_so_far += len(found)
        return found


def send_watched(client: Client, fields: list[tuple[str, object]], **headers: str) -> tuple[int, dict, Watched]:
    """A big file among the fields of a form, in their order."""
    body = Watched(encode_multipart(BOUNDARY, dict(fields)))
    response = post_watched(client, body, headers)
    return response.status_code, response.json(), body


def post_watched(client: Client, body: Watched, headers: dict[str, str] | None = None) -> HttpResponse:
    sent = {"wsgi.input": body, "CONTENT_LENGTH": len(body.getvalue()), "CONTENT_TYPE": MULTIPART_CONTENT}
    return client.post(ADDRESS, headers=headers, **sent)


def big_file() -> SimpleUploadedFile:
    return SimpleUploadedFile("a.png", picture() + b"\0" * 5_000_000)


@pytest.fixture
def careful(editor: User) -> tuple[Client, str]:
    """A client that is asked for its token as browsers are, and the token."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)
    client.get("/dailies/assets/")
    return client, client.cookies["csrftoken"].value


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What was written to the disk of a file on its way in."""
    found: list[bytes] = []
    take = ToDisk.receive_data_chunk

    def noted(self: ToDisk, raw_data: bytes, start: int) -> None:
        found.append(raw_data)
        take(self, raw_data, start)

    monkeypatch.setattr(ToDisk, "receive_data_chunk", noted)
    return found


def test_nothing_is_read_where_the_header_holds_a_wrong_token(
    team: Team, careful: tuple[Client, str], kept: list[bytes]
) -> None:
    for token in ("x" * 32, "", "?"):
        status, said, body = send_watched(careful[0], [("file", big_file())], **{"X-CSRFToken": token})
        assert (status, said) == (403, {"problem": uploads.OLD_PAGE})
        assert body.read_so_far == 0
    assert kept == []


@pytest.mark.parametrize("fields", [{}, {"csrfmiddlewaretoken": "x" * 32}, {"csrfmiddlewaretoken": ""}])
def test_nothing_is_kept_of_a_file_before_which_no_right_token_came(
    team: Team, careful: tuple[Client, str], kept: list[bytes], fields: dict[str, str]
) -> None:
    status, said, body = send_watched(careful[0], [*fields.items(), ("file", big_file())])
    assert (status, said["problem"]) == (403, uploads.OLD_PAGE)
    assert body.read_so_far < 1_000_000
    assert kept == []


def test_a_token_after_the_file_comes_too_late(team: Team, careful: tuple[Client, str], kept: list[bytes]) -> None:
    client, token = careful
    status, _, body = send_watched(client, [("file", big_file()), ("csrfmiddlewaretoken", token)])
    assert status == 403
    assert body.read_so_far < 1_000_000
    assert kept == []


def test_nor_is_anything_read_of_whoever_may_not_upload(
    team: Team, viewer: User, stranger: User, client_of: Callable[[User], Client]
) -> None:
    for client in (client_of(viewer), client_of(stranger), Client()):
        body = Watched(b"x" * 300_000)
        response = post_watched(client, body)
        assert response.status_code in (302, 403, 404)
        assert body.read_so_far == 0


def test_a_right_token_lets_the_file_in_from_a_header_or_from_a_field_before_it(
    team: Team, careful: tuple[Client, str]
) -> None:
    client, token = careful
    by_header, by_field = (SimpleUploadedFile("a.png", picture(colour)) for colour in ("red", "blue"))
    assert send_watched(client, [("file", by_header)], **{"X-CSRFToken": token})[0] == 201
    assert send_watched(client, [("csrfmiddlewaretoken", token), ("file", by_field)])[0] == 201


def test_a_form_without_any_file_is_asked_for_its_token_too(team: Team, careful: tuple[Client, str]) -> None:
    client, token = careful
    assert send_watched(client, [("name", "a")])[0] == 403
    assert send_watched(client, [("csrfmiddlewaretoken", token)])[:2] == (400, {"problem": "No file arrived."})
    assert client.post(ADDRESS, "file=a", content_type="application/x-www-form-urlencoded").status_code == 403


@pytest.mark.parametrize(
    ("bound", "said"),
    [
        (Bound(of_person=1, of_team=99), (201, 429, 201)),
        (Bound(of_person=99, of_team=1), (201, 429, 429)),
        (Bound(of_person=99, of_team=99), (201, 201, 201)),
    ],
)
def test_no_more_files_wait_to_be_looked_into_than_may(
    team: Team,
    page: Client,
    admin: User,
    client_of: Callable[[User], Client],
    monkeypatch: pytest.MonkeyPatch,
    bound: Bound,
    said: tuple[int, ...],
) -> None:
    monkeypatch.setattr(waiting, "UPLOADS", bound)
    people = [page, page, client_of(admin)]
    sent = [send(client, picture(colour)) for client, colour in zip(people, ("red", "green", "blue"), strict=True)]
    assert tuple(status for status, _ in sent) == said
    assert all("wait to be looked into. Try again" in answer["problem"] for status, answer in sent if status == 429)


@pytest.mark.parametrize(
    ("sent", "called"),
    [
        ("Shot 3.2", "Shot 3.2"),
        ("Shot 3.2.png", "Shot 3.2"),
        ("x%22y.jpg", 'x"y'),
        ("the-courier_1.mp4", "the courier 1"),
        ("Jonas 3-4 profile.png", "Jonas 3-4 profile"),
        ("Jonas_3-4_profile.png", "Jonas 3-4 profile"),
        ("Mara – close-up_2.png", "Mara – close-up 2"),
        ("harbour-2026-11-30.jpg", "harbour 2026-11-30"),
        ("clip.3gp", "clip"),
        ("Dr. No", "Dr. No"),
        ("", "Unnamed"),
    ],
)
def test_an_asset_is_called_as_its_file_was_without_the_ending(sent: str, called: str) -> None:
    assert uploads._name_of(cast("ReceivedFile", File(io.BytesIO(), sent))) == called

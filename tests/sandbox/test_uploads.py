from __future__ import annotations

import pytest

from assets_app.sandbox.server import SandboxServer
from tests.sandbox.conftest import PATIENCE, Caller, Clock, eventually, png, wav

MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp42"


@pytest.mark.parametrize(
    ("content", "kind", "content_type"),
    [
        (png(), "image", "image/png"),
        (b"\xff\xd8\xff\xe0JFIF", "image", "image/jpeg"),
        (b"GIF89a...", "image", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image", "image/webp"),
        (MP4, "video", "video/mp4"),
        (b"\x00\x00\x00\x14ftypqt  ....", "video", "video/quicktime"),
        (b"\x1aE\xdf\xa3webm", "video", "video/webm"),
        (b"ID3\x03", "audio", "audio/mpeg"),
        (b"\xff\xfb\x90\x00", "audio", "audio/mpeg"),
        (wav(0.1), "audio", "audio/wav"),
        (b"OggS....", "audio", "audio/ogg"),
        (b"\x00\x00\x00\x18ftypM4A ....", "audio", "audio/mp4"),
    ],
)
def test_the_type_is_told_by_the_first_bytes_whatever_is_declared(
    caller: Caller, content: bytes, kind: str, content_type: str
) -> None:
    answer = caller.post("/v2/uploads", files={"file": ("file.bin", content, "application/x-wrong")})
    upload = answer.json()
    assert answer.status_code == 201
    assert (upload["kind"], upload["contentType"], upload["byteSize"]) == (kind, content_type, len(content))
    assert caller.session.get(upload["url"], timeout=PATIENCE).content == content


@pytest.mark.parametrize("content", [b"plain text", b"", b"%PDF-1.7", b"BM....", b"<svg/>"])
def test_other_types_are_refused(caller: Caller, content: bytes) -> None:
    answer = caller.post("/v2/uploads", files={"file": ("a.png", content)})
    assert (answer.status_code, set(answer.json()["details"])) == (400, {"file"})


def test_a_request_without_a_file_is_refused(caller: Caller) -> None:
    assert caller.post("/v2/uploads", files={"picture": ("a.png", png())}).status_code == 400
    assert caller.post("/v2/uploads", data=b"raw").status_code == 400


@pytest.mark.parametrize(("start", "megabytes"), [(b"\x89PNG\r\n\x1a\n", 26), (b"ID3", 26), (MP4, 51), (MP4, 70)])
def test_files_over_the_limit_are_refused(caller: Caller, start: bytes, megabytes: int) -> None:
    content = start + bytes(megabytes * 1_048_576 - len(start))
    answer = caller.post("/v2/uploads", files={"file": ("big", content)})
    assert answer.status_code == 400
    assert "too large" in answer.json()["error"]


def test_an_upload_can_be_fetched_until_it_expires(
    timed_sandbox: SandboxServer, timed_caller: Caller, clock: Clock
) -> None:
    upload = timed_caller.post("/v2/uploads", files={"file": ("a.png", png())}).json()
    clock.pass_by(3599)
    assert timed_caller.session.get(upload["url"], timeout=PATIENCE).status_code == 200
    clock.pass_by(2)
    assert timed_caller.session.get(upload["url"], timeout=PATIENCE).status_code == 404
    eventually(lambda: not list(timed_sandbox.provider.uploads.directory.iterdir()))


def test_an_upload_can_be_registered_as_an_asset(caller: Caller) -> None:
    upload = caller.post("/v2/uploads", files={"file": ("a.png", png())}).json()
    assert caller.active_asset(upload["url"])

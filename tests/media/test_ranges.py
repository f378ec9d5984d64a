from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from assets_app.media.ranges import CHUNK_BYTES, ranged_response

CONTENT = bytes(range(256)) * 4
ETAG = "abc123"


@pytest.fixture(scope="module", autouse=True)
def _responses_end_without_a_database() -> Iterator[None]:
    """A response that closes ends a request, and Django then looks after connections that other tests have opened."""
    request_finished.disconnect(close_old_connections)
    yield
    request_finished.connect(close_old_connections)


class Film(io.BytesIO):
    """A file that says whether it was closed and how much of it was read at once."""

    largest_read = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.largest_read = max(self.largest_read, len(data))
        return data


def serve(content: bytes = CONTENT, method: str = "GET", **options: Any) -> tuple[Any, Film]:
    headers = {name.replace("_", "-"): str(options.pop(name)) for name in list(options) if name[0].isupper()}
    file = Film(content)
    arguments = {"content_type": "video/mp4", "etag": ETAG, **options}
    return ranged_response(RequestFactory().generic(method, "/film", headers=headers), file, **arguments), file


def body(response: Any) -> bytes:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    response.close()
    return content


# The whole file


def test_without_a_range_the_whole_file_comes_and_offers_ranges():
    response, file = serve()
    assert response.status_code == 200
    assert response["Content-Length"] == "1024"
    assert response["Content-Type"] == "video/mp4"
    assert response["Accept-Ranges"] == "bytes"
    assert response["Cache-Control"] == "private"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["ETag"] == '"abc123"'
    assert "Content-Range" not in response
    assert body(response) == CONTENT
    assert file.closed


@pytest.mark.parametrize(
    "wanted",
    [
        "bytes=0-1,4-5", "bytes=5-2", "bytes=-", "bytes=a-b", "bytes 0-5", "items=0-5", "bytes=0-5x", "0-5", "bytes=",
        "bytes=٠-٥", "bytes=0x0-5", "bytes=+0-5", "bytes=" + "9" * 5000 + "-",
    ],
)  # fmt: skip
def test_a_range_that_is_several_or_makes_no_sense_gives_the_whole_file(wanted: str):
    response, _ = serve(Range=wanted)
    assert response.status_code == 200
    assert body(response) == CONTENT


# A part


@pytest.mark.parametrize(
    ("wanted", "start", "stop"),
    [
        ("bytes=0-0", 0, 1), ("bytes=0-99", 0, 100), ("bytes=100-", 100, 1024), ("bytes=0-", 0, 1024),
        ("bytes=1000-9999", 1000, 1024), ("bytes=-24", 1000, 1024), ("bytes=-9999", 0, 1024), ("BYTES=1-2", 1, 3),
        ("bytes= 1-2 ", 1, 3), ("bytes=1023-1023", 1023, 1024),
    ],
)  # fmt: skip
def test_a_part_is_exactly_what_was_asked_for(wanted: str, start: int, stop: int):
    response, file = serve(Range=wanted)
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {start}-{stop - 1}/1024"
    assert response["Content-Length"] == str(stop - start)
    assert body(response) == CONTENT[start:stop]
    assert file.closed


@given(content=st.binary(max_size=300), first=st.integers(0, 400), length=st.none() | st.integers(1, 400))
def test_for_any_range_the_bytes_are_the_slice(content: bytes, first: int, length: int | None):
    response, _ = serve(content, Range=f"bytes={first}-{'' if length is None else first + length - 1}")
    expected = content[first:] if length is None else content[first : first + length]
    if first >= len(content):
        assert response.status_code == 416
    else:
        assert response.status_code == 206
        assert body(response) == expected
        assert response["Content-Length"] == str(len(expected))


@given(content=st.binary(max_size=300), length=st.integers(0, 400))
def test_for_any_suffix_the_bytes_are_the_end(content: bytes, length: int):
    response, _ = serve(content, Range=f"bytes=-{length}")
    if length == 0 or not content:
        assert response.status_code == 416
    else:
        assert response.status_code == 206
        assert body(response) == content[-length:]


@pytest.mark.parametrize("wanted", ["bytes=1024-", "bytes=5000-6000", "bytes=-0"])
def test_a_part_beyond_the_end_is_not_satisfiable(wanted: str):
    response, file = serve(Range=wanted)
    assert response.status_code == 416
    assert response["Content-Range"] == "bytes */1024"
    assert body(response) == b""
    assert file.closed


def test_a_large_file_is_read_in_small_pieces():
    large = bytes(5 * CHUNK_BYTES + 7)
    response, file = serve(large, Range="bytes=3-")
    assert body(response) == large[3:]
    assert file.largest_read == CHUNK_BYTES


def test_a_file_that_nobody_read_is_closed_with_its_response():
    response, file = serve()
    response.close()
    assert file.closed


# Conditions


def test_a_client_that_has_the_file_gets_304_and_no_body():
    response, file = serve(If_None_Match='"abc123"')
    assert response.status_code == 304
    assert response["ETag"] == '"abc123"'
    assert body(response) == b""
    assert file.closed


def test_having_the_file_matters_more_than_the_range():
    assert serve(If_None_Match='"abc123"', Range="bytes=0-5")[0].status_code == 304


def test_another_etag_gets_the_file():
    assert serve(If_None_Match='"other"')[0].status_code == 200


@pytest.mark.parametrize(
    ("condition", "status"),
    [('"abc123"', 206), ('"other"', 200), ('W/"abc123"', 200), ("Wed, 21 Oct 2026 07:28:00 GMT", 200)],
)
def test_a_part_is_only_given_to_a_client_that_holds_the_rest_of_the_same_file(condition: str, status: int):
    assert serve(If_Range=condition, Range="bytes=0-5")[0].status_code == status


def test_without_an_etag_nothing_can_be_compared():
    response, _ = serve(etag=None, If_Range='"abc123"', Range="bytes=0-5")
    assert response.status_code == 200
    assert "ETag" not in response


# HEAD


def test_head_gives_the_headers_of_the_whole_file_and_closes_it():
    response, file = serve(method="HEAD", Range="bytes=0-5")
    assert response.status_code == 200
    assert response["Content-Length"] == "1024"
    assert response["Accept-Ranges"] == "bytes"
    assert not response.streaming
    assert file.closed


# Names and types


@pytest.mark.parametrize(
    ("filename", "shown"),
    [
        ("take 1.mp4", 'inline; filename="take 1.mp4"'),
        ("naïve.mp4", "inline; filename*=utf-8''na%C3%AFve.mp4"),
        ("../../etc/passwd", 'inline; filename="_.._etc_passwd"'),
        ("a\r\nSet-Cookie: x.mp4", 'inline; filename="a_Set-Cookie_ x.mp4"'),
        ('say "hi".mp4', 'inline; filename="say _hi_.mp4"'),
        ("...", 'inline; filename="file"'),
    ],
)
def test_a_file_name_is_made_safe(filename: str, shown: str):
    assert serve(filename=filename)[0]["Content-Disposition"] == shown


def test_a_download_is_an_attachment():
    response, _ = serve(filename="a.mp4", as_attachment=True)
    assert response["Content-Disposition"] == 'attachment; filename="a.mp4"'


def test_without_a_name_nothing_is_said_about_it():
    assert "Content-Disposition" not in serve()[0]


@pytest.mark.parametrize("content_type", ["text/html", "image/svg+xml", "application/javascript", ""])
def test_what_could_run_in_a_page_is_only_ever_downloaded(content_type: str):
    response, _ = serve(content_type=content_type, filename="a.html")
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == 'attachment; filename="a.html"'


def test_a_file_that_cannot_be_read_is_closed():
    class Broken(Film):
        def seek(self, *_: int) -> int:
            raise OSError(5, "Input/output error")

    file = Broken(CONTENT)
    with pytest.raises(OSError, match="Input/output"):
        ranged_response(RequestFactory().get("/film"), file, "video/mp4")
    assert file.closed

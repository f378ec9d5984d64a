"""Pages travel small; what a player or a download asks for in parts travels as it is."""

from __future__ import annotations

import gzip

import pytest
from django.test import Client

from .scene import make_generation, make_video

pytestmark = pytest.mark.django_db

TAKES_GZIP = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.fixture
def ana(editor, client_of) -> Client:
    return client_of(editor)


def test_a_page_is_compressed_for_who_takes_that_and_only_for_them(team, ana):
    for _ in range(3):
        make_video(make_generation(team))
    plain = ana.get("/dailies/videos/")
    small = ana.get("/dailies/videos/", headers=TAKES_GZIP)
    assert "Content-Encoding" not in plain
    assert small["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in small["Vary"]
    assert b'class="tile film"' in gzip.decompress(small.content)
    assert len(small.content) < len(plain.content) / 4


def test_a_film_comes_as_it_is_whole_and_in_parts(team, ana):
    video = make_video(make_generation(team))
    address = f"/dailies/videos/{video.pk}/file/"
    whole = ana.get(address, headers=TAKES_GZIP)
    assert ("Content-Encoding" in whole, b"".join(whole)) == (False, b"film" * 1000)
    part = ana.get(address, headers=TAKES_GZIP | {"Range": "bytes=4-11"})
    assert (part.status_code, part["Content-Range"], b"".join(part)) == (206, "bytes 4-11/4000", b"filmfilm")


def test_an_archive_is_streamed_as_it_is(team, ana):
    video = make_video(make_generation(team))
    answer = ana.post("/dailies/videos/download/", {"film": str(video.pk)}, headers=TAKES_GZIP)
    assert "Content-Encoding" not in answer
    assert b"".join(answer).startswith(b"PK")

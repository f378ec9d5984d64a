"""The archive of many films: made while it is sent, in pieces, whole for every program that opens zips."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from datetime import UTC, datetime
from typing import Any, BinaryIO

import pytest

from assets_app.films.packing import CHUNK_BYTES, LEFT_OUT, Packed, zipped

AT = datetime(2026, 11, 3, 15, 42, 10, tzinfo=UTC)
BIG = 64 * 2**20


class Film(io.RawIOBase):
    """So many bytes that are nowhere; what is read of it at once is remembered."""

    def __init__(self, size: int) -> None:
        self.left, self.asked = size, [0]

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        assert size > 0, "the whole film was asked for at once"
        self.asked.append(size)
        piece = min(size, self.left)
        self.left -= piece
        return b"\x07" * piece


def packed(name: str, content: bytes) -> Packed:
    return Packed(name, AT, len(content), lambda: io.BytesIO(content))


def test_the_archive_holds_the_films_as_they_are_with_names_and_times() -> None:
    films = {"näher (2).mp4": b"one" * 500_000, "b.mp4": b"", "c.mp4": b"three"}
    archive = zipfile.ZipFile(io.BytesIO(b"".join(zipped(packed(*each) for each in films.items()))))
    assert archive.testzip() is None
    assert {entry.filename: archive.read(entry) for entry in archive.infolist()} == films
    assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
    assert archive.infolist()[0].date_time == (2026, 11, 3, 15, 42, 10)


def test_memory_stays_flat_however_large_the_films_are() -> None:
    films = [Film(BIG) for _ in range(3)]
    sent = 0
    tracemalloc.start()
    for piece in zipped(Packed(f"{n}.mp4", AT, BIG, lambda film=film: film) for n, film in enumerate(films)):
        assert len(piece) < CHUNK_BYTES + 1000
        sent += len(piece)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent > 3 * BIG
    assert peak < 8 * CHUNK_BYTES
    assert {max(film.asked) for film in films} == {CHUNK_BYTES}


def test_a_film_is_opened_when_its_turn_comes_and_closed_when_it_is_over() -> None:
    opened: list[BinaryIO] = []

    def opening(content: bytes) -> Any:
        def open_it() -> BinaryIO:
            assert all(film.closed for film in opened)
            opened.append(io.BytesIO(content))
            return opened[-1]

        return open_it

    pieces = zipped(Packed(f"{n}.mp4", AT, 3, opening(b"abc")) for n in range(3))
    assert opened == []
    next(pieces)
    assert len(opened) == 1
    list(pieces)
    assert all(film.closed for film in opened)


def test_whoever_goes_away_in_the_middle_leaves_no_file_open() -> None:
    film = io.BytesIO(b"x" * 3 * CHUNK_BYTES)
    pieces = zipped([Packed("a.mp4", AT, 3 * CHUNK_BYTES, lambda: film)])
    next(pieces)
    pieces.close()
    assert film.closed


def test_a_file_that_is_not_there_is_named_instead_of_ending_the_archive() -> None:
    def gone() -> BinaryIO:
        raise FileNotFoundError

    files = [Packed("gone.mp4", AT, 5, gone), packed("here.mp4", b"here")]
    archive = zipfile.ZipFile(io.BytesIO(b"".join(zipped(files))))
    assert archive.namelist() == ["here.mp4", LEFT_OUT]
    assert b"gone.mp4" in archive.read(LEFT_OUT)


def test_a_film_that_breaks_off_ends_the_archive() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        list(zipped([Packed("a.mp4", AT, 5, Broken)]))

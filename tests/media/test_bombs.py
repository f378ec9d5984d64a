"""Files that claim more than they are: refused by what they claim, before anything takes its memory."""

from __future__ import annotations

import errno
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import av
import pytest

from assets_app.decoding import limits
from assets_app.media import decoders, films
from assets_app.media.boxes import claims_endless_samples
from assets_app.media.facts import TOO_MUCH_MEMORY, Facts, ProbeError, damage_reported_as
from assets_app.media.probe import probe
from assets_app.media.thumbnails import hover_clip

from . import samples
from .bombs import box, film_that_grows, fragment_claiming, full, mp4, numbers, png, squeezed
from .bombs import chunk as png_chunk

MANY = 40_000_000
ENDLESS = {
    "samples of one size": lambda: mp4(sizes=(1, MANY)),
    "samples of many sizes": lambda: mp4(sizes=(0, MANY)),
    "samples of one length": lambda: mp4(times=(MANY, 1024)),
    "pictures of one tick": lambda: mp4(handler=b"vide", sizes=(1, MANY), lasting=1),
    "shifts": lambda: mp4(shifts=full(b"ctts", numbers(1, MANY, 0))),
    "rows": lambda: mp4(shifts=full(b"ctts", numbers(MANY))),
    "a fragment's run": lambda: mp4(fragment=fragment_claiming(MANY)),
    "many small runs": lambda: mp4(fragment=fragment_claiming(1_000_000) * 5),
    "two tracks": lambda: mp4(sizes=(1, 3_000_000)) + mp4(sizes=(1, 3_000_000)),
    "a packed index": lambda: box(b"ftyp", b"qt  ") + box(b"moov", box(b"cmov", box(b"cmvd", numbers(1 << 30)))),
}


@pytest.mark.parametrize("content", ENDLESS.values(), ids=ENDLESS)
def test_a_film_that_claims_endless_samples_is_refused_before_it_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: Callable[[], bytes]
) -> None:
    monkeypatch.setattr(av, "open", lambda *_, **__: pytest.fail("it was opened"))
    path = tmp_path / "a.mp4"
    path.write_bytes(content())
    with pytest.raises(ProbeError, match="claims to have more"):
        probe(path)


@pytest.mark.parametrize(
    "content",
    [mp4(sizes=(1, 10)), mp4(lasting=1, sizes=(2, MANY)), box(b"moov") * 10, b"", b"\0" * 40, box(b"trun", b"\0")],
    ids=["few", "an hour of plain sound", "empty boxes", "nothing", "zeros", "half a row"],
)
def test_what_claims_no_more_than_films_have_is_opened(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    assert not claims_endless_samples(path)


@pytest.mark.parametrize("movflags", ["faststart", "frag_keyframe+empty_moov"])
def test_a_true_film_claims_what_it_has(tmp_path: Path, movflags: str) -> None:
    assert not claims_endless_samples(samples.film(tmp_path / "a.mp4", seconds=0.2, movflags=movflags))


def test_boxes_in_boxes_without_end_are_no_way_to_hang(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"".join(struct.pack(">I4s", 8 * (20_000 - place), b"moov") for place in range(20_000)))
    assert not claims_endless_samples(path)


@pytest.fixture
def growing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(films, "MAX_PIXELS", 600 * 600)
    return film_that_grows(tmp_path / "a.webm", 640)


def test_no_picture_of_a_film_is_larger_than_one_may_be_though_its_first_was_not(growing: Path) -> None:
    with films.opened(growing, "video/webm") as container:
        frames = container.decode(video=0)
        assert [next(frames).width for _ in range(5)] == [64] * 5
        with pytest.raises(av.error.FFmpegError):
            next(frames)


def test_its_clip_ends_before_it_grows(growing: Path, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(hover_clip(growing, Facts(media_type="video", content_type="video/webm")))
    assert probe(clip).frames == 5


def peak_of_the_child() -> int:
    """MB that it held at most, whichever file that was for."""
    (child,) = decoders._decoders._idle
    status = Path(f"/proc/{child.process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


@pytest.fixture
def fresh_child() -> Iterator[None]:
    decoders._decoders.close()
    yield
    decoders._decoders.close()


@pytest.mark.skipif(not limits.KERNEL_BOUNDS_MEMORY, reason="its size is not to be seen here")
@pytest.mark.parametrize(
    "content",
    [
        png(png_chunk(b"iCCP", b"x\0\0" + squeezed(200))),
        png(*[png_chunk(b"zTXt", b"%d\0\0" % number + squeezed(20)) for number in range(10)]),
        b"GIF89a\x0a\0\x0a\0\x80\0\0" + bytes(6) + b"\x2c\0\0\0\0\xff\xff\xff\xff\0\2\2\x4c\1\0;",
        mp4(shifts=full(b"elst", numbers(0x7FFFFFFF))),
        mp4(shifts=full(b"stss", numbers(0x3FFFFFFF))),
        mp4(shifts=full(b"stco", numbers(0x3FFFFFFF))),
    ],
    ids=["a colour profile", "texts", "a frame beyond its screen", "edits", "key frames", "chunks"],
)  # fmt: skip
def test_what_a_small_file_claims_beside_its_pixels_is_not_unpacked(
    tmp_path: Path, fresh_child: None, content: bytes
) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    with suppress(ProbeError):
        decoders.still(path, decoders.probe(path))
    assert peak_of_the_child() < 150


@pytest.mark.parametrize("error", [MemoryError(), av.error.MemoryError(12, "Cannot allocate memory")])
def test_a_file_that_needs_too_much_memory_is_not_called_damaged(error: Exception) -> None:
    with pytest.raises(ProbeError) as caught, damage_reported_as(ProbeError, "It is damaged."):
        raise error
    assert caught.value.reason == TOO_MUCH_MEMORY


def test_nor_is_one_for_which_the_disk_has_no_room() -> None:
    with pytest.raises(OSError, match="No space"), damage_reported_as(ProbeError, "It is damaged."):
        raise OSError(errno.ENOSPC, "No space left on device")

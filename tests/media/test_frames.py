"""The picture that a film ends with."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageFilter

from assets_app.media import frames
from assets_app.media.facts import ProbeError
from assets_app.media.frames import last_frame, sharpness

from .samples import film

SIZE = (320, 240)
NOISE = Image.effect_noise(SIZE, 90).convert("RGB")
BLURRED = NOISE.filter(ImageFilter.GaussianBlur(6))


def tinted(picture: Image.Image, red: int) -> Image.Image:
    """The same sharpness, and a corner to tell it by."""
    marked = picture.copy()
    marked.paste((red, 0, 0), (0, 0, 60, 60))
    return marked


def corner(picture: bytes) -> int:
    found = Image.open(io.BytesIO(picture)).convert("RGB").getpixel((30, 30))
    assert isinstance(found, tuple)
    return found[0]


def test_it_is_the_very_last_picture_when_all_are_sharp(tmp_path: Path):
    path = film(tmp_path / "film.mp4", size=SIZE, picture_at=lambda at: tinted(NOISE, 250 if at > 1.93 else 20))
    assert corner(last_frame(path, "video/mp4", 2)) > 200


def test_a_blurred_end_gives_way_to_the_sharpest_picture_shortly_before(tmp_path: Path):
    def picture(at: float) -> Image.Image:
        return tinted(BLURRED, 250) if at > 1.75 else tinted(NOISE, 20)

    path = film(tmp_path / "film.mp4", size=SIZE, picture_at=picture)
    assert corner(last_frame(path, "video/mp4", 2)) < 80


def test_nothing_from_before_the_tail_is_taken_however_sharp(tmp_path: Path):
    def picture(at: float) -> Image.Image:
        return tinted(NOISE, 20) if at < 1 else tinted(BLURRED, 250)

    path = film(tmp_path / "film.mp4", size=SIZE, picture_at=picture)
    assert corner(last_frame(path, "video/mp4", 2)) > 200


def test_it_has_the_full_size_of_the_film_and_stands_upright(tmp_path: Path):
    path = film(tmp_path / "film.mp4", size=SIZE, turned=90)
    picture = Image.open(io.BytesIO(last_frame(path, "video/mp4", 2)))
    assert (picture.format, picture.size) == ("PNG", (240, 320))


def test_one_that_would_be_too_big_to_upload_is_a_jpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(frames, "LARGEST_PNG", 1000)
    path = film(tmp_path / "film.mp4", size=SIZE, picture_at=lambda _: NOISE)
    assert Image.open(io.BytesIO(last_frame(path, "video/mp4", 2))).format == "JPEG"


def test_a_film_of_a_few_frames_ends_too(tmp_path: Path):
    assert last_frame(film(tmp_path / "film.mp4", seconds=0.1), "video/mp4", 0.1)


def test_a_file_that_claims_to_be_longer_than_it_is_has_no_end(tmp_path: Path):
    with pytest.raises(ProbeError):
        last_frame(film(tmp_path / "film.mp4"), "video/mp4", 60)


def test_an_even_grey_has_no_sharpness():
    assert sharpness(Image.new("RGB", SIZE, (90, 90, 90))) == 0
    assert sharpness(BLURRED) < sharpness(NOISE)

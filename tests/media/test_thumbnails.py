from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from PIL import Image, ImageCms

from assets_app.media.probe import probe
from assets_app.media.thumbnails import ThumbnailError, still

from . import samples
from .samples import colour, colours_alike, opened
from .test_probe import turned_heic


def still_of(path: Path, size: int = 320) -> Image.Image:
    image = opened(still(path, probe(path), size))
    assert image.format == "WEBP"
    assert max(image.size) <= size
    return image


def quartered(path: Path, kind: str, **options: Any) -> Path:
    """Red, with a blue upper left quarter."""
    image = Image.new("RGB", (320, 240), (200, 40, 40))
    image.paste((30, 60, 200), (0, 0, 160, 120))
    image.save(path, kind, **options)
    return path


RED, BLUE = (200, 40, 40), (30, 60, 200)


# Pictures


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_a_picture_is_made_small_and_keeps_its_shape_and_colours(tmp_path, kind):
    image = still_of(quartered(tmp_path / "a", kind), 160)
    assert image.size == (160, 120)
    assert colours_alike(colour(image, 20, 20), BLUE)
    assert colours_alike(colour(image, 140, 100), RED)


def test_a_small_picture_is_not_blown_up(tmp_path):
    assert still_of(samples.picture(tmp_path / "a", "PNG", size=(64, 48))).size == (64, 48)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_a_picture_lying_on_its_side_is_put_upright(tmp_path, kind):
    image = still_of(quartered(tmp_path / "a", kind, exif=samples.lying_on_its_side()), 160)
    assert image.size == (120, 160)
    assert colours_alike(colour(image, 100, 20), BLUE)  # the upper left corner, turned clockwise
    assert colours_alike(colour(image, 20, 20), RED)


def test_a_transparent_picture_is_shown_on_a_grey_checker(tmp_path):
    image = still_of(samples.picture(tmp_path / "a", "PNG", mode="RGBA", fill=(255, 0, 0, 0)))
    greys = {colour(image, x, y) for x in (4, 12) for y in (4, 12)}
    assert len(greys) == 2
    assert all(colours_alike(grey, (grey[0],) * 3, 3) for grey in greys)


@pytest.mark.parametrize("kind", ["GIF", "PNG"])
def test_a_palette_with_a_transparent_colour_is_shown_on_the_checker_too(tmp_path, kind):
    image = Image.new("P", (64, 48), 0)
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.save(tmp_path / "a", kind, transparency=0)
    red, green, blue = colour(still_of(tmp_path / "a"), 4, 4)[:3]
    assert abs(red - green) < 6
    assert abs(green - blue) < 6


def test_print_colours_become_screen_colours(tmp_path):
    path = samples.picture(tmp_path / "a", "JPEG", mode="CMYK", fill=(0, 255, 255, 0), quality=95)
    red, green, blue = colour(still_of(path), 10, 10)[:3]
    assert red > 180
    assert max(green, blue) < 80


def profile(space: Literal["sRGB", "XYZ"] = "sRGB") -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(space)).tobytes()


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_colour_profile_is_applied(tmp_path, mode):
    red_and_blue_exchanged = profile().replace(b"rXYZ", b"....").replace(b"bXYZ", b"rXYZ").replace(b"....", b"bXYZ")
    path = samples.picture(
        tmp_path / "a", "PNG", mode=mode, fill=(*RED, 255)[: len(mode)], icc_profile=red_and_blue_exchanged
    )
    assert colours_alike(colour(still_of(path), 9, 9), RED[::-1])


@pytest.mark.parametrize("useless", [b"no profile at all", profile("XYZ")], ids=["damaged", "of another kind"])
def test_a_useless_colour_profile_counts_as_none(tmp_path, useless):
    path = samples.picture(tmp_path / "a", "PNG", icc_profile=useless)
    assert colours_alike(colour(still_of(path), 9, 9), RED)


@pytest.mark.parametrize(("mode", "kind"), [("1", "PNG"), ("L", "PNG"), ("LA", "PNG"), ("I;16", "PNG"), ("F", "TIFF")])
def test_greys_of_every_depth_can_be_shown(tmp_path, mode, kind):
    fill = (200, 255) if mode == "LA" else 1
    assert still_of(samples.picture(tmp_path / "a", kind, mode=mode, fill=fill)).size == (64, 48)


def test_a_16_bit_grey_keeps_its_contrast(tmp_path):
    image = Image.new("I;16", (64, 48), 0)
    image.paste(65_535, (32, 0, 64, 48))
    image.save(tmp_path / "a", "PNG")
    shown = still_of(tmp_path / "a")
    assert colours_alike(colour(shown, 8, 20), (0, 0, 0))
    assert colours_alike(colour(shown, 56, 20), (255, 255, 255))


def test_a_moving_picture_shows_its_first_frame(tmp_path):
    frames = [Image.new("RGB", (40, 30), colour) for colour in (RED, BLUE)]
    frames[0].save(tmp_path / "a", "GIF", save_all=True, append_images=frames[1:])
    assert colours_alike(colour(still_of(tmp_path / "a"), 20, 15), RED)


def test_a_heic_photo_is_shown():
    image = still_of(samples.PHOTO_HEIC, 160)
    assert image.size == (160, 120)
    assert colours_alike(colour(image, 20, 20), BLUE)


def test_a_turned_heic_photo_is_put_upright(tmp_path):
    image = still_of(turned_heic(tmp_path), 160)
    assert image.size == (120, 160)
    assert colours_alike(colour(image, 20, 140), BLUE)  # the upper left corner, turned against the clock


def test_a_heic_photo_in_tiles_is_put_together():
    image = still_of(samples.TILES_HEIC, 320)
    assert image.size == (320, 120)
    assert colours_alike(colour(image, 10, 10), BLUE)
    assert colours_alike(colour(image, 170, 10), BLUE)


# Video


def test_the_poster_is_the_frame_a_tenth_in(tmp_path):
    path = samples.film(tmp_path / "a.mp4", seconds=4, colour_at=lambda second: RED if second < 0.3 else BLUE)
    assert colours_alike(colour(still_of(path), 100, 100), BLUE)


def test_a_film_that_begins_in_the_dark_shows_a_later_frame(tmp_path):
    path = samples.film(tmp_path / "a.mp4", seconds=4, colour_at=lambda second: (0, 0, 0) if second < 2 else BLUE)
    assert colours_alike(colour(still_of(path), 100, 100), BLUE)


def test_a_film_that_stays_dark_has_a_poster_all_the_same(tmp_path):
    path = samples.film(tmp_path / "a.mp4", colour_at=lambda _: (3, 3, 3))
    assert colours_alike(colour(still_of(path), 100, 100), (3, 3, 3))


@pytest.mark.parametrize(("turned", "blue_corner"), [(90, "lower left"), (-90, "upper right"), (180, "lower right")])
def test_a_turned_film_is_shown_as_players_show_it(tmp_path, turned, blue_corner):
    path = tmp_path / "a.mp4"
    quarter = Image.new("RGB", (320, 240), RED)
    quarter.paste(BLUE, (0, 0, 160, 120))
    samples.film(path, turned=turned, picture_at=lambda _: quarter)
    image = still_of(path, 160)
    assert image.size == ((160, 120) if turned == 180 else (120, 160))
    vertical, horizontal = blue_corner.split()
    x = 10 if horizontal == "left" else image.width - 10
    y = 10 if vertical == "upper" else image.height - 10
    assert colours_alike(colour(image, x, y), BLUE, 30)
    assert colours_alike(colour(image, image.width - x, image.height - y), RED, 30)


@pytest.mark.parametrize("seconds", [0.05, 0.5])
def test_a_film_of_a_few_frames_has_a_poster(tmp_path, seconds):
    assert still_of(samples.film(tmp_path / "a.mp4", seconds=seconds, sound=None)).size == (320, 240)


# Sound


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp3", "libmp3lame"), ("a.wav", "pcm_s16le"), ("a.m4a", "aac"), ("a.webm", "libopus")]
)
def test_a_sound_shows_its_waveform_on_a_transparent_ground(tmp_path, name, codec):
    image = still_of(samples.sound(tmp_path / name, codec))
    assert image.size == (320, 106)
    alpha = image.getchannel("A")
    loud, silent = alpha.crop((0, 0, 150, 30)), alpha.crop((170, 0, 320, 30))
    assert colour(image, 0, 0)[3] == 0
    assert loud.getextrema()[1] == 255
    assert silent.getextrema()[1] == 0


def test_a_very_short_sound_has_a_waveform(tmp_path):
    assert still_of(samples.sound(tmp_path / "a.wav", "pcm_s16le", seconds=0.02)).width == 320


# Damage


@pytest.mark.parametrize("name", ["a.mp4", "a.png", "a.wav"])
def test_a_file_that_vanished_or_changed_gives_a_plain_reason(tmp_path, name):
    path = tmp_path / name
    if name == "a.png":
        samples.picture(path, "PNG")
    elif name == "a.wav":
        samples.sound(path, "pcm_s16le")
    else:
        samples.film(path)
    facts = probe(path)
    path.write_bytes(b"something else")
    with pytest.raises(ThumbnailError) as caught:
        still(path, facts)
    assert caught.value.reason.endswith(".")
    path.unlink()
    with pytest.raises(ThumbnailError):
        still(path, facts)

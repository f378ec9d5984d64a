"""A file as one that the provider takes: whole, upright, in its colours, as long as it was."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from assets_app.media import pictures
from assets_app.media.converting import convert
from assets_app.media.facts import Facts
from assets_app.media.probe import ProbeError, probe

from . import samples

SAND = (200, 160, 90)


def converted(source: Path) -> tuple[Path, Facts]:
    target = source.with_name("converted")
    convert(source, target)
    return target, probe(target)


def picture_at(path: Path) -> Image.Image:
    return samples.opened(path.read_bytes())


# --- pictures --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("kind", "made"), [("BMP", "image/png"), ("TIFF", "image/png"), ("AVIF", "image/jpeg")])
def test_a_picture_becomes_a_jpeg_if_it_was_a_photo_and_else_a_png(tmp_path, kind, made):
    target, facts = converted(samples.picture(tmp_path / "a", kind, fill=SAND))
    assert (facts.content_type, facts.width, facts.height) == (made, 64, 48)
    assert samples.colours_alike(samples.colour(picture_at(target), 32, 24), SAND, tolerance=6)


def test_a_photo_of_a_phone_becomes_a_jpeg(tmp_path):
    source = tmp_path / "photo.heic"
    source.write_bytes(samples.PHOTO_HEIC.read_bytes())
    target, facts = converted(source)
    assert (facts.content_type, facts.width, facts.height) == ("image/jpeg", 320, 240)
    assert samples.colours_alike(samples.colour(picture_at(target), 20, 20), (31, 60, 200), tolerance=4)


@pytest.mark.parametrize(
    ("mode", "fill", "shown"),
    [
        ("L", 90, (90, 90, 90)),
        ("LA", (90, 255), (90, 90, 90)),
        ("1", 1, (255, 255, 255)),
        ("I;16", 90 * 257, (90, 90, 90)),
        ("CMYK", (0, 255, 255, 0), (255, 0, 0)),
        ("YCbCr", (76, 85, 255), (255, 0, 0)),
        ("LAB", (255, 128, 128), (255, 255, 255)),
        ("RGBA", (200, 160, 90, 255), SAND),
    ],
)
def test_any_kind_of_pixels_keeps_its_colour(tmp_path, mode, fill, shown):
    target, facts = converted(samples.picture(tmp_path / "a.tif", "TIFF", mode=mode, fill=fill))
    assert facts.content_type == "image/png"
    made = picture_at(target)
    seen = made.point(lambda value: value / 257).convert("L") if made.mode == "I;16" else made
    assert samples.colours_alike(seen.convert("RGB").getpixel((32, 24)), shown, tolerance=8)


def test_transparency_is_kept_in_a_png(tmp_path):
    source = samples.picture(tmp_path / "glass", "AVIF", mode="RGBA", fill=(10, 200, 30, 128))
    target, facts = converted(source)
    assert facts.content_type == "image/png"
    assert abs(samples.colour(picture_at(target), 5, 5)[3] - 128) < 4


def test_a_picture_that_lies_on_its_side_is_turned_upright_and_says_nothing_more_of_it(tmp_path):
    picture = Image.new("RGB", (300, 100), (200, 0, 0))
    picture.paste((0, 0, 200), (0, 0, 150, 100))  # blue left; shown after a quarter turn clockwise: blue above
    picture.save(tmp_path / "turned", "TIFF", exif=samples.lying_on_its_side())
    target, facts = converted(tmp_path / "turned")
    assert (facts.width, facts.height) == (100, 300)
    made = picture_at(target)
    assert samples.colour(made, 50, 50) == (0, 0, 200)
    assert 0x0112 not in made.getexif()


def test_the_profile_of_its_colours_goes_along(tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    target, _facts = converted(samples.picture(tmp_path / "a", "AVIF", icc_profile=profile))
    assert picture_at(target).info["icc_profile"] == profile


def test_a_png_that_would_be_too_big_to_send_is_a_jpeg(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "LARGEST_PNG", 10_000)
    Image.effect_noise((200, 200), 90).convert("RGB").save(tmp_path / "a", "TIFF")
    assert converted(tmp_path / "a")[1].content_type == "image/jpeg"


# --- video and sound -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.webm", {"codec": "libvpx-vp9", "sound": "libopus"}),
        ("a.mkv", {}),
        ("a.avi", {"codec": "mpeg4", "sound": "libmp3lame"}),
        ("a.3gp", {}),
        ("a.ts", {}),
        ("a.m2ts", {"mpegts_m2ts_mode": "1"}),
        ("a.mpg", {"codec": "mpeg2video", "sound": "mp2"}),
        ("a.flv", {}),
        ("a.wmv", {"codec": "wmv2", "sound": "libmp3lame"}),
    ],
)
def test_a_video_becomes_an_mp4_with_all_its_pictures(tmp_path, name, options):
    source = samples.film(tmp_path / name, seconds=1, size=(98, 64), **options)
    _target, facts = converted(source)
    assert (facts.content_type, facts.codec, facts.width, facts.height) == ("video/mp4", "h264", 98, 64)
    assert (facts.frames, facts.has_audio) == (24, True)
    assert facts.seconds == pytest.approx(probe(source).seconds, abs=0.05)


@pytest.mark.parametrize(
    ("name", "codec", "container_format"),
    [
        ("a.flac", "flac", None),
        ("a.aac", "aac", "adts"),
        ("a.ogg", "libopus", None),
        ("a.m4a", "aac", None),
        ("alac.m4a", "alac", None),
        ("a.aiff", "pcm_s16be", None),
        ("a.caf", "pcm_s16le", None),
    ],
)
def test_a_sound_becomes_a_wav_of_its_length(tmp_path, name, codec, container_format):
    source = samples.sound(tmp_path / name, codec, seconds=1, container_format=container_format)
    _target, facts = converted(source)
    assert facts.content_type == "audio/wav"
    assert facts.seconds == pytest.approx(1, abs=0.03)


def test_a_long_sound_becomes_an_mp3(tmp_path, monkeypatch):
    from assets_app.media import recoding

    monkeypatch.setattr(recoding, "LARGEST_WAV", 50_000)
    assert converted(samples.sound(tmp_path / "a.flac", "flac", seconds=1))[1].content_type == "audio/mpeg"


def test_bytes_behind_a_sound_do_not_keep_it_from_being_converted(tmp_path):
    source = samples.sound(tmp_path / "a.aac", "aac", seconds=1, container_format="adts")
    source.write_bytes(source.read_bytes() + b"abc")
    assert converted(source)[1].seconds == pytest.approx(1, abs=0.03)


# --- what cannot be --------------------------------------------------------------------------------------------------
def test_what_is_damaged_gives_a_plain_reason(tmp_path):
    output = io.BytesIO()
    Image.effect_noise((300, 200), 90).save(output, "TIFF")
    (tmp_path / "a").write_bytes(output.getvalue()[:3_000])
    with pytest.raises(ProbeError, match="damaged"):
        converted(tmp_path / "a")

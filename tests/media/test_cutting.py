"""A part of a file as a file of its own: the middle of what is too wide, the beginning of what is too long."""

from __future__ import annotations

import struct
from array import array
from fractions import Fraction
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from assets_app.apiframe.model_facts import Bounds, MediaFacts
from assets_app.cuts import Cut, crop_to_ratio, trim_to_seconds
from assets_app.media.cutting import cut_out
from assets_app.media.probe import ProbeError, probe
from assets_app.media.thumbnails import still

from . import samples

TAKEN = Bounds(0.4, 2.5)


def cut(source: Path, what: Cut) -> Path:
    target = source.with_name("cut")
    cut_out(source, target, what)
    return target


# --- what is kept ----------------------------------------------------------------------------------------------------
@given(width=st.integers(40, 6000), height=st.integers(40, 6000))
def test_what_is_kept_of_any_shape_is_within_bounds_and_as_much_as_can_be(width, height):
    kept = crop_to_ratio(MediaFacts(width=width, height=height), TAKEN)
    if 0.4 <= width / height <= 2.5:
        assert kept is None
        return
    assert kept
    assert kept.box
    left, top, new_width, new_height = kept.box
    assert 0.4 <= new_width / new_height <= 2.5
    assert left >= 0
    assert top >= 0
    assert left + new_width <= width
    assert top + new_height <= height
    assert new_width % 2 == new_height % 2 == 0
    assert (width - new_width <= 1 or height - new_height <= 3) or (height - new_height <= 1 or width - new_width <= 3)


def test_the_middle_is_kept():
    assert crop_to_ratio(MediaFacts(width=4000, height=400), TAKEN) == Cut(box=(1500, 0, 1000, 400))
    assert crop_to_ratio(MediaFacts(width=400, height=4000), TAKEN) == Cut(box=(0, 1500, 400, 1000))


def test_what_nobody_measured_is_not_cropped():
    assert crop_to_ratio(MediaFacts(), TAKEN) is None


def test_only_what_is_too_long_is_cut_shorter():
    assert trim_to_seconds(MediaFacts(seconds=20), 15) == Cut(seconds=15)
    assert trim_to_seconds(MediaFacts(seconds=15), 15) is None
    assert trim_to_seconds(MediaFacts(), 15) is None
    assert trim_to_seconds(MediaFacts(seconds=20), 0.1) is None


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (Cut(box=(1, 2, 30, 40)), "30 × 40"),
        (Cut(seconds=7.5), "the first 7.5 s"),
        (Cut(seconds=7.5, start=2.25), "2.25 to 9.75 s"),
        (Cut(box=(0, 0, 30, 40), seconds=2, start=1), "30 × 40, 1 to 3 s"),
    ],
)
def test_a_cut_survives_being_written_down_and_says_what_it_keeps(what, words):
    assert Cut.from_json(what.as_json) == what
    assert what.words == words


# --- cutting ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("kind", "made"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/png")])
def test_a_picture_is_cropped(tmp_path, kind, made):
    source = samples.picture(tmp_path / "wide", kind, size=(400, 100))
    facts = probe(cut(source, Cut(box=(100, 0, 200, 100))))
    assert (facts.content_type, facts.width, facts.height) == (made, 200, 100)


def test_a_photo_that_lies_on_its_side_is_cropped_as_it_is_shown(tmp_path):
    picture = Image.new("RGB", (300, 100), (200, 0, 0))
    picture.paste((0, 0, 200), (0, 0, 150, 100))  # blue left; shown after a quarter turn clockwise: blue above
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(tmp_path / "turned", "JPEG", exif=exif, quality=95)
    assert (probe(tmp_path / "turned").width, probe(tmp_path / "turned").height) == (100, 300)
    part = Image.open(cut(tmp_path / "turned", Cut(box=(0, 0, 100, 100))))
    assert part.size == (100, 100)
    red, _green, blue = part.getpixel((50, 50))
    assert blue > 150 > red


def test_transparency_is_kept(tmp_path):
    source = samples.picture(tmp_path / "glass", "PNG", size=(400, 100), mode="RGBA", fill=(10, 20, 30, 40))
    assert Image.open(cut(source, Cut(box=(0, 0, 200, 100)))).getpixel((5, 5)) == (10, 20, 30, 40)


def test_a_heic_photo_is_cropped_too(tmp_path):
    source = tmp_path / "photo.heic"
    source.write_bytes(samples.PHOTO_HEIC.read_bytes())
    facts = probe(cut(source, Cut(box=(0, 0, 160, 120))))
    assert (facts.content_type, facts.width, facts.height) == ("image/jpeg", 160, 120)


def test_a_film_is_cropped_with_its_sound_and_length(tmp_path):
    source = samples.film(tmp_path / "wide.mp4", size=(640, 160))
    facts = probe(cut(source, Cut(box=(120, 0, 400, 160))))
    assert (facts.content_type, facts.width, facts.height) == ("video/mp4", 400, 160)
    assert facts.seconds == pytest.approx(2, abs=0.06)
    assert facts.fps == pytest.approx(24, abs=0.5)
    assert facts.has_audio


def test_a_film_that_lies_on_its_side_is_cropped_as_it_is_shown(tmp_path):
    halves = Image.new("RGB", (320, 160), (220, 0, 0))
    halves.paste((0, 0, 220), (0, 0, 160, 160))
    source = samples.film(tmp_path / "turned.mp4", size=(320, 160), turned=90, picture_at=lambda _: halves, sound=None)
    shown = probe(source)
    assert (shown.width, shown.height) == (160, 320)
    target = cut(source, Cut(box=(0, 0, 160, 160)))
    facts = probe(target)
    assert (facts.width, facts.height) == (160, 160)
    with av.open(str(source)) as film:
        upright = next(film.decode(video=0)).to_image().rotate(90, expand=True)  # type: ignore[no-untyped-call]
    with av.open(str(target)) as film:
        frame = next(film.decode(video=0))
    assert frame.rotation == 0
    ours, theirs = frame.to_image().getpixel((80, 80)), upright.getpixel((80, 80))  # type: ignore[no-untyped-call]
    assert max(abs(a - b) for a, b in zip(ours, theirs, strict=True)) < 40


def test_a_film_is_cut_shorter_and_its_sound_with_it(tmp_path):
    source = samples.film(tmp_path / "long.mp4", seconds=4)
    target = cut(source, Cut(seconds=1.5))
    facts = probe(target)
    assert facts.seconds == pytest.approx(1.5, abs=0.05)
    assert facts.frames == 36
    with av.open(str(target)) as film:
        assert float(film.duration) / av.time_base == pytest.approx(1.5, abs=0.08)


@pytest.mark.parametrize(
    ("name", "codec", "made"),
    [("a.mp3", "libmp3lame", "audio/mpeg"), ("a.wav", "pcm_s16le", "audio/wav"), ("a.m4a", "aac", "audio/mpeg")],
)
def test_a_sound_is_cut_shorter(tmp_path, name, codec, made):
    source = samples.sound(tmp_path / name, codec, seconds=3)
    facts = probe(cut(source, Cut(seconds=1)))
    assert facts.content_type == made
    assert facts.seconds == pytest.approx(1, abs=0.1)


def test_a_part_of_a_film_begins_with_the_picture_and_the_sound_of_its_start(tmp_path):
    source = samples.film(tmp_path / "long.mp4", seconds=4, colour_at=lambda at: (220, 0, 0) if at < 1 else (0, 0, 220))
    target = cut(source, Cut(start=1.0, seconds=1.5))
    facts = probe(target)
    assert facts.frames == 36
    assert facts.seconds == pytest.approx(1.5, abs=0.05)
    with av.open(str(target)) as film:
        red, _green, blue = next(film.decode(video=0)).to_image().getpixel((5, 5))  # type: ignore[no-untyped-call]
    assert blue > 150 > red
    # The tone ends in the middle of the whole, two seconds in: one second into the part.
    assert last_loud_second(target) == pytest.approx(1.0, abs=0.05)


def test_a_start_between_two_pictures_begins_with_the_one_that_is_shown_then(tmp_path):
    source = samples.film(tmp_path / "long.mp4", seconds=3, sound=None)
    target = cut(source, Cut(start=1.02, seconds=1))
    with av.open(str(target)) as film:
        assert next(film.decode(video=0)).time == 0
    assert probe(target).seconds == pytest.approx(1, abs=0.05)


def test_a_part_of_a_film_may_be_smaller_and_shorter_at_once(tmp_path):
    source = samples.film(tmp_path / "wide.mp4", size=(640, 160), seconds=4)
    facts = probe(cut(source, Cut(box=(0, 0, 320, 160), start=2, seconds=1)))
    assert (facts.width, facts.height) == (320, 160)
    assert facts.seconds == pytest.approx(1, abs=0.05)
    assert facts.has_audio


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp3", "libmp3lame"), ("a.wav", "pcm_s16le"), ("a.flac", "flac"), ("a.m4a", "aac")]
)
def test_a_part_of_a_sound_is_that_part_to_the_hundredth(tmp_path, name, codec):
    source = samples.sound(tmp_path / name, codec, seconds=4)
    target = cut(source, Cut(start=1.013, seconds=1.5))
    assert probe(target).seconds == pytest.approx(1.5, abs=0.06)
    assert last_loud_second(target) == pytest.approx(0.987, abs=0.06)


def test_a_wav_is_cut_to_the_sample(tmp_path):
    target = cut(samples.sound(tmp_path / "a.wav", "pcm_s16le", seconds=3), Cut(start=0.51, seconds=1.25))
    with av.open(str(target)) as sound:
        assert sum(frame.samples for frame in sound.decode(audio=0)) == 60_000


def last_loud_second(path: Path) -> float:
    """Where the tone of a sample ends."""
    loud = 0.0
    with av.open(str(path)) as media:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=48_000)
        position = 0
        for frame in media.decode(audio=0):
            for piece in resampler.resample(frame):
                wave = array("h", bytes(piece.planes[0])[: 2 * piece.samples])
                places = [place for place, value in enumerate(wave) if abs(value) > 3_000]
                loud = (position + places[-1]) / 48_000 if places else loud
                position += piece.samples
    return loud


# --- colours and pixels ----------------------------------------------------------------------------------------------
def first_frame(path: Path) -> tuple[av.VideoFrame, tuple[int, ...]]:
    with av.open(str(path)) as film:
        frame = next(film.decode(video=0))
        return frame, frame.to_image().getpixel((20, 20))  # type: ignore[no-untyped-call]


def test_a_part_of_a_film_with_wide_pixels_keeps_its_shape(tmp_path):
    source = samples.film(tmp_path / "hdv.mp4", seconds=0.5, size=(96, 72), pixel_aspect=Fraction(4, 3), sound=None)
    assert (probe(source).width, probe(source).height) == (128, 72)
    facts = probe(cut(source, Cut(seconds=0.25)))
    assert (facts.width, facts.height) == (128, 72)
    with av.open(str(source.with_name("cut"))) as film:
        assert film.streams.video[0].sample_aspect_ratio in (None, 1)
    facts = probe(cut(source, Cut(box=(64, 0, 64, 72))))
    assert (facts.width, facts.height) == (64, 72)


def test_a_part_of_a_turned_film_with_wide_pixels_keeps_its_shape(tmp_path):
    source = samples.film(
        tmp_path / "hdv.mp4", seconds=0.25, size=(96, 72), pixel_aspect=Fraction(4, 3), turned=90, sound=None
    )
    shown = probe(source)
    assert (shown.width, shown.height) == (72, 128)
    assert samples.opened(still(source, shown)).size == (72, 128)
    facts = probe(cut(source, Cut(box=(0, 0, 72, 64))))
    assert (facts.width, facts.height) == (72, 64)


# Half bright codes, as if they were those of an HDR camera: white paper in PQ, a lit wall in HLG.
@pytest.mark.parametrize(
    ("curve", "code", "shown"), [(16, 148, range(238, 252)), (18, 191, range(240, 254)), (18, 97, range(90, 112))]
)
def test_light_beyond_usual_screens_is_mapped_to_what_they_show(tmp_path, curve, code, shown):
    grey = Image.new("RGB", (64, 48), (code, code, code))
    source = samples.film(
        tmp_path / "hdr.mp4", seconds=0.25, size=(64, 48), colour_tags=(9, curve, 9), picture_at=lambda _: grey,
        sound=None,
    )  # fmt: skip
    frame, colour = first_frame(cut(source, Cut(seconds=0.2)))
    assert (frame.color_primaries, frame.color_trc, frame.colorspace) == (1, 1, 1)
    assert colour[0] in shown
    assert max(colour) - min(colour) <= 6
    facts = probe(source)
    assert samples.colour(samples.opened(still(source, facts)).convert("RGB"), 20, 20)[0] in shown


@pytest.mark.parametrize("tags", [(1, 1, 1), (5, 6, 5), (2, 2, 2)])
@pytest.mark.parametrize("pixels", ["yuv420p", "yuvj420p", "yuv422p10le"])
def test_a_part_says_of_its_colours_what_the_whole_says(tmp_path, tags, pixels):
    source = samples.film(tmp_path / "a.mp4", seconds=0.25, size=(64, 48), pixels=pixels, colour_tags=tags, sound=None)
    _before, colour_before = first_frame(source)
    after, colour_after = first_frame(cut(source, Cut(seconds=0.2)))
    assert (after.color_primaries, after.color_trc, after.colorspace) == tags
    assert samples.colours_alike(colour_before, colour_after, tolerance=8)


@pytest.mark.parametrize("kind", ["AVIF", "PNG"])
def test_a_still_with_light_beyond_usual_screens_is_mapped_too(tmp_path, kind):
    samples.picture(tmp_path / "a", kind, mode="RGB", fill=(148, 148, 148))
    content = (tmp_path / "a").read_bytes()
    if kind == "PNG":
        at = content.index(b"IDAT") - 4
        content = content[:at] + samples.png_chunk(b"cICP", bytes([9, 16, 0, 1])) + content[at:]
    else:
        at = content.index(b"colrnclx") + 8
        content = content[:at] + struct.pack(">HHH", 9, 16, 9) + content[at + 6 :]
    (tmp_path / "a").write_bytes(content)
    facts = probe(tmp_path / "a")
    shown = samples.opened(still(tmp_path / "a", facts))
    assert samples.colour(shown.convert("RGB"), 32, 24)[0] > 235
    part = samples.opened(cut(tmp_path / "a", Cut(box=(0, 0, 32, 32))).read_bytes())
    assert samples.colour(part.convert("RGB"), 16, 16)[0] > 235


def test_a_part_of_a_printers_picture_is_in_the_colours_of_screens(tmp_path):
    source = samples.picture(tmp_path / "a", "TIFF", mode="CMYK", fill=(0, 255, 255, 0))
    part = samples.opened(cut(source, Cut(box=(0, 0, 32, 32))).read_bytes())
    assert samples.colour(part, 16, 16) == (255, 0, 0)


# --- what cannot be cut ----------------------------------------------------------------------------------------------
def test_a_cut_off_film_is_refused_and_not_guessed_at(tmp_path):
    source = samples.film(tmp_path / "film.mp4")
    source.write_bytes(source.read_bytes()[:200])
    with pytest.raises(ProbeError):
        cut(source, Cut(seconds=1))


@pytest.mark.parametrize("name", ["film.mp4", "a.mp3", "a.wav"])
@pytest.mark.parametrize("start", [0, 2.02])
def test_a_part_is_never_longer_than_was_asked_for(tmp_path, name, start):
    codec = "libmp3lame" if name == "a.mp3" else "pcm_s16le"
    source = tmp_path / name
    if name == "film.mp4":
        samples.film(source, seconds=6)
    else:
        samples.sound(source, codec, seconds=6)
    assert 2.93 < (probe(cut(source, Cut(seconds=3, start=start))).seconds or 0) <= 3


@pytest.mark.parametrize("name", ["film.mp4", "song.mp3"])
def test_a_part_that_lies_behind_the_end_is_refused(tmp_path, name):
    source = samples.film(tmp_path / name) if name == "film.mp4" else samples.sound(tmp_path / name, "libmp3lame")
    with pytest.raises(ProbeError, match="shorter than it says"):
        cut(source, Cut(start=30, seconds=1))


def test_a_sound_has_no_picture_to_crop(tmp_path):
    with pytest.raises(ProbeError, match="no picture"):
        cut(samples.sound(tmp_path / "a.mp3", "libmp3lame"), Cut(box=(0, 0, 10, 10)))


def test_a_picture_has_no_length_to_cut(tmp_path):
    with pytest.raises(ProbeError, match="no length"):
        cut(samples.picture(tmp_path / "a", "PNG"), Cut(seconds=1))

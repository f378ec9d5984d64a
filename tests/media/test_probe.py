from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from assets_app.media.boxes import box_without_its_end
from assets_app.media.facts import MAX_PIXELS
from assets_app.media.playing import play_through
from assets_app.media.probe import ProbeError, probe
from assets_app.media.sniff import content_type_of
from assets_app.media.thumbnails import still

from . import samples


def reason(path: Path) -> str:
    with pytest.raises(ProbeError) as caught:
        probe(path)
    assert caught.value.reason.endswith(".")
    return caught.value.reason


def reason_for(tmp_path: Path, content: bytes, name: str = "file.png") -> str:
    path = tmp_path / name
    path.write_bytes(content)
    return reason(path)


# Pictures


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp"), ("GIF", "image/gif"), ("BMP", "image/bmp"),
     ("TIFF", "image/tiff"), ("AVIF", "image/avif")],
)  # fmt: skip
def test_a_picture_is_known_by_its_content_whatever_its_name(tmp_path, kind, content_type):
    facts = probe(samples.picture(tmp_path / "song.mp3", kind, size=(64, 48)))
    assert (facts.media_type, facts.content_type) == ("image", content_type)
    assert (facts.width, facts.height) == (64, 48)
    assert facts.byte_size == (tmp_path / "song.mp3").stat().st_size
    assert facts.seconds is None
    assert not facts.animated


@pytest.mark.parametrize(
    ("kind", "options", "content_type"), [("TIFF", {"big_tiff": True}, "image/tiff"), ("JPEG2000", {}, "image/jp2")]
)
def test_the_rarer_kinds_of_pictures_are_known(tmp_path, kind, options, content_type):
    facts = probe(samples.picture(tmp_path / "a", kind, **options))
    assert (facts.content_type, facts.width, facts.height) == (content_type, 64, 48)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_a_picture_lying_on_its_side_is_measured_as_shown(tmp_path, kind):
    facts = probe(samples.picture(tmp_path / "a", kind, size=(64, 48), exif=samples.lying_on_its_side()))
    assert (facts.width, facts.height) == (48, 64)


def test_a_big_jpeg_keeps_its_true_size_though_it_is_unpacked_small(tmp_path):
    facts = probe(samples.picture(tmp_path / "a", "JPEG", size=(4000, 3000)))
    assert (facts.width, facts.height) == (4000, 3000)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_a_moving_picture_counts_as_a_picture_and_says_that_it_moves(tmp_path, kind):
    frames = [Image.new("RGB", (40, 30), (shade, 0, 0)) for shade in (0, 120, 240)]
    frames[0].save(tmp_path / "a", kind, save_all=True, append_images=frames[1:], duration=100)
    facts = probe(tmp_path / "a")
    assert facts.media_type == "image"
    assert facts.animated


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "F"])
def test_unusual_kinds_of_pixels_are_measured(tmp_path, mode):
    kind = "TIFF" if mode in ("CMYK", "F") else "PNG"
    fill = (10, 20, 30, 40) if mode in ("RGBA", "CMYK") else (10, 20) if mode == "LA" else 1
    assert probe(samples.picture(tmp_path / "a", kind, mode=mode, fill=fill)).width == 64


def test_a_heic_photo_is_measured_by_its_header():
    facts = probe(samples.PHOTO_HEIC)
    assert (facts.media_type, facts.content_type, facts.width, facts.height) == ("image", "image/heic", 320, 240)


def turned_heic(tmp_path: Path) -> Path:
    """The sample with its `pixi` property exchanged for a quarter turn of the same length."""
    content = samples.PHOTO_HEIC.read_bytes()
    at = content.index(b"pixi") - 4
    length = struct.unpack(">I", content[at : at + 4])[0]
    turn = struct.pack(">I4sB", length, b"irot", 1).ljust(length, b"\0")
    path = tmp_path / "turned.heic"
    path.write_bytes(content[:at] + turn + content[at + length :])
    return path


def test_a_turned_heic_photo_is_measured_as_shown(tmp_path):
    facts = probe(turned_heic(tmp_path))
    assert (facts.width, facts.height) == (240, 320)


def test_a_heic_without_a_description_of_its_picture_is_damaged(tmp_path):
    assert "damaged" in reason_for(tmp_path, samples.PHOTO_HEIC.read_bytes().replace(b"ispe", b"xspe"))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_half_a_picture_is_refused(tmp_path, kind):
    noise = Image.effect_noise((300, 200), 90).convert("RGB")
    noise.save(tmp_path / "a", kind)
    assert "damaged or cut off" in reason(samples.cut(tmp_path / "a", 0.5))


def test_half_a_heic_is_refused(tmp_path):
    assert "cut off" in reason_for(tmp_path, samples.PHOTO_HEIC.read_bytes()[:480])


@pytest.mark.parametrize(("width", "height"), [(9_000, 9_000), (50_000, 50_000), (2**31 - 1, 9), (MAX_PIXELS + 1, 1)])
def test_a_picture_that_would_unpack_to_too_much_is_refused_by_its_header(tmp_path, width, height):
    message = reason_for(tmp_path, samples.png_header_claiming(width, height))
    assert "pixels" in message


def test_a_jpeg_that_is_drawn_over_and_over_again_is_refused(tmp_path):
    samples.picture(tmp_path / "a", "JPEG", progressive=True)
    assert probe(tmp_path / "a").width == 64
    content = (tmp_path / "a").read_bytes()
    last_scan = content[content.rindex(b"\xff\xda") : -2]
    assert "passes" in reason_for(tmp_path, content[:-2] + last_scan * 200 + content[-2:])


FILM_IN_A_PHOTO = b"MotionPhoto_Data" + b"\xff\xda\x00" * 200


def several_pictures(first: Image.Image) -> bytes:
    """A JPEG with a list of the others in it, as of a phone's depth map or of both eyes."""
    output = io.BytesIO()
    first.save(output, "MPO", save_all=True, append_images=[Image.new("RGB", (32, 24))])
    return output.getvalue()


def photo(**options: Any) -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (64, 48), (40, 90, 160)).save(output, "JPEG", **options)
    return output.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        photo() + FILM_IN_A_PHOTO,
        photo(progressive=True) + FILM_IN_A_PHOTO,
        several_pictures(Image.new("RGB", (64, 48))) + FILM_IN_A_PHOTO,
        photo(icc_profile=b"\xff\xda\x00" * 30_000),
        photo(comment=b"\xff\xda" * 200),
        photo().replace(b"\xff\xdb", b"\xff\xff\xff\xdb", 1),
        several_pictures(Image.new("RGB", (64, 48))).replace(b"MPF\0MM", b"MPF\0XX"),
        photo(exif=b"Exif\0\0garbage"),
    ],
    ids=["with a film", "progressive with a film", "several pictures", "a profile", "a comment", "filled markers",
         "a bad list of pictures", "bad EXIF"],
)  # fmt: skip
def test_what_else_is_in_a_jpeg_does_not_count_as_its_passes_or_as_damage(tmp_path, content):
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    facts = probe(path)
    assert (facts.content_type, facts.width, facts.height) == ("image/jpeg", 64, 48)
    assert still(path, facts)


LONG = b'{"n":1}' * 400_000
MUCH_TEXT = [samples.png_chunk(b"tEXt", b"w%d\0" % number + LONG) for number in range(26)]


@pytest.mark.parametrize(
    "chunks",
    [
        [samples.png_chunk(b"zTXt", b"workflow\0\0" + zlib.compress(LONG))],
        [samples.png_chunk(b"iTXt", b"workflow\0\1\0\0\0" + zlib.compress(LONG))],
        [samples.png_chunk(b"iCCP", b"camera\0\0" + zlib.compress(bytes(2_000_000)))],
        [samples.png_chunk(b"iCCP", b"bomb\0\0" + zlib.compress(bytes(40_000_000)))],
        [samples.png_chunk(b"zTXt", b"workflow\0\7" + b"packed in some other way")],
        [samples.png_chunk(b"eXIf", b"p")],
        [samples.png_chunk(b"gAMA", b"p")],
        MUCH_TEXT,
    ],
    ids=["zTXt", "iTXt", "a large profile", "a bomb of a profile", "unknown packing", "bad EXIF", "bad gamma",
         "much text"],
)  # fmt: skip
@pytest.mark.parametrize("behind_the_picture", [False, True], ids=["before", "behind"])
def test_what_a_png_says_about_itself_is_no_damage(tmp_path, chunks, behind_the_picture):
    path = tmp_path / "a.png"
    path.write_bytes(samples.png_with(*chunks, behind_the_picture=behind_the_picture))
    facts = probe(path)
    assert (facts.content_type, facts.width, facts.height) == ("image/png", 64, 48)
    assert samples.colours_alike(samples.colour(samples.opened(still(path, facts)), 32, 24), (200, 40, 40))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_whose_exif_is_garbage_is_shown_as_it_lies(tmp_path, kind):
    path = samples.picture(tmp_path / "a", kind, exif=b"Exif\0\0garbage")
    facts = probe(path)
    assert (facts.width, facts.height) == (64, 48)
    assert still(path, facts)


def test_a_heic_that_claims_too_many_pixels_is_refused_by_its_header(tmp_path):
    content = samples.PHOTO_HEIC.read_bytes()
    huge = content.replace(struct.pack(">II", 320, 240), struct.pack(">II", 60_000, 60_000))
    assert "pixels" in reason_for(tmp_path, huge)


# Video


@pytest.mark.parametrize(
    ("name", "options", "content_type"),
    [
        ("a.mp4", {}, "video/mp4"),
        ("a.mp4", {"movflags": "faststart"}, "video/mp4"),
        ("a.mp4", {"movflags": "frag_keyframe+empty_moov"}, "video/mp4"),
        ("a.mov", {}, "video/quicktime"),
        ("a.webm", {"codec": "libvpx-vp9", "sound": "libopus"}, "video/webm"),
        ("a.mkv", {}, "video/x-matroska"),
        ("a.avi", {"codec": "mpeg4", "sound": "libmp3lame"}, "video/x-msvideo"),
        ("a.3gp", {}, "video/3gpp"),
    ],
)
def test_a_video_is_measured(tmp_path, name, options, content_type):
    path = samples.film(tmp_path / name, seconds=2, fps=24, **options)
    facts = probe(path.rename(tmp_path / "picture.png"))
    assert (facts.media_type, facts.content_type) == ("video", content_type)
    assert (facts.width, facts.height) == (320, 240)
    assert facts.seconds == pytest.approx(2, abs=0.05)
    assert facts.fps == pytest.approx(24, abs=0.01)
    assert facts.frames == 48
    assert facts.has_audio


def test_a_video_without_sound_says_so(tmp_path):
    assert not probe(samples.film(tmp_path / "a.mp4", sound=None)).has_audio


def test_seconds_are_those_of_the_picture_not_of_a_longer_sound(tmp_path):
    facts = probe(samples.film(tmp_path / "a.mp4", seconds=1.5, fps=30))
    assert facts.seconds == pytest.approx(1.5, abs=0.01)
    assert facts.fps == 30


@pytest.mark.parametrize("turned", [90, -90])
def test_a_video_taken_upright_is_measured_as_shown(tmp_path, turned):
    facts = probe(samples.film(tmp_path / "a.mp4", turned=turned))
    assert (facts.width, facts.height) == (240, 320)


def test_a_video_turned_upside_down_keeps_its_size(tmp_path):
    facts = probe(samples.film(tmp_path / "a.mp4", turned=180))
    assert (facts.width, facts.height) == (320, 240)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.95])
@pytest.mark.parametrize("movflags", ["", "faststart", "frag_keyframe+empty_moov"])
def test_a_cut_off_mp4_is_refused_wherever_its_index_is(tmp_path, movflags, share):
    path = samples.film(tmp_path / "a.mp4", movflags=movflags) if movflags else samples.film(tmp_path / "a.mp4")
    assert "cut off" in reason(samples.cut(path, share))


def box(kind: bytes, claimed: int, content: bytes = b"") -> bytes:
    return struct.pack(">I4s", claimed, kind) + content


TRAILERS = {
    "a boundary": b"\r\n--boundary--\r\n",
    "a few bytes": b"abc",
    "padding": bytes(100),
    "a box that ends nowhere": b"\0\0\0\1abcd" + b"\x7f" * 8,
    "a start code": b"\0\0\0\1\x67" + b"\xff" * 40,
    "set bits": b"\xff" * 50,
    "an empty box": box(b"free", 16, bytes(8)),
    "a box of one's own that is cut off": box(b"uuid", 4_000, bytes(32)),
    "padding that is cut off": box(b"free", 4_000, bytes(32)),
    "a tag of a song": b"TAG" + bytes(125),
    "a camera's trailer": bytes(range(256)) * 4,
}


@pytest.mark.parametrize("trailer", TRAILERS.values(), ids=TRAILERS)
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp4", {}),
        ("a.mp4", {"movflags": "faststart"}),
        ("a.mp4", {"movflags": "frag_keyframe+empty_moov"}),
        ("a.mov", {}),
        ("a.webm", {"codec": "libvpx", "sound": None}),
    ],
    ids=["mp4", "faststart", "fragmented", "mov", "webm"],
)
def test_what_follows_the_last_box_of_a_film_is_no_damage(tmp_path, name, options, trailer):
    path = samples.film(tmp_path / name, seconds=0.25, size=(64, 48), **{"sound": None, **options})
    with path.open("ab") as file:
        file.write(trailer)
    facts = probe(path)
    assert facts.frames == 6
    play_through(path, facts)


def test_a_box_that_is_longer_than_what_is_used_of_it_is_no_damage(tmp_path):
    path = samples.film(tmp_path / "a.mp4", seconds=0.25, sound=None, movflags="faststart")
    content = path.read_bytes()
    at = content.index(b"mdat") - 4
    length = struct.unpack(">I", content[at : at + 4])[0]
    path.write_bytes(content[:at] + struct.pack(">I", length + 512) + content[at + 4 :])
    assert probe(path).frames == 6


def test_a_video_with_nothing_to_decode_is_refused(tmp_path):
    content = samples.film(tmp_path / "a.mp4", sound=None).read_bytes()
    start = content.index(b"mdat") + 4
    end = content.index(b"moov") - 4
    message = reason_for(tmp_path, content[:start] + b"\xff" * (end - start) + content[end:])
    assert "decoded" in message


# Sound


@pytest.mark.parametrize(
    ("name", "codec", "container_format", "content_type"),
    [
        ("a.mp3", "libmp3lame", None, "audio/mpeg"),
        ("a.wav", "pcm_s16le", None, "audio/wav"),
        ("a.flac", "flac", None, "audio/flac"),
        ("a.m4a", "aac", None, "audio/mp4"),
        ("a.mp4", "aac", None, "audio/mp4"),
        ("a.aac", "aac", "adts", "audio/aac"),
        ("a.ogg", "libopus", None, "audio/ogg"),
        ("a.webm", "libopus", None, "audio/webm"),
    ],
)
def test_a_sound_is_measured(tmp_path, name, codec, container_format, content_type):
    path = samples.sound(tmp_path / name, codec, seconds=2, container_format=container_format)
    facts = probe(path.rename(tmp_path / "film.mov"))
    assert (facts.media_type, facts.content_type) == ("audio", content_type)
    assert facts.seconds == pytest.approx(2, abs=0.06)
    assert facts.has_audio
    assert (facts.width, facts.fps, facts.frames) == (None, None, None)


ID3 = b"ID3\x04\0\0\0\0\x0f\x76" + bytes(2038)
APE = b"APETAGEX" + struct.pack("<IIII", 2000, 72, 1, 1 << 31) + bytes(8) + bytes(40)
APE += b"APETAGEX" + struct.pack("<IIII", 2000, 72, 1, 0) + bytes(8)
TAGS_IN_FRONT = {
    "ID3": ID3,
    "two": ID3 + ID3,
    "a large cover": b"ID3\x04\0\0\0\x20\0\0" + bytes(0x20 << 14),
    "with a footer": b"ID3\x04\0\x10\0\0\0\x10" + bytes(16) + b"3DI\x04\0\x10\0\0\0\x10",
    "padded": ID3 + bytes(700),
    "APE": APE,
}
TAGS_BEHIND = {
    "ID3v1": b"TAG" + bytes(125),
    "APE": APE,
    "LYRICS": b"LYRICSBEGININD0000200000026LYRICS200TAG" + bytes(125),
    "ID3v2": ID3,
    "a few bytes": b"abc",
}
TAGGED = [*((tag, b"") for tag in TAGS_IN_FRONT.values()), *((b"", tag) for tag in TAGS_BEHIND.values())]


@pytest.mark.parametrize(
    ("before", "behind"), TAGGED, ids=[*TAGS_IN_FRONT, *(f"{name} behind" for name in TAGS_BEHIND)]
)
@pytest.mark.parametrize(
    ("codec", "container_format", "content_type"),
    [
        ("libmp3lame", "mp3", "audio/mpeg"),
        ("pcm_s16le", "wav", "audio/wav"),
        ("flac", "flac", "audio/flac"),
        ("aac", "adts", "audio/aac"),
        ("libopus", "ogg", "audio/ogg"),
    ],
)
def test_tags_in_front_of_a_sound_or_behind_it_change_neither_its_kind_nor_its_length(
    tmp_path, codec, container_format, content_type, before, behind
):
    path = samples.sound(tmp_path / "a", codec, seconds=0.5, container_format=container_format)
    path.write_bytes(before + path.read_bytes() + behind)
    facts = probe(path)
    assert facts.content_type == content_type
    assert facts.seconds == pytest.approx(0.5, abs=0.07)
    assert still(path, facts)


def test_an_mp3_without_tags_is_known_by_its_frames(tmp_path):
    content = samples.sound(tmp_path / "a.mp3", "libmp3lame").read_bytes()
    path = tmp_path / "bare.mp3"
    path.write_bytes(content[content.index(b"\xff\xfb") :])
    assert probe(path).content_type == "audio/mpeg"


@pytest.mark.parametrize("rate", [1, 369_130_752])
def test_a_sound_with_an_absurd_rate_is_refused_before_anything_is_converted(tmp_path, rate):
    content = samples.sound(tmp_path / "a.wav", "pcm_s16le").read_bytes()
    assert "samples of sound" in reason_for(tmp_path, content[:24] + struct.pack("<I", rate) + content[28:])


# What is no media


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n  <!DOCTYPE html><html><body>Not found</body></html>", "web page"),
        (b"\xef\xbb\xbf<HTML>", "web page"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"<?xml version='1.0'?>\n<!-- made by hand -->\n<svg/>", "SVG"),
        (b"#EXTM3U\nhttp://127.0.0.1/secret.ts\n", "playlist"),
        (b"%PDF-1.7\n", "PDF"),
        (b"PK\x03\x04....", "ZIP"),
        (b'{"error": "gone"}', "text"),
        ("ein Bild, ähnlich".encode(), "text"),
        (b"\x7fELF\x02\x01\x01\x00\xff\xfe", "known here"),
        (b"\x00", "known here"),
        (b"\xff", "known here"),
        (b"RIFF\x00\x00\x00\x00ACON", "known here"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"\xff\xd8\xff", "damaged"),
        (b"ID3", "damaged"),
        (b"\x00\x00\x00\x20ftypisom", "damaged"),
        (b"RIFF\x00\x00\x00\x00WAVE", "damaged"),
    ],
)
def test_what_is_no_media_gives_a_plain_reason(tmp_path, content, words):
    message = reason_for(tmp_path, content)
    assert words in message or (words == "damaged" and "cut off" in message)


def test_ffmpeg_never_gets_to_open_what_a_script_names(tmp_path):
    secret = samples.film(tmp_path / "secret.mp4")
    script = f"ffconcat version 1.0\nfile '{secret}'\n".encode()
    assert "text" in reason_for(tmp_path, script, "list.mp4")


BEGINNINGS = [
    b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\x00", b"fLaC", b"OggS", b"\x1a\x45\xdf\xa3",
    b"\x00\x00\x00\x18ftypmp42", b"\x00\x00\x00\x18ftypheic", b"RIFF\x00\x01\x00\x00WAVEfmt ",
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(BEGINNINGS))
def test_no_bytes_whatever_make_the_probe_fail_in_any_other_way(tmp_path_factory, noise, start):
    path = tmp_path_factory.getbasetemp() / "noise"
    path.write_bytes(start + noise)
    with suppress(ProbeError):
        probe(path)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_film_with_damaged_bytes_ends_in_facts_or_a_reason(tmp_path_factory, data):
    folder = tmp_path_factory.getbasetemp()
    whole = folder / "whole.mp4"
    if not whole.exists():
        samples.film(whole, seconds=0.5)
    content = bytearray(whole.read_bytes())
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    damaged = folder / "damaged.mp4"
    damaged.write_bytes(content)
    with suppress(ProbeError):
        assert probe(damaged).media_type in ("video", "audio")


def test_a_box_that_leads_nowhere_ends_the_walk(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(struct.pack(">I4s", 8, b"ftyp") + struct.pack(">I4s", 3, b"moov"))
    assert not box_without_its_end(path)


def test_the_first_bytes_alone_tell_a_png(tmp_path):
    assert content_type_of(samples.png_header_claiming(1, 1)[:8]) == "image/png"


def test_importing_the_media_package_imports_no_decoder():
    modules = "archive, boxes, facts, fetch, probe, ranges, sniff, thumbnails"
    code = f"import sys; from assets_app.media import {modules}; sys.exit('av' in sys.modules or 'PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

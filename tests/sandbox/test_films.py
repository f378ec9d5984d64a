"""The films are real: opened, decoded and measured with the same library that players are made of."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import av
import pytest
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from PIL import Image, ImageChops, ImageStat

from assets_app.sandbox import films
from assets_app.sandbox.films import Film, draw
from assets_app.sandbox.painting import picture_of
from assets_app.sandbox.server import SandboxServer
from assets_app.sandbox.shapes import film_size
from tests.sandbox.conftest import PATIENCE, Caller, Site, body, eventually, png


@pytest.fixture(autouse=True)
def in_full_size(sandbox: SandboxServer) -> None:
    sandbox.configure(film_scale=1)


def film(**changes: Any) -> Film:
    usual: dict[str, Any] = {
        "size": (320, 180),
        "seconds": 1,
        "with_sound": False,
        "prompt": "A door opens.",
        "heading": "SANDBOX",
        "footing": "1234",
    }
    return Film(**{**usual, **changes})


def drawn(path: Path, **changes: Any) -> Path:
    draw(film(**changes), path, None, lambda: False)
    return path


def pictures(path: Path) -> list[Image.Image]:
    with av.open(path) as container:
        return [picture_of(frame) for frame in container.decode(video=0)]


def opened(content: bytes) -> Any:
    return av.open(io.BytesIO(content))


def likeness(one: Image.Image, other: Image.Image) -> float:
    """1.0 for the same picture, 0.0 for black against white."""
    difference = ImageChops.difference(one.convert("L").resize((64, 36)), other.convert("L").resize((64, 36)))
    return 1 - ImageStat.Stat(difference).mean[0] / 255


def test_a_film_has_the_asked_length_shape_codec_and_sound(caller: Caller) -> None:
    job = caller.finished_job(caller.accepted(body(duration=5, generate_audio=True, aspect_ratio="3:4")))
    content = caller.session.get(job["result"]["videoUrl"], timeout=PATIENCE).content
    with opened(content) as container:
        video, sound = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, video.width, video.height) == ("h264", 560, 752)
        assert (video.average_rate, video.frames) == (24, 24 * 5 + 1)
        assert video.codec_context.pix_fmt == "yuv420p"
        assert (sound.codec_context.name, sound.rate, sound.channels) == ("aac", 32_000, 2)
        assert container.duration == pytest.approx(5_041_667, abs=50_000)
        assert sum(1 for _ in container.decode(video=0)) == 121


def test_a_film_asked_without_sound_is_silent(tmp_path: Path) -> None:
    with av.open(drawn(tmp_path / "film.mp4")) as container:
        assert not container.streams.audio


def test_a_film_can_start_playing_before_it_is_loaded(tmp_path: Path) -> None:
    content = drawn(tmp_path / "film.mp4").read_bytes()
    assert 0 < content.index(b"moov") < content.index(b"mdat")


def test_time_is_seen_to_pass_in_every_frame(tmp_path: Path) -> None:
    frames = pictures(drawn(tmp_path / "film.mp4"))
    strips = [frame.crop((0, 160, 320, 180)).tobytes() for frame in frames]
    assert len(set(strips)) == len(strips) == 25


def test_the_start_image_is_the_first_frame_and_the_end_image_the_last(tmp_path: Path) -> None:
    start, end = tmp_path / "start.png", tmp_path / "end.png"
    start.write_bytes(png(400, 400, "white"))
    end.write_bytes(png(400, 400, "red"))

    frames = pictures(drawn(tmp_path / "film.mp4", seconds=3, start=start, end=end))

    assert likeness(frames[0], Image.new("RGB", (320, 180), "white")) > 0.97
    assert likeness(frames[-1], Image.new("RGB", (320, 180), "red")) > 0.97
    assert likeness(frames[36], Image.new("RGB", (320, 180), "white")) < 0.5


def test_references_are_seen_in_the_film(caller: Caller, site: Site) -> None:
    with_picture = body(reference_image_urls=[site.put("/a.png", png(colour="magenta"))])
    job = caller.finished_job(caller.accepted(with_picture))
    content = caller.session.get(job["result"]["videoUrl"], timeout=PATIENCE).content
    with opened(content) as container:
        frame = picture_of(next(container.decode(video=0)))
    pixels = frame.tobytes()
    magenta = zip(pixels[0::3], pixels[1::3], pixels[2::3], strict=True)
    assert sum(red > 180 and green < 90 and blue > 180 for red, green, blue in magenta) > 2_000


def test_the_last_frame_is_given_as_a_picture_when_asked(caller: Caller) -> None:
    job = caller.finished_job(caller.accepted(body(return_last_frame=True)))
    content = caller.session.get(job["result"]["lastFrameUrl"], timeout=PATIENCE).content
    with Image.open(io.BytesIO(content)) as picture:
        assert (picture.format, picture.size) == ("PNG", (864, 496))
    assert "lastFrameUrl" not in caller.finished_job(caller.accepted(body()))["result"]


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        (("480p", "16:9", None), (864, 496)),
        (("480p", "3:4", None), (560, 752)),
        (("720p", "3:4", None), (834, 1112)),
        (("1080p", "9:16", (10, 10)), (1080, 1920)),
        (("4k", "16:9", None), (3840, 2160)),
        (("480p", "adaptive", None), (864, 496)),
        (("480p", "adaptive", (1000, 1000)), (654, 654)),
        (("768p", "auto", (1, 9)), (608, 1518)),
        ((None, None, None), (1280, 720)),
        (("720p", "1280:720", None), (1280, 720)),
        (("standard", "2:3", None), (784, 1176)),
    ],
)
def test_the_size_follows_resolution_and_ratio(
    asked: tuple[str | None, str | None, tuple[int, int] | None], size: tuple[int, int]
) -> None:
    assert film_size(*asked) == size


def test_an_adaptive_film_takes_the_shape_of_its_first_picture(caller: Caller, site: Site) -> None:
    tall = site.put("/tall.png", png(400, 800))
    job = caller.finished_job(caller.accepted(body(start_image=tall, aspect_ratio="adaptive")))
    content = caller.session.get(job["result"]["videoUrl"], timeout=PATIENCE).content
    with opened(content) as container:
        video = container.streams.video[0]
        assert video.width / video.height == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(
    "prompt",
    ["", "x" * 4000, "word " * 800, "zeile\n" * 60, "夜の港。" * 40, "🎬 \u202e\x00 \t", "\ud83d"],
    ids=range(7),
)
def test_any_prompt_can_be_drawn(tmp_path: Path, prompt: str) -> None:
    assert len(pictures(drawn(tmp_path / "film.mp4", prompt=prompt))) == 25


def test_stopping_leaves_no_half_film_behind(tmp_path: Path) -> None:
    with pytest.raises(films.Interrupted):
        draw(film(), tmp_path / "film.mp4", tmp_path / "last.png", lambda: True)
    assert list(tmp_path.iterdir()) == []


def test_a_film_is_cheap_only_a_strip_of_each_frame_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = 0
    compositions = 0
    really_convert, really_compose = films._yuv, films.compose

    def convert(picture: Image.Image, reformatter: VideoReformatter) -> VideoFrame:
        nonlocal pixels
        pixels += picture.width * picture.height
        return really_convert(picture, reformatter)

    def compose(*arguments: Any) -> Image.Image:
        nonlocal compositions
        compositions += 1
        return really_compose(*arguments)

    monkeypatch.setattr(films, "_yuv", convert)
    monkeypatch.setattr(films, "compose", compose)
    drawn(tmp_path / "film.mp4", size=(864, 496), seconds=5, with_sound=True)
    assert compositions == 1
    assert 0 < pixels < 864 * 496 * (1 + 0.1 * (24 * 5 + 1))


def test_a_film_is_there_no_sooner_than_its_job_is_completed(caller: Caller) -> None:
    job_id = caller.accepted(body(duration=15))

    def look() -> bool:
        status = caller.job(job_id)["status"]
        found = caller.session.get(f"{caller.base_url}/videos/{job_id}.mp4", timeout=PATIENCE).status_code
        assert found == 404 or caller.job(job_id)["status"] == "COMPLETED"
        return status == "COMPLETED"

    eventually(look)

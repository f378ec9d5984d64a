"""Real, playable films: H.264 and AAC in an MP4 that starts at once, 24 frames a second, 24·s + 1 frames (FACTS §3).

The still layer is composed once, as YUV planes; per frame only a strip at the bottom is drawn and laid over.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from PIL import Image, ImageDraw

from assets_app.sandbox.painting import frame_of
from assets_app.sandbox.slate import Shown, compose, fill, font

FPS = 24
SOUND_RATE = 32_000
_SAMPLES = 1024  # of one AAC frame
_FADE = FPS  # frames of dissolve from the start image and to the end image
_CHORD = ((110, 0.10), (165, 0.07), (220, 0.05), (277, 0.04))  # Hz and loudness; whole hertz loop each second


class Interrupted(Exception):
    """The sandbox is stopping; the film is drawn again when it comes back."""


@dataclass(frozen=True)
class Film:
    """What to draw. `start` and `end` are pictures that the film begins and ends with."""

    size: tuple[int, int]
    seconds: int
    with_sound: bool
    prompt: str
    heading: str
    footing: str
    references: Sequence[Shown] = ()
    start: Path | None = None
    end: Path | None = None

    @property
    def frame_count(self) -> int:
        return FPS * self.seconds + 1


def draw(film: Film, path: Path, last_frame: Path | None, stopping: Callable[[], bool]) -> None:
    """Write a film, and its last frame as a PNG when asked; each appears complete or not at all.

    Raises Interrupted as soon as `stopping()` is true.
    """
    draft = path.with_name(f".{path.name}")
    try:
        picture = _encode(film, draft, stopping)
        if last_frame:
            last_draft = last_frame.with_name(f".{last_frame.name}")
            picture.save(last_draft, "PNG", compress_level=1)
            last_draft.replace(last_frame)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _encode(film: Film, path: Path, stopping: Callable[[], bool]) -> Image.Image:
    with av.open(path, "w", format="mp4", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=FPS)
        video.width, video.height = film.size
        video.pix_fmt = "yuv420p"
        video.options = {"preset": "ultrafast", "tune": "zerolatency", "crf": "26", "g": str(FPS * 2)}
        video.codec_context.thread_count = 1
        video.codec_context.time_base = Fraction(1, FPS)
        video.codec_context.colorspace = Colorspace.ITU709
        video.codec_context.color_range = ColorRange.MPEG
        video.codec_context.color_primaries = video.codec_context.color_trc = 1  # BT.709
        sound = None
        if film.with_sound:
            sound = container.add_stream("aac", rate=SOUND_RATE, layout="stereo")
            sound.bit_rate = 128_000
        tones = _tones(Fraction(film.frame_count, FPS)) if sound else iter(())

        reel = _Reel(film)
        for number in range(film.frame_count):
            if stopping():
                raise Interrupted
            frame = reel.frame(number)
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(video.encode(frame))
            if sound:
                for tone in _until(tones, Fraction(number + 1, FPS)):
                    container.mux(sound.encode(tone))
        for stream in (video, sound) if sound else (video,):
            container.mux(stream.encode(None))
    return reel.picture(film.frame_count - 1)


class _Reel:
    """The frames of a film."""

    def __init__(self, film: Film) -> None:
        self._film = film
        # One for each size: what it prepares for a size costs more than to convert a frame by it.
        self._whole, self._part = VideoReformatter(), VideoReformatter()
        self._still = compose(film.size, film.prompt, film.heading, film.footing, film.references)
        self._start = fill(film.start, film.size) if film.start else None
        self._end = fill(film.end, film.size) if film.end else None
        self._planes = [bytes(plane) for plane in _yuv(self._still, self._whole).planes]
        height = film.size[1]
        self._strip_top = round(height * 0.91) // 2 * 2
        self._strip = self._still.crop((0, self._strip_top, film.size[0], height))

    def picture(self, number: int) -> Image.Image:
        """A frame as an image."""
        picture = self._still.copy()
        picture.paste(self._moving_strip(number), (0, self._strip_top))
        for cover, share in ((self._start, self._share_of_start(number)), (self._end, self._share_of_end(number))):
            if cover and share > 0:
                picture = Image.blend(picture, cover, share)
        return picture

    def frame(self, number: int) -> VideoFrame:
        fading = (self._start and self._share_of_start(number)) or (self._end and self._share_of_end(number))
        if fading:
            return _yuv(self.picture(number), self._whole)
        planes = [bytearray(plane) for plane in self._planes]
        self._lay_over(planes, _yuv(self._moving_strip(number), self._part))
        frame = VideoFrame(*self._film.size, "yuv420p")
        _mark_colours(frame)
        for plane, content in zip(frame.planes, planes, strict=True):
            plane.update(bytes(content))
        return frame

    def _lay_over(self, planes: list[bytearray], strip: VideoFrame) -> None:
        template = VideoFrame(*self._film.size, "yuv420p")
        for number, content in enumerate(planes):
            target, source = template.planes[number], strip.planes[number]
            top = self._strip_top // (1 if number == 0 else 2)
            rows = memoryview(source)
            for row in range(source.height):
                start = (top + row) * target.line_size
                line = rows[row * source.line_size : row * source.line_size + source.width]
                content[start : start + source.width] = line

    def _moving_strip(self, number: int) -> Image.Image:
        """Timecode, length and a line that grows: one sees at a glance where one is."""
        strip = self._strip.copy()
        width, height = strip.size
        draw = ImageDraw.Draw(strip)
        margin = round(28 * min(self._film.size) / 480)
        face = font(max(round(height * 0.42), 9))
        draw.text((margin, 0), f"{number // FPS:02d}:{number % FPS:02d}", (238, 236, 230), face)
        draw.text((width - margin, 0), f"{self._film.seconds} s", (168, 166, 160), face, anchor="ra")
        line = round(height * 0.62)
        thick = max(height // 16, 2)
        end = margin + (width - 2 * margin) * number / max(self._film.frame_count - 1, 1)
        draw.rectangle((margin, line, width - margin, line + thick), (64, 63, 60))
        draw.rectangle((margin, line, end, line + thick), (238, 160, 72))
        return strip

    def _share_of_start(self, number: int) -> float:
        return max(1 - number / _FADE, 0.0)

    def _share_of_end(self, number: int) -> float:
        return max(1 - (self._film.frame_count - 1 - number) / _FADE, 0.0)


def _yuv(picture: Image.Image, reformatter: VideoReformatter) -> VideoFrame:
    frame = reformatter.reformat(
        frame_of(picture), format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
    )
    _mark_colours(frame)
    return frame


def _mark_colours(frame: VideoFrame) -> None:
    frame.colorspace, frame.color_range = Colorspace.ITU709, ColorRange.MPEG


def _until(tones: Iterator[AudioFrame], end: Fraction) -> Iterator[AudioFrame]:
    """The sound that belongs before `end` seconds, so that picture and sound lie side by side in the file."""
    for tone in tones:
        yield tone
        if Fraction((tone.pts or 0) + tone.samples, SOUND_RATE) >= end:
            return


def _tones(length: Fraction) -> Iterator[AudioFrame]:
    """A quiet chord, `length` seconds long."""
    second = _one_second()
    looped = second + second
    total = int(length * SOUND_RATE)
    for start in range(0, total, _SAMPLES):
        samples = min(_SAMPLES, total - start)
        offset = start % SOUND_RATE
        frame = AudioFrame(format="fltp", layout="stereo", samples=samples)
        frame.sample_rate, frame.time_base, frame.pts = SOUND_RATE, Fraction(1, SOUND_RATE), start
        content = looped[offset : offset + samples].tobytes()
        for plane in frame.planes:
            plane.update(content.ljust(plane.buffer_size, b"\0"))
        yield frame


def _one_second() -> array[float]:
    return array(
        "f",
        (
            sum(loudness * math.sin(2 * math.pi * hertz * n / SOUND_RATE) for hertz, loudness in _CHORD)
            for n in range(SOUND_RATE)
        ),
    )

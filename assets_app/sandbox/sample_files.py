"""The sample files: made on first use, then kept."""

from __future__ import annotations

import math
import threading
from array import array
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from random import Random

import av
from av.audio.frame import AudioFrame
from PIL import Image, ImageDraw, ImageOps

from assets_app.sandbox import sample_art
from assets_app.sandbox.painting import frame_of, sky
from assets_app.sandbox.protocol import Refusal
from assets_app.sandbox.samples import SAMPLES

FPS = 24
SECONDS = 5
_RATE = 44_100


def _still(draw: Callable[[], Image.Image]) -> Callable[[Path], None]:
    return lambda path: draw().save(path, "JPEG", quality=90)


def _crossing(path: Path) -> None:
    """Five seconds of a slow pan along a coast: near hills pass faster than far ones."""
    width, height = 960, 540
    far = sky((width, height), (246, 178, 122), (48, 60, 104))
    layers = [_hill_layer(width, height, depth) for depth in range(3)]
    with av.open(path, "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "23"}
        stream.codec_context.thread_count = 1
        for number in range(FPS * SECONDS):
            picture = far.copy()
            for depth, layer in enumerate(layers):
                offset = -round(number * (0.8 + 1.5 * depth)) % width
                for x in (offset - width, offset):
                    picture.paste(layer, (x, 0), layer)
            frame = frame_of(picture)
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _hill_layer(width: int, height: int, depth: int) -> Image.Image:
    colour = [(168, 130, 134), (106, 88, 112), (44, 42, 66)][depth]
    outline = sample_art.hills(width * 2, Random(50 + depth), height * 2 * (0.56 + 0.13 * depth), height * 2 * 0.075)
    mask = Image.new("L", (width * 2, height * 2))
    ImageDraw.Draw(mask).polygon([(0, height * 2), *outline, (width * 2, height * 2)], fill=255)
    red, green, blue = colour
    fall = sky((width, height), (red + 24, green + 24, blue + 24), colour)
    layer = ImageOps.fit(fall, (width, height)).convert("RGBA")
    layer.putalpha(mask.resize((width, height), Image.Resampling.BOX))
    return layer


def _bell(path: Path) -> None:
    """Five seconds of a slow bell."""
    partials = ((196.0, 1.0, 0.9), (392.6, 0.5, 1.4), (589.0, 0.32, 2.0), (830.5, 0.2, 2.8))
    total = _RATE * SECONDS
    wave = array("f", bytes(4 * total))
    for strike, loudness in ((0.0, 0.30), (1.7, 0.22), (3.2, 0.18)):
        first = round(strike * _RATE)
        for hertz, share, decay in partials:
            step, fade, level = math.tau * hertz / _RATE, math.exp(-decay / _RATE), loudness * share
            for n in range(total - first):
                wave[first + n] += level * math.sin(step * n)
                level *= fade
    with av.open(path, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=_RATE, layout="mono")
        stream.bit_rate = 128_000
        for start in range(0, total, 1152):
            content = wave[start : start + 1152]
            frame = AudioFrame(format="fltp", layout="mono", samples=len(content))
            frame.sample_rate, frame.pts, frame.time_base = _RATE, start, Fraction(1, _RATE)
            frame.planes[0].update(content.tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _not_a_picture(path: Path) -> None:
    path.write_text("This is a text file that calls itself a picture, to see what a refusal looks like.\n", "utf-8")


MAKERS: dict[str, Callable[[Path], None]] = {
    "courier.jpg": _still(sample_art.courier),
    "harbour.jpg": _still(sample_art.harbour),
    "lantern.jpg": _still(sample_art.lantern),
    "crossing.mp4": _crossing,
    "bell.mp3": _bell,
    "broken.png": _not_a_picture,
}


class Samples:
    """The sample files in a directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._locks = {name: threading.Lock() for name in SAMPLES}
        directory.mkdir(parents=True, exist_ok=True)

    def path(self, name: str) -> tuple[Path, str]:
        """A sample's file, made now if need be, and its content type. Refusal 404 for a name that is none."""
        sample = SAMPLES.get(name)
        if sample is None:
            raise Refusal(404, "Not found")
        path = self._directory / name
        with self._locks[name]:
            if not path.exists():
                draft = path.with_name(f".{name}")
                MAKERS[name](draft)
                draft.replace(path)
        return path, sample.content_type

    def make_all(self) -> None:
        for name in SAMPLES:
            self.path(name)

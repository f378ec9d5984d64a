"""Small media files made on the spot, so that each test says what is in them."""

from __future__ import annotations

import io
import math
import struct
import zlib
from array import array
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
from av import AudioFrame, AudioStream, VideoFrame, VideoStream
from av.container import OutputContainer
from PIL import Image

Colour = tuple[int, int, int]

PHOTO_HEIC = Path(__file__).parent / "data" / "photo.heic"
# The same twice, side by side, as two tiles of one picture: phones keep every photo in tiles.
TILES_HEIC = Path(__file__).parent / "data" / "tiles.heic"
"""320 × 240, red with a blue upper left quarter."""


def film(
    path: Path,
    *,
    seconds: float = 2,
    size: tuple[int, int] = (320, 240),
    fps: int = 24,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    sound: str | None = "aac",
    turned: int = 0,
    pixel_aspect: Fraction | None = None,
    colour_tags: tuple[int, int, int] | None = None,
    colour_at: Callable[[float], Colour] = lambda _: (40, 90, 200),
    picture_at: Callable[[float], Image.Image] | None = None,
    **muxer: str,
) -> Path:
    """A film whose frames have one colour each (or are given), with a tone unless `sound` is None. `colour_tags` are
    the codes of ITU-T H.273 for primaries, curve and matrix.
    """
    with av.open(str(path), "w", options=muxer) as container:
        video = cast("VideoStream", container.add_stream(codec, rate=fps))
        video.width, video.height = size
        video.pix_fmt = pixels
        if pixel_aspect:
            video.codec_context.sample_aspect_ratio = pixel_aspect
        if colour_tags:
            context = video.codec_context
            context.color_primaries, context.color_trc, context.colorspace = colour_tags
        if codec == "libx264":
            video.options = {"preset": "veryfast"}
        if turned:
            video.set_display_rotation(turned)
        audio = cast("AudioStream", container.add_stream(sound, rate=48_000)) if sound else None
        for number in range(round(seconds * fps)):
            second = number / fps
            shown = picture_at(second) if picture_at else Image.new("RGB", size, colour_at(second))
            frame = VideoFrame.from_image(shown)  # type: ignore[no-untyped-call]
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(video.encode(frame))
        container.mux(video.encode())
        if audio:
            _tone(container, audio, seconds)
    return path


def sound(path: Path, codec: str, *, seconds: float = 2, container_format: str | None = None) -> Path:
    with av.open(str(path), "w", format=container_format) as container:
        _tone(container, cast("AudioStream", container.add_stream(codec, rate=48_000)), seconds)
    return path


def _tone(container: OutputContainer, stream: AudioStream, seconds: float) -> None:
    """440 Hz, silent in its second half."""
    rate, total = 48_000, round(48_000 * seconds)
    for start in range(0, total, 1024):
        count = min(1024, total - start)
        wave = array("h", (_sample(start + offset, total, rate) for offset in range(count)))
        frame = AudioFrame(format="s16", layout="mono", samples=count)
        frame.planes[0].update(wave.tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
        frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
        container.mux(stream.encode(frame))
    container.mux(stream.encode())


def _sample(position: int, total: int, rate: int) -> int:
    return round(20_000 * math.sin(position * 440 * math.tau / rate)) if position < total // 2 else 0


def picture(
    path: Path,
    kind: str,
    *,
    size: tuple[int, int] = (64, 48),
    mode: str = "RGB",
    fill: int | tuple[int, ...] = (200, 40, 40),
    **options: Any,
) -> Path:
    Image.new(mode, size, fill).save(path, kind, **options)
    return path


def lying_on_its_side() -> Image.Exif:
    """EXIF that says: turn me a quarter clockwise."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_header_claiming(width: int, height: int) -> bytes:
    """The first bytes of a PNG of any size, with a little of its pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(bytes(1000)))


def png_with(*chunks: bytes, behind_the_picture: bool = False) -> bytes:
    """A red PNG of 64 × 48 with these chunks before its pixels, or behind them."""
    output = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 40, 40)).save(output, "PNG")
    content = output.getvalue()
    at = content.index(b"IEND" if behind_the_picture else b"IDAT") - 4
    return content[:at] + b"".join(chunks) + content[at:]


def cut(path: Path, share: float) -> Path:
    """A copy of `path` that ends after `share` of it."""
    shorter = path.with_name(f"cut-{path.name}")
    whole = path.read_bytes()
    shorter.write_bytes(whole[: int(len(whole) * share)])
    return shorter


def opened(still: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(still))
    image.load()
    return image


def colour(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    return cast("tuple[int, ...]", image.getpixel((x, y)))


def colours_alike(one: tuple[int, ...], other: tuple[int, ...], tolerance: int = 16) -> bool:
    return all(abs(a - b) <= tolerance for a, b in zip(one[:3], other[:3], strict=True))

"""The picture that a sandbox film shows: the prompt, what was asked, and thumbnails of the references."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from assets_app.sandbox.decoders import first_picture
from assets_app.sandbox.painting import Size, glow, sky, tone

_INK = (238, 236, 230)
_FAINT = (168, 166, 160)
_SPELT = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "–": "-", "—": "-"}
)


@dataclass(frozen=True)
class Shown:
    """A reference as the film shows it."""

    label: str
    media_type: str
    path: Path


@cache
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def spelt(text: str) -> str:
    """A text in the plain letters that this font has: it knows no accents, and would draw boxes for them."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_SPELT))
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def compose(size: Size, prompt: str, heading: str, footing: str, references: Iterable[Shown]) -> Image.Image:
    """The film's still layer. Its lowest tenth is left free for what moves."""
    width, height = size
    unit = min(size) / 480
    margin = round(28 * unit)
    picture = _backdrop(size, prompt)
    draw = ImageDraw.Draw(picture)
    prompt = prompt.encode("utf-8", "replace").decode()  # half a surrogate pair cannot be drawn
    small = font(max(round(15 * unit), 9))
    draw.text((margin, margin), heading, _FAINT, small)
    draw.text((width - margin, margin), footing, _FAINT, small, anchor="ra")

    shown = list(references)[:12]
    row_height = round(84 * unit) if shown else 0
    top, bottom = margin + round(36 * unit), round(height * 0.9) - row_height - margin // 2
    _write(draw, spelt(prompt), (margin, top, width - margin, bottom), unit)
    if shown:
        _lay_out(picture, shown, (margin, bottom + margin // 4, width - margin), row_height, unit)
    return picture


def fill(path: Path, size: Size) -> Image.Image | None:
    """An image or the first frame of a video, cropped to a size; None when it cannot be opened."""
    picture = first_picture(path)
    return ImageOps.fit(picture, size, Image.Resampling.BILINEAR) if picture else None


def _backdrop(size: Size, seed: str) -> Image.Image:
    """A dark room with two coloured lights, their hues taken from the prompt."""
    hue = hashlib.sha256(seed.encode("utf-8", "replace")).digest()[0] / 255
    width, height = 192, max(round(192 * size[1] / size[0]), 8)  # small, for it is soft anyway
    room = sky((width, height), tone(hue, 0.45, 0.13), tone(hue + 0.04, 0.50, 0.26))
    glow(room, (width * 0.78, height * 0.30), max(width, height) * 0.62, tone(hue + 0.10, 0.55, 0.72), 0.55)
    glow(room, (width * 0.12, height * 0.95), max(width, height) * 0.45, tone(hue + 0.48, 0.50, 0.55), 0.35)
    return room.resize(size, Image.Resampling.BICUBIC)


def _write(draw: ImageDraw.ImageDraw, text: str, box: tuple[int, int, int, int], unit: float) -> None:
    """The prompt as large as it fits, cut off with an ellipsis when even small it does not."""
    left, top, right, bottom = box
    for points in (38, 30, 24, 19, 15):
        face = font(max(round(points * unit), 9))
        leading = round(points * unit * 1.3)
        lines = _wrapped(text, face, right - left)
        if len(lines) * leading <= bottom - top:
            break
    room = max((bottom - top) // max(leading, 1), 1)
    if len(lines) > room:
        lines = [*lines[: room - 1], lines[room - 1][:-1].rstrip() + "…"]
    draw.multiline_text((left, top), "\n".join(lines), _INK, face, spacing=leading - round(points * unit))


def _wrapped(text: str, face: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> list[str]:
    lines: list[str] = []
    for paragraph in text.splitlines() or [""]:
        line = ""
        for word in re.findall(r"\S{1,40}", paragraph):
            longer = f"{line} {word}".strip()
            if line and face.getlength(longer) > width:
                lines.append(line)
                line = word
            else:
                line = longer
            while face.getlength(line) > width and len(line) > 1:  # a word wider than the picture
                cut = max(int(len(line) * width / face.getlength(line)), 1)
                lines.append(line[:cut])
                line = line[cut:]
        lines.append(line)
    return lines


def _lay_out(
    picture: Image.Image, shown: list[Shown], place: tuple[int, int, int], row_height: int, unit: float
) -> None:
    left, top, right = place
    draw = ImageDraw.Draw(picture)
    face = font(max(round(11 * unit), 8))
    caption = round(16 * unit)
    gap = round(8 * unit)
    tile_height = row_height - caption
    tile_width = min(round(tile_height * 1.5), (right - left - gap * (len(shown) - 1)) // len(shown))
    for index, reference in enumerate(shown):
        x = left + index * (tile_width + gap)
        tile = None if reference.media_type == "audio" else fill(reference.path, (tile_width, tile_height))
        picture.paste(tile or _wave((tile_width, tile_height), reference.label), (x, top))
        if face.getlength(reference.label) <= tile_width + gap:
            draw.text((x, top + tile_height + round(2 * unit)), reference.label, _FAINT, face)


def _wave(size: Size, seed: str) -> Image.Image:
    """A drawn waveform, standing for sound."""
    tile = Image.new("RGB", size, (34, 34, 36))
    draw = ImageDraw.Draw(tile)
    levels = hashlib.sha256(seed.encode()).digest()
    step = max(size[0] // 24, 3)
    for index, x in enumerate(range(step, size[0] - step, step)):
        half = round(size[1] * (0.08 + 0.3 * levels[index % 32] / 255))
        draw.line((x, size[1] // 2 - half, x, size[1] // 2 + half), _FAINT, max(step // 3, 1))
    return tile

"""Pictures with more light and colour than usual screens have (HDR: PQ and HLG, in BT.2020), mapped to what all screens
and models take: sRGB, in BT.709.

One table serves pictures and films. White paper, at 203 cd/m² (ITU-R BT.2408), becomes nearly the brightest there is;
what shines beyond is bent into the rest.
"""

from __future__ import annotations

import math
import tempfile
from fractions import Fraction
from functools import cache, lru_cache
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from av.filter import Graph

PQ, HLG = 16, 18
"""As files name the curve of their light (ITU-T H.273, transfer characteristics)."""
SIZE = 33
_PAPER_WHITE = 203.0
_HLG_PEAK = 1000.0
_KNEE, _BEND = 0.75, 1.3
_TO_709 = ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187))
_LUMA_2020 = (0.2627, 0.678, 0.0593)


def is_hdr(transfer: int) -> bool:
    return transfer in (PQ, HLG)


def mapped(picture: Image.Image, transfer: int) -> Image.Image:
    """The same in sRGB; with its transparency, if it has any.

    By FFmpeg, which finds what lies between the points of the table in tetrahedra, so that greys stay grey.
    """
    from av import VideoFrame  # pictures of this kind are rare, and all others do without FFmpeg

    alpha = picture.getchannel("A") if "A" in picture.getbands() else None
    graph = _graph(transfer, *picture.size)
    graph.push(VideoFrame.from_image(picture.convert("RGB")))  # type: ignore[no-untyped-call]
    made: Image.Image = graph.pull().to_image()  # type: ignore[union-attr]
    if alpha:
        made.putalpha(alpha)
    made.info = picture.info.copy()
    return made


@lru_cache(maxsize=4)  # a clip is dozens of pictures of one size
def _graph(transfer: int, width: int, height: int) -> Graph:
    from av import VideoFormat
    from av.filter import Graph

    graph = Graph()
    rgb = VideoFormat("rgb24")
    with tempfile.TemporaryDirectory() as directory:
        write_cube(transfer, cube := Path(directory) / "hdr.cube")
        buffer = graph.add_buffer(width=width, height=height, format=rgb, time_base=Fraction(1, 25))
        graph.link_nodes(buffer, graph.add("lut3d", f"file={cube}"), graph.add("buffersink")).configure()
    return graph


def write_cube(transfer: int, path: Path) -> None:
    """The table as a .cube file, for FFmpeg."""
    values = _table(transfer)
    lines = (f"{values[at]:.6f} {values[at + 1]:.6f} {values[at + 2]:.6f}" for at in range(0, len(values), 3))
    path.write_text(f"LUT_3D_SIZE {SIZE}\n" + "\n".join(lines) + "\n")


@cache
def _table(transfer: int) -> list[float]:
    """Red, green and blue for each point of a cube of codes, red changing fastest."""
    codes = [place / (SIZE - 1) for place in range(SIZE)]
    lights = [_pq_light(code) if transfer == PQ else _hlg_light(code) for code in codes]
    made: list[float] = []
    for blue, green, red in product(lights, repeat=3):
        light = (red, green, blue) if transfer == PQ else _on_a_screen((red, green, blue))
        made += _as_srgb(light)
    return made


def _pq_light(code: float) -> float:
    """In white papers (SMPTE ST 2084)."""
    root = code ** (1 / 78.84375)
    return 10_000 * (max(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125) / _PAPER_WHITE


def _hlg_light(code: float) -> float:
    """Of the scene, 0 to 1 (ITU-R BT.2100)."""
    return code * code / 3 if code <= 0.5 else (math.exp((code - 0.55991073) / 0.17883277) + 0.28466892) / 12


def _on_a_screen(scene: tuple[float, float, float]) -> tuple[float, ...]:
    """What a screen of 1000 cd/m² makes of an HLG scene, in white papers."""
    luma = sum(share * light for share, light in zip(_LUMA_2020, scene, strict=True))
    gain = _HLG_PEAK / _PAPER_WHITE * (luma**0.2 if luma > 0 else 0)
    return tuple(light * gain for light in scene)


def _as_srgb(light: tuple[float, ...]) -> list[float]:
    """The brightest of the three decides how much they are dimmed, so that hues stay."""
    in_709 = [max(0.0, sum(share * each for share, each in zip(row, light, strict=True))) for row in _TO_709]
    brightest = max(in_709)
    dimmed = _bent(brightest) / brightest if brightest > 0 else 1.0
    return [_srgb_code(each * dimmed) for each in in_709]


def _bent(light: float) -> float:
    if light <= _KNEE:
        return light
    return _KNEE + (1 - _KNEE) * (1 - math.exp(-_BEND * (light - _KNEE) / (1 - _KNEE)))


def _srgb_code(light: float) -> float:
    return 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055

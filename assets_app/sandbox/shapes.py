"""How many pixels a film has for its resolution and aspect ratio."""

from __future__ import annotations

import math
import re

# Measured or published sizes of Seedance 2 (FACTS §3: 480p 3:4 = 560×752, 720p 3:4 = 834×1112, 480p 16:9 = 864×496);
# 4k, where nothing is published, is 1080p doubled.
_SIZES = {
    "480p": {
        "21:9": (992, 432),
        "16:9": (864, 496),
        "4:3": (752, 560),
        "1:1": (640, 640),
        "3:4": (560, 752),
        "9:16": (496, 864),
    },
    "720p": {
        "21:9": (1470, 630),
        "16:9": (1280, 720),
        "4:3": (1112, 834),
        "1:1": (960, 960),
        "3:4": (834, 1112),
        "9:16": (720, 1280),
    },
    "1080p": {
        "21:9": (2206, 946),
        "16:9": (1920, 1080),
        "4:3": (1664, 1248),
        "1:1": (1440, 1440),
        "3:4": (1248, 1664),
        "9:16": (1080, 1920),
    },
    "4k": {
        "21:9": (4412, 1892),
        "16:9": (3840, 2160),
        "4:3": (3328, 2496),
        "1:1": (2880, 2880),
        "3:4": (2496, 3328),
        "9:16": (2160, 3840),
    },
}
_OTHER_NAMES = {"768p": "720p", "standard": "720p", "high": "1080p", "sd": "480p", "hd": "720p"}
_FOLLOWS_THE_MEDIA = {"adaptive", "auto", None}
_FOLLOWED_AT_MOST = (0.4, 2.5)


def film_size(resolution: str | None, aspect_ratio: str | None, followed: tuple[int, int] | None) -> tuple[int, int]:
    """Width and height in pixels, both even.

    `followed` is the size of the picture that an adaptive film takes its shape from; without one it is 16:9.
    """
    sizes = _SIZES[_OTHER_NAMES.get(resolution or "", resolution or "") if resolution else "720p"]
    if aspect_ratio in sizes:
        return sizes[aspect_ratio]
    ratio = _ratio_of(aspect_ratio)
    if aspect_ratio in _FOLLOWS_THE_MEDIA and followed:
        low, high = _FOLLOWED_AT_MOST
        ratio = min(max(followed[0] / followed[1], low), high)
    if ratio is None:
        return sizes["16:9"]
    width, height = sizes["16:9"]
    area = width * height
    return _even(math.sqrt(area * ratio)), _even(math.sqrt(area / ratio))


def scaled(size: tuple[int, int], scale: float) -> tuple[int, int]:
    """A film's size times `scale`, both sides even."""
    return _even(size[0] * scale), _even(size[1] * scale)


def _ratio_of(text: str | None) -> float | None:
    sides = re.fullmatch(r"([1-9]\d*):([1-9]\d*)", text or "")
    return int(sides[1]) / int(sides[2]) if sides else None


def _even(length: float) -> int:
    return max(round(length / 2) * 2, 2)

"""Light and colour for the pictures that the sandbox draws, and the way between pictures and film frames."""

from __future__ import annotations

import colorsys
from functools import cache

from av.video.frame import VideoFrame
from PIL import Image, ImageOps

Colour = tuple[int, int, int]
Size = tuple[int, int]
Point = tuple[float, float]


def tone(hue: float, saturation: float, value: float) -> Colour:
    """A colour by hue, saturation and value, each 0 to 1; hues beyond wrap around."""
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def sky(size: Size, low: Colour, high: Colour) -> Image.Image:
    """A vertical gradient, `high` at the top."""
    fall = Image.linear_gradient("L").resize((1, size[1]), Image.Resampling.BICUBIC).resize(size)
    return ImageOps.colorize(fall, high, low)


def glow(picture: Image.Image, centre: Point, radius: float, colour: Colour, strength: float) -> None:
    """A soft round light that is gone at its radius (pixels); `strength` is 0 to 1 at the centre."""
    side = round(radius * 2)
    fall = _fall_of_light().resize((side, side), Image.Resampling.BICUBIC).point(lambda level: round(level * strength))
    light = Image.new("L", picture.size)
    light.paste(fall, (round(centre[0] - radius), round(centre[1] - radius)))
    picture.paste(colour, mask=light)


@cache
def _fall_of_light() -> Image.Image:
    # Pillow's radial gradient is white only in the corners; here it has to be dark at the rim of the circle.
    rim = Image.radial_gradient("L").getpixel((0, 128))
    assert isinstance(rim, int)  # noqa: S101 (one band)
    return Image.radial_gradient("L").point(lambda level: round(255 * max(1 - level / rim, 0) ** 1.8))


def frame_of(picture: Image.Image) -> VideoFrame:
    frame: VideoFrame = VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
    return frame


def picture_of(frame: VideoFrame) -> Image.Image:
    picture: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
    return picture

"""The sample stills: an evening harbour, a courier under the moon, a lantern on a table. Drawn, not photographed."""

from __future__ import annotations

import math
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from assets_app.sandbox.painting import Colour, Size, glow, sky

_OVERSAMPLING = 2


def harbour(size: Size = (1600, 900)) -> Image.Image:
    """Dusk over a bay: a low sun, hills in haze, its light on the water, a boat."""
    picture = sky(size, (250, 176, 108), (54, 66, 108))
    width, height = size
    horizon = round(height * 0.62)
    sun = (round(width * 0.64), round(height * 0.40))
    glow(picture, sun, height * 0.62, (255, 196, 120), 0.75)
    _disc(picture, sun, height * 0.062, (255, 236, 196))
    for depth, colour in enumerate([(150, 122, 134), (104, 90, 116), (62, 60, 90)]):
        ridge = hills(
            width, Random(11 + depth), horizon - height * (0.15 - 0.045 * depth), height * (0.09 - 0.02 * depth)
        )
        _polygon(picture, [(0, horizon), *ridge, (width, horizon)], colour)
    _water(picture, horizon, sun[0])
    _boat(picture, (width * 0.30, horizon + height * 0.10), height * 0.19)
    return finish(picture)


def courier(size: Size = (960, 1280)) -> Image.Image:
    """A figure in a long coat before a huge moon, rim-lit; stylised, nobody's likeness."""
    picture = sky(size, (66, 98, 122), (14, 20, 34))
    width, height = size
    moon = (round(width * 0.54), round(height * 0.37))
    glow(picture, moon, height * 0.52, (196, 214, 224), 0.5)
    _disc(picture, moon, width * 0.335, (226, 230, 222))
    for x, y, r in ((0.43, 0.30, 0.055), (0.66, 0.43, 0.075), (0.60, 0.25, 0.03), (0.40, 0.44, 0.028)):
        _disc(picture, (round(width * x), round(height * y)), width * r, (206, 212, 208), blur=0.012)
    for depth, colour in enumerate([(38, 56, 74), (24, 36, 52)]):
        ridge = hills(width, Random(31 + depth), height * (0.77 + 0.06 * depth), height * 0.05)
        _polygon(picture, [(0, height), *ridge, (width, height)], colour)
    _figure(picture)
    return finish(picture)


def lantern(size: Size = (1200, 1200)) -> Image.Image:
    """A brass lantern on a table in a dark room: a prop."""
    picture = sky(size, (52, 40, 38), (18, 16, 22))
    width, height = size
    table = round(height * 0.76)
    _polygon(picture, [(0, table), (width, table), (width, height), (0, height)], (44, 30, 26))
    flame = (round(width * 0.5), round(height * 0.50))
    glow(picture, flame, height * 0.60, (255, 168, 84), 0.85)
    light_on_table = Image.new("L", size)
    ImageDraw.Draw(light_on_table).ellipse((width * 0.14, table - height * 0.03, width * 0.86, height * 1.04), fill=120)
    picture.paste((226, 138, 74), mask=light_on_table.filter(ImageFilter.GaussianBlur(width * 0.05)))
    _lantern_body(picture)
    return finish(picture)


def hills(width: float, random: Random, base: float, height: float) -> list[tuple[float, float]]:
    """The outline of a row of hills from left to right, seamless at its ends."""
    waves = [(n, random.uniform(0, math.tau), random.uniform(0.35, 1.0) / n) for n in (1, 2, 3, 5, 8, 13)]
    points = []
    for step in range(201):
        turn = math.tau * step / 200
        rise = sum(loud * math.sin(n * turn + shift) for n, shift, loud in waves)
        points.append((width * step / 200, base - height * rise / 1.6))
    return points


def finish(picture: Image.Image) -> Image.Image:
    """Grain and darker corners, as film has them."""
    shade = (
        ImageOps.invert(Image.radial_gradient("L")).resize(picture.size).point(lambda level: min(165 + level // 2, 255))
    )
    graded = ImageChops.multiply(picture, Image.merge("RGB", [shade] * 3))
    grain = Image.effect_noise(picture.size, 11).convert("RGB")
    return Image.blend(graded, ImageChops.overlay(graded, grain), 0.55)


def _disc(
    picture: Image.Image, centre: tuple[float, float], radius: float, colour: Colour, blur: float = 0.0015
) -> None:
    mask = Image.new("L", picture.size)
    x, y = centre
    ImageDraw.Draw(mask).ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    picture.paste(colour, mask=mask.filter(ImageFilter.GaussianBlur(blur * picture.width)))


def _polygon(picture: Image.Image, points: list[tuple[float, float]], colour: Colour) -> None:
    """A filled outline with smooth edges."""
    scale = _OVERSAMPLING
    mask = Image.new("L", (picture.width * scale, picture.height * scale))
    ImageDraw.Draw(mask).polygon([(x * scale, y * scale) for x, y in points], fill=255)
    picture.paste(colour, mask=mask.resize(picture.size, Image.Resampling.BOX))


def _water(picture: Image.Image, horizon: int, sun: float) -> None:
    width, height = picture.size
    mirrored = ImageOps.flip(picture.crop((0, horizon - (height - horizon), width, horizon)))
    deep = Image.new("RGB", mirrored.size, (34, 42, 70))
    picture.paste(Image.blend(mirrored.filter(ImageFilter.GaussianBlur(6)), deep, 0.45), (0, horizon))
    random = Random(5)
    glints = Image.new("L", picture.size)
    draw = ImageDraw.Draw(glints)
    for _ in range(620):
        depth = random.random() ** 1.6
        y = horizon + 4 + depth * (height - horizon)
        spread = width * (0.02 + 0.10 * depth)
        x, half = random.gauss(sun, spread), width * (0.004 + 0.016 * depth) * random.random()
        draw.ellipse((x - half, y - 1 - 2 * depth, x + half, y + 1 + 2 * depth), fill=random.randint(60, 210))
    picture.paste((255, 214, 160), mask=glints.filter(ImageFilter.GaussianBlur(1.2)))


def _boat(picture: Image.Image, at: tuple[float, float], tall: float) -> None:
    x, y = at
    hull = [(-0.55, 0), (0.62, -0.02), (0.44, 0.16), (-0.42, 0.16)]
    main_sail, jib = [(0.02, -1.0), (0.02, -0.07), (0.52, -0.07)], [(-0.04, -0.9), (-0.04, -0.07), (-0.46, -0.07)]
    for shape, colour in ((hull, (38, 32, 44)), (main_sail, (222, 176, 140)), (jib, (186, 140, 122))):
        _polygon(picture, [(x + a * tall, y + b * tall) for a, b in shape], colour)
    reflection = Image.new("L", picture.size)
    ImageDraw.Draw(reflection).polygon(
        [(x - 0.42 * tall, y + 0.17 * tall), (x + 0.44 * tall, y + 0.17 * tall), (x + 0.06 * tall, y + 0.95 * tall)],
        fill=90,
    )
    picture.paste((32, 30, 46), mask=reflection.filter(ImageFilter.GaussianBlur(7)))


def _figure(picture: Image.Image) -> None:
    """Coat, scarf, head and hair as flat shapes; a second, lighter copy shifted to the moon's side makes the rim."""
    width, height = picture.size

    def placed(points: list[tuple[float, float]], shift: float = 0.0) -> list[tuple[float, float]]:
        return [(width * (x + shift), height * y) for x, y in points]

    coat = [
        *((0.375, 0.545), (0.43, 0.505), (0.56, 0.505), (0.63, 0.55), (0.685, 0.72), (0.735, 1.0)),
        *((0.255, 1.0), (0.305, 0.76), (0.335, 0.62)),
    ]
    head = [
        (0.495 + 0.082 * math.cos(turn / 36 * math.tau), 0.415 + 0.075 * math.sin(turn / 36 * math.tau))
        for turn in range(36)
    ]
    neck = [(0.455, 0.45), (0.535, 0.45), (0.545, 0.53), (0.445, 0.53)]
    hair = [
        *((0.405, 0.435), (0.395, 0.38), (0.425, 0.335), (0.485, 0.318), (0.545, 0.33), (0.585, 0.365)),
        *((0.592, 0.405), (0.565, 0.385), (0.52, 0.375), (0.47, 0.385), (0.44, 0.41), (0.43, 0.455)),
    ]
    scarf = [(0.425, 0.492), (0.565, 0.487), (0.585, 0.53), (0.52, 0.552), (0.43, 0.537)]
    tail = [(0.535, 0.535), (0.585, 0.528), (0.70, 0.60), (0.845, 0.598), (0.76, 0.645), (0.64, 0.636)]
    lapel = [(0.49, 0.55), (0.52, 0.552), (0.545, 1.0), (0.49, 1.0)]
    satchel = [(0.55, 0.765), (0.70, 0.745), (0.725, 0.87), (0.575, 0.89)]
    strap = [(0.405, 0.528), (0.43, 0.516), (0.655, 0.755), (0.625, 0.762)]
    rim = (214, 226, 230)
    for outline in (coat, head, hair):
        _polygon(picture, placed(outline, 0.008), rim)
    for outline, colour in (
        *((coat, (30, 38, 54)), (lapel, (22, 28, 42)), (strap, (98, 66, 48)), (neck, (134, 98, 86))),
        *((head, (176, 134, 114)), (hair, (28, 24, 32)), (tail, (186, 62, 52)), (scarf, (208, 74, 58))),
        (satchel, (122, 84, 58)),
    ):
        _polygon(picture, placed(outline), colour)
    _polygon(picture, placed([(0.55, 0.765), (0.70, 0.745), (0.712, 0.80), (0.564, 0.822)]), (146, 102, 70))


def _lantern_body(picture: Image.Image) -> None:
    width, height = picture.size
    brass, dark, bright = (148, 104, 54), (82, 56, 34), (216, 164, 92)

    def box(left: float, top: float, right: float, bottom: float, slant: float = 0.0) -> list[tuple[float, float]]:
        return [
            (width * (left + slant), height * top),
            (width * (right - slant), height * top),
            (width * right, height * bottom),
            (width * left, height * bottom),
        ]

    ring = Image.new("L", picture.size)
    ImageDraw.Draw(ring).ellipse(
        (width * 0.425, height * 0.145, width * 0.575, height * 0.295), outline=255, width=width // 70
    )
    picture.paste(brass, mask=ring.filter(ImageFilter.GaussianBlur(1)))
    glass = Image.new("L", picture.size)
    ImageDraw.Draw(glass).rectangle((width * 0.375, height * 0.385, width * 0.625, height * 0.675), fill=150)
    picture.paste((255, 206, 128), mask=glass.filter(ImageFilter.GaussianBlur(width * 0.008)))
    glow(picture, (width * 0.5, height * 0.53), height * 0.19, (255, 246, 214), 0.95)
    flame = [
        (width * (0.5 + 0.032 * math.sin(turn / 40 * math.tau) * (1 - 0.55 * math.cos(turn / 40 * math.tau))),
         height * (0.535 - 0.075 * math.cos(turn / 40 * math.tau)))
        for turn in range(40)
    ]  # fmt: skip
    _polygon(picture, flame, (255, 250, 232))
    shapes = [
        (box(0.435, 0.255, 0.565, 0.30, 0.03), brass),
        (box(0.34, 0.30, 0.66, 0.385, 0.085), brass),
        (box(0.34, 0.372, 0.66, 0.392), bright),
        (box(0.352, 0.39, 0.378, 0.675), dark),
        (box(0.622, 0.39, 0.648, 0.675), dark),
        (box(0.491, 0.39, 0.509, 0.44), dark),
        (box(0.491, 0.60, 0.509, 0.675), dark),
        (box(0.33, 0.672, 0.67, 0.70), bright),
        (box(0.315, 0.70, 0.685, 0.775, 0.015), brass),
        (box(0.315, 0.763, 0.685, 0.782), dark),
    ]
    for outline, colour in shapes:
        _polygon(picture, outline, colour)

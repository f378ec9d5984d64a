"""Pictures, by Pillow, with libheif for those of phones. Imported only when there is one to look at: an idle process
does without.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pi_heif
from PIL import Image, ImageCms, ImageOps, PngImagePlugin
from PIL.ExifTags import Base as Exif
from PIL.JpegImagePlugin import JpegImageFile

from assets_app.cuts import PHOTOS

from . import hdr
from .boxes import transfer_in_boxes
from .chunks import LARGEST_PROFILE, jpeg_passes, png_picture, transfer_in_chunks
from .facts import Facts, ProbeError, refuse_if_huge

_FORMATS = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/bmp": "BMP",
    "image/tiff": "TIFF",
    "image/avif": "AVIF",
    "image/jp2": "JPEG2000",
    "image/heic": "HEIF",
    "image/heif": "HEIF",
}
pi_heif.register_heif_opener(thumbnails=False)
PngImagePlugin.MAX_TEXT_CHUNK = LARGEST_PROFILE  # profiles count as text there; what is text is never unpacked here
_LYING_ON_ITS_SIDE = frozenset({5, 6, 7, 8})
_MAX_SCANS = 100
_SRGB = ImageCms.createProfile("sRGB")
_OTHER_COLOURS = frozenset({"CMYK", "YCbCr", "LAB", "HSV"})
_TAKEN_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I;16"})
LARGEST_PNG = 20 * 2**20
"""Below the 25 MB that the provider takes as an upload of a picture (FACTS §5)."""
_TRANSFERS = {
    "image/png": transfer_in_chunks,
    "image/avif": transfer_in_boxes,
    "image/heic": transfer_in_boxes,
    "image/heif": transfer_in_boxes,
}
_CHECKER_SQUARE = 8
_CHECKER_GREYS = (176, 200)


def facts_of(path: Path, content_type: str) -> Facts:
    """Measure a picture; its pixels are unpacked once, so a cut-off file is found out."""
    if content_type == "image/jpeg":
        _refuse_endless_scans(path)
    with _opened(path, content_type) as picture:
        width, height = picture.size
        _unpack(picture, (width // 8, height // 8))
        if _orientation(picture) in _LYING_ON_ITS_SIDE:
            width, height = height, width
        return Facts(
            media_type="image",
            content_type=content_type,
            byte_size=path.stat().st_size,
            width=width,
            height=height,
            animated=getattr(picture, "is_animated", False) and content_type not in ("image/jpeg", "image/tiff"),
        )


def still_of(path: Path, content_type: str, size: int) -> bytes:
    """A WebP at most `size` pixels on its longer side: upright, in sRGB, transparency shown on a grey checker."""
    with _opened(path, content_type) as picture:
        _unpack(picture, (size, size))
        small = _with_plain_pixels(picture)
        small.thumbnail((size, size), Image.Resampling.LANCZOS)
        small, profile = _without_hdr(small, path, content_type)
        return as_webp(_on_checker(_in_srgb(_upright(small), profile)))


def crop(source: Path, target: Path, content_type: str, box: tuple[int, int, int, int]) -> None:
    """Write the part inside `box` (left, top, width, height, of the picture as shown) as a JPEG if it was a photo, else
    as a PNG; in its own colours.
    """
    left, top, width, height = box
    with _opened(source, content_type) as picture:
        picture.load()
        whole, profile = _without_hdr(picture, source, content_type)
        part = _upright(whole).crop((left, top, left + width, top + height))
        _write(part, target, profile, as_photo=content_type in PHOTOS)


def convert(source: Path, target: Path, content_type: str) -> None:
    """Write the whole picture, the first of several, as `crop` would; a PNG that would be too big to send as a JPEG."""
    with _opened(source, content_type) as picture:
        picture.load()
        whole, profile = _without_hdr(picture, source, content_type)
        upright = _upright(whole)
        is_opaque = not upright.has_transparency_data
        _write(upright, target, profile, as_photo=is_opaque and content_type in PHOTOS | {"image/avif"})
        if target.stat().st_size > LARGEST_PNG:
            _write(upright, target, profile, as_photo=True)


def _write(picture: Image.Image, target: Path, profile: bytes | None, *, as_photo: bool) -> None:
    """In its own colours as long as they are of red, green and blue, or grey; in sRGB otherwise."""
    if picture.mode in _OTHER_COLOURS:
        picture, profile = _in_srgb(picture, profile), None
    elif picture.mode not in _TAKEN_MODES:
        picture = _with_plain_pixels(picture)
    if not as_photo:
        picture.save(target, "PNG", icc_profile=profile, exif=b"")
        return
    if picture.mode not in ("RGB", "L"):
        picture = picture.convert("RGB")
    picture.save(target, "JPEG", quality=95, subsampling=0, icc_profile=profile, exif=b"")


def as_webp(picture: Image.Image) -> bytes:
    output = io.BytesIO()
    picture.save(output, "WEBP", quality=82, method=4)
    return output.getvalue()


@contextmanager
def _opened(path: Path, content_type: str) -> Iterator[Image.Image]:
    """Open the header only, with the one decoder that fits the content, and refuse what would unpack to too much."""
    try:
        picture = _header(path, content_type)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ProbeError("It has so many pixels that unpacking it would not be safe.") from error
    with picture:
        refuse_if_huge(*picture.size)
        yield picture


def _header(path: Path, content_type: str) -> Image.Image:
    if content_type == "image/jpeg":
        return JpegImageFile(path)  # the first picture of those in it, whatever its list of the others says
    source = png_picture(path) if content_type == "image/png" else path
    return Image.open(source, formats=[_FORMATS[content_type]])


def _refuse_endless_scans(path: Path) -> None:
    """A progressive JPEG is drawn once for each scan, and a few bytes are enough for one: ten are usual."""
    if jpeg_passes(path, _MAX_SCANS) > _MAX_SCANS:
        raise ProbeError(f"It is drawn in more than {_MAX_SCANS} passes, which is not safe to unpack.")


def _orientation(picture: Image.Image) -> int:
    """As EXIF tells it; EXIF that cannot be read tells nothing, as in every browser."""
    try:
        return int(picture.getexif().get(Exif.Orientation) or 1)
    except Exception:  # noqa: BLE001 - Pillow raises half a dozen kinds
        return 1


def _upright(picture: Image.Image) -> Image.Image:
    return picture if _orientation(picture) == 1 else ImageOps.exif_transpose(picture)


def _unpack(picture: Image.Image, enough: tuple[int, int]) -> None:
    """Load the pixels; a JPEG can do so at a fraction of its size, which saves most of the memory."""
    picture.draft(None, enough)
    picture.load()


def _without_hdr(picture: Image.Image, path: Path, content_type: str) -> tuple[Image.Image, bytes | None]:
    """The picture, and the profile that its colours are of: none when they are those of sRGB, or nobody says."""
    transfer_of = _TRANSFERS.get(content_type)
    transfer = transfer_of(path) if transfer_of else 0
    if hdr.is_hdr(transfer):
        return hdr.mapped(picture, transfer), None
    return picture, picture.info.get("icc_profile")


def _with_plain_pixels(picture: Image.Image) -> Image.Image:
    """Palettes and 16-bit or floating greys cannot be scaled down well; everything else stays as it is."""
    if picture.mode in ("P", "PA", "1", "LA") or "transparency" in picture.info:
        return picture.convert("RGBA")
    if picture.mode.startswith(("I", "F")):
        low, high = cast("tuple[float, float]", picture.getextrema())
        scale = 255 / (high - low) if high > low else 0
        return picture.convert("F").point(lambda value: value * scale + (-low * scale)).convert("L")
    return picture


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as the picture's own profile means them; a damaged profile counts as none."""
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    if picture.mode == "LAB":
        return ImageCms.applyTransform(picture, _lab_to_srgb()) or picture  # has no profile, for it needs none
    if profile and picture.mode in ("RGB", "RGBA", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, source, _SRGB, outputMode=mode)
        except (ImageCms.PyCMSError, OSError):
            return picture.convert(mode)
        if converted is not None:
            return converted
    return picture.convert(mode)


def _lab_to_srgb() -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(ImageCms.createProfile("LAB"), _SRGB, "LAB", "RGB")


def _on_checker(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    dark, light = _CHECKER_GREYS
    columns, rows = (-(-side // _CHECKER_SQUARE) for side in picture.size)
    checker = Image.new("L", (columns, rows))
    checker.putdata([light if (x + y) % 2 else dark for y in range(rows) for x in range(columns)])
    squares = checker.resize((columns * _CHECKER_SQUARE, rows * _CHECKER_SQUARE), Image.Resampling.NEAREST)
    ground = squares.crop((0, 0, *picture.size)).convert("RGBA")
    return Image.alpha_composite(ground, picture).convert("RGB")

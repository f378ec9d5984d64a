"""What a file really is: its type by its first bytes, its size and length by opening it."""

from __future__ import annotations

from pathlib import Path

import av
from PIL import Image

from assets_app.apiframe.catalogue import MediaFacts
from assets_app.decoding import Refusal

LONGEST_SIGNATURE = 32
ONLY_THIS_FILE = {"protocol_whitelist": "file"}
"""For FFmpeg, which would open whatever a playlist names."""

_BRANDS = {b"qt  ": "video/quicktime", b"M4A ": "audio/mp4", b"M4B ": "audio/mp4"}
_IMAGE_BRANDS = {b"heic": "image/heic", b"heix": "image/heic", b"mif1": "image/heif", b"msf1": "image/heif"}
_STARTS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
)
EXTENSIONS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/bmp": "bmp",
    "image/tiff": "tiff",
    "image/heic": "heic",
    "image/heif": "heif",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/ogg": "ogg",
    "audio/mp4": "m4a",
}


class Unreadable(Refusal):
    """The first bytes promise a media file, the rest does not keep it."""


def sniff(start: bytes) -> str | None:
    """The content type told by the first bytes of a file; None when they are none of ours."""
    if start[4:8] == b"ftyp":
        brand = start[8:12]
        return _IMAGE_BRANDS.get(brand) or _BRANDS.get(brand, "video/mp4")
    if start[:4] == b"RIFF":
        return {b"WAVE": "audio/wav", b"WEBP": "image/webp"}.get(start[8:12])
    for signature, content_type in _STARTS:
        if start.startswith(signature):
            return content_type
    if len(start) > 1 and start[0] == 0xFF and start[1] & 0xE6 == 0xE2:
        return "audio/mpeg"  # a bare MPEG layer III frame
    return None


def inspect(path: Path) -> MediaFacts | None:
    """Open a media file; None when it is no media at all, Unreadable when it is broken. For a child (`decoders`)."""
    with path.open("rb") as file:
        content_type = sniff(file.read(LONGEST_SIGNATURE))
    if content_type is None:
        return None
    byte_size = path.stat().st_size
    if content_type.startswith("image/"):
        width, height = _image_size(path, content_type)
        return MediaFacts("image", content_type, byte_size, width, height)
    return _inspect_stream(path, content_type, byte_size)


def _image_size(path: Path, content_type: str) -> tuple[int | None, int | None]:
    if content_type in {"image/heic", "image/heif"}:
        return None, None  # Pillow cannot open these; the real provider can
    try:
        with Image.open(path) as image:
            image.load()
            return image.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Unreadable(str(error)) from None


def _inspect_stream(path: Path, content_type: str, byte_size: int) -> MediaFacts:
    try:
        with av.open(path, options=ONLY_THIS_FILE) as container:
            video = next(iter(container.streams.video), None)
            seconds = container.duration / av.time_base if container.duration else None
            if video is None:
                if not container.streams.audio:
                    raise Unreadable("no picture and no sound in it")
                if content_type.startswith("video/"):
                    content_type = "audio/mp4"
                return MediaFacts("audio", content_type, byte_size, seconds=seconds)
            if content_type.startswith("audio/"):
                return MediaFacts("audio", content_type, byte_size, seconds=seconds)  # a cover picture
            next(container.decode(video))
            rate = float(video.average_rate) if video.average_rate else None
            return MediaFacts("video", content_type, byte_size, video.width, video.height, seconds, rate)
    except (av.FFmpegError, OSError, StopIteration, ValueError) as error:
        raise Unreadable(str(error)) from None

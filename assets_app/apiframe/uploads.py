"""What POST /v2/uploads takes (FACTS §5). It is not what a reference may be: WebM goes up, and no model takes it."""

from __future__ import annotations

from collections.abc import Iterator

from assets_app.apiframe.model_facts import MediaFacts, Problem

_MEGABYTE = 2**20
LARGEST_UPLOAD = {"image": 25 * _MEGABYTE, "audio": 25 * _MEGABYTE, "video": 50 * _MEGABYTE}
"""In bytes, by media type."""
FORMATS = "PNG, JPEG, WebP, GIF, MP4, WebM, MOV, MP3, WAV, OGG and M4A"
CONTENT_TYPES = frozenset(
    "image/png image/jpeg image/webp image/gif video/mp4 video/webm video/quicktime "
    "audio/mpeg audio/wav audio/ogg audio/mp4".split()
)


_TAKEN_CODECS = {
    "video/mp4": ("h264", "hevc"),
    "video/quicktime": ("h264", "hevc"),
    "audio/wav": ("pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_u8"),
}


def is_taken_codec(content_type: str, codec: str) -> bool:
    """Whether what a file is packed with (FFmpeg's name; "" where nobody knows) is usual in its kind. Which the
    provider can read is not published: what browsers and phones cannot play (ProRes, DNxHD, MJPEG) it is not given.
    """
    return not codec or codec in _TAKEN_CODECS.get(content_type, (codec,))


def check_upload(facts: MediaFacts) -> list[Problem]:
    """Why the provider would not take this file as an upload. The unknown is never refused."""
    return list(_problems(facts))


def _problems(facts: MediaFacts) -> Iterator[Problem]:
    if facts.content_type is not None and facts.content_type not in CONTENT_TYPES:
        message = f"The file is {facts.content_type}; the provider takes {FORMATS} as files."
        yield Problem("upload_format", "file", message, fix="Convert it, or paste a link to it.")
    largest = LARGEST_UPLOAD.get(facts.media_type or "")
    if largest is not None and facts.byte_size is not None and facts.byte_size > largest:
        yield Problem("upload_bytes", "file", too_big(facts.byte_size, largest), fix="Compress it or cut it shorter.")


def too_big(byte_size: int, largest: int) -> str:
    """How much it is and how much it may be, in the binary megabytes that the limits are given in."""
    return f"It is {byte_size / _MEGABYTE:.1f} MB; the provider takes {largest // _MEGABYTE} MB at most."

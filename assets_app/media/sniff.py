"""What a file is, told from its first bytes and never from its name or its declared type."""

from __future__ import annotations

import re
from typing import BinaryIO

from .facts import ProbeError

HEAD_BYTES = 4096
_MOST_TAGS = 16
_TS_PACKET, _TS_CLOCK, _TS_LOOKS = 188, 4, 5
"""A stream of transport packets, each of which begins with a G; in camcorders with four bytes of clock before it."""
_MOST_PADDING = 64 * 1024

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"II+\x00", "image/tiff"),
    (b"MM\x00+", "image/tiff"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "image/jp2"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"APETAGEX", "audio/mpeg"),
    (b"\x00\x00\x01\xba", "video/mp2p"),
    (b"FLV\x01", "video/x-flv"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-asf"),
)
_ID3_HEAD, _APE_HEAD = 10, 32
_LONGEST_TAG_HEAD = max(_ID3_HEAD, _APE_HEAD)
_ID3_HAS_FOOTER, _APE_HAS_HEADER = 0x10, 1 << 31
_IFF = {b"AIFF": "audio/aiff", b"AIFC": "audio/aiff"}
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_BMP_HEADER_SIZES = frozenset({12, 40, 52, 56, 64, 108, 124})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
_HEIF_BRANDS = frozenset({b"mif1", b"msf1"})
_QUICKTIME_BOXES = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})

_NOT_MEDIA: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (
        re.compile(rb"<!doctype html|<html|<head|<body", re.IGNORECASE),
        "This is a web page, no picture, video or sound.",
    ),
    (
        re.compile(rb"((<\?xml|<!doctype|<!--).{0,2000})?<svg", re.IGNORECASE | re.DOTALL),
        "SVG drawings are not taken; export it as a PNG.",
    ),
    (re.compile(rb"#EXTM3U"), "This is a playlist for streaming, not a video file."),
    (re.compile(rb"%PDF-"), "This is a PDF document, no picture, video or sound."),
    (re.compile(rb"PK\x03\x04"), "This is a ZIP archive; unpack it and add what is inside."),
)


def content_type_in(file: BinaryIO) -> str:
    """What a whole file is, wherever it is read to. Tags in front of a sound say nothing about its kind; only where
    nothing known follows them, it is taken for an MP3, before which they are most usual. Raises like `content_type_of`.
    """
    begin = bytes_of_tags(file)
    file.seek(begin)
    head = file.read(HEAD_BYTES)
    if begin and not (_by_signature(head) or (head and _by_structure(head))):
        return "audio/mpeg"
    return content_type_of(head)


def bytes_of_tags(file: BinaryIO) -> int:
    """How many bytes of tags (ID3v2, APE) and of padding behind them stand in front of what a file is."""
    begin = 0
    for _ in range(_MOST_TAGS):
        file.seek(begin)
        length = _tag_length(file.read(_LONGEST_TAG_HEAD))
        if not length:
            break
        begin += length
    if begin:
        file.seek(begin)
        padded = file.read(_MOST_PADDING)
        begin += len(padded) - len(padded.lstrip(b"\0"))
    return begin


def _tag_length(head: bytes) -> int:
    """That of the tag which begins with these bytes, 0 for none. ID3 counts in bytes of seven bits."""
    if len(head) >= _ID3_HEAD and head.startswith(b"ID3") and max(head[6:10]) < 0x80:
        content = sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
        return _ID3_HEAD + content + (_ID3_HEAD if head[5] & _ID3_HAS_FOOTER else 0)
    if len(head) >= _APE_HEAD and head.startswith(b"APETAGEX"):
        content = int.from_bytes(head[12:16], "little")  # the footer counts, the header does not
        return content + (_APE_HEAD if int.from_bytes(head[20:24], "little") & _APE_HAS_HEADER else 0)
    return 0


def content_type_of(head: bytes) -> str:
    """The media type that the first bytes (up to `HEAD_BYTES`) of a file announce, tags in front of them left out.

    Containers that can hold both are called video here; whether there is a picture in them is for the probe to say.
    Raises `ProbeError` for anything that is not a known kind of picture, video or sound.
    """
    if not head:
        raise ProbeError("The file is empty.")
    known = _by_signature(head) or _by_structure(head)
    if known:
        return known
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for pattern, reason in _NOT_MEDIA:
        if pattern.match(start):
            raise ProbeError(reason)
    if _is_text(head):
        raise ProbeError("This is text, no picture, video or sound.")
    raise ProbeError("This is no kind of picture, video or sound that is known here.")


def _by_signature(head: bytes) -> str | None:
    return next((content_type for signature, content_type in _SIGNATURES if head.startswith(signature)), None)


def _by_structure(head: bytes) -> str | None:
    if head[:4] in (b"RIFF", b"RF64"):
        return _RIFF.get(head[8:12])
    if head.startswith(b"FORM"):
        return _IFF.get(head[8:12])
    if head.startswith(b"caff\0\1"):
        return "audio/x-caf"
    if head[4:8] == b"ftyp":
        return _by_brand(head)
    if head[4:8] in _QUICKTIME_BOXES:
        return "video/quicktime"  # from before the ftyp box was invented
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if any(head[first :: _TS_PACKET + first][:_TS_LOOKS] == b"G" * _TS_LOOKS for first in (0, _TS_CLOCK)):
        return "video/mp2t"
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BMP_HEADER_SIZES:
        return "image/bmp"
    if head[0] == 0xFF and len(head) > 1 and head[1] & 0xE0 == 0xE0:
        is_adts = head[1] & 0xF6 == 0xF0
        return "audio/aac" if is_adts else "audio/mpeg"
    return None


def _by_brand(head: bytes) -> str:
    length = min(int.from_bytes(head[:4], "big"), len(head))
    major = head[8:12]
    brands = {major, *(head[at : at + 4] for at in range(16, length, 4))}
    if major in _HEIC_BRANDS | _HEIF_BRANDS | {b"avif", b"avis"}:
        if brands & {b"avif", b"avis"}:
            return "image/avif"
        return "image/heic" if brands & _HEIC_BRANDS else "image/heif"
    if major == b"qt  ":
        return "video/quicktime"
    if major.startswith((b"M4A", b"M4B", b"M4P")):
        return "audio/mp4"
    return "video/3gpp" if major.startswith(b"3g") else "video/mp4"


def _is_text(head: bytes) -> bool:
    try:
        head[: HEAD_BYTES - 4].decode()  # the last character may be cut in two
    except UnicodeDecodeError:
        return False
    return b"\x00" not in head

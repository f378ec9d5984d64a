"""Small files that would take any amount of memory or time, each sound enough for a decoder to begin with it."""

from __future__ import annotations

import struct
import zlib
from fractions import Fraction
from pathlib import Path

import av
from av import VideoFrame


def box(kind: bytes, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return struct.pack(">I4s", 8 + len(content), kind) + content


def full(kind: bytes, *parts: bytes) -> bytes:
    return box(kind, bytes(4), *parts)


def numbers(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *values)


_AAC = bytes.fromhex("03190001000411401500000000000000000000000005021210060102")
_UNITY = numbers(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def mp4(
    *,
    handler: bytes = b"soun",
    lasting: int = 1024,
    sizes: tuple[int, int] = (1, 1),
    times: tuple[int, int] | None = None,
    shifts: bytes = b"",
    fragment: bytes = b"",
) -> bytes:
    """A sound of one track. `sizes`: of each sample, and how many; `times`: how many, and how long each."""
    entry = box(
        b"mp4a",
        bytes(6) + struct.pack(">H", 1) + bytes(8) + struct.pack(">HHHHI", 2, 16, 0, 0, 44_100 << 16),
        full(b"esds", _AAC),
    )
    head = box(b"ftyp", b"isom\0\0\2\0isomiso2mp41")
    tables = [
        full(b"stsd", numbers(1), entry),
        full(b"stts", numbers(1, *(times or (sizes[1], lasting)))),
        full(b"stsc", numbers(1, 1, sizes[1], 1)),
        full(b"stsz", numbers(*sizes)),
        full(b"stco", numbers(1, 800)),
        shifts,
    ]
    information = box(
        b"minf",
        full(b"smhd", bytes(4)),
        box(b"dinf", full(b"dref", numbers(1), box(b"url ", numbers(1)))),
        box(b"stbl", *tables),
    )
    media = box(
        b"mdia",
        full(b"mdhd", numbers(0, 0, 44_100, 441_000), b"\x55\xc4\0\0"),
        full(b"hdlr", bytes(4), handler, bytes(12), b"x\0"),
        information,
    )
    track = box(b"trak", full(b"tkhd", numbers(0, 0, 1, 0, 10_000, 0, 0, 0, 0x1000000), _UNITY, numbers(0, 0)), media)
    extends = box(b"mvex", full(b"trex", numbers(1, 1, 1024, 1, 0))) if fragment else b""
    movie = full(b"mvhd", numbers(0, 0, 1000, 10_000, 0x10000), b"\1\0", bytes(10), _UNITY, bytes(24), numbers(2))
    return head + box(b"moov", movie, track, extends) + fragment + box(b"mdat", bytes.fromhex("21100460 8c1c") * 200)


def fragment_claiming(samples: int) -> bytes:
    """A run of a fragment whose samples are all as its track says: it need not list them."""
    run = full(b"trun", numbers(samples))
    return box(b"moof", full(b"mfhd", numbers(1)), box(b"traf", full(b"tfhd", numbers(1)), run))


def film_that_grows(path: Path, side: int) -> Path:
    """A WebM of 64 × 64 pixels that goes on with a picture of `side` × `side`."""
    with av.open(str(path), "w", format="webm") as film:
        stream = film.add_stream("libvpx-vp9", rate=10)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for number, size in enumerate([64] * 5 + [side]):
            encoder = av.CodecContext.create("libvpx-vp9", "w")
            encoder.width = encoder.height = size
            encoder.pix_fmt, encoder.time_base, encoder.framerate = "yuv420p", Fraction(1, 10), Fraction(10)
            encoder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "crf": "60", "b": "0"}
            frame = VideoFrame(size, size, "yuv420p")
            for plane in frame.planes:
                plane.update(b"\x80" * plane.buffer_size)
            frame.pts, frame.time_base = number, Fraction(1, 10)
            for packet in [*encoder.encode(frame), *encoder.encode(None)]:
                packet.stream, packet.time_base = stream, Fraction(1, 10)
                film.mux(packet)
    return path


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(*between: bytes, size: tuple[int, int] = (8, 8)) -> bytes:
    """A grey PNG with chunks of one's own before its pixels."""
    width, height = size
    pixels = zlib.compress(bytes((width + 1) * height))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(between) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def squeezed(megabytes: int) -> bytes:
    """So many megabytes of nothing, packed a thousand times smaller."""
    packer = zlib.compressobj(9)
    return b"".join([*(packer.compress(bytes(2**20)) for _ in range(megabytes)), packer.flush()])

"""Video and sound, by FFmpeg's libraries. Imported only when there is such a file to look at."""

from __future__ import annotations

import io
import time
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import av.error
from av import AudioFrame, AudioResampler, AudioStream, Packet, VideoFrame, VideoStream
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.reformatter import VideoReformatter
from PIL import Image, ImageDraw, ImageStat

from assets_app.decoding.limits import THREADS

from . import hdr
from .boxes import box_without_its_end, claims_endless_samples, end_before_a_trailer
from .facts import MAX_PIXELS, Facts, ProbeError, ThumbnailError, refuse_if_huge
from .pictures import as_webp
from .sniff import bytes_of_tags

_DEMUXERS = {
    "mp4": "mp4",
    "quicktime": "mp4",
    "3gpp": "mp4",
    "webm": "matroska",
    "x-matroska": "matroska",
    "x-msvideo": "avi",
    "mpeg": "mp3",
    "wav": "wav",
    "ogg": "ogg",
    "aac": "aac",
    "flac": "flac",
    "aiff": "aiff",
    "mp2p": "mpeg",
    "mp2t": "mpegts",
    "x-flv": "flv",
    "x-ms-asf": "asf",
    "x-caf": "caf",
}
_READING_SECONDS = 20
_DRAWING_SECONDS = 10
_POSTER_PLACES = (0.1, 0.35, 0.6, 0.0)
_TOO_DARK = 20
_SAMPLE_RATES = range(4_000, 768_001)
"""What sound is recorded with; converting from a rate far beyond takes FFmpeg gigabytes."""
_CLIP_RATE = 15
_WIDEST_PIXEL = 10
_WAVE_RATE = 8_000
_WAVE_STEP = 64
_WAVE_BARS = 120
_WAVE_GREY = (128, 128, 128, 255)
_INDEX_BOXES = (b"moov", b"moof")
_CUT_OFF = "The file is cut off: its end is missing."


def facts_of(path: Path, content_type: str) -> Facts:
    """Measure a video or sound: its packets are walked through, and the first picture or sound is decoded."""
    endless = box_without_its_end(path) if _demuxer(content_type) == "mp4" else b""
    if endless in _INDEX_BOXES:
        raise ProbeError(_CUT_OFF)
    with opened(path, content_type) as container:
        sound = next(iter(container.streams.audio), None)
        picture = moving_picture(container)
        main = picture or sound
        if main is None:
            raise ProbeError("There is neither picture nor sound in it.")
        if picture:
            refuse_if_huge(picture.codec_context.width, picture.codec_context.height)
        elif sound and sound.rate not in _SAMPLE_RATES:
            raise ProbeError(f"It claims {sound.rate:,} samples of sound a second.")
        first = _first_frame(container, main)
        rate = picture.average_rate if picture else None
        index, codec = main.index, main.codec_context.name
        aspect = pixel_aspect(picture) if picture else Fraction(1)
    with opened(path, content_type) as container:
        count, seconds = _walk(container, index)
        if endless and not _is_whole(container, path.stat().st_size):
            raise ProbeError(_CUT_OFF)
    media_type, subtype = "video" if picture else "audio", content_type.partition("/")[2]
    width, height = _shown_size(first, aspect) if isinstance(first, VideoFrame) else (None, None)
    return Facts(
        media_type="video" if picture else "audio",
        content_type=f"{media_type}/{subtype}",
        byte_size=path.stat().st_size,
        width=width,
        height=height,
        seconds=round(seconds, 3),
        fps=round(float(rate), 3) if rate else None,
        has_audio=sound is not None,
        frames=count if picture else None,
        codec=codec,
    )


def poster_of(path: Path, facts: Facts, size: int) -> bytes:
    """A WebP at most `size` pixels on its longer side: the frame a tenth in, or another one where that is dark."""
    give_up_at = time.monotonic() + _DRAWING_SECONDS
    best: Image.Image | None = None
    with opened(path, str(facts.content_type)) as container:
        for place in _POSTER_PLACES:
            frame = _frame_at(container, place * (facts.seconds or 0), give_up_at)
            if frame is None:
                continue
            picture = image_of(frame, pixel_aspect(moving_picture(container)), size)
            if best is None or _brightness(picture) > _brightness(best):
                best = picture
            if _brightness(best) >= _TOO_DARK or time.monotonic() > give_up_at:
                break
    if best is None:
        raise ThumbnailError("No picture could be taken from the video.")
    return as_webp(best)


def clip_of(path: Path, facts: Facts, size: int, seconds: float) -> bytes:
    """The first `seconds` as a silent MP4 of at most `size` pixels and 15 frames a second; less when time runs out."""
    give_up_at = time.monotonic() + _DRAWING_SECONDS
    output = io.BytesIO()
    with opened(path, str(facts.content_type)) as container, av.open(output, "w", format="mp4") as clip:
        aspect = pixel_aspect(moving_picture(container))
        stream: VideoStream | None = None
        reformatter = VideoReformatter()  # what it prepares for a size is dear, and of use for each frame of it
        for number, frame in enumerate(_frames_at_rate(container, seconds, give_up_at)):
            picture = image_of(frame, aspect, size)
            if stream is None:
                stream = clip.add_stream("libx264", rate=_CLIP_RATE, options={"crf": "28", "preset": "veryfast"})
                stream.width, stream.height = (max(2, side - side % 2) for side in picture.size)
                stream.pix_fmt = "yuv420p"
            small = reformatter.reformat(_frame_of(picture), stream.width, stream.height, "yuv420p")
            small.pts, small.time_base = number, Fraction(1, _CLIP_RATE)
            clip.mux(stream.encode(small))
        if stream is None:
            raise ThumbnailError("No picture could be taken from the video.")
        clip.mux(stream.encode())
    return output.getvalue()


def _frames_at_rate(container: InputContainer, seconds: float, give_up_at: float) -> Iterator[VideoFrame]:
    """The frame of each fifteenth of a second, up to `seconds`, the first damage, or the end of our patience."""
    start: float | None = None
    shown = 0
    try:
        for frame in container.decode(moving_picture(container)):
            if not isinstance(frame, VideoFrame) or frame.time is None:
                continue
            start = frame.time if start is None else start
            at = frame.time - start
            if at >= seconds or time.monotonic() > give_up_at:
                return
            if at * _CLIP_RATE >= shown - 0.01:
                shown = int(at * _CLIP_RATE) + 1
                yield frame
    except av.error.FFmpegError:
        return


def pictures_from(path: Path, content_type: str, seconds: float) -> Iterator[Image.Image]:
    """The pictures from that moment on, as they are shown and at their full size, up to the end, the first damage, or
    the end of our patience.
    """
    give_up_at = time.monotonic() + _DRAWING_SECONDS
    with opened(path, content_type) as container:
        stream = moving_picture(container)
        if stream is None:
            return
        try:
            container.seek(int(max(0.0, seconds) * av.time_base))
            for frame in container.decode(stream):
                if frame.time is not None and frame.time >= seconds:
                    yield image_of(frame, pixel_aspect(stream))
                if time.monotonic() > give_up_at:
                    return
        except av.error.FFmpegError:
            return


def pixel_aspect(stream: VideoStream | None) -> Fraction:
    """How wide a pixel is shown for its height: 4:3 in HDV, 1 in all that is of square ones, or does not say."""
    if stream is None:
        return Fraction(1)
    aspect = stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio
    return Fraction(aspect) if aspect and 1 / _WIDEST_PIXEL <= aspect <= _WIDEST_PIXEL else Fraction(1)


def image_of(frame: VideoFrame, aspect: Fraction, size: int | None = None) -> Image.Image:
    """The frame as it is shown: of square pixels, in usual colours, upright; at most `size` pixels on its longer
    side.
    """
    width, height = square_size(frame, aspect)
    scale = min(1.0, size / max(width, height)) if size else 1.0
    width, height = (max(2, round(side * scale)) for side in (width, height))
    image: Image.Image = frame.to_image(width=width, height=height)  # type: ignore[no-untyped-call]
    if hdr.is_hdr(frame.color_trc):
        image = hdr.mapped(image, frame.color_trc)
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image


def square_size(frame: VideoFrame, aspect: Fraction) -> tuple[int, int]:
    """Its width and height in square pixels, before it is turned upright."""
    return round(frame.width * aspect), frame.height


def _frame_of(picture: Image.Image) -> VideoFrame:
    return VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]


def waveform_of(path: Path, facts: Facts, size: int) -> bytes:
    """A transparent WebP, `size` wide and a third of that high: grey bars that show on dark and light grounds."""
    with opened(path, str(facts.content_type)) as container:
        bars = _loudness(container, facts.seconds or 0)
    width, height = size, size // 3
    pitch = width / len(bars)
    picture = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    loudest = max(bars) or 1
    for index, bar in enumerate(bars):
        half = max(1.0, bar / loudest * (height / 2 - 2))
        left = index * pitch + pitch * 0.2
        draw.rectangle((left, height / 2 - half, left + max(0.0, pitch * 0.6 - 1), height / 2 + half), fill=_WAVE_GREY)
    return as_webp(picture)


def _demuxer(content_type: str) -> str:
    return _DEMUXERS[content_type.partition("/")[2]]


@contextmanager
def opened(path: Path, content_type: str) -> Iterator[InputContainer]:
    """Open with the one demuxer that fits the content, and local files only.

    Left to guess, FFmpeg would take a playlist or a script of its own for a video, and open what that names.
    """
    demuxer = _demuxer(content_type)
    if demuxer == "mp4" and claims_endless_samples(path):
        raise ProbeError("It claims to have more pictures or pieces of sound than any film has.")
    # A film may go on with larger pictures than it begins with, so the decoder itself has to refuse them.
    bounds = {"max_pixels": str(MAX_PIXELS)}
    options = {"protocol_whitelist": "subfile,file"} | bounds
    with av.open(_address(path, content_type), format=demuxer, options=options) as container:
        for stream in container.streams.video:
            stream.codec_context.options = bounds
            stream.codec_context.thread_count = THREADS
        yield container


def _address(path: Path, content_type: str) -> str:
    """Of the file without the tags in front of it, which only the demuxer of MP3 expects there, and without a trailer
    behind the boxes of an MP4, which might read as a box that ends nowhere.
    """
    begin = end = 0
    if _demuxer(content_type) == "mp4":
        end = end_before_a_trailer(path)
    elif not content_type.endswith("/mpeg"):
        with path.open("rb") as file:
            begin = bytes_of_tags(file)
    return f"subfile,,start,{begin},end,{end},,:file:{path}" if begin or end else f"file:{path}"


def moving_picture(container: InputContainer) -> VideoStream | None:
    """The video stream, if it is more than the cover of a song."""
    return next((s for s in container.streams.video if not s.disposition & Disposition.attached_pic), None)


def _first_frame(container: InputContainer, stream: VideoStream | AudioStream) -> VideoFrame | AudioFrame:
    give_up_at = time.monotonic() + _READING_SECONDS
    for packet in container.demux(stream):
        try:
            frames = [frame for frame in packet.decode() if isinstance(frame, VideoFrame | AudioFrame)]
        except av.error.FFmpegError:
            frames = []  # recordings may begin in the middle; what follows the next key frame is good
        if frames:
            return frames[0]
        if time.monotonic() > give_up_at:
            break
    raise ProbeError("Nothing in it can be decoded.")


def _walk(container: InputContainer, index: int) -> tuple[int, float]:
    """Packets of one stream, and the seconds from its first to its end."""
    stream = container.streams[index]
    give_up_at = time.monotonic() + _READING_SECONDS
    count, start, end = 0, None, 0.0
    for packet in packets(container, stream):
        if packet.is_discard or not packet.size:
            continue
        count += 1
        if packet.pts is not None and packet.time_base:
            begins = float(packet.pts * packet.time_base)
            start = begins if start is None else min(start, begins)
            end = max(end, begins + float((packet.duration or 0) * packet.time_base))
        if time.monotonic() > give_up_at:
            raise ProbeError("It takes too long to read.")
    return count, end - max(start or 0.0, 0.0)  # what comes before zero is only there for the decoder


def packets(container: InputContainer, *streams: Stream) -> Iterator[Packet]:
    """Bytes behind a sound that are no sound end it; those behind a film are passed over by its demuxer."""
    is_heard = False
    is_sound = all(isinstance(stream, AudioStream) for stream in streams)
    try:
        for packet in container.demux(*streams):
            yield packet
            is_heard = is_sound
    except av.error.InvalidDataError:
        if not is_heard:
            raise


def _is_whole(container: InputContainer, byte_size: int) -> bool:
    """Whether everything that the index of an MP4 names lies in the file: its last box may be longer than its use."""
    ends = [entry.pos + entry.size for stream in container.streams for entry in stream.index_entries]
    return bool(ends) and max(ends) <= byte_size


def _frame_at(container: InputContainer, seconds: float, give_up_at: float) -> VideoFrame | None:
    stream = moving_picture(container)
    latest: VideoFrame | None = None
    if stream is None:
        return latest
    try:
        container.seek(int(seconds * av.time_base))
        for frame in container.decode(stream):
            latest = frame
            if frame.time is None or frame.time >= seconds or time.monotonic() > give_up_at:
                break
    except av.error.FFmpegError:
        return latest
    return latest


def _shown_size(frame: VideoFrame, aspect: Fraction) -> tuple[int, int]:
    width, height = square_size(frame, aspect)
    return (height, width) if frame.rotation % 180 else (width, height)


def _brightness(picture: Image.Image) -> float:
    return ImageStat.Stat(picture.convert("L")).mean[0]


def _loudness(container: InputContainer, seconds: float) -> list[int]:
    """The peak of each of up to `_WAVE_BARS` equal parts; what cannot be decoded, or not in time, stays silent."""
    samples_in_all = max(_WAVE_STEP, int(seconds * _WAVE_RATE))
    bars = [0] * min(_WAVE_BARS, -(-samples_in_all // _WAVE_STEP))
    position = 0
    for piece in _mono(container, time.monotonic() + _DRAWING_SECONDS):
        for start in range(0, len(piece), _WAVE_STEP):
            part = piece[start : start + _WAVE_STEP]
            bar = min((position + start) * len(bars) // samples_in_all, len(bars) - 1)
            bars[bar] = max(bars[bar], max(part), -min(part))
        position += len(piece)
    if not position:
        raise ThumbnailError("No sound could be taken from the file.")
    return bars


def _mono(container: InputContainer, give_up_at: float) -> Iterator[array[int]]:
    """The sound as 16-bit numbers, `_WAVE_RATE` a second, up to the first damage or the end of our patience."""
    resampler = AudioResampler(format="s16", layout="mono", rate=_WAVE_RATE)
    try:
        for frame in container.decode(audio=0):
            for resampled in resampler.resample(frame):
                yield array("h", bytes(resampled.planes[0])[: 2 * resampled.samples])
            if time.monotonic() > give_up_at:
                return
    except (av.error.FFmpegError, ValueError):  # the latter when a stream changes its kind of sound on the way
        return

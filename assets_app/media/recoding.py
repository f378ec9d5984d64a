"""Video and sound cut out and written anew, by FFmpeg's libraries."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av import AudioFrame, AudioStream, Packet, VideoFrame, VideoStream
from av.container import InputContainer, OutputContainer
from av.filter import Graph

from assets_app.cuts import Cut
from assets_app.decoding.limits import THREADS

from . import hdr
from .facts import ProbeError
from .films import moving_picture, opened, packets, pixel_aspect, square_size

LONGEST_WORK_SECONDS = 300.0
LARGEST_WAV = 14 * 2**20
"""Below the 15 MB that the models take of a sound (FACTS §5)."""
LARGEST_MP4 = 46 * 2**20
"""Below the 50 MB that the provider takes as an upload of a video (FACTS §5)."""
_WAV_BYTES_A_SAMPLE = 2
_HIGHEST_RATE = 40_000_000
"""Bits a second: more, and some players would not take it."""
_TOO_MUCH = "Cutting it takes too long here. Cut it in a video program and upload the result."
# Turns that make a picture upright, by the degrees that its frames are to be turned counter-clockwise.
_UPRIGHT = {90: ["transpose=2"], -270: ["transpose=2"], 180: ["hflip", "vflip"], -180: ["hflip", "vflip"]} | {
    -90: ["transpose=1"],
    270: ["transpose=1"],
}
_TO_709 = ["scale=out_color_matrix=bt709:out_range=limited", "format=yuv420p"]
_OF_709 = (1, 1, 1)
"""Primaries, curve and matrix of a usual film's colours (ITU-T H.273)."""
_RGB = 0
_CLOCK = Fraction(1, 90_000)
_MP3_ADDS = 2 * 1152 / 44_100
"""Seconds that an MP3 is longer than what is in it: what was asked for is the most that may come of it."""
_HAIR = 1e-6  # seconds: what rounding may add to a time, and far less than a picture or a sample lasts


def cut_out(source: Path, target: Path, content_type: str, cut: Cut) -> None:
    """Write the part of the picture and of the time that `cut` keeps, to the frame and to the sample.

    A video becomes an MP4, a sound a WAV if it was one and else an MP3.
    """
    _recode(source, target, content_type, cut, "wav" if content_type.endswith("/wav") else "mp3")


def convert(source: Path, target: Path, content_type: str) -> None:
    """Write the whole as an MP4; a sound as a WAV, which is as long as it to the sample, or as an MP3 where that would
    be too big to send.
    """
    with opened(source, content_type) as container:
        sound = next(iter(container.streams.audio), None)
        seconds = (container.duration or 0) / av.time_base
        wav_bytes = seconds * sound.rate * _WAV_BYTES_A_SAMPLE * min(sound.channels, 2) if sound else 0.0
    _recode(source, target, content_type, Cut(), "wav" if 0 < wav_bytes < LARGEST_WAV else "mp3")


def _recode(source: Path, target: Path, content_type: str, cut: Cut, form_of_sound: str) -> None:
    give_up_at = time.monotonic() + LONGEST_WORK_SECONDS
    with opened(source, content_type) as container:
        picture = moving_picture(container)
        sound = next(iter(container.streams.audio), None)
        if picture is None and cut.box is not None:
            raise ProbeError("There is no picture in it to crop.")
        form = "mp4" if picture else form_of_sound
        with av.open(str(target), "w", format=form) as output, tempfile.TemporaryDirectory() as directory:
            _Recoder(container, output, picture, sound, cut, give_up_at, Path(directory) / "hdr.cube").run()


class _Recoder:
    def __init__(
        self,
        container: InputContainer,
        output: OutputContainer,
        picture: VideoStream | None,
        sound: AudioStream | None,
        cut: Cut,
        give_up_at: float,
        cube: Path,
    ) -> None:
        self.container, self.output = container, output
        self.picture, self.sound = picture, sound
        self.cut, self.give_up_at = cut, give_up_at
        self.end = float("inf") if cut.seconds is None else cut.start + cut.seconds
        if output.format.name == "mp3":
            self.end -= _MP3_ADDS
        self.origin: float | None = None
        self.new_picture: VideoStream | None = None
        self.new_sound = self._new_sound() if sound else None
        self.graph: Graph | None = None
        self.cube = cube
        self.held: list[Packet] = []
        self.tags = _OF_709
        rate = picture.average_rate if picture else None
        self.picture_lasts = float(1 / rate) if rate else 0.0
        self.first_picture: float | None = None
        self.has_something = False

    def run(self) -> None:
        wanted = [stream for stream in (self.picture, self.sound) if stream]
        over: set[int] = set()
        for packet in packets(self.container, *wanted):
            if packet.stream.index in over:
                continue
            for frame in packet.decode():
                if time.monotonic() > self.give_up_at:
                    raise ProbeError(_TOO_MUCH)
                if not isinstance(frame, VideoFrame | AudioFrame) or (time_of_frame := _time_of(frame)) is None:
                    continue
                self.origin = time_of_frame if self.origin is None else self.origin
                at = time_of_frame - self.origin
                if at >= self.end - _HAIR:
                    over.add(packet.stream.index)
                elif isinstance(frame, VideoFrame):
                    self._draw(frame, at)
                else:
                    self._sound(frame, at)
            if len(over) == len(wanted):
                break
        self._finish()

    def _draw(self, frame: VideoFrame, at: float) -> None:
        """From the picture on that is shown at the start, so that what is made begins with one; and none that would
        stay beyond the length.
        """
        if at + self.picture_lasts <= self.cut.start + _HAIR:
            return
        self.first_picture = at if self.first_picture is None else self.first_picture
        at -= self.first_picture
        if at and self.cut.seconds is not None and at + self.picture_lasts > self.cut.seconds + _HAIR:
            return
        for made in self._filtered(frame):
            if self.new_picture is None:
                self.new_picture = self._new_picture(made)
            made.pts, made.time_base = max(0, round(at / _CLOCK)), _CLOCK
            made.pict_type = 0  # the encoder decides anew which frames are whole
            self._put(self.new_picture.encode(made))
            self.has_something = True

    def _put(self, packets: list[Packet]) -> None:
        """What is heard before anything is seen is held: no stream can be added to a file that has begun."""
        self.held += packets
        if self.new_picture or not self.picture:
            self.output.mux(self.held)
            self.held = []

    def _filtered(self, frame: VideoFrame) -> Iterator[VideoFrame]:
        if self.graph is None:
            self.graph = self._graph(frame)
        self.graph.push(frame)
        made = self.graph.pull()
        if isinstance(made, VideoFrame):
            yield made

    def _graph(self, frame: VideoFrame) -> Graph:
        """Of square pixels and usual colours, upright, then cropped, then of even sides, which the encoder needs."""
        graph = Graph()
        steps = [graph.add_buffer(template=self.picture, width=frame.width, height=frame.height)]
        width, height = square_size(frame, pixel_aspect(self.picture))
        filters = [] if width == frame.width else [f"scale={width}:{height}", "setsar=1"]
        if hdr.is_hdr(frame.color_trc):
            hdr.write_cube(frame.color_trc, self.cube)
            filters += ["scale=in_color_matrix=bt2020", "format=gbrp12le", f"lut3d=file={self.cube}"]
            filters += _TO_709
        elif frame.colorspace == _RGB:
            filters += _TO_709
        else:
            self.tags = (frame.color_primaries, frame.color_trc, frame.colorspace)
        filters += _UPRIGHT.get(int(frame.rotation), [])
        if self.cut.box:
            left, top, width, height = self.cut.box
            filters.append(f"crop={width}:{height}:{left}:{top}")
        filters += ["crop=trunc(iw/2)*2:trunc(ih/2)*2", "format=yuv420p"]
        for each in filters:
            name, _, arguments = each.partition("=")
            steps.append(graph.add(name, arguments) if arguments else graph.add(name))
        steps.append(graph.add("buffersink"))
        graph.link_nodes(*steps)
        graph.configure()
        return graph

    def _new_picture(self, frame: VideoFrame) -> VideoStream:
        rate = self.picture.average_rate if self.picture else None
        options = {"crf": "17", "preset": "veryfast"} | self._rate_cap()
        stream = self.output.add_stream("libx264", rate=rate or 24, options=options)
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuv420p"
        stream.codec_context.time_base = _CLOCK
        stream.codec_context.color_range = frame.color_range
        stream.codec_context.color_primaries, stream.codec_context.color_trc, stream.codec_context.colorspace = (
            self.tags
        )
        stream.codec_context.thread_count = THREADS
        return stream

    def _rate_cap(self) -> dict[str, str]:
        """What keeps a long or a restless film below the size that is taken."""
        whole = (self.container.duration or 0) / av.time_base
        seconds = min(whole or self.end, self.cut.seconds or self.end)
        if not 0 < seconds < float("inf"):
            return {}
        bits = str(min(_HIGHEST_RATE, int(8 * LARGEST_MP4 / seconds)))
        return {"maxrate": bits, "bufsize": bits}

    def _new_sound(self) -> AudioStream:
        codec = {"mp4": "aac", "mp3": "libmp3lame", "wav": "pcm_s16le"}[self.output.format.name]
        rate = self.sound.rate if self.sound else 48_000
        if codec != "pcm_s16le" and rate not in (32_000, 44_100, 48_000):
            rate = 48_000
        channels = self.sound.channels if self.sound else 2
        stream = self.output.add_stream(codec, rate=rate, layout="mono" if channels == 1 else "stereo")
        return cast("AudioStream", stream)

    def _sound(self, frame: AudioFrame, at: float) -> None:
        first = max(0, round((self.cut.start - at) * frame.sample_rate))
        last = frame.samples if self.end == float("inf") else round((self.end - at) * frame.sample_rate)
        if self.new_sound is None or first >= min(last, frame.samples):
            return
        frame = _part_of(frame, first, min(last, frame.samples))
        # Counted on by the encoder from the first sample: a gap in the source's clock is not worth a silence.
        frame.pts = None
        self._put(self.new_sound.encode(frame))
        self.has_something = self.has_something or self.picture is None

    def _finish(self) -> None:
        if self.origin is None:
            raise ProbeError("Nothing in it can be decoded.")
        if not self.has_something:
            raise ProbeError("There is nothing in that part of it: it is shorter than it says.")
        for stream in (self.new_picture, self.new_sound):
            if stream is not None:
                self._put(stream.encode(None))


def _time_of(frame: VideoFrame | AudioFrame) -> float | None:
    """In seconds; AVI gives some of its pictures no moment to be shown at, but one to be decoded at."""
    if frame.time is None and frame.dts is not None and frame.time_base:
        return float(frame.dts * frame.time_base)
    return frame.time


def _part_of(frame: AudioFrame, first: int, last: int) -> AudioFrame:
    """Its samples from `first` up to `last`."""
    if (first, last) == (0, frame.samples):
        return frame
    part = AudioFrame(format=frame.format.name, layout=frame.layout.name, samples=last - first)
    width = frame.format.bytes * (1 if frame.format.is_planar else frame.layout.nb_channels)
    for old, new in zip(frame.planes, part.planes, strict=True):
        new.update(bytes(old)[first * width : last * width].ljust(new.buffer_size, b"\0"))
    part.sample_rate, part.time_base = frame.sample_rate, frame.time_base
    return part

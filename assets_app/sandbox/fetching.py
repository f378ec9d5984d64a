"""Fetching the addresses people register, as the provider would: streamed, with a size and a time limit.

A copy of each file is kept under the hash of its content: the same file costs its space and its inspection once.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

import requests
from urllib3.exceptions import HTTPError

from assets_app.apiframe.catalogue import MediaFacts, MediaLimits
from assets_app.sandbox.decoders import inspect
from assets_app.sandbox.probing import EXTENSIONS, Unreadable

_HEADERS = {"User-Agent": "Sandbox-Asset-Fetcher/1.0", "Accept": "*/*", "Accept-Encoding": "identity"}
_CONNECT_SECONDS = 5.0
_MOST_REDIRECTS = 5
_CHUNK = 128 * 1024
_TOO_SLOW = "timeout while fetching resource"


class MediaRefused(Exception):
    """The file cannot be had or will not do. The text is worded as the upstream service words it (FACTS §4, §5)."""


@dataclass(frozen=True)
class Kept:
    """Our own copy of a file, by its name in the media directory, and what it is."""

    name: str
    facts: MediaFacts

    def facts_as_json(self) -> dict[str, object]:
        return asdict(self.facts)


class Library:
    """The directory of fetched files."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self._inspected: dict[str, Kept] = {}
        for leftover in directory.glob(".*.part"):  # of a sandbox that was killed
            leftover.unlink()

    def path(self, name: str) -> Path:
        return self.directory / name

    def fetch(self, url: str, media_type: str, limits: Mapping[str, MediaLimits], seconds: float) -> Kept:
        """Fetch and inspect a file that must do as `media_type`; MediaRefused says why it will not."""
        limit = limits.get(media_type)
        most = limit.max_bytes if limit else None
        with NamedTemporaryFile(dir=self.directory, prefix=".", suffix=".part") as draft:
            digest = hashlib.sha256()
            for chunk in _stream(url, seconds):
                draft.write(chunk)
                digest.update(chunk)
                if most is not None and draft.tell() > most:
                    raise MediaRefused(_too_big(media_type, most))
            if not draft.tell():
                raise MediaRefused(_download_failed("the address answered with nothing"))
            draft.flush()
            kept = self._keep(Path(draft.name), digest.hexdigest(), media_type)
        refuse_unfit(kept.facts, media_type, limit)
        return kept

    def _keep(self, draft: Path, digest: str, media_type: str) -> Kept:
        known = self._inspected.get(digest)
        if known and self.path(known.name).exists():
            return known
        try:
            facts = inspect(draft)
        except Unreadable:
            raise MediaRefused(f"InvalidParameter: the {media_type} file cannot be decoded") from None
        if facts is None:
            raise MediaRefused(_wrong_format(media_type, "unknown"))
        kept = Kept(f"{digest}.{EXTENSIONS[facts.content_type or '']}", facts)
        with suppress(FileExistsError):  # the same content, fetched by somebody else meanwhile
            self.path(kept.name).hardlink_to(draft)
        self._inspected[digest] = kept
        return kept


def _stream(url: str, seconds: float) -> Iterator[bytes]:
    """The content of an address, piece by piece, within so many seconds altogether; MediaRefused when it fails."""
    deadline = time.monotonic() + seconds
    timeout = (min(_CONNECT_SECONDS, seconds), seconds)
    try:
        with requests.Session() as session:
            session.max_redirects = _MOST_REDIRECTS
            session.trust_env = False
            with session.get(url, headers=_HEADERS, stream=True, timeout=timeout) as response:
                if not response.ok:
                    raise MediaRefused(_download_failed(f"the address answered HTTP {response.status_code}"))
                # read1 returns what has come so far: a trickle cannot outlive the deadline by filling a whole chunk.
                while chunk := response.raw.read1(_CHUNK):
                    yield chunk
                    if time.monotonic() > deadline:
                        raise MediaRefused(_download_failed(_TOO_SLOW))
    except (requests.RequestException, HTTPError, UnicodeError, OSError) as error:
        raise MediaRefused(_download_failed(_in_short(error))) from None


def refuse_unfit(facts: MediaFacts, media_type: str, limit: MediaLimits | None) -> None:
    """MediaRefused when a file is of another type or outside the limits; unknown facts pass."""
    if facts.media_type != media_type:
        raise MediaRefused(_wrong_format(media_type, (facts.content_type or "unknown").partition("/")[2]))
    if limit is None:
        return
    allowed = {*limit.content_types, *limit.doubtful_content_types}
    if facts.content_type not in allowed:
        raise MediaRefused(_wrong_format(media_type, (facts.content_type or "unknown").partition("/")[2]))
    if limit.max_bytes is not None and (facts.byte_size or 0) > limit.max_bytes:
        raise MediaRefused(_too_big(media_type, limit.max_bytes))
    _refuse_shape(facts, limit)
    _refuse_time(facts, limit)


def _refuse_shape(facts: MediaFacts, limit: MediaLimits) -> None:
    if facts.width is None or facts.height is None:
        return
    for side, name in ((facts.width, "width"), (facts.height, "height")):
        if not _within(side, limit.side.min, limit.side.max):
            raise MediaRefused(
                f"InvalidParameter: {limit.media_type} {name} must be between {limit.side.min} and {limit.side.max} "
                f"pixels, got {side}"
            )
    if not _within(facts.width / facts.height, limit.ratio.min, limit.ratio.max):
        raise MediaRefused(
            f"InvalidParameter: expected the aspect ratio to be between {limit.ratio.min:.2f} and "
            f"{limit.ratio.max:.2f}, got {facts.width / facts.height:.2f}"
        )
    if not _within(facts.width * facts.height, limit.pixels.min, limit.pixels.max):
        raise MediaRefused(
            f"InvalidParameter: Pixel count must be between {limit.pixels.min} and {limit.pixels.max}, "
            f"got {facts.width * facts.height}"
        )


def _refuse_time(facts: MediaFacts, limit: MediaLimits) -> None:
    if facts.seconds is not None and not _within(facts.seconds, limit.seconds.min, limit.seconds.max):
        raise MediaRefused(
            f"InvalidParameter: {limit.media_type} Duration must be between {limit.seconds.min} and "
            f"{limit.seconds.max} seconds, got {facts.seconds:.1f}"
        )
    if facts.fps is not None and not _within(facts.fps, limit.fps.min, limit.fps.max):
        raise MediaRefused(
            f"InvalidParameter: video frame rate must be between {limit.fps.min} and {limit.fps.max} FPS, "
            f"got {facts.fps:g}"
        )


def _within(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def _download_failed(reason: str) -> str:
    return f"InvalidParameter.DownloadFailed: {reason}"


def _wrong_format(media_type: str, found: str) -> str:
    return f"InvalidParameter: the parameter {media_type} format {found} is not valid"


def _too_big(media_type: str, most: int) -> str:
    return f"InvalidParameter: {media_type} file size must not exceed {most / 1_048_576:g} MB"


def _in_short(error: BaseException) -> str:
    text = str(error)
    if isinstance(error, requests.Timeout) or "timed out" in text:
        return _TOO_SLOW
    if isinstance(error, requests.TooManyRedirects):
        return "too many redirects"
    if "NameResolution" in text or isinstance(error, UnicodeError):
        return "no such host"
    if "refused" in text:
        return "connection refused"
    if isinstance(error, requests.exceptions.SSLError):
        return "certificate not accepted"
    return "connection broken while fetching resource"

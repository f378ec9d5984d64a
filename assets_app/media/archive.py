"""Our own copy of what a URL gives: fetched, checked by content, measured and given a still. Touches no database.

The file is only ever opened by a child process (`decoders`); `DecoderDied` passes through all that is here, and leaves
nothing on disk either.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from assets_app.cuts import Cut
from assets_app.decoding import DecoderDied

from .decoders import convert, cut_out, hover_clip, play_through, probe, still
from .facts import Facts, ProbeError, ThumbnailError
from .fetch import fetch_to

MAX_RESULT_BYTES = 2 * 2**30
"""Far above what 30 s of 4k take; only there so that no answer can fill the disk."""
MAX_ORIGINAL_BYTES = 50 * 2**20
"""The largest file the provider registers or takes as an upload (FACTS §5)."""
MAX_RESULT_SECONDS = 600
FILM_CLIP_SECONDS, FILM_CLIP_PIXELS = 5.0, 480
BLOCK_BYTES = 1 << 20

_PLAYABLE = frozenset({"video/mp4", "video/quicktime", "video/webm"})
TEMPORARY_PREFIX = "incoming-"


@dataclass(frozen=True)
class Archived:
    """A checked file at a temporary `path`, for the caller to move into storage or to `discard`.

    `poster` is a WebP, or None with the reason in `poster_problem`: a file without a still is worth keeping.
    """

    path: Path
    final_url: str
    sha256: str
    byte_size: int
    facts: Facts
    poster: bytes | None
    poster_problem: str = ""
    clip: bytes | None = None

    def discard(self) -> None:
        """Remove the temporary file, if it is still there."""
        self.path.unlink(missing_ok=True)


def archive_result(
    url: str,
    directory: Path,
    *,
    allowed_origins: frozenset[str] = frozenset(),
    max_bytes: int = MAX_RESULT_BYTES,
    deadline_seconds: float = 300,
) -> Archived:
    """Bring a finished video into `directory` (on the storage's disk, so that moving it is cheap).

    Raises `FetchError` when the URL gives nothing or only a part, `ProbeError` when what came is no whole, playable
    video: a provider's error page, a cut-off file, a picture. Nothing is left on disk then.
    """
    with _fetched(url, directory, allowed_origins, max_bytes, deadline_seconds, is_film=True) as copy:
        if copy.facts.content_type not in _PLAYABLE:
            raise ProbeError(f"A video was expected, but this is {copy.facts.content_type}.")
        if not 0 < (copy.facts.seconds or 0) <= MAX_RESULT_SECONDS:
            raise ProbeError(f"The video claims to be {copy.facts.seconds} seconds long.")
        play_through(copy.path, copy.facts)
        return replace(copy, clip=clip_of_film(copy.path, copy.facts))


def clip_of_film(path: Path, facts: Facts) -> bytes | None:
    """Most of a short film, as large as a card shows it: on the videos page it is what people choose by."""
    try:
        return _clip(path, facts, FILM_CLIP_PIXELS, FILM_CLIP_SECONDS)
    except DecoderDied:
        return None


def archive_original(
    url: str,
    directory: Path,
    *,
    allowed_origins: frozenset[str] = frozenset(),
    max_bytes: int = MAX_ORIGINAL_BYTES,
    deadline_seconds: float = 120,
) -> Archived:
    """Bring the picture, video or sound behind an asset into `directory`. Raises like `archive_result`."""
    with _fetched(url, directory, allowed_origins, max_bytes, deadline_seconds) as copy:
        return replace(copy, clip=_clip(copy.path, copy.facts))


def examine(content: BinaryIO, directory: Path, *, is_film: bool = False) -> Archived:
    """A file that is ours already, looked at like one that was fetched; the copy at `path` is for the caller to
    discard. Raises `ProbeError`.
    """
    with _temporary_file(directory) as (file, path):
        digest = hashlib.sha256()
        while block := content.read(BLOCK_BYTES):
            digest.update(block)
            file.write(block)
        file.close()
        return _looked_at(path, "", digest.hexdigest(), is_film=is_film)


def cut_of(content: BinaryIO, directory: Path, cut: Cut) -> Archived:
    """The part of a file of ours that `cut` keeps, looked at like any other. Raises `ProbeError`, `OSError`."""
    with _temporary_file(directory) as (whole, source), _temporary_file(directory) as (_part, target):
        try:
            shutil.copyfileobj(content, whole, BLOCK_BYTES)
            whole.close()
            cut_out(source, target, cut)
        finally:
            source.unlink(missing_ok=True)
        return _looked_at(target, "", _sha256_of(target))


def as_sent(path: Path, directory: Path) -> Archived:
    """What the provider is sent in place of a file that it does not take. Raises `ProbeError`, `OSError`."""
    with _temporary_file(directory) as (_file, target):
        convert(path, target)
        facts = probe(target)
        return Archived(target, "", _sha256_of(target), target.stat().st_size, facts, None)


def remove_abandoned(directory: Path, *, older_than_seconds: float = 3600) -> int:
    """Delete temporary files whose process died before it could; gives how many there were."""
    cutoff = time.time() - older_than_seconds
    removed = 0
    for path in directory.glob(f"{TEMPORARY_PREFIX}*"):
        with suppress(FileNotFoundError):  # its own process came back to it meanwhile
            if path.stat().st_mtime < cutoff:
                path.unlink()
                removed += 1
    return removed


@contextmanager
def _fetched(
    url: str,
    directory: Path,
    allowed_origins: frozenset[str],
    max_bytes: int,
    deadline_seconds: float,
    *,
    is_film: bool = False,
) -> Iterator[Archived]:
    with _temporary_file(directory) as (file, path):
        fetched = fetch_to(
            url, file, max_bytes=max_bytes, deadline_seconds=deadline_seconds, allowed_origins=allowed_origins
        )
        file.close()
        facts = probe(path)
        poster, problem = _poster(path, facts, is_film=is_film)
        yield Archived(path, fetched.final_url, fetched.sha256, fetched.byte_size, facts, poster, problem)


@contextmanager
def _temporary_file(directory: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A new file that stays if all goes well and is removed if anything does not."""
    descriptor, name = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, dir=directory)
    path = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file, path
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _looked_at(path: Path, final_url: str, sha256: str, *, is_film: bool = False) -> Archived:
    facts = probe(path)
    poster, problem = _poster(path, facts, is_film=is_film)
    clip = clip_of_film(path, facts) if is_film else _clip(path, facts)
    return Archived(path, final_url, sha256, path.stat().st_size, facts, poster, problem, clip)


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _clip(path: Path, facts: Facts, pixels: int = 320, seconds: float = 3.0) -> bytes | None:
    """A comfort: what has none plays none."""
    if facts.media_type != "video":
        return None
    try:
        return hover_clip(path, facts, pixels, seconds)
    except (ThumbnailError, ProbeError):
        return None


def _poster(path: Path, facts: Facts, *, is_film: bool) -> tuple[bytes | None, str]:
    """None, and why. A film was paid for: one that plays is kept, whatever drawing its poster does."""
    try:
        return still(path, facts), ""
    except (ThumbnailError, ProbeError) as error:
        return None, error.reason
    except DecoderDied as error:
        if not is_film:
            raise
        return None, error.reason

"""How the file of an asset comes about that is made of something we have, rather than fetched or given to us."""

from __future__ import annotations

import io
import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from django.core.files.storage import default_storage

from assets_app.engine.missing import look_after
from assets_app.media import archive
from assets_app.media.decoders import last_frame
from assets_app.media.facts import ProbeError
from assets_app.media.fetch import FetchError
from assets_app.models import Asset, MadeBy, Original, Video

log = logging.getLogger(__name__)

FRAME_SECONDS = 30.0


class NotYet(Exception):
    """What it is made of is still on its way."""


class NeverMade(Exception):
    """What it was to be made of is gone: in plain words."""


@dataclass(frozen=True)
class Recipe:
    """What a thread needs to make the file, without a database. `film` is a name in our storage."""

    film: str
    content_type: str
    seconds: float | None
    is_frame: bool
    frame_url: str = ""

    def make(self, directory: Path, trusted_origins: frozenset[str]) -> archive.Archived:
        """The file, looked at like one that was fetched. Raises ProbeError, FetchError, OSError."""
        if not self.is_frame:
            with default_storage.open(self.film) as file:
                return archive.examine(cast("BinaryIO", file), directory)
        return self._providers_frame(directory, trusted_origins) or self._our_frame(directory)

    def _providers_frame(self, directory: Path, trusted_origins: frozenset[str]) -> archive.Archived | None:
        """None when there is none, or it cannot be had and there is a film of ours to take one from."""
        if not self.frame_url:
            return None
        try:
            frame = archive.archive_original(
                self.frame_url, directory, allowed_origins=trusted_origins, deadline_seconds=FRAME_SECONDS
            )
        except (FetchError, ProbeError) as error:
            if not self.film:
                raise
            log.info("The provider's last frame is taken from our copy instead: %s", error)
            return None
        if frame.facts.media_type == "image":
            return frame
        frame.discard()
        if not self.film:
            raise ProbeError("What the provider gave as the last frame is no picture.")
        return None

    def _our_frame(self, directory: Path) -> archive.Archived:
        with on_disk(self.film, directory) as path:
            picture = last_frame(path, self.content_type, self.seconds or 0)
        return archive.examine(io.BytesIO(picture), directory)


@contextmanager
def on_disk(name: str, directory: Path) -> Iterator[Path]:
    """A copy of what our storage has under that name, for FFmpeg to seek in: the storage may be on another machine."""
    with tempfile.NamedTemporaryFile(prefix=archive.TEMPORARY_PREFIX, dir=directory) as copy:
        with default_storage.open(name) as file:
            shutil.copyfileobj(file, copy, archive.BLOCK_BYTES)
        copy.flush()
        yield Path(copy.name)


def recipe_of(original: Original) -> Recipe | None:
    """None for what is fetched, or has its file. Raises NotYet and NeverMade."""
    if original.file or original.source_url or original.is_to_be_cut:
        return None
    asset = Asset.objects.select_related("made_from").get(pk=original.pk)
    if asset.made_by not in (MadeBy.FILM, MadeBy.LAST_FRAME):
        return None
    generation = asset.made_from
    video = Video.objects.filter(pk=generation.pk).first() if generation else None
    is_frame = asset.made_by == MadeBy.LAST_FRAME
    frame_url = generation.last_frame_url if generation and is_frame else ""
    look_after(video)
    if video and video.state == "copying":
        raise NotYet
    film = str(video.file.name) if video and video.is_saved else ""
    if video is None or not (film or frame_url):
        raise NeverMade("The film it was to be made of is gone.")
    return Recipe(film, video.content_type, video.seconds, is_frame, frame_url)

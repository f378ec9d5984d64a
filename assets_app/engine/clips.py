"""The clips of films that were saved before clips were made; a film saved since then has its own from the start."""

from __future__ import annotations

import logging
from typing import Any

from django.core.files.base import ContentFile

from assets_app.engine.making import on_disk
from assets_app.engine.missing import look_after, media_are_away
from assets_app.engine.outcomes import in_seconds
from assets_app.engine.storing import CLIP_SUFFIX, Stored, incoming_directory, store
from assets_app.media.archive import clip_of_film
from assets_app.media.facts import Facts
from assets_app.models import Video

log = logging.getLogger(__name__)

AGAIN_SECONDS = 3600.0  # until a storage in trouble is asked again
TRIES = 3  # one that kills its worker is not tried for ever


def make(video: Video) -> Stored:
    """Runs on a thread, without a database; a film that gives no clip has an empty one. Raises OSError, which is
    FileNotFoundError when the film itself is missing.
    """
    stored = Stored({"clip": ""}, [])
    if video.attempts > TRIES:
        return stored
    facts = Facts(media_type="video", content_type=video.content_type, byte_size=video.byte_size)
    with on_disk(str(video.file.name), incoming_directory()) as path:
        clip = clip_of_film(path, facts)
    if clip:
        stored.columns["clip"] = video.file_name(video.sha256, CLIP_SUFFIX)
        store(stored.columns["clip"], ContentFile(clip), stored)
    return stored


def settle(video: Video, stored: Stored | None, error: BaseException | None) -> bool:
    """Write the clip down; False when somebody else had the row by then. After a failure of the storage it is tried
    again, later than others that wait; a mistake of ours would only be made again. It is no news for open pages: cards
    play the whole film until they are drawn anew.
    """
    if error:
        log.warning("The clip of %s could not be made: %s", video.pk, error)
    if isinstance(error, FileNotFoundError) and not media_are_away():
        look_after(video)
        return True
    changes: dict[str, Any] = stored.columns if stored else {"clip": ""}
    again_at = None
    if isinstance(error, OSError):
        changes, again_at = {}, in_seconds(AGAIN_SECONDS)
    mine = Video.objects.filter(pk=video.pk, claim=video.claim, state="saved")
    return bool(mine.update(claim=None, claimed_until=None, due_at=again_at, attempts=0, **changes))

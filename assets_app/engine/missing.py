"""Files of ours that are not where their rows say: noticed, said, and had again while there is a source for them.

A row keeps the names of its files meanwhile, so that a file which is put back, from a backup say, is used again. When
the directory of all media is away, that is one trouble and no loss: no row changes for it.
"""

from __future__ import annotations

import logging
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from assets_app.engine.waking import FILES, PROVIDER, wake
from assets_app.models import Asset, Generation, MadeBy, Original, Video
from assets_app.models.own_copy import OwnCopy

log = logging.getLogger(__name__)

MEDIA_AWAY = "The media directory of this server is missing. Is its disk mounted?"
FETCHED_AGAIN = "The file is missing on this server. It is being fetched again."
MADE_AGAIN = "The file is missing on this server. It is being made again."
GONE = "The file is missing on this server, and there is nowhere to fetch it from. Restore the media from a backup."


def media_are_away() -> bool:
    return bool(getattr(default_storage, "is_away", False))


def look_after(copy: OwnCopy | None) -> bool:
    """See whether the files of a row are there and, if not, have them again; False when something is missing. A row
    that was given up is tried again when its file is back.
    """
    if copy is None or media_are_away():
        return copy is None
    if copy.state == "lost" and copy.file and not _missing(copy):
        type(copy)._default_manager.filter(pk=copy.pk, state="lost", claim=None, due_at=None).update(
            due_at=timezone.now()
        )
        wake(FILES)
    if copy.state != "saved" or not (missing := _missing(copy)):
        return copy.state == "saved"
    log.warning("Missing in the media: %s", ", ".join(str(getattr(copy, name)) for name in missing))
    _have_again(copy)
    return False


def replace_damaged(copy: OwnCopy) -> bool:
    """Have a file again that is not what it was, though as large; False when somebody else has the row."""
    log.warning("Damaged in the media: %s", copy.file.name)
    return _have_again(copy, is_damaged=True)


def _missing(copy: OwnCopy) -> list[str]:
    """Which of its files are not there, or not as large as its row says."""
    return [name for name in copy.file_columns() if getattr(copy, name) and not _is_whole(copy, name)]


def _is_whole(copy: OwnCopy, column: str) -> bool:
    try:
        size = default_storage.size(str(getattr(copy, column)))
    except FileNotFoundError:
        return False
    except OSError:
        return True  # a storage in trouble says nothing
    return size == copy.byte_size if column == "file" and copy.byte_size is not None else size > 0


def _have_again(copy: OwnCopy, *, is_damaged: bool = False) -> bool:
    if copy.file and _is_whole(copy, "file") and not is_damaged:
        moved = copy.move("copying", reason=MADE_AGAIN)  # a preview, from the file itself
    elif isinstance(copy, Video):
        moved = _fetch_again(copy)
    elif copy.source_url:
        moved = copy.move("copying", reason=FETCHED_AGAIN)
    elif isinstance(copy, Original) and _may_be_made_again(copy):
        nothing: dict[str, Any] = dict.fromkeys(copy.file_columns(), "")
        moved = copy.move("copying", reason=MADE_AGAIN, **nothing)
    else:
        moved = copy.move("lost", reason=GONE)
    wake(FILES, PROVIDER)
    return moved


def _fetch_again(video: Video) -> bool:
    """From where it was, and its job is asked where it is now."""
    if not (video.source_url or video.generation.job_id):
        return video.move("lost", reason=GONE)
    with transaction.atomic():
        moved = video.move("copying", reason=FETCHED_AGAIN)
        jobs = Generation.objects.filter(pk=video.pk, state="completed", due_at=None).exclude(job_id="")
        if moved:
            jobs.update(due_at=timezone.now())
    return moved


def _may_be_made_again(original: Original) -> bool:
    """Whether it was cut out of, or made of, something that we have."""
    if original.cut is not None:
        parent = Original.objects.filter(asset__cuts=original.pk).first()
        return parent is not None and bool(parent.file) and not _missing(parent)
    made = Asset.objects.filter(pk=original.pk, made_by__in=(MadeBy.FILM, MadeBy.LAST_FRAME))
    video = Video.objects.filter(generation__in=made.values("made_from")).first()
    return video is not None and video.is_saved and not _missing(video)

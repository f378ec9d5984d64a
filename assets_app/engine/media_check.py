"""The nightly walk through all rows that have files, and the watch over the directory the files lie in."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import timedelta

from django.core.files.storage import default_storage
from django.db.models import Q
from django.utils import timezone

from assets_app.engine.missing import look_after, media_are_away
from assets_app.engine.outcomes import in_seconds
from assets_app.media.storage import MediaStorage
from assets_app.models import MediaCheck, Original, Video
from assets_app.models.own_copy import OwnCopy

log = logging.getLogger(__name__)

CLAIM_SECONDS = 60.0
BATCH = 200
KINDS: dict[str, type[OwnCopy]] = {"video": Video, "original": Original}
# A directory on the disk of the data cannot be unmounted by itself: not back by then, it is gone, as after a restore
# without media. One on a disk of its own is waited for.
GRACE = timedelta(minutes=10)
WITH_FILES = Q(state__in=("saved", "lost")) & (~Q(file="") | ~Q(poster=""))


def watch_over_directory() -> None:
    """Mark the directory of the media as such. Where it is away, say so once; where it is gone for good, begin anew
    and have everything looked at.
    """
    check, storage = MediaCheck.get(), _directory()
    if storage is None:
        return
    if storage.is_away:
        now = timezone.now()
        if check.away_since is None:
            log.error("The directory of the media, %s, is not there", storage.location)
            MediaCheck.objects.filter(pk=check.pk, away_since=None).update(away_since=now)
        elif not storage.was_a_disk_of_its_own and abs(now - check.away_since) > GRACE:
            begin_anew()
        return
    is_new = not storage.is_marked
    storage.mark()
    if is_new or check.away_since:
        MediaCheck.objects.filter(pk=check.pk).update(away_since=None, due_at=timezone.now(), cursor="", claim=None)


def _directory() -> MediaStorage | None:
    """Where the media lie; None for a storage that is no directory of ours."""
    return default_storage if isinstance(default_storage, MediaStorage) else None


def begin_anew() -> None:
    """Take what was in the media's directory for lost: make a new one, and look at every row. Raises OSError."""
    if storage := _directory():
        log.warning("The media in %s are taken for lost; what has a source is fetched again", storage.location)
        storage.mark()
    MediaCheck.get()
    MediaCheck.objects.update(away_since=None, due_at=timezone.now(), cursor="", claim=None, claimed_until=None)


def run_due(seconds: float) -> bool:
    """Go on with the walk, when it is due, for so many seconds. True when it is not at its end."""
    MediaCheck.get()
    end = time.monotonic() + seconds
    _token, rows = MediaCheck.objects.claim([MediaCheck.SINGLE], CLAIM_SECONDS)  # type: ignore[list-item]
    for check in rows:
        if media_are_away():
            check.release(due_at=in_seconds(60))
            return False
        if not check.cursor:
            check.looked_at = check.missing = 0
        for batch in _batches(check.cursor):
            check.missing += sum(not look_after(copy) for copy in batch if copy.is_saved or copy.file)
            check.looked_at += len(batch)
            check.cursor = f"{_kind_of(batch[-1])}:{batch[-1].pk}"
            if not _write(check, claimed_until=in_seconds(CLAIM_SECONDS)):
                return False
            if time.monotonic() >= end:
                check.release(due_at=timezone.now())
                return True
        check.cursor = ""
        _write(check, finished_at=timezone.now())
        check.release(due_at=MediaCheck.next_night())
    return False


def _batches(cursor: str) -> Iterator[list[OwnCopy]]:
    """All rows with files after the cursor, a batch at a time, by their keys."""
    begin, _, after = cursor.partition(":")
    names = list(KINDS)
    for name in names[names.index(begin) if begin in names else 0 :]:
        last = after if name == begin else ""
        while True:
            rows = KINDS[name]._default_manager.filter(WITH_FILES).order_by("pk")
            batch = list((rows.filter(pk__gt=last) if last else rows)[:BATCH])
            if not batch:
                break
            yield batch
            last = str(batch[-1].pk)


def _kind_of(copy: OwnCopy) -> str:
    return next(name for name, kind in KINDS.items() if isinstance(copy, kind))


def _write(check: MediaCheck, **columns: object) -> bool:
    columns |= {"cursor": check.cursor, "looked_at": check.looked_at, "missing": check.missing}
    return bool(MediaCheck.objects.filter(pk=check.pk, claim=check.claim).update(**columns))

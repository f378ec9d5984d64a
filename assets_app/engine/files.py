"""The files lane: our own copies of finished films and of what assets were made from, fetched until they are here or
gone there.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import partial
from typing import Any, BinaryIO, cast

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from assets_app.cuts import Cut
from assets_app.decoding import DecoderDied
from assets_app.engine import clips, looking
from assets_app.engine.hiccups import patiently
from assets_app.engine.locating import have_located
from assets_app.engine.making import NeverMade, NotYet, Recipe, recipe_of
from assets_app.engine.missing import GONE, MEDIA_AWAY, look_after, media_are_away
from assets_app.engine.outcomes import age, backoff, in_seconds, look_again
from assets_app.engine.runner import CLAIM_SECONDS, Done, Work
from assets_app.engine.storing import (
    CLIP_SUFFIX,
    POSTER_SUFFIX,
    SENT_SUFFIX,
    Arrived,
    Stored,
    incoming_directory,
    store,
)
from assets_app.engine.waking import FILES, PROVIDER, wake
from assets_app.media import archive
from assets_app.media.facts import ProbeError
from assets_app.media.fetch import FetchError
from assets_app.media.storage import MediaAway
from assets_app.models import Asset, Candidate, Connection, Original, Team, Video, media_use
from assets_app.models.generation import RESULT_LIFETIME
from assets_app.models.judging import must_be_converted
from assets_app.models.original import NO_ROOM_FOR_IT, SourceCopy
from assets_app.models.own_copy import OwnCopy

log = logging.getLogger(__name__)

SUFFIXES = {
    "audio/3gpp": ".3gp",
    "audio/aac": ".aac",
    "audio/aiff": ".aif",
    "audio/flac": ".flac",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "audio/webm": ".webm",
    "audio/x-caf": ".caf",
    "audio/x-matroska": ".mka",
    "audio/x-ms-asf": ".wma",
    "image/avif": ".avif",
    "image/bmp": ".bmp",
    "image/gif": ".gif",
    "image/heic": ".heic",
    "image/heif": ".heif",
    "image/jp2": ".jp2",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/tiff": ".tif",
    "image/webp": ".webp",
    "video/3gpp": ".3gp",
    "video/mp2p": ".mpg",
    "video/mp2t": ".ts",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
    "video/x-flv": ".flv",
    "video/x-matroska": ".mkv",
    "video/x-ms-asf": ".wmv",
    "video/x-msvideo": ".avi",
}
FILM_SECONDS = 240.0
NOT_YET_SECONDS = 1.0
ORIGINAL_SECONDS = 60.0  # a preview is no reason to let slow hosts hold up films


@dataclass(frozen=True)
class Patience:
    """How long to go on. A film was paid for: whatever its address gives, it is tried until the provider need not have
    it any longer, `tries` times at least, for a clock may jump and a server be off for a day. A preview is a comfort:
    `tries` times at most, and not again what would only give the same. A 404 proves nothing at first: a CDN may need
    minutes to know of a new file.
    """

    tries: int
    longest_wait: float


COPIES: tuple[type[OwnCopy], ...] = (Video, Candidate, Original)
PATIENCE: dict[type[OwnCopy], Patience] = {
    Video: Patience(12, 600.0),
    Original: Patience(8, 120.0),
}
MOST_TRIES = 600
MOST_DEATHS = 2
"""Once may be chance, for others may have taken the memory that was missing."""
TWICE = "That ended our decoder twice, so the file is not opened again."


class DeadlyFile(ProbeError):
    """It ended the process that decodes it as often as a file may."""


class FilesLane:
    """Few threads: a copy is disk and decoding as much as waiting."""

    name = FILES
    hands_over_early = False

    def __init__(self, *, threads: int = 3, strict: bool = False) -> None:
        self.threads = threads
        self.most_under_way = threads
        self.least_room = 1
        self.turn = 0
        self.strict = strict

    def launch(self, room: int) -> list[Work]:
        """Films first. Then what somebody waits for with a list before them, leaving some room for previews. Clips of
        old films are the last.
        """
        works = self._claim(Video, room, state="copying")
        left = room - len(works)
        self.turn += 1
        for_previews = left // 3 if left > 2 else int(self.turn % 3 == 0)
        works += self._claim(Original, for_previews)
        works += self._claim(Candidate, room - len(works))
        works += self._claim(Original, room - len(works))
        works += self._claim(Video, room - len(works), state="saved")
        works += self._claim(Video, room - len(works), state="lost")
        return works

    def _claim(self, model: type[OwnCopy], room: int, **those: str) -> list[Work]:
        if room <= 0:
            return []
        due = model._default_manager.due().filter(**those)
        ids = list(due.order_by("due_at", "pk").values_list("pk", flat=True)[:room])
        claimed = model._default_manager.claim(ids, CLAIM_SECONDS)[1] if ids else []
        return [work for row in claimed if (work := self._work(row))]

    def _work(self, row: OwnCopy) -> Work | None:
        """None for what is made of a film that is not there yet, or not any more."""
        if isinstance(row, Video) and row.is_saved:
            return Work(lambda: clips.make(row), row)
        if isinstance(row, Video) and not row.source_url and not (row.file and default_storage.exists(str(row.file))):
            row.release(due_at=None, last_error=row.last_error)
            have_located(row, seconds=0)
            wake(PROVIDER)
            return None
        try:
            recipe = recipe_of(row) if isinstance(row, Original) else None
        except NotYet:
            row.release(due_at=in_seconds(look_again(row.state_since, at_least=NOT_YET_SECONDS)))
            return None
        except NeverMade as why:
            row.move("lost", reason=str(why))
            wake(PROVIDER)
            return None
        if isinstance(row, Original):
            row.is_to_be_sent = row.is_upload or Asset.objects.filter(pk=row.pk, sends_copy=True).exists()
        origins = frozenset(Connection.objects.filter(team_id=row.team_id).values_list("base_url", flat=True))
        if isinstance(row, Original) and row.is_to_be_cut:
            parent = Original.objects.filter(asset__cuts=row.pk).first()
            if not look_after(parent) and parent and parent.state == "copying":
                row.release(due_at=in_seconds(look_again(row.state_since, at_least=NOT_YET_SECONDS)))
                return None
            row.parents_file = str(parent.file.name or "") if parent else ""
        keeping = _keeping(row)
        return Work(lambda: make_copy(row, origins, keeping, recipe), row)

    def settle(self, done: Sequence[Done]) -> None:
        for item in done:
            try:
                patiently(partial(self._settle, item.subject, item.answer, item.error))
                if isinstance(item.subject, Original) and item.subject.is_upload:
                    wake(PROVIDER)  # its asset waits for what was found
            except Exception:
                if self.strict:
                    raise
                log.exception("%s %s could not be settled", type(item.subject).__name__, item.subject.pk)

    def _settle(self, row: OwnCopy, stored: Stored | None, error: BaseException | None) -> None:
        if isinstance(error, DecoderDied):
            error = _after_death(row, error)
        if isinstance(row, Video) and row.is_saved:
            if not clips.settle(row, stored, error) and stored:
                self._discard_unless_used(row, stored)
        elif isinstance(row, Candidate):
            if not looking.settle(row, stored.columns if stored else None, error) and stored:
                self._discard_unless_used(row, stored)
        else:
            self._settle_copy(row, stored, error)

    def _settle_copy(self, row: OwnCopy, stored: Stored | None, error: BaseException | None) -> None:
        if stored:
            if not row.move("saved", **stored.columns):
                self._discard_unless_used(row, stored)
        elif error and row.state == "lost":
            row.release(due_at=None, last_error=str(error))
        elif error and _is_final(row, error):
            row.move("lost", reason=str(error))
        elif error:
            self._try_again(row, error)

    def _discard_unless_used(self, row: OwnCopy, stored: Stored) -> None:
        """Another runner may have saved the very same files, whose names come from their content."""
        saved = type(row).objects.filter(pk=row.pk).first()
        in_use = saved.file_names if saved else []
        for name in stored.names:
            if name not in in_use:
                default_storage.delete(name)

    def _try_again(self, row: OwnCopy, error: BaseException) -> None:
        patience = PATIENCE[type(row)]
        if isinstance(error, FetchError) and error.gone and isinstance(row, Video):
            words = f"It is not there yet. {error}"
        elif isinstance(error, FetchError | ProbeError | DecoderDied):
            words = str(error)
        elif isinstance(error, FileNotFoundError) and isinstance(row, SourceCopy) and row.is_upload and row.file:
            if not media_are_away():
                row.move("lost", reason=GONE)
                return
            words = MEDIA_AWAY
        elif isinstance(error, OSError):
            # Our own storage is in trouble. That passes, so it never ends the tries, and one line a try is enough.
            log.warning("Copying %s failed: %s", row.pk, error)
            wait = backoff(row.attempts, cap=patience.longest_wait)
            row.release(due_at=in_seconds(wait), attempts=row.attempts, last_error=_storage_trouble(error))
            return
        else:
            words = f"{type(error).__name__}. The log of the worker has the details."
            log.error("Copying %s failed", row.pk, exc_info=error)
        if isinstance(row, Video):
            have_located(row)
        if _is_over(row):
            row.move("lost", reason=f"Given up after {row.attempts} tries. The last one: {words}")
        else:
            wait = backoff(row.attempts, cap=patience.longest_wait)
            row.release(due_at=in_seconds(wait), attempts=row.attempts, last_error=words)
            with transaction.atomic():  # an open page says why, and when it is tried again
                row.touch_parent(Team(pk=row.team_id).next_revision())

    def renew(self, subjects: Sequence[Any]) -> None:
        until = in_seconds(CLAIM_SECONDS)
        for model in COPIES:
            tokens = {row.claim for row in subjects if isinstance(row, model)}
            if tokens:
                model.objects.filter(claim__in=tokens).update(claimed_until=until)

    def seconds_until_due(self) -> float | None:
        now = timezone.now()
        moments: list[datetime | None] = []
        for model in COPIES:
            rows = model.objects.filter(due_at__isnull=False)
            moments.append(rows.filter(claim=None).aggregate(at=Min("due_at"))["at"])
            moments.append(rows.exclude(claim=None).aggregate(at=Min("claimed_until"))["at"])
        waits = [(moment - now).total_seconds() for moment in moments if moment]
        return max(0.0, min(waits)) if waits else None


class Keeping(Enum):
    """What is kept of a file that came from somewhere else."""

    ALL = "the file and its previews"
    PREVIEWS = "as the team wishes, for it keeps no originals"
    NO_ROOM = "the previews, for there is no room"


def _keeping(row: OwnCopy) -> Keeping:
    """A film was paid for, so it is always kept. What had room once has it still."""
    if isinstance(row, Video) or row.file:
        return Keeping.ALL
    if not Team.objects.filter(pk=row.team_id, keep_originals=True).exists():
        return Keeping.PREVIEWS
    return Keeping.ALL if media_use.has_room(row.team_id) else Keeping.NO_ROOM


def make_copy(
    row: OwnCopy,
    trusted_origins: frozenset[str],
    keeping: Keeping = Keeping.ALL,
    recipe: Recipe | None = None,
) -> Stored:
    """Fetch or make, examine and store. Runs on a thread, without a database. Raises FetchError, ProbeError, OSError,
    DecoderDied, DecoderFault.

    `trusted_origins` are those of the team's own provider, which may be on this very machine. Where originals are not
    kept, what was found out about them is, and the previews; an uploaded file, or one that was made here, has no other
    source, so it stays.
    """
    stored = Stored({}, [])
    is_made = recipe is not None or (isinstance(row, Original) and row.is_to_be_cut)
    ours = None if recipe else _what_we_have(row)
    is_here = ours is not None
    copy = ours or (recipe.make(incoming_directory(), trusted_origins) if recipe else _arrived(row, trusted_origins))
    try:
        facts = copy.facts
        _convert(row, copy, stored)
        previews = {"poster": (POSTER_SUFFIX, copy.poster), "clip": (CLIP_SUFFIX, copy.clip)}
        if keeping is Keeping.NO_ROOM and not (is_made or is_here) and isinstance(row, Original):
            stored.columns["reason"] = NO_ROOM_FOR_IT
        if is_made or (keeping is Keeping.ALL and not is_here):
            name = row.file_name(copy.sha256, SUFFIXES.get(facts.content_type or "", ".bin"))
            with copy.path.open("rb") as file:
                store(name, Arrived(file, str(copy.path)), stored)
            stored.columns["file"] = name
        for column, (suffix, content) in previews.items():
            if content:
                stored.columns[column] = row.file_name(copy.sha256, suffix)
                store(stored.columns[column], ContentFile(content), stored)
    finally:
        copy.discard()
    stored.columns.update(
        sha256=copy.sha256,
        content_type=facts.content_type or "",
        byte_size=copy.byte_size,
        width=facts.width,
        height=facts.height,
        seconds=facts.seconds,
        fps=facts.fps,
        has_audio=facts.has_audio,
    )
    return stored


SENT_FACTS = ("content_type", "byte_size", "width", "height", "seconds", "fps")


def _convert(row: OwnCopy, copy: archive.Archived, stored: Stored) -> None:
    """Make what is sent in place of a file that the provider does not take. Where that cannot be done, the columns say
    why: the file itself is as good as it was.
    """
    if not isinstance(row, Original):
        return
    stored.columns.update(sent_file="", sent_facts={})
    if not row.is_to_be_sent or not must_be_converted(copy.facts, copy.facts.codec):
        return
    try:
        sent = archive.as_sent(copy.path, incoming_directory())
    except ProbeError as error:
        stored.columns["sent_facts"] = {"problem": error.reason}
        return
    try:
        name = row.file_name(sent.sha256, SENT_SUFFIX + SUFFIXES[sent.facts.content_type or ""])
        with sent.path.open("rb") as file:
            store(name, Arrived(file, str(sent.path)), stored)
    finally:
        sent.discard()
    facts = {name: getattr(sent.facts, name) for name in SENT_FACTS}
    stored.columns.update(sent_file=name, sent_facts=facts)


def _what_we_have(row: OwnCopy) -> archive.Archived | None:
    """A file that was uploaded; and one of ours that is to be had again, as far as it is there and what it was: a
    preview was missing, or somebody put it back.
    """
    if not row.file:
        return None
    is_upload = isinstance(row, SourceCopy) and row.is_upload
    if not is_upload and not (row.sha256 and default_storage.exists(str(row.file.name))):
        return None
    with default_storage.open(str(row.file.name)) as file:
        try:
            copy = archive.examine(cast("BinaryIO", file), incoming_directory(), is_film=isinstance(row, Video))
        except ProbeError:
            if is_upload:
                raise
            return None
    if not is_upload and copy.sha256 != row.sha256:
        copy.discard()
        return None
    return copy


def _arrived(row: OwnCopy, trusted_origins: frozenset[str]) -> archive.Archived:
    if isinstance(row, Original) and row.is_to_be_cut:
        return _cut(row)
    return _bring(row, trusted_origins)


def _bring(row: OwnCopy, trusted_origins: frozenset[str]) -> archive.Archived:
    is_film = isinstance(row, Video)
    bring = archive.archive_result if is_film else archive.archive_original
    return bring(
        row.source_url,
        incoming_directory(),
        allowed_origins=trusted_origins,
        deadline_seconds=FILM_SECONDS if is_film else ORIGINAL_SECONDS,
    )


def _cut(row: Original) -> archive.Archived:
    """The part of its parent's file that it is to be."""
    if not row.parents_file or not default_storage.exists(row.parents_file):
        raise ProbeError("The file it was to be cut from is gone.")
    with default_storage.open(row.parents_file) as file:
        return archive.cut_of(cast("BinaryIO", file), incoming_directory(), Cut.from_json(row.cut or {}))


def _storage_trouble(error: OSError) -> str:
    if isinstance(error, MediaAway):
        return f"{MEDIA_AWAY} It is saved as soon as it is back."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk of this server is full. It is saved as soon as there is room."
    return f"The storage did not take it ({error.strerror or type(error).__name__}). It is tried until it does."


def _is_over(row: OwnCopy) -> bool:
    """Whether it was tried for long enough."""
    if isinstance(row, Video):
        is_late = age(row.generation.completed_at or row.state_since) > RESULT_LIFETIME.total_seconds()
        return row.attempts >= MOST_TRIES or (is_late and row.attempts >= PATIENCE[Video].tries)
    return row.attempts >= PATIENCE[type(row)].tries


def _after_death(row: OwnCopy, error: DecoderDied) -> DecoderDied | DeadlyFile:
    """Counted on the row; done twice, for the database had a hiccup, it counts once."""
    deaths = row.decoder_deaths + 1
    type(row)._default_manager.filter(pk=row.pk, claim=row.claim).update(decoder_deaths=deaths)
    return error if deaths < MOST_DEATHS else DeadlyFile(f"{error} {TWICE}")


def _is_final(row: OwnCopy, error: BaseException) -> bool:
    """Whether the same address would give the same answer again. A film is tried all the same, for it was paid for,
    unless that does harm.
    """
    if isinstance(row, Video):
        return isinstance(error, DeadlyFile)
    if isinstance(error, FetchError):
        return not error.retryable and not error.gone
    return isinstance(error, ProbeError)

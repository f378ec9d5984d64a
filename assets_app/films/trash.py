"""The trash of films, and its end: after thirty days their files are deleted.

The row stays for good. It is part of the accounts: what a film cost was spent, whatever becomes of the film.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from assets_app.films.changes import SUBJECT, UNDER_WAY
from assets_app.library.trash import KEPT, delete_files
from assets_app.models import Clock, Event, Generation, Video

if TYPE_CHECKING:
    from django.contrib.auth.models import User

BATCH = 100


def purge_old() -> int:
    """Purge one batch of what has been in the trash for thirty days; the answer is how many. None while the clock may
    only say so.
    """
    if not Clock.may_delete():
        return 0
    old = Generation.objects.in_trash().filter(trashed_at__lt=timezone.now() - KEPT).exclude(video__state="copying")
    return len(purge(list(old.order_by("trashed_at")[:BATCH])))


def purge(films: Sequence[Generation], actor: User | None = None) -> list[Generation]:
    """Delete the files of films that are in the trash, at most a batch at once; the answer is those that are gone.
    Files go after the commit, so that no row points at a file that is not there. One that is still being saved is left
    for later.
    """
    return [film for film in films[:BATCH] if _purge_one(film, actor)]


def _purge_one(film: Generation, actor: User | None) -> bool:
    with transaction.atomic():
        revision = film.team.next_revision()
        # Locked, where the database can: a clip that is written down meanwhile would be a file that nobody deletes.
        video = Video.objects.select_for_update().filter(pk=film.pk).first()
        free = Q(claimed_until=None) | Q(claimed_until__lte=timezone.now())
        rows = Generation.objects.in_trash().filter(free, pk=film.pk).exclude(state__in=UNDER_WAY)
        is_busy = Video.objects.filter(pk=film.pk).filter(~free | Q(state="copying")).exists()
        if is_busy or not rows.update(purged_at=timezone.now(), revision=revision):
            return False
        files = video.file_names if video else []
        Video.objects.filter(pk=film.pk).update(
            **dict.fromkeys(Video.file_columns(), ""), state="lost", due_at=None, reason=""
        )
        Event.objects.create(
            team_id=film.team_id,
            actor=actor,
            generation=film,
            subject=SUBJECT,
            note={"said": "Deleted its files for good; its cost stays in the accounts"},
        )
        transaction.on_commit(lambda: delete_files(files))
    return True

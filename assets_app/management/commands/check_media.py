"""`manage.py check_media`: compare the rows with the files, and list files that no row names."""

from __future__ import annotations

import hashlib
import os
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from assets_app.engine import media_check
from assets_app.engine.missing import MEDIA_AWAY, look_after, media_are_away, replace_damaged
from assets_app.media.storage import MediaStorage
from assets_app.models import Candidate, Original, Video
from assets_app.models.own_copy import OwnCopy

SHORTEST_AGE = 1.0  # hours: a file is stored a moment before its row says so


class Command(BaseCommand):
    help = (
        "Compare all rows that have files with the media: what is missing or of another size is fetched or made again "
        "where it can be. Ends with 1 when something was missing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--hash", action="store_true", help="read every file, and compare its content as well")
        parser.add_argument("--orphans", action="store_true", help="list files that no row names")
        parser.add_argument("--remove-orphans", action="store_true", help="delete those, when they are old enough")
        parser.add_argument("--older-than", type=float, default=24.0, metavar="HOURS", help="how old (default 24)")
        parser.add_argument(
            "--begin-anew",
            action="store_true",
            help="the directory of the media is gone for good: make a new one, and fetch again what has a source",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["older_than"] < SHORTEST_AGE:
            raise CommandError(f"--older-than takes at least {SHORTEST_AGE:.0f} hour.")
        if options["begin_anew"] and media_are_away():
            media_check.begin_anew()
        if media_are_away():
            raise CommandError(MEDIA_AWAY)
        looked_at = missing = 0
        for copy in _all_copies():
            looked_at += 1
            is_well = look_after(copy) and not (options["hash"] and not _is_what_it_was(copy) and replace_damaged(copy))
            if not is_well:
                missing += 1
                self.stdout.write(f"{copy.file.name or copy.poster.name}: {copy.reason}")
        self.stdout.write(f"{looked_at:,} looked at, {missing:,} not well.")
        if options["orphans"] or options["remove_orphans"]:
            self._orphans(timedelta(hours=options["older_than"]), remove=options["remove_orphans"])
        if missing:
            raise SystemExit(1)

    def _orphans(self, age: timedelta, *, remove: bool) -> None:
        if not isinstance(default_storage, MediaStorage):
            raise CommandError("The files of this storage cannot be listed.")
        number, size = 0, 0
        files = [(name, facts) for name, facts in default_storage.walk() if _is_older(facts, age)]
        named = _named_files()  # read after the files: what was named meanwhile is named
        for name, facts in files:
            if name in named or (remove and not _removed(default_storage, name, age)):
                continue
            number, size = number + 1, size + facts.st_size
            self.stdout.write(f"{'deleted' if remove else 'no row names'} {name}")
        self.stdout.write(f"{number:,} files that no row names, {size / 2**20:,.1f} MB{', deleted' if remove else ''}.")


def _removed(storage: MediaStorage, name: str, age: timedelta) -> bool:
    """Delete a file that still is an orphan: a row may have come to name it since they were listed. Its age is looked
    at last, for whatever is about to be named was stored a moment ago.
    """
    if _is_named(name):
        return False
    try:
        if not _is_older(Path(storage.path(name)).stat(), age):
            return False
    except FileNotFoundError:
        return False
    storage.delete(name)
    return True


def _is_older(facts: os.stat_result, age: timedelta) -> bool:
    return facts.st_mtime < time.time() - age.total_seconds()


def _all_copies() -> Iterator[OwnCopy]:
    for kind in media_check.KINDS.values():
        rows = kind._default_manager.filter(Q(state="saved") & (~Q(file="") | ~Q(poster="")))
        yield from rows.order_by("pk").iterator(chunk_size=500)


def _named_files() -> set[str]:
    return {
        name
        for kind in (Video, Original, Candidate)
        for row in kind._default_manager.values_list(*kind.file_columns()).iterator()
        for name in row
        if name
    }


def _is_named(name: str) -> bool:
    return any(
        kind._default_manager.filter(**{column: name}).exists()
        for kind in (Video, Original, Candidate)
        for column in kind.file_columns()
    )


def _is_what_it_was(copy: OwnCopy) -> bool:
    if not copy.file or not copy.sha256:
        return True
    with default_storage.open(str(copy.file.name)) as file:
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest() == copy.sha256

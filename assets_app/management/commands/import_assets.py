"""`manage.py import_assets TEAM FILE`: register the links of a text or CSV file, or only check them."""

from __future__ import annotations

import codecs
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from assets_app import engine
from assets_app.forms.registering import Paste
from assets_app.models import Membership, Team


class Command(BaseCommand):
    help = "Register the links of a list or of a CSV file, as the board reads them when pasted; “-” reads stdin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("team", help="the team's short name, as in its address")
        parser.add_argument("file")
        parser.add_argument("--user", help="who registers them: a member of the team, by the name they sign in with")
        parser.add_argument("--check", action="store_true", help="say what would happen, and register nothing")

    def handle(self, *args: Any, team: str, file: str, user: str | None, check: bool, **options: Any) -> None:
        found = Team.objects.filter(slug=team).first()
        if found is None:
            raise CommandError(f"There is no team “{team}”.")
        author = _member(found, user) if user else None
        paste = Paste(found, {"urls": _read(file)})
        if paste.is_too_many:
            raise CommandError(f"{paste.count:,} lines: at most {paste.limit:,} go at once.")
        for row in paste.bad:
            self.stderr.write(f"line {row.line.number}: {row.line.text[:200]}: {row.problem}")
        for row in paste.known:
            self.stdout.write(f"line {row.line.number}: in the library already: {row.known}")
        if paste.unread:
            self.stdout.write(f"only links, names and types are read, and not: {paste.unread}")
        number = len(paste.new) if check else len(paste.register(author))
        if number and not check:
            engine.wake()
        verb = "would be registered" if check else "registered"
        self.stdout.write(
            f"{number:,} {verb}, {len(paste.known):,} in the library already, "
            f"{paste.repeated:,} repeated, {len(paste.bad):,} with a problem"
        )
        if paste.bad:
            raise CommandError(f"{len(paste.bad):,} lines need a look.", returncode=1)


def _member(team: Team, name: str) -> User:
    editors = Membership.of_editors(team).filter(user__username=name, user__is_active=True).select_related("user")
    if membership := editors.first():
        return membership.user
    raise CommandError(f"Nobody called “{name}” may add to {team.slug}.")


def _read(file: str) -> str:
    try:
        return decoded(sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes())
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error}") from error


def decoded(read: bytes) -> str:
    """By its byte order mark; else UTF-8, and what is none as sheets write it on Windows."""
    if read.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return read.decode("utf-16", "replace")
    try:
        return read.decode("utf-8-sig")
    except UnicodeDecodeError:
        return read.decode("cp1252", "replace")

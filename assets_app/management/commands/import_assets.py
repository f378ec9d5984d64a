"""`manage.py import_assets TEAM FILE`: register the links of a text or CSV file, or only check them."""

from __future__ import annotations

import csv
import io
import re
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assets_app import engine
from assets_app.forms.registering import Paste
from assets_app.models import Team

LINK = re.compile(r"https?://", re.IGNORECASE)


class Command(BaseCommand):
    help = "Register the links of a text file (one a line) or of a CSV file (all cells that hold one); “-” reads stdin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("team", help="the team's short name, as in its address")
        parser.add_argument("file")
        parser.add_argument("--check", action="store_true", help="say what would happen, and register nothing")

    def handle(self, *args: Any, team: str, file: str, check: bool, **options: Any) -> None:
        found = Team.objects.filter(slug=team).first()
        if found is None:
            raise CommandError(f"There is no team “{team}”.")
        paste = Paste(found, {"urls": links_in(_read(file), is_csv=file.lower().endswith((".csv", ".tsv")))})
        if paste.is_too_many:
            raise CommandError(f"{paste.count:,} lines: at most {paste.limit:,} go at once.")
        for row in paste.bad:
            self.stderr.write(f"line {row.line.number}: {row.line.text[:200]}: {row.problem}")
        for row in paste.known:
            self.stdout.write(f"line {row.line.number}: in the library already: {row.known}")
        number = len(paste.new) if check else len(paste.register(None))
        if number and not check:
            engine.wake()
        verb = "would be registered" if check else "registered"
        self.stdout.write(
            f"{number:,} {verb}, {len(paste.known):,} in the library already, "
            f"{paste.repeated:,} repeated, {len(paste.bad):,} with a problem"
        )
        if paste.bad:
            raise CommandError(f"{len(paste.bad):,} lines need a look.", returncode=1)


def links_in(text: str, *, is_csv: bool) -> str:
    """One entry a line. Of a table every cell with a link is one; its headings and other columns are left out."""
    if not is_csv:
        return text
    try:
        dialect: Any = csv.Sniffer().sniff(text[:4096], delimiters=",;\t")
    except csv.Error:
        dialect = csv.excel
    cells = (cell.strip() for row in csv.reader(io.StringIO(text), dialect) for cell in row)
    return "\n".join(cell for cell in cells if LINK.match(cell))


def _read(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read: {error}") from error

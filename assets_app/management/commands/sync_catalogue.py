"""Rebuilds the generated half of the catalogue from the provider's OpenAPI document and tells what changed."""

from __future__ import annotations

import json
import os
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import requests
from django.core.management.base import BaseCommand, CommandError

from assets_app.apiframe import catalogue
from assets_app.apiframe.openapi import OpenApiError, differences, formatted, read_document

MAX_BYTES = 20 * 1024 * 1024
TIMEOUT = (5, 30)
"""Seconds to connect, and between two pieces of the answer."""


class Command(BaseCommand):
    help = "Rebuild the generated half of the model catalogue from an OpenAPI document and print what changed."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", metavar="FILE-or-URL", help="The OpenAPI document, as JSON.")
        parser.add_argument("--check", action="store_true", help="Change nothing; exit with 1 if something would.")
        parser.add_argument(
            "--catalogue",
            type=Path,
            default=catalogue.CATALOGUE_FILE,
            metavar="FILE",
            help="The catalogue to rebuild; by default the one the program reads.",
        )

    def handle(self, *_args: Any, source: str, check: bool, catalogue: Path, **_options: Any) -> None:
        before = _read_catalogue(catalogue)
        generated = _read_source(source)
        after = formatted({**before, "generated": generated}) + "\n"
        _refuse_what_cannot_be_read_back(after)
        changes = differences(before["generated"], generated)
        if after == catalogue.read_text(encoding="utf-8"):
            self.stdout.write(f"Nothing changed: {len(generated['models'])} video models.")
            return
        for line in changes or ["Only the order or the layout of the file."]:
            self.stdout.write(line)
        if check:
            raise CommandError(f"{catalogue.name} is not what {source} says.", returncode=1)
        _write_atomically(catalogue, after)
        self.stdout.write(f"{catalogue.name} rebuilt: {len(generated['models'])} video models.")


def _read_catalogue(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(document, dict) or not {"curated", "generated"} <= document.keys():
            raise CommandError(f"{path}: not a catalogue")
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror or error}") from error
    except ValueError as error:
        raise CommandError(f"{path}: not JSON ({error})") from error
    return document


def _read_source(source: str) -> dict[str, Any]:
    try:
        return read_document(json.loads(_fetched(source) if _is_url(source) else Path(source).read_bytes()))
    except OpenApiError as error:
        raise CommandError(f"{source}: {error}") from error
    except OSError as error:
        raise CommandError(f"{source}: {getattr(error, 'strerror', None) or error}") from error
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{source}: not JSON ({error})") from error


def _is_url(source: str) -> bool:
    return source.lower().startswith(("http://", "https://"))


def _fetched(url: str) -> bytes:
    with requests.get(url, headers={"Accept": "application/json"}, timeout=TIMEOUT, stream=True) as response:
        if not response.ok:
            raise CommandError(f"{url}: the answer was {response.status_code}")
        body = bytearray()
        for piece in response.iter_content(64 * 1024):
            body += piece
            if len(body) > MAX_BYTES:
                raise CommandError(f"{url}: more than {MAX_BYTES // 1024 // 1024} MB, too large for such a document")
        return bytes(body)


def _refuse_what_cannot_be_read_back(text: str) -> None:
    try:
        catalogue.build(json.loads(text))
    except (KeyError, TypeError, ValueError) as error:
        raise CommandError(f"the catalogue made from this document cannot be used: {error!r}") from error


def _write_atomically(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(path.stat().st_mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise

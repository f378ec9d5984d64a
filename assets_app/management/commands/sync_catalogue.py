"""Rebuilds the generated half of the catalogue from the provider's OpenAPI document and tells what changed."""

from __future__ import annotations

import json
import os
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
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
        changed = after != catalogue.read_text(encoding="utf-8")
        if changed:
            changes = differences(before["generated"], generated)
            self._say(changes or ["Only the order or the layout of the file."])
        self._say(_what_to_curate(before["curated"], generated["models"]))
        if changed and check:
            raise CommandError(f"{catalogue.name} is not what {source} says.", returncode=1)
        known = f"{len(generated['models'])} video models."
        if not changed:
            self.stdout.write(f"Nothing changed: {known}")
            return
        _write_atomically(catalogue, after)
        self.stdout.write(f"Rebuilt: {known} Running processes read it when they are next started.")

    def _say(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.stdout.write(line)


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
    except requests.Timeout as error:
        raise CommandError(f"{source}: no answer in time") from error
    except requests.ConnectionError as error:
        raise CommandError(f"{source}: cannot be reached") from error
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


def _what_to_curate(curated: dict[str, Any], models: dict[str, Any]) -> Iterator[str]:
    """What a person should look at in the curated half now."""
    for model_id in models:
        if model_id not in curated["labels"]:
            yield f"! {model_id} has no label yet"
    for override in curated["overrides"]:
        model_id, name, wanted = override["model"], override["param"], override["set"]
        param = models.get(model_id, {}).get("params", {}).get(name)
        if param is None:
            yield f"! the override of {model_id}.{name} has nothing to override any more"
        elif all(param.get(key) == value for key, value in wanted.items()):
            yield f"! the override of {model_id}.{name} is now what the document says; it can go"


def _write_atomically(path: Path, text: str) -> None:
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(path.stat().st_mode)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror or error}") from error

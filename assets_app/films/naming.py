"""What a film's file is called when somebody downloads it: by the team's pattern, and safe wherever it lands."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from assets_app.models import Generation

WORDS_OF_PROMPT = 6
LONGEST = 150  # bytes of UTF-8 without the ending; no file system takes more than 255, and a zip's folder comes on top
LONGEST_PART = 60
NAMELESS = "film"
SUFFIXES = {"video/mp4": ".mp4", "video/quicktime": ".mov", "video/webm": ".webm", "video/x-matroska": ".mkv"}

_SEPARATORS = "_- ."
# Windows takes these names for devices, whatever comes after a dot.
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[/\\:*?"<>|]')

FIELDS: Mapping[str, str] = {
    "date": "day it was asked for",
    "time": "hour and minute",
    "asset": "name of its first reference",
    "model": "model",
    "take": "number of the take",
    "prompt": "first words of the prompt",
    "person": "who asked for it",
    "seconds": "its length",
    "resolution": "its resolution",
}


class BadPattern(ValueError):
    """A pattern that names no film; the message says why and what to do."""


def check(pattern: str) -> None:
    """Raises BadPattern."""
    try:
        parts = list(string.Formatter().parse(pattern))
    except ValueError as error:
        raise BadPattern("A brace is open or alone. Write each field in a pair of braces, as in {date}.") from error
    named = [name for _text, name, _spec, _conversion in parts if name is not None]
    for name in named:
        if name not in FIELDS:
            known = ", ".join(f"{{{field}}}" for field in FIELDS)
            raise BadPattern(f"“{{{name[:40]}}}” is no field. Use one of {known}.")
    if any(spec or conversion for _text, _name, spec, conversion in parts):
        raise BadPattern("Only the field’s name goes between the braces, as in {date}.")
    if not named:
        raise BadPattern("Without a field all films would have the same name. Add one, such as {date} or {take}.")


def file_name(film: Generation, pattern: str) -> str:
    """`film` with its references and its video at hand. What is empty leaves no gap; a pattern that cannot be read,
    which the settings refuse, counts as the film's date and take.
    """
    try:
        check(pattern)
    except BadPattern:
        pattern = "{date}_{take}"
    video = getattr(film, "video", None)
    facts = _facts(film, video)
    name = "".join(
        text + (_part(facts[field]()) if field else "") for text, field, *_ in string.Formatter().parse(pattern)
    )
    return safe(name) + (SUFFIXES.get(video.content_type, ".mp4") if video else ".mp4")


def example(pattern: str) -> str:
    """The name of a film that never was. Raises BadPattern."""
    check(pattern)
    film: Any = SimpleNamespace(
        created_at=datetime(2026, 11, 3, 15, 42, tzinfo=timezone.get_current_timezone()),
        model="seedance-2",
        take=2,
        prompt="A courier crosses the bridge at dawn, slow push in",
        created_by=SimpleNamespace(get_username=lambda: "ana"),
        params={"resolution": "720p"},
        asked_seconds=8,
        video=None,
    )
    film.references = SimpleNamespace(all=lambda: [SimpleNamespace(asset=SimpleNamespace(name="Courier"))])
    return file_name(film, pattern)


def unique(names: Iterable[str]) -> list[str]:
    """The same names, each once even where case does not matter: the second "a.mp4" becomes "a (2).mp4"."""
    taken: set[str] = set()
    given = []
    for name in names:
        stem, dot, suffix = name.rpartition(".")
        number, free = 1, name
        while free.casefold() in taken:
            number += 1
            free = f"{stem} ({number}){dot}{suffix}"
        taken.add(free.casefold())
        given.append(free)
    return given


def safe(name: str) -> str:
    """A name without an ending that every file system takes: no sign that means something to one, no device of
    Windows, no more than LONGEST bytes.
    """
    plain = "".join(sign if sign.isprintable() else " " for sign in unicodedata.normalize("NFC", name))
    plain = re.sub(r"\s+", " ", _FORBIDDEN.sub("-", plain))
    plain = re.sub(r"([_\-.])[_\-.]+", r"\1", plain).strip(_SEPARATORS)
    plain = plain.encode()[:LONGEST].decode(errors="ignore").strip(_SEPARATORS)
    return _DEVICES.sub(r"\1_", plain, count=1) if _DEVICES.match(plain) else plain or NAMELESS


def _facts(film: Generation, video: Any) -> dict[str, Callable[[], str]]:
    asked_at = timezone.localtime(film.created_at)
    seconds = (video.seconds if video else None) or film.asked_seconds
    return {
        "date": lambda: f"{asked_at:%Y-%m-%d}",
        "time": lambda: f"{asked_at:%H%M}",
        "asset": lambda: next((each.asset.name for each in film.references.all() if each.asset), ""),
        "model": lambda: film.model,
        "take": lambda: str(film.take),
        "prompt": lambda: " ".join(film.prompt.split()[:WORDS_OF_PROMPT]),
        "person": lambda: film.created_by.get_username() if film.created_by else "",
        "seconds": lambda: f"{round(seconds)}s" if seconds else "",
        "resolution": lambda: str(film.params.get("resolution") or ""),
    }


def _part(text: str) -> str:
    """A field's words, joined so that they stay together, and ended by a word: the pattern's own signs part them."""
    return re.sub(r"[\s_]+", "-", _FORBIDDEN.sub("-", text).strip())[:LONGEST_PART].strip(_SEPARATORS)

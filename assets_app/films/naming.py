"""What a film's file is called when somebody downloads it: by the team's pattern, and safe wherever it lands."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from assets_app.films.chains import Place, places_of
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
    "shot": "its place in a chain of next shots, as 01, 02, …, so that names sort",
    "asset": "first reference somebody chose, for it or the shot before; else first words of the prompt",
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
    """`film` with its video at hand. What is empty leaves no gap; a pattern that cannot be read, which the settings
    refuse, counts as the film's date and take.
    """
    return file_names([film], pattern)[0]


def file_names(films: Sequence[Generation], pattern: str) -> list[str]:
    """The same for many at once, each as often as there are films of that name."""
    try:
        check(pattern)
    except BadPattern:
        pattern = "{date}_{take}"
    places = places_of(films) if _fields_of(pattern) & {"shot", "asset"} else {}
    return [_name(film, pattern, places.get(film.pk, Place())) for film in films]


def _name(film: Generation, pattern: str, place: Place) -> str:
    video = getattr(film, "video", None)
    facts = _facts(film, video, place)
    if not place.subject and "prompt" not in _fields_of(pattern):
        facts |= {"asset": facts["prompt"]}
    name = "".join(
        text + (_part(facts[field]()) if field else "") for text, field, *_ in string.Formatter().parse(pattern)
    )
    return safe(name) + (SUFFIXES.get(video.content_type, ".mp4") if video else ".mp4")


def _fields_of(pattern: str) -> set[str]:
    return {field for _text, field, *_ in string.Formatter().parse(pattern) if field}


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
    return _name(film, pattern, Place(2, "Courier"))


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


def _facts(film: Generation, video: Any, place: Place) -> dict[str, Callable[[], str]]:
    asked_at = timezone.localtime(film.created_at)
    seconds = (video.seconds if video else None) or film.asked_seconds
    return {
        "date": lambda: f"{asked_at:%Y-%m-%d}",
        "time": lambda: f"{asked_at:%H%M}",
        "shot": lambda: f"{place.number:02}",
        "asset": lambda: place.subject,
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

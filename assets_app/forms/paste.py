"""Reading what people paste: one entry per link, each either ready to register or marked with why not."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from assets_app.models.asset import MAX_URL_LENGTH

MAX_LINES = 5_000

_ENDINGS = {
    "image": "jpg jpeg png webp gif bmp tif tiff heic heif",
    "video": "mp4 mov webm m4v mkv",
    "audio": "mp3 wav m4a aac flac ogg oga opus",
}
TYPE_OF_ENDING = {f".{ending}": media_type for media_type, endings in _ENDINGS.items() for ending in endings.split()}

NOT_WEB = "Not a web address: it must begin with http:// or https://"
SPACES = "Has a space in it: one link a line, and nothing else"
BROKEN = "This address cannot be read"
CREDENTIALS = "Holds a user name or password, which would be passed on"
TOO_LONG = f"Longer than {MAX_URL_LENGTH:,} characters"
NO_TYPE = "Image, video or audio? Choose"

_WRAPPERS = {"<": ">", '"': '"', "'": "'", "“": "”", "‘": "’", "«": "»", "(": ")", "[": "]"}
MOST_WRAPPERS = 4  # each costs a copy of the text, and nobody puts more around a link
_WWW = re.compile(r"www\.[^\s/.]+\.[^\s/]", re.IGNORECASE)  # as people write an address that they read somewhere
_LIST_MARK = re.compile(r"[-*•·–—]|\d{1,5}[.):]?")


@dataclass(frozen=True)
class Line:
    """One entry of a paste. `text` is as it was pasted; `same_as` the number of an earlier entry with the same URL."""

    number: int
    text: str
    url: str
    media_type: str = ""
    problem: str = ""
    same_as: int | None = None

    @property
    def key(self) -> str:
        """Names the entry's type field. It goes with the URL, so a correction stays put while lines come and go."""
        return key_of(self.url)

    @property
    def has_type(self) -> bool:
        """Whether its type matters: what cannot be registered anyway needs none."""
        return self.same_as is None and self.problem in ("", NO_TYPE)

    @property
    def is_ready(self) -> bool:
        return not self.problem and self.same_as is None


def key_of(url: str) -> str:
    return f"type-{hashlib.sha256(url.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def entries(text: str) -> Iterator[str]:
    """The pasted text cut into entries: lines, or the single links of a line that holds nothing but links."""
    for line in filter(str.strip, text.splitlines()):
        words = [word for word in line.split() if _LIST_MARK.fullmatch(word) is None]
        if words and all(_is_web(_bare(word)) for word in words):
            yield from words
        else:
            yield line


def parse(text: str, types: Mapping[str, str] | None = None) -> list[Line]:
    """Every entry of `text`, in order. `types` holds people's corrections: `Line.key` → "image", "video" or "audio"."""
    corrections = types or {}
    first_seen: dict[str, int] = {}
    lines = []
    for number, entry in enumerate(entries(text), start=1):
        url = _bare(entry)
        corrected = corrections.get(key_of(url), "")
        media_type = corrected if corrected in _ENDINGS else guess_type(url)
        first = first_seen.setdefault(url, number)
        same_as = first if first != number else None
        problem = problem_with(url)
        if not problem and not media_type and same_as is None:
            problem = NO_TYPE
        lines.append(Line(number, entry, url, media_type, problem, same_as))
    return lines


def problem_with(url: str) -> str:
    """Why this cannot be registered, in plain words; "" when it can."""
    if len(url.split()) > 1 and "://" in url:
        return SPACES
    if not _is_web(url):
        return NOT_WEB
    if len(url) > MAX_URL_LENGTH:
        return TOO_LONG
    if not url.isprintable():
        return BROKEN
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return BROKEN
    if "@" in parts.netloc:
        return CREDENTIALS
    return "" if parts.hostname else BROKEN


def guess_type(url: str) -> str:
    """By the ending of the path alone; "" when it says nothing. The provider decides by content later."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    return TYPE_OF_ENDING.get(PurePosixPath(unquote(path)).suffix.lower(), "")


def _is_web(text: str) -> bool:
    return text[:8].lower().startswith(("http://", "https://"))


def _bare(text: str) -> str:
    """Without what people and programs put around links, as spaces, quotes and commas; with what they leave out."""
    text = text.strip().rstrip(",;")
    for _ in range(MOST_WRAPPERS):
        if len(text) < 2 or _WRAPPERS.get(text[0]) != text[-1]:
            break
        text = text[1:-1].strip().rstrip(",;")
    return f"https://{text}" if _WWW.match(text) else text

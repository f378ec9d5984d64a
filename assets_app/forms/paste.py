"""Reading what people paste: one line per link, each either ready to register or marked with why not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assets_app.forms.entries import entries
from assets_app.forms.links import ENDINGS, guess_type, problem_with
from assets_app.models.words import printable

MAX_LINES = 5_000
LONGEST_NAME = 200
NO_TYPE = "Image, video or audio? Choose"


@dataclass(frozen=True)
class Line:
    """One entry of a paste. `text` is as it was pasted, beneath `headings` if it stood beneath some; `same_as` the
    number of an earlier entry with the same URL; `unread` what else stood there.
    """

    number: int
    text: str
    url: str
    media_type: str = ""
    problem: str = ""
    same_as: int | None = None
    name: str = ""
    unread: tuple[str, ...] = ()
    headings: str = ""

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


def parse(text: str, types: Mapping[str, str] | None = None) -> list[Line]:
    """Every entry of `text`, in order. `types` holds people's corrections: `Line.key` → "image", "video" or "audio"."""
    corrections = types or {}
    first_seen: dict[str, int] = {}
    lines = []
    for number, entry in enumerate(entries(text), start=1):
        url = entry.link
        corrected = corrections.get(key_of(url), "")
        media_type = corrected if corrected in ENDINGS else entry.media_type or guess_type(url)
        first = first_seen.setdefault(url, number)
        same_as = first if first != number else None
        problem = problem_with(url)
        if not problem and not media_type and same_as is None:
            problem = NO_TYPE
        name = printable(entry.name)[:LONGEST_NAME].strip()
        lines.append(Line(number, entry.text, url, media_type, problem, same_as, name, entry.unread, entry.headings))
    return lines


def as_text(lines: Iterable[Line]) -> str:
    """What reads as these lines again: those that stand for themselves, then each table's beneath its headings."""
    by_headings: dict[str, list[str]] = {"": []}
    for line in lines:
        by_headings.setdefault(line.headings, []).append(line.text)
    return "\n".join(text for headings, texts in by_headings.items() for text in (headings, *texts) if text)

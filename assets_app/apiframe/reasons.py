"""The provider's words in plain ones: what happened, why, and what to do next."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .refusals import KNOWN_TO_US, OURS, SILENT, TABLE, UNKNOWN, Fix, Klass, Refusal


def _compiled(table: Iterable[Refusal]) -> tuple[tuple[re.Pattern[str], Refusal], ...]:
    return tuple((re.compile("|".join(each.signs), re.IGNORECASE | re.DOTALL), each) for each in table)


_THEIRS = _compiled(TABLE)
_OURS = _compiled((*OURS, *(each for each in TABLE if each.code == "no_good_answer")))
_CONTENT = re.compile(r"content\[(\d{1,4})\]")
_LONGEST_READ = 4_000


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something failed, for people.

    `plain` is one sentence, `advice` the next step, `klass` the family it belongs to, `fix` the step as a button could
    carry it out. `reference_index` is the n of the provider's "content[n]": 0 is the prompt, 1 the first reference in
    the order they were sent. `raw` keeps the words it was read from for whoever wants to unfold them; "" where
    `plain` is all there is.
    """

    code: str
    plain: str
    advice: str
    klass: Klass
    fix: Fix = "edit"
    reference_index: int | None = None
    raw: str = ""

    @property
    def media_type(self) -> str:
        """The kind of reference that was refused; "" when that is not said."""
        return self.klass.removeprefix("input ") if self.klass.startswith("input ") else ""


def explain(raw: str | None) -> Reason:
    """The plain reading of a failed job's or asset's own words; unknown words get an honest general sentence."""
    words = (raw or "").strip()
    read = words[:_LONGEST_READ]
    found = next((refusal for signs, refusal in _THEIRS if signs.search(read)), UNKNOWN if words else SILENT)
    named = _CONTENT.search(read)
    index = int(named[1]) if named else None
    return Reason(found.code, found.plain, found.advice, found.klass, found.fix, index, words)


def own(words: str) -> Reason:
    """What we said ourselves: it is plain as it is, unless there is a shorter way to say it."""
    found = next((kind for signs, kind in _OURS if signs.search(words)), KNOWN_TO_US)
    raw = words if found.plain else ""
    return Reason(found.code, found.plain or words, found.advice, found.klass, found.fix, raw=raw)


def read(words: str, *, is_quote: bool) -> Reason:
    """Why something failed: as the provider put it, or as we did. Nothing at all was said by nobody."""
    return explain(words) if is_quote or not words else own(words)

"""The provider's words in plain ones: what happened, why, and what to do next."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .refusals import SILENT, TABLE, UNKNOWN, Fix, Klass

_KNOWN = tuple((re.compile("|".join(refusal.signs), re.IGNORECASE | re.DOTALL), refusal) for refusal in TABLE)
_CONTENT = re.compile(r"content\[(\d{1,4})\]")
_LONGEST_READ = 4_000


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something failed, for people.

    `plain` is one sentence, `advice` the next step, `klass` the family it belongs to, `fix` the step as a button could
    carry it out. `reference_index` is the n of the provider's "content[n]": 0 is the prompt, 1 the first reference in
    the order they were sent. `raw` keeps the provider's own words for whoever wants to unfold them.
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
    found = next((refusal for signs, refusal in _KNOWN if signs.search(read)), UNKNOWN if words else SILENT)
    named = _CONTENT.search(read)
    index = int(named[1]) if named else None
    return Reason(found.code, found.plain, found.advice, found.klass, found.fix, index, words)

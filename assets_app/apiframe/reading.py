"""JSON as the provider sends it, turned into values that any database can keep and any page can show."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable

# PostgreSQL keeps no NUL, and no encoder takes half of a surrogate pair.
_CANNOT_BE_KEPT = re.compile("[\0\ud800-\udfff]")


def storable(text: str) -> str:
    """The text without the characters that cannot be kept."""
    return _CANNOT_BE_KEPT.sub("", text)


def read_json(content: bytes | str, redact: Callable[[str], str] = str) -> object:
    """The value that `content` spells, with every string in it storable and redacted, and None for numbers that are
    none.

    Raises ValueError, also for bytes that are no text, or RecursionError for what is nested too deeply. Going through
    a value costs more than parsing it, so it is done only where it can change something: without escapes, all that is
    in the strings is in the text as well, and JSON has neither NUL nor surrogates there.
    """
    text = content if isinstance(content, str) else content.decode(json.detect_encoding(content))
    value = _DECODER.decode(text)
    return _cleaned(value, redact) if "\\" in text or redact(text) != text else value


def _finite(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None


_DECODER = json.JSONDecoder(parse_constant=lambda _: None, parse_float=_finite)


def _cleaned(value: object, redact: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return redact(storable(value))
    if isinstance(value, list):
        return [_cleaned(item, redact) for item in value]
    if isinstance(value, dict):
        return {redact(storable(name)): _cleaned(item, redact) for name, item in value.items()}
    return value

"""Single values out of an answer that may be anything: what cannot be meant is None, unless nothing works without."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from .errors import MOST_CREDITS, UnexpectedAnswer

LONGEST_ID = 255
LONGEST_URL = 8_000


def json_object(data: object) -> dict[str, Any]:
    """The answer itself, which must be a JSON object. Raises UnexpectedAnswer."""
    if not isinstance(data, dict):
        raise UnexpectedAnswer("The answer is not a JSON object.")
    return data


def part_in(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The object under this key; an empty one for anything else."""
    part = data.get(key)
    return part if isinstance(part, dict) else {}


def id_in(data: Mapping[str, Any], *keys: str) -> str:
    """What names a thing from now on, under the first key that has something usable. Raises UnexpectedAnswer."""
    for key in keys:
        value = data.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str) and value.strip(".") and value.isprintable() and len(value) <= LONGEST_ID:
            return value
    raise UnexpectedAnswer(f"The answer has no usable {keys[0]}.")


def text_in(data: Mapping[str, Any], *keys: str) -> str | None:
    """The first text under one of these keys."""
    for key in keys:
        value = data.get(key)
        if isinstance(value, str) and value:
            return value
    return None


def complaint_in(data: Mapping[str, Any], *keys: str) -> str | None:
    """An error as one line: as it stands, or "code: message" of an object in either spelling."""
    for key in keys:
        value = data.get(key)
        if isinstance(value, dict):
            words = (text_in(value, "code", "Code"), text_in(value, "message", "Message"))
            value = ": ".join(word for word in words if word)
        if isinstance(value, str) and value.strip():
            return value
    return None


def number_of(value: object) -> float | None:
    """A number of a size that can mean something; a switch is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e15 else None


def count_of(value: object) -> int | None:
    """The nearest whole number."""
    number = number_of(value)
    return None if number is None else round(number)


def charge_of(value: object) -> int | None:
    """Credits; None for what nobody can have been charged."""
    number = count_of(value)
    return number if number is not None and 0 <= number <= MOST_CREDITS else None


def moment_of(value: object) -> datetime | None:
    """A moment in UTC, which is also what one without an offset is taken for."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def web_address(value: object) -> str | None:
    """An http or https address of a length that we can keep."""
    if not isinstance(value, str) or len(value) > LONGEST_URL:
        return None
    value = value.strip()
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    return value if parts.scheme in ("http", "https") and parts.netloc else None

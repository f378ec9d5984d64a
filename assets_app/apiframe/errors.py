"""One exception for each way a call to Apiframe can fail (FACTS §4).

Every one of them answers the two questions a caller has: can trying again help, and may the provider have done
what was asked although we got no proper answer. Texts arrive here already free of the API key.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, TypedDict, Unpack

from .reading import read_json

RAW_LIMIT = 2_000
MESSAGE_LIMIT = 500
DEFAULT_RETRY_AFTER = 1.0
LONGEST_RETRY_AFTER = 3_600.0
CHARACTERS_READ_FOR_A_REASON = 100_000
MOST_CREDITS = 2**31 - 1  # what any database column takes; nobody has more


class About(TypedDict, total=False):
    """What every failure may know, besides its message."""

    status: int | None
    retryable: bool
    maybe_done: bool
    request_id: str | None
    raw: str
    retry_after: float | None


class ApiframeError(Exception):
    """A call to the provider failed.

    `status` is the HTTP status if there was an answer, `retryable` whether the same call can succeed later without
    anybody changing anything, `maybe_done` whether the provider may have carried the request out (only ever true for
    requests that change something), `request_id` the provider's own name for the exchange, `raw` the start of the
    body, and `retry_after` the seconds the provider asked us to wait.
    """

    retryable = False

    def __init__(self, message: str = "", **about: Unpack[About]) -> None:
        self.message = message[:MESSAGE_LIMIT]
        super().__init__(self.message)
        self.status = about.get("status")
        self.retryable = about.get("retryable", type(self).retryable)
        self.maybe_done = about.get("maybe_done", False)
        self.request_id = about.get("request_id")
        self.raw = about.get("raw", "")[:RAW_LIMIT]
        self.retry_after = about.get("retry_after")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.message!r}, status={self.status}, request_id={self.request_id!r})"


class BadRequest(ApiframeError):
    """400 and other refusals of this very request; `details` lists complaints by JSON path."""

    def __init__(
        self, message: str = "", *, details: Mapping[str, list[str]] | None = None, **about: Unpack[About]
    ) -> None:
        super().__init__(message, **about)
        self.details = dict(details or {})


class Unauthorized(ApiframeError):
    """401: the key is wrong or revoked."""


class InsufficientCredits(ApiframeError):
    """402: the team cannot pay; `required` and `available` are credits, at most `MOST_CREDITS`, None when not said."""

    def __init__(
        self,
        message: str = "",
        *,
        required: int | None = None,
        available: int | None = None,
        **about: Unpack[About],
    ) -> None:
        super().__init__(message, **about)
        self.required = required
        self.available = available


class Forbidden(ApiframeError):
    """403: the key is inactive or may not do this."""


class Blocked(ApiframeError):
    """403 that the API never wrote: the shield in front of it turned us away ("error code: 1010")."""


class NotFound(ApiframeError):
    """404: no such asset or job, or it belongs to another team."""


class Conflict(ApiframeError):
    """409: this idempotency key was already used with a different request."""


class RateLimited(ApiframeError):
    """429: too many requests for this key; `retry_after` is always set, in seconds."""

    retryable = True


class ServerError(ApiframeError):
    """5xx: the provider, or something upstream of it, is having a bad moment."""

    retryable = True


class TimedOut(ApiframeError):
    """No answer in time."""

    retryable = True


class NetworkFailed(ApiframeError):
    """The provider could not be reached, or the connection broke."""

    retryable = True


class NotJson(ApiframeError):
    """The body cannot be read as JSON, so nothing in it can be believed."""

    retryable = True


class UnexpectedAnswer(ApiframeError):
    """Readable, but not what the API promises: an id is missing, a list is not a list, a redirect."""

    retryable = True


_BY_STATUS: dict[int, type[ApiframeError]] = {
    400: BadRequest,
    401: Unauthorized,
    402: InsufficientCredits,
    403: Forbidden,
    404: NotFound,
    408: TimedOut,
    409: Conflict,
    429: RateLimited,
}

# Verdicts that end a row's life are believed only from the API itself, never from a proxy's or a router's HTML page.
_NEED_THE_APIS_OWN_WORD = (BadRequest, NotFound, Conflict)


def error_for_status(
    status: int,
    text: str,
    headers: Mapping[str, str],
    *,
    changes_something: bool,
    redact: Callable[[str], str],
) -> ApiframeError:
    """The exception for an answer with `status` ≥ 400 and body `text`; `redact` takes the key out of what it says."""
    said = _json_object(text, redact)
    kind = _BY_STATUS.get(status, ServerError if status >= 500 else BadRequest)
    if said is None and kind is Forbidden:
        kind = Blocked
    elif said is None and issubclass(kind, _NEED_THE_APIS_OWN_WORD):
        kind = NotJson
    said = said or {}
    message = _what_it_says(said) or (f"HTTP {status}" if said else f"HTTP {status}: {text.strip()[:200] or 'no text'}")
    about: About = {
        "status": status,
        "maybe_done": changes_something and kind in (ServerError, TimedOut),
        "raw": text,
        "retry_after": parse_retry_after(headers.get("Retry-After"), now=_servers_clock(headers)),
    }
    if kind is BadRequest:
        return BadRequest(message, details=_details(said.get("details")), **about)
    if kind is InsufficientCredits:
        required, available = _credits(said.get("creditsRequired")), _credits(said.get("creditsAvailable"))
        return InsufficientCredits(message, required=required, available=available, **about)
    if kind is RateLimited and about["retry_after"] is None:
        about["retry_after"] = DEFAULT_RETRY_AFTER
    return kind(message, **about)


def parse_retry_after(value: str | None, *, now: float) -> float | None:
    """Seconds to wait: from a number of seconds or an HTTP date, never more than an hour; None when it says nothing."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        moment = _http_date(value)
        if moment is None:
            return None
        seconds = moment - now
    if seconds != seconds or seconds <= 0:  # "nan", or a moment already past
        return DEFAULT_RETRY_AFTER
    return min(seconds, LONGEST_RETRY_AFTER)


def _servers_clock(headers: Mapping[str, str]) -> float:
    """The server's own idea of now: a date it names is only meant by its clock, which need not agree with ours."""
    moment = _http_date(headers.get("Date") or "")
    return time.time() if moment is None else moment


def _http_date(value: str) -> float | None:
    try:
        moment = parsedate_to_datetime(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _json_object(text: str, redact: Callable[[str], str]) -> dict[str, Any] | None:
    try:
        value = read_json(text[:CHARACTERS_READ_FOR_A_REASON], redact)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _what_it_says(said: Mapping[str, Any]) -> str:
    for key in ("error", "message"):
        words = said.get(key)
        if isinstance(words, dict):
            words = words.get("message")
        if isinstance(words, str) and words.strip():
            return words.strip()
    return ""


def _details(value: object) -> dict[str, list[str]]:
    if not isinstance(value, dict):
        return {}
    return {
        str(path): [str(complaint) for complaint in (complaints if isinstance(complaints, list) else [complaints])]
        for path, complaints in value.items()
    }


def _credits(value: object) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return max(0, min(value, MOST_CREDITS))

"""The one door to foreign URLs: nothing else in Castboard opens an address that a person typed or a provider sent.

Only http and https, only public addresses (checked after DNS, on every redirect, and pinned), no credentials in either
direction, bounded in bytes, redirects and seconds. The origin of a team's own provider may be let through by name.
"""

from __future__ import annotations

import hashlib
import re
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import SplitResult, urldefrag, urljoin, urlsplit

import requests
import urllib3

from .guard import GuardedAdapter, Lifeline, PrivateAddress

MAX_URL_LENGTH = 8_000
MAX_REDIRECTS = 5
CHUNK_BYTES = 64 * 1024

_HEADERS = {"User-Agent": "Castboard (media)", "Accept": "*/*", "Accept-Encoding": "identity"}
_DEFAULT_PORTS = {"http": 80, "https": 443}
_CONTROL_OR_SPACE = re.compile(r"[\x00-\x20\x7f\\]")
_WORTH_ANOTHER_TRY = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Fetched:
    """What arrived: the URL that finally answered, its declared type (`""` if none), the bytes and their SHA-256."""

    final_url: str
    content_type: str
    byte_size: int
    sha256: str


class FetchError(Exception):
    """Why a URL gave no file, in plain words.

    `code` is one of bad_url, private_address, unresolvable, refused, timeout, too_big, http_status,
    too_many_redirects, tls, dropped. `gone` means the server said the file is no more; `retryable` that the same URL
    may well work later; `is_forbidden` that the server knows the file and does not let us have it.
    """

    def __init__(
        self, message: str, code: str, *, gone: bool = False, retryable: bool = False, is_forbidden: bool = False
    ) -> None:
        super().__init__(message)
        self.is_forbidden = is_forbidden
        self.message = message
        self.code = code
        self.gone = gone
        self.retryable = retryable


def fetch_to(
    url: str,
    file: BinaryIO,
    *,
    max_bytes: int,
    deadline_seconds: float,
    allowed_origins: frozenset[str] = frozenset(),
    timeout: tuple[float, float] = (5, 30),
) -> Fetched:
    """Stream `url` into `file` and say what came.

    `allowed_origins` (exact `scheme://host:port`) may lie on private addresses, but only while the chain of redirects
    has never left them: no foreign site can send us there. `timeout` is (connect, between two reads) in seconds;
    `deadline_seconds` bounds the whole, apart from a DNS lookup under way. `max_bytes` counts the declared length as
    well as the bytes after decompression. On `FetchError` the content of `file` is worthless.
    """
    trusted = frozenset(origin_of(allowed) for allowed in allowed_origins)
    with Lifeline(deadline_seconds) as lifeline:
        try:
            return _follow(url, file, max_bytes, trusted, timeout, lifeline)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise _in_plain_words(error, out_of_time=lifeline.is_over) from error


def origin_of(url: str) -> str:
    """`scheme://host:port` of an http(s) URL, the port always written out. Raises `FetchError` (bad_url)."""
    parts = _checked(url)
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else parts.hostname
    return f"{parts.scheme}://{host}:{parts.port or _DEFAULT_PORTS[parts.scheme]}"


def _follow(
    url: str,
    file: BinaryIO,
    max_bytes: int,
    trusted: frozenset[str],
    timeout: tuple[float, float],
    lifeline: Lifeline,
) -> Fetched:
    still_trusted = True
    for _ in range(MAX_REDIRECTS + 1):
        url = urldefrag(url).url
        origin = origin_of(url)
        still_trusted = still_trusted and origin in trusted
        with _answer(url, timeout, lifeline, public_only=not still_trusted) as response:
            if not response.is_redirect:
                return _receive(response, file, max_bytes, lifeline)
            url = _redirect_target(response)
    raise FetchError(f"The address was redirected more than {MAX_REDIRECTS} times.", "too_many_redirects")


def _checked(url: str) -> SplitResult:
    if len(url) > MAX_URL_LENGTH:
        raise FetchError(f"The address is longer than {MAX_URL_LENGTH:,} characters.", "bad_url")
    if _CONTROL_OR_SPACE.search(url):
        raise FetchError("The address contains spaces or characters that do not belong in one.", "bad_url")
    try:
        parts = urlsplit(url)
        has_a_valid_port = parts.port != 0
    except ValueError as error:
        raise FetchError("This is not a web address.", "bad_url") from error
    if parts.scheme not in _DEFAULT_PORTS:
        raise FetchError("Only addresses that begin with http:// or https:// can be fetched.", "bad_url")
    if not parts.hostname or not has_a_valid_port:
        raise FetchError("This is not a web address.", "bad_url")
    if parts.username is not None or parts.password is not None:
        raise FetchError("The address contains a user name or password; use one without.", "bad_url")
    return parts


@contextmanager
def _answer(
    url: str, timeout: tuple[float, float], lifeline: Lifeline, *, public_only: bool
) -> Iterator[requests.Response]:
    """One request on a bare transport: without a session there are no proxies, .netrc, cookies or keys to send."""
    request = requests.Request("GET", url, headers=_HEADERS).prepare()
    adapter = GuardedAdapter(https=urlsplit(url).scheme == "https", public_only=public_only, lifeline=lifeline)
    with closing(adapter), adapter.send(request, stream=True, timeout=timeout) as response:
        yield response


def _redirect_target(response: requests.Response) -> str:
    location = response.headers["Location"].encode("latin-1")  # as http.client read it; servers mean UTF-8
    try:
        return urljoin(response.url, location.decode())
    except ValueError as error:
        raise FetchError("The server redirects to something that is not a web address.", "bad_url") from error


def _receive(response: requests.Response, file: BinaryIO, max_bytes: int, lifeline: Lifeline) -> Fetched:
    _refuse_other_than_ok(response.status_code)
    declared = response.headers.get("Content-Length", "")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise _too_big(max_bytes, int(declared))
    digest, received = hashlib.sha256(), 0
    for chunk in _chunks(response):
        received += len(chunk)
        if received > max_bytes:
            raise _too_big(max_bytes)
        digest.update(chunk)
        file.write(chunk)
    if lifeline.is_over:  # a cut connection looks like a proper end when the server gave no length
        raise _timeout()
    file.flush()
    content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return Fetched(response.url, content_type, received, digest.hexdigest())


def _chunks(response: requests.Response) -> Iterator[bytes]:
    """The body as sent or, where the server compressed it unasked, unpacked a bounded piece at a time."""
    return response.raw.stream(CHUNK_BYTES, decode_content=True)


def _refuse_other_than_ok(status: int) -> None:
    if status == requests.codes.ok:
        return
    if status in (requests.codes.not_found, requests.codes.gone):
        raise FetchError(f"There is no file at this address (HTTP {status}).", "http_status", gone=True)
    if status in (requests.codes.unauthorized, requests.codes.forbidden):
        message = f"The server does not let us have this file (HTTP {status})."
        raise FetchError(message, "http_status", is_forbidden=True)
    retryable = status in _WORTH_ANOTHER_TRY
    raise FetchError(f"The server answered HTTP {status} instead of the file.", "http_status", retryable=retryable)


def _too_big(max_bytes: int, declared: int | None = None) -> FetchError:
    size = _megabytes(declared) if declared else "bigger than that"
    return FetchError(f"The file is too big: at most {_megabytes(max_bytes)} is taken, and it is {size}.", "too_big")


def _megabytes(count: int) -> str:
    """In the binary megabytes that the provider's limits are given in."""
    return f"{count / 2**20:.1f} MB".replace(".0 ", " ")


def _timeout() -> FetchError:
    return FetchError("The server took too long to send the file.", "timeout", retryable=True)


def _in_plain_words(error: Exception, *, out_of_time: bool) -> FetchError:
    causes = list(_causes(error))

    def caused_by(*kinds: type[BaseException]) -> BaseException | None:
        return next((cause for cause in causes if isinstance(cause, kinds)), None)

    if caused_by(PrivateAddress):
        return FetchError("The address leads into a private network, not to the public Internet.", "private_address")
    if out_of_time:
        return _timeout()
    if lookup := caused_by(socket.gaierror, urllib3.exceptions.NameResolutionError):
        temporary = getattr(lookup, "errno", None) == socket.EAI_AGAIN
        return FetchError("The server's name could not be found.", "unresolvable", retryable=temporary)
    if caused_by(requests.exceptions.SSLError, urllib3.exceptions.SSLError):
        return FetchError("The server's certificate or encryption cannot be trusted.", "tls")
    if caused_by(requests.exceptions.InvalidURL, urllib3.exceptions.LocationValueError):
        return FetchError("This is not a web address.", "bad_url")
    if caused_by(urllib3.exceptions.NewConnectionError):
        return FetchError("The server does not accept connections.", "refused", retryable=True)
    if caused_by(requests.Timeout, TimeoutError, urllib3.exceptions.TimeoutError):
        return _timeout()
    return FetchError("The connection broke off before the whole file had arrived.", "dropped", retryable=True)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """`error` and all it was made from: requests and urllib3 wrap what happened several times over."""
    waiting, seen = [error], set[int]()
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        related = [current.__cause__, current.__context__, getattr(current, "reason", None), *current.args]
        waiting.extend(cause for cause in related if isinstance(cause, BaseException))

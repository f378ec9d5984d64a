"""The Apiframe v2 API as Python calls: pooled, bounded in time and size, and silent about the key."""

from __future__ import annotations

import json
import os
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import TracebackType
from typing import Any, BinaryIO, NoReturn, Self, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3 import exceptions as urllib3_errors

from .errors import (
    RAW_LIMIT,
    About,
    ApiframeError,
    NetworkFailed,
    NotJson,
    TimedOut,
    Unauthorized,
    UnexpectedAnswer,
    error_for_status,
)
from .multipart import FilePart
from .reading import read_json, storable
from .results import (
    AssetCreated,
    Job,
    JobAccepted,
    JobPage,
    Me,
    ModelEntry,
    ProviderAsset,
    Upload,
    model_entries,
)
from .values import json_object

VERSION = "0.1.0"
USER_AGENT = f"Castboard/{VERSION}"
LARGEST_BODY = 8 * 1024 * 1024
BLOCK = 64 * 1024
UPLOAD_READ_TIMEOUT = 120.0
LONGEST_IDEMPOTENCY_KEY = 255
LONGEST_REQUEST_ID = 200
MASK = "afk_•••"

Result = TypeVar("Result")
Reader = Callable[[object, str | None], Result]
Timeout = tuple[float, float]


class _Secret(str):
    """A text that shows itself only to the wire: in a dump of headers or of local variables it is masked."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(MASK)


class Client:
    """One provider account. Safe to share between threads; make it after a fork, not before, for it holds sockets.

    `timeout` is (seconds to connect, seconds to wait for each sign of life and for the whole body). Environment
    proxies and certificates are looked up once, here. Redirects are never followed: the key stays where it was sent.
    Every call raises a subclass of `ApiframeError`; a key that no header can carry raises `Unauthorized` at once, and
    a base URL that is not a plain http(s) address raises ValueError.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        timeout: Timeout = (5.0, 30.0),
        pool_size: int = 16,
        user_agent: str = USER_AGENT,
    ) -> None:
        self.base_url = _checked_base(base_url)
        self.timeout = timeout
        key = _checked_key(api_key)
        self._redact = _redactor(api_key)
        self._verify: bool | str = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
        self._proxies = _proxies_for(self.base_url)
        self._session = requests.Session()
        self._session.trust_env = False
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=pool_size)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        # Every request is a copy of this one: preparing headers and URLs anew would cost more than sending them.
        self._blank = requests.Request(
            "GET",
            self.base_url,
            headers={
                "X-API-Key": key,
                "User-Agent": user_agent,
                "Accept": "application/json",
                "Accept-Encoding": "gzip, deflate",
            },
        ).prepare()

    def __repr__(self) -> str:
        return f"<Client {self.base_url}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A client holds a key and open sockets: pass the id of its connection instead.")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the pooled connections back."""
        self._session.close()

    # Assets

    def create_asset(self, url: str, media_type: str) -> AssetCreated:
        """Have the provider fetch `url` and keep it as an "image", "video" or "audio" asset."""
        return self._post_json("/v2/assets/create", {"url": url, "type": media_type}, AssetCreated.from_json)

    def get_asset(self, asset_id: str) -> ProviderAsset:
        """What became of an asset; `NotFound` when the provider does not know it (any more)."""
        return self._get(f"/v2/assets/{_in_path(asset_id)}", ProviderAsset.from_json)

    def upload(self, file: BinaryIO, filename: str, content_type: str = "application/octet-stream") -> Upload:
        """Send the rest of `file` to the provider's short-lived storage, block by block as it is read.

        At most 25 MB for images and audio, 50 MB for video (FACTS §5); the provider looks at the bytes and ignores
        `content_type`. The file must be seekable.
        """
        part = FilePart("file", file, filename, content_type)
        connect, read = self.timeout
        return self._ask(
            "POST",
            "/v2/uploads",
            Upload.from_json,
            body=part,
            headers=part.headers,
            timeout=(connect, max(read, UPLOAD_READ_TIMEOUT)),
        )

    # Generations

    def generate_video(self, body: Mapping[str, Any], idempotency_key: str) -> JobAccepted:
        """Submit a paid job. Within 24 hours the same key brings back the same job instead of a second one."""
        if not (idempotency_key.isascii() and idempotency_key.isprintable() and idempotency_key.strip()):
            raise ValueError("An idempotency key is printable ASCII.")
        if len(idempotency_key) > LONGEST_IDEMPOTENCY_KEY:
            raise ValueError(f"An idempotency key has at most {LONGEST_IDEMPOTENCY_KEY} characters.")
        headers = {"Idempotency-Key": idempotency_key}
        return self._post_json("/v2/videos/generate", body, JobAccepted.from_json, headers)

    def get_job(self, job_id: str) -> Job:
        """One job with its input; `NotFound` when it is not ours."""
        return self._get(f"/v2/jobs/{_in_path(job_id)}", partial(Job.from_json, base=self.base_url))

    def list_jobs(
        self,
        limit: int = 100,
        cursor: str | None = None,
        status: str | None = None,
        *,
        model: str | None = None,
        search: str | None = None,
    ) -> JobPage:
        """A page of the key owner's own jobs, newest first, without their input. `search` is a job id."""
        query = {"limit": limit, "cursor": cursor, "status": status, "model": model, "search": search}
        return self._get("/v2/jobs" + _query(query), partial(JobPage.from_json, base=self.base_url))

    # Account and catalogue

    def me(self) -> Me:
        """Whose key this is and how many credits the team has."""
        return self._get("/v2/me", Me.from_json)

    def models(self, modality: str | None = None) -> tuple[ModelEntry, ...]:
        """The models on offer; `modality` is "image", "video" or "music"."""
        return self._get("/v2/models" + _query({"modality": modality}), lambda data, _: model_entries(data))

    def openapi(self) -> dict[str, Any]:
        """The provider's description of itself, as published."""
        return self._get("/v2/openapi.json", lambda data, _: json_object(data))

    # The wire

    def _get(self, path: str, read: Reader[Result]) -> Result:
        return self._ask("GET", path, read)

    def _post_json(
        self,
        path: str,
        body: Mapping[str, Any],
        read: Reader[Result],
        headers: Mapping[str, str] | None = None,
    ) -> Result:
        text = json.dumps(body, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
        sizes = {"Content-Type": "application/json", "Content-Length": str(len(text))}
        return self._ask("POST", path, read, body=text, headers={**sizes, **(headers or {})})

    def _ask(
        self,
        method: str,
        path: str,
        read: Reader[Result],
        *,
        body: bytes | FilePart | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: Timeout | None = None,
    ) -> Result:
        """Send one request and read its answer; whatever goes wrong is raised as an `ApiframeError`."""
        outcome = self._outcome(method, path, read, body, headers or {}, timeout or self.timeout)
        if isinstance(outcome, ApiframeError):
            # Raised out here, where no frame of the traceback holds the request, its headers or the raw answer.
            raise outcome
        return outcome

    def _outcome(
        self,
        method: str,
        path: str,
        read: Reader[Result],
        body: bytes | FilePart | None,
        headers: Mapping[str, str],
        timeout: Timeout,
    ) -> Result | ApiframeError:
        changes_something = method != "GET"
        request = self._blank.copy()
        request.method, request.url, request.body = method, self.base_url + path, body  # type: ignore[assignment]
        request.headers.update(headers)
        try:
            answer = self._session.send(
                request, stream=True, timeout=timeout, allow_redirects=False, proxies=self._proxies, verify=self._verify
            )
            with answer:
                content = _body(answer, patience=timeout[1])
        except (requests.RequestException, urllib3_errors.HTTPError, OSError) as error:
            return _failure(error, changes_something=changes_something, redact=self._redact)
        return self._understood(answer, content, read, changes_something=changes_something)

    def _understood(
        self, answer: requests.Response, content: bytes, read: Reader[Result], *, changes_something: bool
    ) -> Result | ApiframeError:
        """The result an answer holds, or what is wrong with it."""
        status, request_id = answer.status_code, self._short(answer.headers.get("X-Request-Id"))
        if 200 <= status < 300 and len(content) <= LARGEST_BODY:
            try:
                return read(read_json(content, self._redact), request_id)
            except UnexpectedAnswer as error:
                failure: ApiframeError = UnexpectedAnswer(error.message)
            except (ValueError, RecursionError):
                failure = NotJson("The answer is not JSON.")
        elif status < 300:
            failure = UnexpectedAnswer(f"The answer is longer than {LARGEST_BODY // 2**20} MB.")
        elif status < 400:
            failure = UnexpectedAnswer("The answer is a redirect, which is not followed.", retryable=False)
        else:
            text, headers = self._redact(_decoded(content)), answer.headers
            failure = error_for_status(status, text, headers, changes_something=changes_something, redact=self._redact)
        if failure.status is None:
            failure.status = status
            failure.raw = self._redact(_decoded(content))[:RAW_LIMIT]
            failure.maybe_done = changes_something and status < 300
        failure.request_id = request_id
        return failure

    def _short(self, request_id: str | None) -> str | None:
        return self._redact(storable(request_id))[:LONGEST_REQUEST_ID] if request_id else None


def _body(answer: requests.Response, *, patience: float) -> bytes:
    """The body, or a little more of it than we accept; dripping it out for longer than `patience` is a timeout."""
    content = bytearray()
    deadline = time.monotonic() + patience
    while len(content) <= LARGEST_BODY and (block := answer.raw.read1(BLOCK, decode_content=True)):
        content += block
        if time.monotonic() > deadline:
            raise requests.ReadTimeout(f"The body took longer than {patience:g} seconds.")
    return bytes(content)


# Seen anywhere among the reasons of a failure, these prove that the request never left.
_NEVER_SENT = (
    requests.ConnectTimeout,
    urllib3_errors.ConnectTimeoutError,
    urllib3_errors.NewConnectionError,
    urllib3_errors.ProxyError,
    ssl.SSLCertVerificationError,
)
_TIMEOUTS = (requests.Timeout, urllib3_errors.TimeoutError, TimeoutError)


def _failure(error: Exception, *, changes_something: bool, redact: Callable[[str], str]) -> ApiframeError:
    """What a failed exchange means for the caller."""
    reasons = list(_reasons(error))
    never_sent = any(isinstance(reason, _NEVER_SENT) for reason in reasons)
    # urllib3 counts "connection refused" among the timeouts on connecting.
    too_slow = any(
        isinstance(reason, _TIMEOUTS) and not isinstance(reason, urllib3_errors.NewConnectionError)
        for reason in reasons
    )
    about: About = {"maybe_done": changes_something and not never_sent, "raw": redact(storable(str(error)))}
    if too_slow:
        return TimedOut("No connection in time." if never_sent else "No answer in time.", **about)
    what = "The provider cannot be reached" if never_sent else "The connection broke"
    return NetworkFailed(redact(storable(f"{what}: {str(reasons[-1]).rpartition(': ')[2]}")), **about)


def _reasons(error: object) -> Iterator[BaseException]:
    """An error and those it wraps, outermost first; not its `__context__`, which may belong to our caller's trouble."""
    if isinstance(error, BaseException):
        yield error
        for inner in (getattr(error, "reason", None), *error.args):
            yield from _reasons(inner)


def _decoded(content: bytes) -> str:
    return storable(content.decode(errors="replace"))


def _in_path(name: str) -> str:
    if not name.strip("."):
        raise ValueError("An id of nothing but dots would lead to another address.")
    return quote(name, safe="")


def _query(wanted: Mapping[str, object]) -> str:
    given = {name: value for name, value in wanted.items() if value is not None}
    return f"?{urlencode(given)}" if given else ""


def _checked_base(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("The base URL must be an http or https address.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("The base URL must carry no user name, query or fragment.")
    return base_url.rstrip("/")


def _checked_key(api_key: str) -> _Secret:
    if not re.fullmatch(r"[!-~]+", api_key):
        raise Unauthorized("The API key is empty or contains characters that no key has: paste it again.")
    return _Secret(api_key)


def _redactor(api_key: str) -> Callable[[str], str]:
    """Takes the key out of a text; a function, because a pattern kept on the client would show it in a dump."""
    forms = {form.lower() for form in (api_key, quote(api_key, safe=""))}
    anywhere = re.compile("|".join(re.escape(form) for form in forms), re.IGNORECASE)

    def redact(text: str) -> str:
        lower = text.lower()  # looking there first is many times quicker, and a text with the key in it is rare
        return anywhere.sub(MASK, text) if any(form in lower for form in forms) else text

    return redact


def _proxies_for(base_url: str) -> dict[str, str]:
    host = urlsplit(base_url).hostname or ""
    if host == "localhost" or host.startswith("127.") or host == "::1":
        return {}
    return dict(get_environ_proxies(base_url, no_proxy=None))

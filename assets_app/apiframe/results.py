"""What the API answers, as small frozen values (FACTS §3 and §5).

Readers are tolerant: extra fields are ignored, missing ones are None, an unknown status counts as "still going on" and
is kept as it was spelled. Only an answer that cannot be used at all, such as one without an id, is refused, with
`UnexpectedAnswer`. `request_id` is the provider's name for the exchange that brought the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self
from urllib.parse import urlsplit

from .errors import MOST_CREDITS, UnexpectedAnswer

LONGEST_ID = 255
LONGEST_URL = 8_000
DEEPEST_RESULT = 6

_VIDEO_KEYS = ("videoUrl", "video_url", "video", "url", "videos", "output")
_LAST_FRAME_KEYS = ("lastFrameUrl", "last_frame_url", "lastFrame", "last_frame")
_VIDEO_ENDINGS = (".mp4", ".mov", ".webm")
_IMAGE_ENDINGS = (".png", ".jpg", ".jpeg", ".webp")
# A still that is only a cover picture would be a wrong last frame, and a wrong one is worse than none.
_COVER = re.compile("thumb|poster|cover|preview", re.IGNORECASE)


class AssetStatus(StrEnum):
    """Where the provider stands with an asset, in its own spelling."""

    PROCESSING = "Processing"
    ACTIVE = "Active"
    FAILED = "Failed"


class JobStatus(StrEnum):
    """Where the provider stands with a job, in its own spelling."""

    QUEUED = "QUEUED"
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @property
    def is_final(self) -> bool:
        """Whether the job will never change again."""
        return self in (JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED)


_ASSET_STATUSES = {status.lower(): status for status in AssetStatus}
_JOB_STATUSES = {status.lower(): status for status in JobStatus}


@dataclass(frozen=True, slots=True)
class AssetCreated:
    """The provider took a URL in and will fetch it: `asset_id` names it from now on."""

    asset_id: str
    request_id: str | None = None

    @classmethod
    def from_json(cls, data: object, request_id: str | None = None) -> Self:
        return cls(_id(_mapping(data), "assetId", "asset_id", "AssetId", "id", "Id"), request_id)


@dataclass(frozen=True, slots=True)
class ProviderAsset:
    """An asset as the provider sees it; the shape is passed through from upstream, so spellings vary (FACTS §5)."""

    status: AssetStatus
    raw_status: str
    url: str | None = None
    error_message: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    request_id: str | None = None

    @classmethod
    def from_json(cls, data: object, request_id: str | None = None) -> Self:
        data = _mapping(data)
        raw_status = _text(data, "status", "Status") or ""
        return cls(
            status=_ASSET_STATUSES.get(raw_status.strip().lower(), AssetStatus.PROCESSING),
            raw_status=raw_status,
            url=_text(data, "url", "URL", "Url"),
            error_message=_complaint(data, "errorMsg", "error_msg", "errorMessage", "ErrorMsg", "error", "Error"),
            raw=data,
            request_id=request_id,
        )


@dataclass(frozen=True, slots=True)
class Upload:
    """A file the provider holds for an hour or two; `byte_size` in bytes."""

    url: str
    id: str | None = None
    kind: str | None = None
    content_type: str | None = None
    byte_size: int | None = None
    expires_at: datetime | None = None
    request_id: str | None = None

    @classmethod
    def from_json(cls, data: object, request_id: str | None = None) -> Self:
        data = _mapping(data)
        url = _web_address(data.get("url"))
        if url is None:
            raise UnexpectedAnswer("The upload was answered without a URL.")
        return cls(
            url=url,
            id=_text(data, "id"),
            kind=_text(data, "kind"),
            content_type=_text(data, "contentType"),
            byte_size=_count(data.get("byteSize")),
            expires_at=_moment(data.get("expiresAt")),
            request_id=request_id,
        )


@dataclass(frozen=True, slots=True)
class JobAccepted:
    """The provider took a job on (or, for a repeated idempotency key, names the one it already had)."""

    job_id: str
    status: JobStatus = JobStatus.QUEUED
    raw_status: str = ""
    request_id: str | None = None

    @classmethod
    def from_json(cls, data: object, request_id: str | None = None) -> Self:
        data = _mapping(data)
        raw_status = _text(data, "status") or ""
        status = _JOB_STATUSES.get(raw_status.strip().lower(), JobStatus.QUEUED)
        return cls(_id(data, "jobId", "job_id", "id"), status, raw_status, request_id)


@dataclass(frozen=True, slots=True)
class Job:
    """A job as read back; `progress` 0–100, `credit_cost` in credits, `input` absent from lists.

    `credit_cost` can be set on failed jobs whose credits came back: never add those up as money spent (FACTS §3).
    """

    id: str
    status: JobStatus
    raw_status: str
    model: str | None = None
    progress: int | None = None
    input: Mapping[str, Any] | None = field(default=None, repr=False)
    result_urls: tuple[str, ...] = ()
    last_frame_url: str | None = None
    error: str | None = None
    credit_cost: int | None = None
    webhook_status: str | None = None
    created_at: datetime | None = None
    completed_at: datetime | None = None
    expired: bool = False
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    request_id: str | None = None

    @property
    def result_url(self) -> str | None:
        """The film itself: the first of the result's URLs."""
        return self.result_urls[0] if self.result_urls else None

    @classmethod
    def from_json(cls, data: object, request_id: str | None = None) -> Self:
        data = _mapping(data)
        raw_status = _text(data, "status") or ""
        sent = data.get("input")
        progress = _count(data.get("progress"))
        return cls(
            id=_id(data, "id", "jobId"),
            status=_JOB_STATUSES.get(raw_status.strip().lower(), JobStatus.PROCESSING),
            raw_status=raw_status,
            model=_text(data, "model"),
            progress=None if progress is None else max(0, min(progress, 100)),
            input=sent if isinstance(sent, dict) else None,
            result_urls=_films_in(data.get("result")),
            last_frame_url=last_frame_url(data.get("result")),
            error=_complaint(data, "error"),
            credit_cost=_charge(data.get("creditCost")),
            webhook_status=_text(data, "webhookStatus"),
            created_at=_moment(data.get("createdAt")),
            completed_at=_moment(data.get("completedAt")),
            expired=data.get("expired") is True,
            raw=data,
            request_id=request_id,
        )


@dataclass(frozen=True, slots=True)
class JobPage:
    """Up to a hundred jobs, newest first; `next_cursor` asks for the page after this one.

    A row nobody could read is left out and counted in `unreadable`, so that one bad row does not hide the others.
    """

    jobs: tuple[Job, ...]
    next_cursor: str | None = None
    has_more: bool = False
    unreadable: int = 0
    request_id: str | None = None

    @classmethod
    def from_json(cls, data: object, request_id: str | None = None) -> Self:
        data = _mapping(data)
        rows = data.get("jobs")
        if not isinstance(rows, list):
            raise UnexpectedAnswer("The list of jobs is not a list.")
        jobs = []
        for row in rows:
            try:
                jobs.append(Job.from_json(row, request_id))
            except UnexpectedAnswer:
                continue
        cursor = _text(data, "nextCursor")
        return cls(
            jobs=tuple(jobs),
            next_cursor=cursor,
            has_more=data.get("hasMore") is not False and cursor is not None,
            unreadable=len(rows) - len(jobs),
            request_id=request_id,
        )


@dataclass(frozen=True, slots=True)
class Me:
    """Who the key belongs to; `credits` is the team's balance. Everything may be unknown."""

    user_email: str | None = None
    user_role: str | None = None
    team_id: str | None = None
    team_name: str | None = None
    credits: int | None = None
    plan: str | None = None
    key_name: str | None = None
    key_prefix: str | None = None
    request_id: str | None = None

    @classmethod
    def from_json(cls, data: object, request_id: str | None = None) -> Self:
        data = _mapping(data)
        user, team, key = (_part(data, name) for name in ("user", "team", "apiKey"))
        if not (user or team or key):
            raise UnexpectedAnswer("The answer names neither a user, a team nor a key.")
        return cls(
            user_email=_text(user, "email"),
            user_role=_text(user, "role"),
            team_id=_text(team, "id"),
            team_name=_text(team, "name"),
            credits=_count(team.get("credits")),
            plan=_text(team, "plan"),
            key_name=_text(key, "name"),
            key_prefix=_text(key, "prefix"),
            request_id=request_id,
        )


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model the provider offers; costs are credits per `pricing_mode` (flat, per-second, per-output)."""

    id: str
    label: str
    modality: str | None = None
    description: str | None = None
    cost_min: float | None = None
    cost_max: float | None = None
    pricing_mode: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, data: object) -> Self:
        data = _mapping(data)
        name = _id(data, "id")
        return cls(
            id=name,
            label=_text(data, "label") or name,
            modality=_text(data, "modality"),
            description=_text(data, "description"),
            cost_min=_number(data.get("costMin")),
            cost_max=_number(data.get("costMax")),
            pricing_mode=_text(data, "pricingMode"),
            raw=data,
        )


def model_entries(data: object) -> tuple[ModelEntry, ...]:
    """The entries of a model list; those without an id are passed over."""
    rows = _mapping(data).get("models")
    if not isinstance(rows, list):
        raise UnexpectedAnswer("The list of models is not a list.")
    entries = []
    for row in rows:
        try:
            entries.append(ModelEntry.from_json(row))
        except UnexpectedAnswer:
            continue
    return tuple(entries)


def json_object(data: object) -> dict[str, Any]:
    """The answer itself, when all that is asked of it is to be a JSON object."""
    return _mapping(data)


def _films_in(result: object) -> tuple[str, ...]:
    """Every address where the film may be, likeliest first. Under keys that nobody documented any address counts that
    is not a picture's, those that end like a video before the others (FACTS §3).
    """
    known = tuple(dict.fromkeys(_film_urls(result)))
    if known:
        return known
    anywhere = dict.fromkeys(_other_urls(result))
    return tuple(sorted(anywhere, key=lambda url: not urlsplit(url).path.lower().endswith(_VIDEO_ENDINGS)))


def _other_urls(result: object, depth: int = 0) -> Iterator[str]:
    if depth > DEEPEST_RESULT:
        return
    if isinstance(result, dict):
        for key, value in result.items():
            if not _COVER.search(str(key)) and str(key) not in _LAST_FRAME_KEYS:
                yield from _other_urls(value, depth + 1)
    elif isinstance(result, list):
        for item in result:
            yield from _other_urls(item, depth + 1)
    elif (url := _web_address(result)) and not _is_image(url):
        yield url


def _film_urls(result: object, depth: int = 0) -> Iterator[str]:
    """Every URL where the film may be, likeliest first: a bare string, a dict by known keys, or a list of either."""
    if depth > DEEPEST_RESULT:
        return
    if isinstance(result, dict):
        for key in _VIDEO_KEYS:
            yield from _film_urls(result.get(key), depth + 1)
    elif isinstance(result, list):
        for item in result:
            yield from _film_urls(item, depth + 1)
    elif (url := _web_address(result)) and not _is_image(url):
        yield url


def last_frame_url(result: object) -> str | None:
    """The last frame under one of its likely names, else any picture in the result that is not a cover (FACTS §3)."""
    if isinstance(result, dict):
        for key in _LAST_FRAME_KEYS:
            named = result.get(key)
            if url := _web_address(named.get("url") if isinstance(named, dict) else named):
                return url
    return next(_pictures(result), None)


def _pictures(result: object, depth: int = 0) -> Iterator[str]:
    if depth > DEEPEST_RESULT:
        return
    if isinstance(result, dict):
        for key, value in result.items():
            if not _COVER.search(str(key)):
                yield from _pictures(value, depth + 1)
    elif isinstance(result, list):
        for item in result:
            yield from _pictures(item, depth + 1)
    elif (url := _web_address(result)) and _is_image(url):
        yield url


def _is_image(url: str) -> bool:
    return urlsplit(url).path.lower().endswith(_IMAGE_ENDINGS)


def _web_address(value: object) -> str | None:
    if not isinstance(value, str) or len(value) > LONGEST_URL:
        return None
    value = value.strip()
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    return value if parts.scheme in ("http", "https") and parts.netloc else None


def _mapping(data: object) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise UnexpectedAnswer("The answer is not a JSON object.")
    return data


def _part(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    part = data.get(key)
    return part if isinstance(part, dict) else {}


def _id(data: Mapping[str, Any], *keys: str) -> str:
    for key in keys:
        value = data.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str) and value.strip(".") and value.isprintable() and len(value) <= LONGEST_ID:
            return value
    raise UnexpectedAnswer(f"The answer has no usable {keys[0]}.")


def _text(data: Mapping[str, Any], *keys: str) -> str | None:
    for key in keys:
        value = data.get(key)
        if isinstance(value, str) and value:
            return value
    return None


def _complaint(data: Mapping[str, Any], *keys: str) -> str | None:
    """An error as one line: as it stands, or "code: message" of an object in either spelling."""
    for key in keys:
        value = data.get(key)
        if isinstance(value, dict):
            words = (_text(value, "code", "Code"), _text(value, "message", "Message"))
            value = ": ".join(word for word in words if word)
        if isinstance(value, str) and value.strip():
            return value
    return None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e15 else None


def _count(value: object) -> int | None:
    number = _number(value)
    return None if number is None else round(number)


def _charge(value: object) -> int | None:
    """Credits; None for what nobody can have been charged."""
    number = _count(value)
    return number if number is not None and 0 <= number <= MOST_CREDITS else None


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None

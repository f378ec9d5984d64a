"""What the API answers, as small frozen values (FACTS §3 and §5).

Readers are tolerant: extra fields are ignored, missing ones are None, an unknown status counts as "still going on" and
is kept as it was spelled. Only an answer that cannot be used at all, such as one without an id, is refused, with
`UnexpectedAnswer`. `request_id` is the provider's name for the exchange that brought the value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from .errors import UnexpectedAnswer
from .film_urls import ANY_SITE, films_in, last_frame_url
from .price_ranges import PriceRange
from .values import (
    charge_of,
    complaint_in,
    count_of,
    id_in,
    json_object,
    moment_of,
    part_in,
    text_in,
    web_address,
)


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
        return cls(id_in(json_object(data), "assetId", "asset_id", "AssetId", "id", "Id"), request_id)


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
        data = json_object(data)
        raw_status = text_in(data, "status", "Status") or ""
        return cls(
            status=_ASSET_STATUSES.get(raw_status.strip().lower(), AssetStatus.PROCESSING),
            raw_status=raw_status,
            url=text_in(data, "url", "URL", "Url"),
            error_message=complaint_in(data, "errorMsg", "error_msg", "errorMessage", "ErrorMsg", "error", "Error"),
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
        data = json_object(data)
        url = web_address(data.get("url"))
        if url is None:
            raise UnexpectedAnswer("The upload was answered without a URL.")
        return cls(
            url=url,
            id=text_in(data, "id"),
            kind=text_in(data, "kind"),
            content_type=text_in(data, "contentType"),
            byte_size=count_of(data.get("byteSize")),
            expires_at=moment_of(data.get("expiresAt")),
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
        data = json_object(data)
        raw_status = text_in(data, "status") or ""
        status = _JOB_STATUSES.get(raw_status.strip().lower(), JobStatus.QUEUED)
        return cls(id_in(data, "jobId", "job_id", "id"), status, raw_status, request_id)


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
    def from_json(cls, data: object, request_id: str | None = None, base: str = ANY_SITE) -> Self:
        data = json_object(data)
        raw_status = text_in(data, "status") or ""
        sent = data.get("input")
        progress = count_of(data.get("progress"))
        return cls(
            id=id_in(data, "id", "jobId"),
            status=_JOB_STATUSES.get(raw_status.strip().lower(), JobStatus.PROCESSING),
            raw_status=raw_status,
            model=text_in(data, "model"),
            progress=None if progress is None else max(0, min(progress, 100)),
            input=sent if isinstance(sent, dict) else None,
            result_urls=films_in(data.get("result"), base),
            last_frame_url=last_frame_url(data.get("result"), base),
            error=complaint_in(data, "error"),
            credit_cost=charge_of(data.get("creditCost")),
            webhook_status=text_in(data, "webhookStatus"),
            created_at=moment_of(data.get("createdAt")),
            completed_at=moment_of(data.get("completedAt")),
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
    def from_json(cls, data: object, request_id: str | None = None, base: str = ANY_SITE) -> Self:
        data = json_object(data)
        rows = data.get("jobs")
        if not isinstance(rows, list):
            raise UnexpectedAnswer("The list of jobs is not a list.")
        jobs = []
        for row in rows:
            try:
                jobs.append(Job.from_json(row, request_id, base))
            except UnexpectedAnswer:
                continue
        cursor = text_in(data, "nextCursor")
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
        data = json_object(data)
        user, team, key = (part_in(data, name) for name in ("user", "team", "apiKey"))
        if not (user or team or key):
            raise UnexpectedAnswer("The answer names neither a user, a team nor a key.")
        return cls(
            user_email=text_in(user, "email"),
            user_role=text_in(user, "role"),
            team_id=text_in(team, "id"),
            team_name=text_in(team, "name"),
            credits=count_of(team.get("credits")),
            plan=text_in(team, "plan"),
            key_name=text_in(key, "name"),
            key_prefix=text_in(key, "prefix"),
            request_id=request_id,
        )


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model the provider offers, and what it says a film of it costs, if it does."""

    id: str
    label: str
    modality: str | None = None
    description: str | None = None
    price_range: PriceRange | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, data: object) -> Self:
        data = json_object(data)
        name = id_in(data, "id")
        return cls(
            id=name,
            label=text_in(data, "label") or name,
            modality=text_in(data, "modality"),
            description=text_in(data, "description"),
            price_range=PriceRange.read(data.get("costMin"), data.get("costMax"), data.get("pricingMode")),
            raw=data,
        )


def model_entries(data: object) -> tuple[ModelEntry, ...]:
    """The entries of a model list; those without an id are passed over."""
    rows = json_object(data).get("models")
    if not isinstance(rows, list):
        raise UnexpectedAnswer("The list of models is not a list.")
    entries = []
    for row in rows:
        try:
            entries.append(ModelEntry.from_json(row))
        except UnexpectedAnswer:
            continue
    return tuple(entries)

"""Jobs: paid at submit, made once per Idempotency-Key, shown as time goes by, refunded when they fail."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import math
import uuid
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path, PurePosixPath
from threading import Event
from typing import TYPE_CHECKING, Any

from assets_app.apiframe import catalogue
from assets_app.sandbox import films, price_list
from assets_app.sandbox.accounts import with_credits
from assets_app.sandbox.casting import Member, cast, film_of, model_of, parameters
from assets_app.sandbox.fetching import MediaRefused
from assets_app.sandbox.protocol import Refusal, as_timestamp
from assets_app.sandbox.store import Account, IdempotencyKey, Job
from assets_app.sandbox.webhooks import wants_to_know_the_end

if TYPE_CHECKING:
    from assets_app.sandbox.provider import Provider

KEY_LIVES_SECONDS = 86_400.0
LONGEST_KEY = 255
_USUAL_CREDITS_PER_SECOND = 10
_USUAL_SECONDS = 5

# Other ways in which results were seen or may come (FACTS §3).
_SHAPES: dict[str, Callable[[str], Any]] = {
    "string": lambda film: film,
    "list": lambda film: [{"url": film}],
    "nested": lambda film: {"data": {"output": [{"video": {"url": film}}]}},
    "other": lambda film: {"clip": {"href": film, "thumbnail": f"{film}.jpg"}, "took": 31},
    "nothing": lambda film: {"note": "ready", "file": PurePosixPath(film).name},
}

log = logging.getLogger(__name__)


class Jobs:
    def __init__(self, provider: Provider, directory: Path) -> None:
        self._provider = provider
        self.directory = directory
        self._stopping = Event()
        directory.mkdir(parents=True, exist_ok=True)

    # --- submitting ---

    def submit(self, account: Account, body: dict[str, Any], key: str | None) -> str:
        """Take a job and its credits; the id of the one job that this key stands for.

        Refusal 400 for a body the catalogue does not allow, 409 for a key that came with another body before or when
        known keys are answered so, 402 without enough credits.
        """
        if key is not None and not 0 < len(key) <= LONGEST_KEY:
            raise Refusal(400, f"Idempotency-Key must be 1 to {LONGEST_KEY} characters")
        details = catalogue.validate_body(body)
        if details:
            raise Refusal(400, "Validation failed", details=details)
        provider = self._provider
        with provider.store.writing() as write:
            now = provider.store.moment(provider.clock())
            known = self._replayed(account, key, body, now)
            if known:
                provider.stats.happened("idempotent replay")
                return known
            job = self._new(account, body, key, now)
            available = provider.store.accounts[account.id]
            if available.credits < job.cost:
                raise Refusal(
                    402, "Insufficient credits", creditsRequired=job.cost, creditsAvailable=max(available.credits, 0)
                )
            write(with_credits(available, -job.cost))
            write(job)
            if key:
                write(IdempotencyKey(f"{account.id}:{key}", job.id, _digest(body), now))
        self._begin(job)
        return job.id

    def _replayed(self, account: Account, key: str | None, body: dict[str, Any], now: float) -> str | None:
        known = self._provider.store.idempotency_keys.get(f"{account.id}:{key}") if key else None
        if known is None or now - known.created_at >= KEY_LIVES_SECONDS:
            return None
        answered_with = self._provider.settings.known_key
        if answered_with == "forgotten":
            return None
        if answered_with == "conflict":
            raise Refusal(409, "Idempotency-Key was already used")
        if known.body_digest != _digest(body):
            raise Refusal(409, "Idempotency-Key was already used with a different request body")
        return known.job

    def _new(self, account: Account, body: dict[str, Any], key: str | None, now: float) -> Job:
        provider = self._provider
        delay = provider.settings.job_delay.draw(provider.random)
        job = Job(
            id=str(uuid.uuid4()),
            account=account.id,
            idempotency_key=key,
            body=body,
            cost=0,
            created_at=now,
            starts_at=now + min(delay * 0.15, 3.0),
            due_at=now + delay,
            is_doomed=provider.random.random() < provider.settings.refuse_share,
            webhook_status="pending" if wants_to_know_the_end(body) else None,
        )
        return replace(job, cost=max(1, round(_price(job) * provider.settings.price_factor)))

    # --- reading ---

    def find(self, account: Account, job_id: str) -> Job:
        try:
            wanted = str(uuid.UUID(job_id))
        except ValueError:
            raise Refusal(400, "Invalid job ID") from None
        job = self._provider.store.jobs.get(wanted)
        if job is None or job.account != account.id:
            raise Refusal(404, "Job not found")
        return job

    def view(self, job: Job, *, with_input: bool) -> dict[str, Any]:
        """What GET /v2/jobs/:id answers; rows of the list have no input (FACTS §3)."""
        self._settle(job.id)
        job = self._provider.store.jobs.get(job.id, job)
        now = self._provider.clock()
        status = job.status(now)
        document = {
            "id": job.id,
            "status": status,
            "model": job.model,
            "progress": job.progress(now),
            "result": self._result(job) if status == "COMPLETED" else None,
            "error": job.error if status == "FAILED" else None,
            "creditCost": self._cost_told(job, status),
            "webhookStatus": job.webhook_status,
            "createdAt": as_timestamp(job.created_at),
            "completedAt": as_timestamp(job.completed_at) if job.completed_at is not None else None,
            "expired": self._is_expired(job),
        }
        return {**document, "input": job.body} if with_input else document

    def _cost_told(self, job: Job, status: str) -> int:
        return 0 if status == "FAILED" and self._provider.settings.failed_cost == "0" else job.cost

    def page(
        self,
        account: Account,
        limit: int,
        *,
        cursor: str | None = None,
        status: str | None = None,
        model: str | None = None,
        job_id: str | None = None,
    ) -> dict[str, Any]:
        """A page of an account's jobs, newest first. Refusal 400 for a cursor that is none of ours."""
        lag = self._provider.settings.list_lag_seconds
        shown_until = self._provider.clock() - lag if lag else math.inf
        before = _position(cursor) if cursor else (math.inf, "")
        rows = (
            job
            for job in self._provider.store.jobs_newest_first(account.id)
            if (job.created_at, job.id) < before and model in {None, job.model} and job_id in {None, job.id}
            if job.created_at <= shown_until
        )
        views = ((job, self.view(job, with_input=False)) for job in rows)
        found = list(islice(((job, view) for job, view in views if status in {None, view["status"]}), limit + 1))
        page, more = found[:limit], len(found) > limit
        return {
            "jobs": [view for _, view in page],
            "nextCursor": _cursor(page[-1][0]) if more else None,
            "hasMore": more,
        }

    def film_path(self, name: str) -> Path:
        """Where a result file lies. Refusal 404 when there is none, not yet or not any more."""
        job = self._provider.store.jobs.get(name.partition(".")[0])
        path = self.directory / name
        is_shown = job is not None and job.status(self._provider.clock()) == "COMPLETED" and not self._is_expired(job)
        if job is None or not is_shown or path not in {self._film(job), self._last_frame(job)} or not path.exists():
            raise Refusal(404, "Not found")
        return path

    def _result(self, job: Job) -> Any:
        base = self._provider.base_url
        film = f"{base}/videos/{self._film(job).name}"
        shape = self._provider.settings.result_shape
        if shape != "dict":
            return _SHAPES[shape](film)
        result = {"videoUrl": film}
        if _wants_last_frame(job):
            result["lastFrameUrl"] = f"{base}/videos/{self._last_frame(job).name}"
        return result

    # --- what happens meanwhile ---

    def resume(self) -> None:
        now = self._provider.clock()
        for job in list(self._provider.store.jobs.values()):
            if job.verdict is None or (job.verdict == "COMPLETED" and self._lacks_files(job)):
                self._begin(job)
            if job.verdict is not None and job.completed_at is None:
                self._show_when_due(job)
            if job.completed_at is not None:
                self._after_the_end(job, now)

    def stop(self) -> None:
        self._stopping.set()

    def _begin(self, job: Job) -> None:
        self._provider.webhooks.plan_progress(job)
        self._provider.fetchers.add(lambda: self._prepare(job))

    def _prepare(self, job: Job) -> None:
        try:
            members = cast(self._provider, job)
        except MediaRefused as refused:
            self._refuse(job, str(refused))
        else:
            self._provider.renderer.add(lambda: self._render(job, members))

    def _render(self, job: Job, members: list[Member]) -> None:
        if job.id not in self._provider.store.jobs:
            return  # forgotten by a reset
        last_frame = self._last_frame(job) if _wants_last_frame(job) else None
        try:
            film = film_of(job, members, scale=self._provider.settings.film_scale)
            films.draw(film, self._film(job), last_frame, self._stopping.is_set)
        except films.Interrupted:
            return
        except Exception:
            log.exception("the film of job %s could not be drawn", job.id)
            self._refuse(job, "Internal error while generating the video")
        else:
            self._decide(job, "COMPLETED", None, job.due_at)

    def _refuse(self, job: Job, error: str) -> None:
        # Refusals come back before the film would have been ready (FACTS §0.4).
        self._decide(job, "FAILED", error, job.starts_at + 0.25 * (job.due_at - job.starts_at))

    def _decide(self, job: Job, verdict: str, error: str | None, earliest: float) -> None:
        store = self._provider.store
        with store.writing() as write:
            current = store.jobs.get(job.id)
            if current is None or current.verdict:
                return
            decided = replace(current, verdict=verdict, error=error, shown_at=max(earliest, self._provider.clock()))
            write(decided)
        self._show_when_due(decided)

    def _show_when_due(self, job: Job) -> None:
        self._provider.timeline.at(job.shown_at or 0.0, lambda: self._settle(job.id))

    def _settle(self, job_id: str) -> None:
        """Show the verdict when its time has come, and give the credits of a failed job back."""
        provider = self._provider
        job = provider.store.jobs.get(job_id)
        if job is None or job.completed_at is not None or job.shown_at is None or provider.clock() < job.shown_at:
            return
        with provider.store.writing() as write:
            job = provider.store.jobs.get(job_id)
            if job is None or job.completed_at is not None:
                return
            job = replace(job, completed_at=job.shown_at)
            write(job)
            if job.verdict == "FAILED":
                write(with_credits(provider.store.accounts[job.account], job.cost))
        self._after_the_end(job, provider.clock())

    def _after_the_end(self, job: Job, now: float) -> None:
        self._provider.webhooks.announce_end(job, self._result(job))
        ends = (job.completed_at or now) + self._provider.settings.retention_seconds
        if job.verdict == "COMPLETED":
            self._provider.timeline.at(ends, lambda: self._purge(job))

    def _purge(self, job: Job) -> None:
        if self._is_expired(job):
            self._film(job).unlink(missing_ok=True)
            self._last_frame(job).unlink(missing_ok=True)

    def _is_expired(self, job: Job) -> bool:
        if job.verdict != "COMPLETED" or job.completed_at is None:
            return False
        return self._provider.clock() >= job.completed_at + self._provider.settings.retention_seconds

    def _lacks_files(self, job: Job) -> bool:
        wanted = [self._film(job), *([self._last_frame(job)] if _wants_last_frame(job) else [])]
        return not self._is_expired(job) and not all(path.exists() for path in wanted)

    def _film(self, job: Job) -> Path:
        return self.directory / f"{job.id}.mp4"

    def _last_frame(self, job: Job) -> Path:
        return self.directory / f"{job.id}.png"


def _price(job: Job) -> int:
    """Credits by the catalogue; where it knows only a range, as without a reference video, or else its middle. Of a
    model that it has no prices of, within what the list of models says.
    """
    model, params = model_of(job), parameters(job)

    def given(name: str) -> Any:
        known = model.params.get(name)
        return params.get(name, known.default if known else None)

    seconds = given("duration") or _USUAL_SECONDS
    has_video = any(ref.media_type == "video" for ref in model.references_in(params))
    price = model.price(seconds, given("resolution"), has_video)
    if price and price.credits_low != price.credits_high:
        price = model.price(seconds, given("resolution"))
    if price is None and model.id in price_list.RANGES:
        return price_list.RANGES[model.id].charge(seconds)
    if price is None:
        return int(_USUAL_CREDITS_PER_SECOND * seconds)
    return round(math.sqrt(price.credits_low * price.credits_high))


def _wants_last_frame(job: Job) -> bool:
    return parameters(job).get("return_last_frame") is True


def _digest(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _cursor(job: Job) -> str:
    return base64.urlsafe_b64encode(f"{job.created_at!r} {job.id}".encode()).decode()


def _position(cursor: str) -> tuple[float, str]:
    try:
        moment, job_id = base64.urlsafe_b64decode(cursor.encode()).decode().split(" ")
        return float(moment), job_id
    except ValueError:
        raise Refusal(400, "Invalid cursor", details={"cursor": ["Invalid cursor"]}) from None

"""Signed webhooks: sent when something happened, tried again with growing pauses, sometimes sent twice (FACTS §1)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import requests

from assets_app.sandbox.protocol import as_json, as_timestamp
from assets_app.sandbox.store import Job

if TYPE_CHECKING:
    from assets_app.sandbox.provider import Provider

_UNASKED = ("completed", "failed")  # the events of a job that names a webhookUrl only
_LONGEST_PAUSE = 60.0
_PATIENCE = (5.0, 10.0)  # seconds to connect and to answer
_HALFWAY = 0.5


@dataclass(frozen=True)
class Delivery:
    job_id: str
    account: str
    url: str
    event: str
    body: bytes
    attempt: int = 1
    is_duplicate: bool = False


class Webhooks:
    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def plan_progress(self, job: Job) -> None:
        """Tell how far a job is when it starts and halfway, if that was asked for."""
        if "progress" not in _events(job.body):
            return
        for share in (0.0, _HALFWAY):
            moment = job.starts_at + share * (job.due_at - job.starts_at)
            if moment >= self._provider.clock():
                self._provider.timeline.at(moment, lambda: self._tell_progress(job.id))

    def announce_end(self, job: Job, result: dict[str, Any]) -> None:
        """Tell the verdict, unless that was done already."""
        if job.webhook_status != "pending":
            return
        if job.verdict == "COMPLETED":
            self._tell(
                job,
                "completed",
                progress=100,
                result=result,
                creditCost=job.cost,
                completedAt=as_timestamp(job.completed_at or 0.0),
            )
        else:
            self._tell(job, "failed", error=job.error)

    def _tell_progress(self, job_id: str) -> None:
        job = self._provider.store.jobs.get(job_id)
        if job and job.status(self._provider.clock()) == "PROCESSING":
            self._tell(job, "progress", progress=job.progress(self._provider.clock()))

    def _tell(self, job: Job, event: str, **more: Any) -> None:
        if event not in _events(job.body):
            return
        status = job.status(self._provider.clock())
        document = {"event": event, "jobId": job.id, "status": status, "model": job.model, **more}
        self._send(Delivery(job.id, job.account, str(job.body["webhookUrl"]), event, as_json(document)))

    def _send(self, delivery: Delivery) -> None:
        self._provider.messengers.add(lambda: self._attempt(delivery))

    def _attempt(self, delivery: Delivery) -> None:
        settings = self._provider.settings
        if delivery.job_id not in self._provider.store.jobs:
            return
        if self._was_taken(delivery):
            self._provider.stats.happened("webhook delivered")
            self._note(delivery, self._provider.settings.webhook_status)
            again = self._provider.random.random() < settings.webhook_duplicate_share
            if again and not delivery.is_duplicate:
                self._send(replace(delivery, is_duplicate=True))
            return
        self._provider.stats.happened("webhook refused")
        if delivery.attempt >= settings.webhook_attempts:
            self._note(delivery, "failed")
            return
        pause = min(settings.webhook_backoff_seconds * 2 ** (delivery.attempt - 1), _LONGEST_PAUSE)
        again_at = self._provider.clock() + pause
        self._provider.timeline.at(again_at, lambda: self._send(replace(delivery, attempt=delivery.attempt + 1)))

    def _was_taken(self, delivery: Delivery) -> bool:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Sandbox-Webhooks/1.0",
            "X-Webhook-Event": delivery.event,
            "X-Webhook-Signature": self._signature(delivery),
        }
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.post(
                    delivery.url, data=delivery.body, headers=headers, timeout=_PATIENCE, allow_redirects=False
                )
        except requests.RequestException:
            return False
        return 200 <= answer.status_code < 300

    def _signature(self, delivery: Delivery) -> str:
        # The account's id is the SHA-256 of its key; which form of it signs is unsettled, so it is a setting.
        digest = delivery.account
        secret = bytes.fromhex(digest) if self._provider.settings.webhook_signature == "raw" else digest.encode()
        return f"sha256={hmac.new(secret, delivery.body, hashlib.sha256).hexdigest()}"

    def _note(self, delivery: Delivery, status: str) -> None:
        if delivery.event == "progress":
            return
        store = self._provider.store
        with store.writing() as write:
            job = store.jobs.get(delivery.job_id)
            if job:
                write(replace(job, webhook_status=status))


def wants_to_know_the_end(body: dict[str, Any]) -> bool:
    """Whether a job's body asks for a webhook when the job is over."""
    return not {"completed", "failed"}.isdisjoint(_events(body))


def _events(body: dict[str, Any]) -> tuple[str, ...]:
    if not body.get("webhookUrl"):
        return ()
    return tuple(body.get("webhookEvents") or _UNASKED)

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import pytest

from assets_app.sandbox.server import SandboxServer
from assets_app.sandbox.settings import INSTANT
from tests.sandbox.conftest import Caller, Clock, Site, body, eventually


def told(site: Site, prompt: str = "A door opens.", events: list[str] | None = None) -> dict[str, object]:
    asked = {**body(prompt), "webhookUrl": f"{site.base_url}/hook?token=abc"}
    return {**asked, "webhookEvents": events} if events else asked


def test_the_end_of_a_job_is_told_as_published(caller: Caller, site: Site) -> None:
    job = caller.finished_job(caller.accepted(told(site)))
    event = eventually(site.events)[0]
    assert event == {
        "event": "completed",
        "jobId": job["id"],
        "status": "COMPLETED",
        "model": "seedance-2",
        "progress": 100,
        "result": job["result"],
        "creditCost": 32,
        "completedAt": job["completedAt"],
    }
    headers = site.posts[0][0]
    assert (headers["X-Webhook-Event"], headers["Content-Type"]) == ("completed", "application/json")
    eventually(lambda: caller.job(job["id"])["webhookStatus"] == "delivered")


@pytest.mark.parametrize("word", ["delivered", "sent"])
def test_a_job_says_of_a_webhook_that_arrived_what_is_asked_for(
    sandbox: SandboxServer, caller: Caller, site: Site, word: str
) -> None:
    sandbox.configure(webhook_status=word)
    job_id = caller.accepted(told(site))
    eventually(lambda: caller.job(job_id)["webhookStatus"] == word)


def test_a_failure_is_told_with_its_reason_and_without_a_price(caller: Caller, site: Site) -> None:
    job_id = caller.accepted(told(site, "[no-capacity]"))
    assert eventually(site.events)[0] == {
        "event": "failed",
        "jobId": job_id,
        "status": "FAILED",
        "model": "seedance-2",
        "error": "No available capacity for model",
    }


@pytest.mark.parametrize("form", ["raw", "hex"])
def test_the_signature_can_be_computed_by_hand_from_the_key(
    sandbox: SandboxServer, caller: Caller, site: Site, form: str
) -> None:
    sandbox.configure(webhook_signature=form)
    caller.accepted(told(site))
    headers, content = eventually(lambda: site.posts)[0]

    digest = hashlib.sha256(caller.api_key.encode())
    secret = digest.digest() if form == "raw" else digest.hexdigest().encode()
    assert headers["X-Webhook-Signature"] == "sha256=" + hmac.new(secret, content, "sha256").hexdigest()


def test_a_refused_webhook_is_tried_again(sandbox: SandboxServer, caller: Caller, site: Site) -> None:
    sandbox.configure(webhook_backoff_seconds=0)
    site.answers_to_posts = [500, 302]
    job_id = caller.accepted(told(site))
    eventually(lambda: len(site.posts) == 3)
    assert site.posts[0][1] == site.posts[1][1] == site.posts[2][1]
    eventually(lambda: caller.job(job_id)["webhookStatus"] == "delivered")


def test_a_webhook_that_nobody_takes_is_given_up(sandbox: SandboxServer, caller: Caller, site: Site) -> None:
    sandbox.configure(webhook_backoff_seconds=0, webhook_attempts=3)
    site.answers_to_posts = [500] * 10
    job_id = caller.accepted(told(site))
    eventually(lambda: caller.job(job_id)["webhookStatus"] == "failed")
    assert len(site.posts) == 3


def test_some_webhooks_come_twice_when_asked(sandbox: SandboxServer, caller: Caller, site: Site) -> None:
    sandbox.configure(webhook_duplicate_share=1)
    caller.accepted(told(site))
    eventually(lambda: len(site.posts) == 2)
    assert site.posts[0][1] == site.posts[1][1]


def test_only_the_asked_events_are_told(caller: Caller, site: Site) -> None:
    silent = caller.finished_job(caller.accepted(told(site, events=["failed"])))
    told_of = caller.accepted(told(site, events=["completed"]))
    eventually(site.events)
    assert {event["jobId"] for event in site.events()} == {told_of} != {silent["id"]}


def test_progress_is_told_at_the_start_and_halfway_when_asked(timed_caller: Caller, clock: Clock, site: Site) -> None:
    job_id = timed_caller.accepted(told(site, events=["progress"]))
    clock.pass_by(4)
    eventually(lambda: len(site.posts) == 1)
    clock.pass_by(50)
    eventually(lambda: len(site.posts) == 2)
    assert [event["progress"] for event in site.events()] == [1, 52]
    assert {(event["event"], event["status"], event["jobId"]) for event in site.events()} == {
        ("progress", "PROCESSING", job_id)
    }


def test_a_webhook_owed_from_before_a_restart_is_still_sent(tmp_path: Path, api_key: str, site: Site) -> None:
    settings = INSTANT.changed({"webhook_backoff_seconds": 3600})
    site.answers_to_posts = [503]
    with SandboxServer(tmp_path, settings=settings) as server:
        before = Caller(server.base_url, api_key)
        job_id = before.accepted(told(site))
        eventually(lambda: len(site.posts) == 1)
        before.session.close()
    with SandboxServer(tmp_path, settings=settings) as server:
        eventually(lambda: len(site.posts) == 2)
        after = Caller(server.base_url, api_key)
        eventually(lambda: after.job(job_id)["webhookStatus"] == "delivered")
        after.session.close()


def test_a_job_without_a_webhook_has_no_webhook_status(caller: Caller) -> None:
    assert caller.finished_job(caller.accepted(body()))["webhookStatus"] is None

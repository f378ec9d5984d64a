from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from assets_app.sandbox.server import SandboxServer
from assets_app.sandbox.settings import INSTANT
from tests.sandbox.conftest import Caller, Clock, body


def test_the_same_key_and_body_give_the_same_job_and_cost_once(caller: Caller) -> None:
    before = caller.credits()

    first = caller.submit(body(), "take-1")
    again = caller.submit(body(), "take-1")

    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert caller.credits() == before - caller.job(first.json()["jobId"])["creditCost"]


def test_the_same_key_with_another_body_is_a_conflict(caller: Caller) -> None:
    caller.accepted(body(), "take-1")
    answer = caller.submit(body("Something else."), "take-1")
    assert answer.status_code == 409
    assert set(answer.json()) == {"error"}


def test_the_order_of_keys_in_the_body_does_not_make_it_another(caller: Caller) -> None:
    turned = dict(reversed(body().items()))
    assert caller.accepted(body(), "take-1") == caller.accepted(turned, "take-1")


def test_without_a_key_each_submit_is_a_job(caller: Caller) -> None:
    assert caller.accepted(body()) != caller.accepted(body())


def test_a_key_belongs_to_the_api_key_that_used_it(sandbox: SandboxServer, caller: Caller) -> None:
    stranger = Caller(sandbox.base_url, "afk_with_the_same_habits")
    assert caller.accepted(body(), "take-1") != stranger.accepted(body(), "take-1")
    stranger.session.close()


def test_twenty_submits_at_the_same_moment_make_one_job(sandbox: SandboxServer, caller: Caller) -> None:
    def submit(_number: int) -> str:
        somebody = Caller(sandbox.base_url, caller.api_key)
        try:
            return somebody.accepted(body(), "at-once")
        finally:
            somebody.session.close()

    with ThreadPoolExecutor(20) as threads:
        jobs = set(threads.map(submit, range(20)))

    assert len(jobs) == 1
    assert len(caller.get("/v2/jobs").json()["jobs"]) == 1


def test_a_key_is_forgotten_after_a_day(timed_caller: Caller, clock: Clock) -> None:
    first = timed_caller.accepted(body(), "take-1")
    clock.pass_by(23.9 * 3600)
    assert timed_caller.accepted(body(), "take-1") == first
    clock.pass_by(0.2 * 3600)
    assert timed_caller.accepted(body(), "take-1") != first


def test_a_restart_remembers_keys_and_credits(tmp_path: Path, api_key: str) -> None:
    with SandboxServer(tmp_path, settings=INSTANT) as server:
        before = Caller(server.base_url, api_key)
        job = before.accepted(body(), "take-1")
        left = before.credits()
        before.session.close()

    with SandboxServer(tmp_path, settings=INSTANT) as server:
        after = Caller(server.base_url, api_key)
        assert after.accepted(body(), "take-1") == job
        assert after.credits() == left
        after.session.close()


def test_a_key_of_more_than_255_characters_is_refused(caller: Caller) -> None:
    assert caller.submit(body(), "k" * 255).status_code == 202
    assert caller.submit(body(), "k" * 256).status_code == 400


def test_a_known_key_can_be_answered_with_a_bare_conflict(sandbox: SandboxServer, caller: Caller) -> None:
    first = caller.accepted(body(), "take-1")
    sandbox.configure(known_key="conflict")
    answer = caller.submit(body(), "take-1")
    assert (answer.status_code, set(answer.json())) == (409, {"error"})
    assert [job["id"] for job in caller.get("/v2/jobs").json()["jobs"]] == [first]


def test_keys_can_be_forgotten_at_once_and_then_the_same_key_pays_twice(sandbox: SandboxServer, caller: Caller) -> None:
    sandbox.configure(known_key="forgotten")
    before = caller.credits()
    first, second = caller.accepted(body(), "take-1"), caller.accepted(body(), "take-1")
    assert first != second
    assert before - caller.credits() == 2 * caller.job(first)["creditCost"]


def test_a_first_request_can_be_called_in_progress_while_its_job_runs(sandbox: SandboxServer, caller: Caller) -> None:
    sandbox.fail_next("in progress", "POST /v2/videos/generate")
    answer = caller.submit(body(), "take-1")
    assert (answer.status_code, set(answer.json())) == (409, {"error"})
    assert [job["id"] for job in caller.get("/v2/jobs").json()["jobs"]] == [caller.accepted(body(), "take-1")]

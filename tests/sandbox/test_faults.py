from __future__ import annotations

from random import Random

import pytest
import requests

from assets_app.sandbox import faults
from assets_app.sandbox.protocol import Response
from assets_app.sandbox.server import SandboxServer
from assets_app.sandbox.settings import INSTANT
from tests.sandbox.conftest import PATIENCE, Caller, body, eventually

SUBMIT = "POST /v2/videos/generate"


def jobs_of(caller: Caller) -> list[str]:
    return [job["id"] for job in caller.get("/v2/jobs").json()["jobs"]]


def test_an_error_comes_before_the_work(sandbox: SandboxServer, caller: Caller) -> None:
    sandbox.fail_next("error", SUBMIT)
    answer = caller.submit(body())
    assert answer.status_code in {500, 502, 503}
    assert answer.json().keys() == {"error"}
    assert jobs_of(caller) == []


def test_a_dropped_answer_comes_after_the_work_and_the_key_finds_its_job(
    sandbox: SandboxServer, caller: Caller
) -> None:
    sandbox.fail_next("drop", SUBMIT)
    with pytest.raises(requests.ConnectionError):
        caller.submit(body(), "take-1")
    assert jobs_of(caller) == [caller.accepted(body(), "take-1")]


def test_a_lost_request_was_never_worked_on(sandbox: SandboxServer, caller: Caller) -> None:
    sandbox.fail_next("lost", SUBMIT)
    with pytest.raises(requests.ConnectionError):
        caller.submit(body(), "take-1")
    assert jobs_of(caller) == []


def test_a_hanging_answer_does_the_work_and_keeps_quiet(sandbox: SandboxServer, caller: Caller) -> None:
    sandbox.configure(hang_seconds=600)
    sandbox.fail_next("hang", SUBMIT)
    with pytest.raises(requests.ReadTimeout):
        caller.session.post(sandbox.base_url + "/v2/videos/generate", json=body(), timeout=(PATIENCE, 0.2))
    eventually(lambda: jobs_of(caller))
    assert len(jobs_of(caller)) == 1


def test_a_short_hang_ends_in_the_right_answer(
    sandbox: SandboxServer, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_quiet: list[float] = []
    monkeypatch.setattr(sandbox._listener.stopping, "wait", kept_quiet.append)
    sandbox.configure(hang_seconds=0.2)
    sandbox.fail_next("hang", "GET /v2/me")
    assert caller.get("/v2/me").status_code == 200
    assert kept_quiet == [0.2]


def test_cloudflares_refusal_is_plain_text(sandbox: SandboxServer, caller: Caller) -> None:
    sandbox.fail_next("cloudflare")
    answer = caller.get("/v2/me")
    assert (answer.status_code, answer.text) == (403, "error code: 1010")
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_malformed_bodies_are_not_json(sandbox: SandboxServer, caller: Caller) -> None:
    for kind in ("html", "truncated", "malformed"):
        sandbox.fail_next(kind)
        with pytest.raises(requests.JSONDecodeError):
            caller.get("/v2/me").json()


def test_an_ordered_fault_waits_for_its_route_and_happens_as_often_as_said(
    sandbox: SandboxServer, caller: Caller
) -> None:
    sandbox.fail_next("error", "GET /v2/jobs", times=2)
    assert caller.get("/v2/me").status_code == 200
    assert [caller.get("/v2/jobs").status_code >= 500 for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize("share", ["error_share", "malformed_share", "hang_share", "drop_share"])
def test_each_fault_can_be_a_share_of_all_requests(share: str) -> None:
    misbehaving = faults.Faults(Random(1))
    settings = INSTANT.changed({share: 0.3})
    well = Response(200, b'{"all": "well"}')
    spoiled = sum(misbehaving.perform("GET /v2/me", settings, lambda: well) != well for _ in range(2000))
    assert 500 < spoiled < 700


def test_shares_add_up(sandbox: SandboxServer) -> None:
    misbehaving = faults.Faults(Random(1))
    settings = INSTANT.changed({"error_share": 0.5, "drop_share": 0.5})
    well = Response(200)
    answers = [misbehaving.perform("GET /v2/me", settings, lambda: well) for _ in range(400)]
    assert well not in answers
    assert 150 < sum(answer.hang_up for answer in answers) < 250


def test_files_and_the_control_route_are_spared_from_faults(sandbox: SandboxServer) -> None:
    sandbox.configure(error_share=1, down=True)
    assert requests.get(f"{sandbox.base_url}/_control", timeout=PATIENCE).status_code == 200
    assert requests.get(f"{sandbox.base_url}/samples/", timeout=PATIENCE).status_code == 200


def test_the_whole_provider_can_be_down(sandbox: SandboxServer, caller: Caller) -> None:
    sandbox.configure(down=True)
    assert (caller.get("/v2/me").status_code, caller.submit(body()).status_code) == (503, 503)
    sandbox.configure(down=False)
    assert caller.get("/v2/me").status_code == 200


def test_an_unknown_fault_is_refused_by_name(sandbox: SandboxServer) -> None:
    with pytest.raises(ValueError, match=r"no fault “earthquake”.*drop"):
        sandbox.fail_next("earthquake")
    assert set(faults.KINDS) >= {"error", "lost", "drop", "hang", "malformed", "cloudflare", "html", "truncated"}

from __future__ import annotations

from typing import Any

import pytest
import requests

from assets_app.sandbox.delays import Delay
from assets_app.sandbox.server import SandboxServer
from assets_app.sandbox.settings import INSTANT, Settings
from tests.sandbox.conftest import PATIENCE, Caller, Site, body, eventually, png


def control(server: SandboxServer, changes: dict[str, Any], path: str = "") -> requests.Response:
    return requests.post(f"{server.base_url}/_control{path}", json=changes, timeout=PATIENCE)


def test_the_settings_can_be_read_and_written_back(sandbox: SandboxServer) -> None:
    before = requests.get(f"{sandbox.base_url}/_control", timeout=PATIENCE).json()
    assert control(sandbox, before).json() == before
    assert Settings().changed(before) == INSTANT


def test_a_setting_changes_while_it_runs(sandbox: SandboxServer) -> None:
    after = control(sandbox, {"asset_delay": "uniform:1:3", "error_share": 0.25, "down": True}).json()
    assert (after["asset_delay"], after["error_share"], after["down"]) == ("uniform:1:3", 0.25, True)


@pytest.mark.parametrize(
    "changes",
    [
        {"error_share": 2},
        {"error_share": "much"},
        {"requests_per_minute": -1},
        {"requests_per_minute": 1.5},
        {"asset_delay": "normal:1:2"},
        {"down": "perhaps"},
        {"webhook_signature": "md5"},
        {"hang_seconds": -1},
        {"colour": "blue"},
        {"keys": {"afk_x": {"state": "asleep"}}},
        {"keys": {"afk_x": {"age": 3}}},
        {"faults": [{"route": "*"}]},
        {"faults": [{"kind": "flood"}]},
    ],
)
def test_nonsense_is_refused_by_name_and_changes_nothing(sandbox: SandboxServer, changes: dict[str, Any]) -> None:
    before = sandbox.provider.settings
    answer = control(sandbox, changes)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert sandbox.provider.settings == before


def test_a_key_can_be_revoked_and_given_back(sandbox: SandboxServer, caller: Caller) -> None:
    control(sandbox, {"keys": {caller.api_key: {"state": "revoked"}}})
    refused = caller.get("/v2/me")
    assert (refused.status_code, refused.json()) == (401, {"error": "Invalid or expired token"})
    control(sandbox, {"keys": {caller.api_key: {"state": "active", "credits": 7}}})
    assert caller.credits() == 7


def test_faults_can_be_ordered(sandbox: SandboxServer, caller: Caller) -> None:
    control(sandbox, {"faults": [{"kind": "cloudflare", "route": "GET /v2/me"}]})
    assert (caller.get("/v2/me").status_code, caller.get("/v2/me").status_code) == (403, 200)


def test_an_asset_can_be_forgotten(sandbox: SandboxServer, caller: Caller, site: Site) -> None:
    asset_id = caller.active_asset(site.put("/a.png", png()))
    control(sandbox, {"forget_assets": [asset_id]})
    assert caller.get(f"/v2/assets/{asset_id}").status_code == 404


def test_the_stats_count_requests_jobs_and_keys(timed_sandbox: SandboxServer, timed_caller: Caller, site: Site) -> None:
    timed_caller.register(site.put("/a.png", png()))
    timed_caller.accepted(body(), "take-1")
    timed_caller.accepted(body(), "take-1")
    timed_caller.accepted(body())
    timed_caller.get("/v2/nowhere")

    stats = requests.get(f"{timed_sandbox.base_url}/_control/stats", timeout=PATIENCE).json()

    assert stats["requests"]["POST /v2/videos/generate"] == {"202": 3}
    assert stats["requests"]["GET (no such route)"] == {"404": 1}
    assert stats["jobs_per_idempotency_key"] == {"take-1": 1}
    assert stats["jobs_without_key"] == 1
    assert stats["assets"] == {"Processing": 1}
    assert stats["jobs"] == {"QUEUED": 2}


def test_the_moment_an_asset_became_active_can_be_read(sandbox: SandboxServer, caller: Caller, site: Site) -> None:
    asset_id = caller.active_asset(site.put("/a.png", png()))
    rows = requests.get(f"{sandbox.base_url}/_control/assets", timeout=PATIENCE).json()["assets"]
    row = next(row for row in rows if row["id"] == asset_id)
    assert row["created_at"] <= row["settled_at"]


def test_a_reset_forgets_everything_but_the_settings(
    timed_sandbox: SandboxServer, timed_caller: Caller, site: Site
) -> None:
    asset_id = timed_caller.register(site.put("/a.png", png()))
    job_id = timed_caller.accepted(body())
    timed_caller.post("/v2/uploads", files={"file": ("a.png", png())})
    eventually(lambda: timed_sandbox.provider.store.jobs[job_id].verdict)

    assert control(timed_sandbox, {}, "/reset").status_code == 200

    assert timed_caller.get(f"/v2/assets/{asset_id}").status_code == 404
    assert timed_caller.get(f"/v2/jobs/{job_id}").status_code == 404
    assert timed_caller.credits() == 5000
    assert timed_sandbox.provider.settings.asset_delay == Delay.parse("10")


def test_routes_that_are_none_are_refused_as_json(sandbox: SandboxServer) -> None:
    assert requests.get(f"{sandbox.base_url}/v3/me", timeout=PATIENCE).json() == {"error": "Route not found"}
    assert requests.delete(f"{sandbox.base_url}/v2/me", timeout=PATIENCE).status_code == 405


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Host": "evil.example"},
        {"Host": "evil.example", "Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", ""), ("POST", "/reset"), ("GET", "/assets"), ("GET", "/stats")])
def test_a_page_of_another_site_controls_nothing_and_learns_nothing(sandbox, method, path, headers):
    answer = requests.request(
        method, f"{sandbox.base_url}/_control{path}", data='{"down": true}', headers=headers, timeout=PATIENCE
    )
    assert answer.status_code == 403
    assert not sandbox.provider.settings.down


def test_a_page_of_its_own_may(sandbox):
    origin = {"Origin": sandbox.base_url}
    assert requests.get(f"{sandbox.base_url}/_control", headers=origin, timeout=PATIENCE).ok

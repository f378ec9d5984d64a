from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assets_app.sandbox.refusals import PROMPT_MARKERS
from assets_app.sandbox.server import SandboxServer
from assets_app.sandbox.settings import INSTANT
from tests.sandbox.conftest import Caller, Clock, Site, body, eventually, png, wav


def test_a_job_is_queued_then_processing_with_progress_then_completed(
    timed_sandbox: SandboxServer, timed_caller: Caller, clock: Clock
) -> None:
    job_id = timed_caller.accepted(body())
    queued = timed_caller.job(job_id)
    clock.pass_by(50)
    halfway = timed_caller.job(job_id)
    eventually(lambda: timed_sandbox.provider.store.jobs[job_id].verdict)
    clock.pass_by(49)
    almost = timed_caller.job(job_id)
    clock.pass_by(2)
    done = timed_caller.job(job_id)

    assert (queued["status"], queued["progress"], queued["result"]) == ("QUEUED", 0, None)
    assert (halfway["status"], halfway["progress"]) == ("PROCESSING", 48)
    assert (almost["status"], almost["progress"]) == ("PROCESSING", 98)
    assert (done["status"], done["progress"], done["error"]) == ("COMPLETED", 100, None)
    assert done["result"]["videoUrl"].endswith(".mp4")
    assert done["completedAt"] is not None


def test_the_input_is_echoed_by_the_job_and_missing_from_the_list(caller: Caller) -> None:
    sent = body("Rain on a window.")
    job_id = caller.accepted(sent)
    assert caller.job(job_id)["input"] == sent
    assert "input" not in caller.get("/v2/jobs").json()["jobs"][0]


def test_credits_are_taken_at_submit(timed_caller: Caller) -> None:
    before = timed_caller.credits()
    job_id = timed_caller.accepted(body())
    assert timed_caller.job(job_id)["creditCost"] == 32  # seedance-2, 480p: 8 a second
    assert timed_caller.credits() == before - 32


def test_a_failed_job_gives_its_credits_back_when_it_is_seen_to_fail_and_keeps_its_cost(
    timed_sandbox: SandboxServer, timed_caller: Caller, clock: Clock
) -> None:
    before = timed_caller.credits()
    job_id = timed_caller.accepted(body("A face. [refuse]"))
    eventually(lambda: timed_sandbox.provider.store.jobs[job_id].verdict)
    assert (timed_caller.job(job_id)["status"], timed_caller.credits()) == ("QUEUED", before - 32)

    clock.pass_by(40)

    job = timed_caller.job(job_id)
    assert (job["status"], job["creditCost"], job["result"]) == ("FAILED", 32, None)
    assert "may contain real person" in job["error"]
    assert timed_caller.credits() == before


def test_without_enough_credits_the_answer_has_both_numbers_and_no_job_is_made(
    sandbox: SandboxServer, caller: Caller
) -> None:
    sandbox.set_key(caller.api_key, credits=31)
    answer = caller.submit(body())
    assert answer.status_code == 402
    assert answer.json() == {"error": "Insufficient credits", "creditsRequired": 32, "creditsAvailable": 31}
    assert caller.get("/v2/jobs").json()["jobs"] == []


def test_a_body_the_catalogue_does_not_allow_is_refused_by_path(caller: Caller) -> None:
    answer = caller.submit(body(duration=99, colour="red"))
    assert answer.status_code == 400
    assert "seedanceParams.duration" in answer.json()["details"]
    assert any("colour" in f"{path} {messages}" for path, messages in answer.json()["details"].items())


def test_a_job_id_that_is_no_uuid_is_a_400_and_an_unknown_one_a_404(caller: Caller) -> None:
    assert caller.get("/v2/jobs/nonsense").status_code == 400
    assert caller.get(f"/v2/jobs/{uuid.uuid4()}").status_code == 404


def test_a_job_of_another_key_does_not_exist(sandbox: SandboxServer, caller: Caller) -> None:
    job_id = caller.accepted(body())
    stranger = Caller(sandbox.base_url, "afk_nosy")
    assert stranger.get(f"/v2/jobs/{job_id}").status_code == 404
    assert stranger.get("/v2/jobs").json()["jobs"] == []
    stranger.session.close()


def test_the_list_is_newest_first_and_pages_by_cursor_without_gaps(timed_caller: Caller) -> None:
    submitted = [timed_caller.accepted(body()) for _ in range(7)]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = timed_caller.get("/v2/jobs", params={"limit": 3, "cursor": cursor}).json()
        seen += [job["id"] for job in page["jobs"]]
        cursor = page["nextCursor"]
        assert page["hasMore"] == (cursor is not None)
        if not cursor:
            break
    assert seen == submitted[::-1]


def test_the_list_filters_by_status_model_and_id(
    timed_sandbox: SandboxServer, timed_caller: Caller, clock: Clock
) -> None:
    refused = timed_caller.accepted(body("[refuse]"))
    clock.pass_by(60)
    eventually(lambda: timed_caller.job(refused)["status"] == "FAILED")
    mini = timed_caller.accepted(body(model="seedance-2-mini"))

    def ids(**query: str) -> list[str]:
        return [job["id"] for job in timed_caller.get("/v2/jobs", params=query).json()["jobs"]]

    assert ids(status="FAILED") == [refused]
    assert ids(status="QUEUED") == [mini]
    assert ids(model="seedance-2-mini") == [mini]
    assert ids(search=refused) == [refused]
    assert ids(status="COMPLETED") == []


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "status=DONE", "cursor=%21", "scope=world", "search=1"]
)
def test_a_bad_list_query_is_refused(caller: Caller, query: str) -> None:
    answer = caller.get(f"/v2/jobs?{query}")
    assert answer.status_code == 400
    assert set(answer.json()["details"]) == {query.partition("=")[0]}


@pytest.mark.parametrize("marker", PROMPT_MARKERS)
def test_a_person_can_rehearse_each_refusal_by_a_word_in_the_prompt(caller: Caller, marker: str) -> None:
    job = caller.finished_job(caller.accepted(body(f"A shot. {marker}")))
    assert (job["status"], job["error"]) == ("FAILED", PROMPT_MARKERS[marker])


@pytest.mark.parametrize(("told", "cost"), [("asked", 32), ("0", 0)])
def test_a_refused_job_tells_what_it_would_have_cost_or_nothing(
    sandbox: SandboxServer, caller: Caller, told: str, cost: int
) -> None:
    sandbox.configure(failed_cost=told)
    job = caller.finished_job(caller.accepted(body("A shot. [refuse]")))
    assert (job["status"], job["creditCost"]) == ("FAILED", cost)


def test_a_share_of_jobs_is_refused_when_asked(sandbox: SandboxServer, caller: Caller) -> None:
    sandbox.configure(refuse_share=1)
    assert caller.finished_job(caller.accepted(body()))["status"] == "FAILED"


def test_whether_a_job_is_refused_is_settled_at_submit_and_not_again_after_a_restart(
    tmp_path: Path, clock: Clock, api_key: str
) -> None:
    slow = INSTANT.changed({"job_delay": "100"})
    with SandboxServer(tmp_path, settings=slow, clock=clock) as server:
        server.configure(refuse_share=0)
        before = Caller(server.base_url, api_key)
        job_id = before.accepted(body())
        before.session.close()
    clock.pass_by(101)
    with SandboxServer(tmp_path, settings=slow.changed({"refuse_share": 1}), clock=clock) as server:
        after = Caller(server.base_url, api_key)
        assert after.finished_job(job_id)["status"] == "COMPLETED"
        after.session.close()


class TestReferences:
    """The upstream looks at them when the job starts: a bad one is accepted first and fails on the poll."""

    def error_of(self, caller: Caller, **params: Any) -> str:
        job = caller.finished_job(caller.accepted(body(**params)))
        assert job["status"] == "FAILED", job
        return str(job["error"])

    def test_an_active_asset_and_a_plain_address_are_both_taken(self, caller: Caller, site: Site) -> None:
        asset_id = caller.active_asset(site.put("/hero.png", png()))
        direct = site.put("/place.png", png(800, 450))
        job = caller.finished_job(caller.accepted(body(reference_image_urls=[f"asset://{asset_id}", direct])))
        assert job["status"] == "COMPLETED", job

    def test_an_asset_still_processing_at_submit_fails_the_job(
        self, timed_sandbox: SandboxServer, timed_caller: Caller, clock: Clock, site: Site
    ) -> None:
        asset_id = timed_caller.register(site.put("/hero.png", png()))
        job_id = timed_caller.accepted(body(reference_image_urls=[f"asset://{asset_id}"]))
        clock.pass_by(60)
        assert f"asset {asset_id} is not active (status: Processing)" in timed_caller.finished_job(job_id)["error"]

    def test_an_asset_that_failed_fails_the_job(self, caller: Caller, site: Site) -> None:
        asset_id = caller.register(site.base_url + "/missing.png")
        caller.settled_asset(asset_id)
        assert "is not active (status: Failed)" in self.error_of(caller, start_image=f"asset://{asset_id}")

    def test_an_asset_nobody_knows_fails_the_job(self, caller: Caller) -> None:
        assert self.error_of(caller, start_image="asset://asset-gone") == (
            "InvalidParameter: content[1] asset asset-gone is not found"
        )

    def test_an_asset_of_the_wrong_type_fails_the_job_and_is_named_by_its_place(
        self, caller: Caller, site: Site
    ) -> None:
        image, sound = (
            caller.active_asset(site.put("/a.png", png())),
            caller.active_asset(site.put("/b.wav", wav(3)), "audio"),
        )
        error = self.error_of(caller, reference_image_urls=[f"asset://{image}", f"asset://{sound}"])
        assert error == f"InvalidParameter: content[2] expects image, asset {sound} is audio"

    def test_a_plain_address_that_does_not_answer_fails_the_job(self, caller: Caller, site: Site) -> None:
        error = self.error_of(caller, reference_image_urls=[site.base_url + "/missing.png"])
        assert error.startswith("InvalidParameter.DownloadFailed")

    def test_frames_beside_references_are_taken_where_it_is_set_to(
        self, caller: Caller, site: Site, sandbox: SandboxServer
    ) -> None:
        sandbox.configure(frames_beside_references="taken")
        still = site.put("/still.png", png())
        mixed = body(start_image=still, reference_image_urls=[still], aspect_ratio="adaptive")
        assert caller.finished_job(caller.accepted(mixed))["status"] == "COMPLETED"

    @pytest.mark.parametrize(
        ("params", "said"),
        [
            ({"start_image": "still", "reference_image_urls": ["still"]}, "cannot be mixed with reference media"),
            ({"end_image": "still"}, "last frame image requires a first frame image"),
            ({"reference_audio_urls": ["sound"]}, "reference audio requires"),
            ({"reference_video_urls": ["clip"]}, "ratio 16:9 is not valid for video extension"),
            (
                {"reference_audio_urls": ["long", "long"], "reference_image_urls": ["still"]},
                "Total duration of all reference audios must not exceed 15.4 seconds",
            ),
        ],
    )
    def test_what_does_not_go_together_fails_in_the_upstreams_words(
        self, caller: Caller, site: Site, clip: Callable[..., bytes], params: dict[str, object], said: str
    ) -> None:
        addresses = {
            "still": site.put("/still.png", png()),
            "sound": site.put("/sound.wav", wav(3)),
            "long": site.put("/long.wav", wav(10)),
            "clip": site.put("/clip.mp4", clip()),
        }
        placed = {
            name: [addresses[word] for word in value] if isinstance(value, list) else addresses[str(value)]
            for name, value in params.items()
        }
        assert said in self.error_of(caller, **placed)


def test_the_list_can_be_behind_while_single_jobs_are_not(
    timed_sandbox: SandboxServer, timed_caller: Caller, clock: Clock
) -> None:
    timed_sandbox.configure(list_lag_seconds=60)
    job_id = timed_caller.accepted(body())
    assert timed_caller.get("/v2/jobs").json()["jobs"] == []
    assert timed_caller.job(job_id)["id"] == job_id
    clock.pass_by(61)
    assert [job["id"] for job in timed_caller.get("/v2/jobs").json()["jobs"]] == [job_id]

from __future__ import annotations

import pytest
import requests

from assets_app.sandbox.server import SandboxServer
from tests.sandbox.conftest import PATIENCE, Caller, Clock, body, eventually, png


@pytest.fixture
def upload(caller: Caller) -> str:
    return caller.post("/v2/uploads", files={"file": ("a.png", png())}).json()["url"]


def fetch(url: str, **headers: str) -> requests.Response:
    return requests.get(
        url, headers={name.replace("_", "-"): value for name, value in headers.items()}, timeout=PATIENCE
    )


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-9", 0, 10), ("bytes=10-", 10, None), ("bytes=-7", -7, None), ("bytes=5-99999999", 5, None)],
)
def test_a_part_of_a_file_is_given_on_request(upload: str, asked: str, start: int, end: int | None) -> None:
    whole = png()
    answer = fetch(upload, Range=asked)
    first = start % len(whole)
    assert answer.status_code == 206
    assert answer.content == whole[start:end]
    assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(answer.content) - 1}/{len(whole)}"


def test_the_whole_file_comes_without_a_range_and_for_ranges_we_do_not_serve(upload: str) -> None:
    for headers in ({}, {"Range": "bytes=0-1,3-4"}, {"Range": "lines=1-2"}, {"Range": "bytes=-"}):
        answer = fetch(upload, **headers)
        assert (answer.status_code, answer.content) == (200, png())
        assert (answer.headers["Accept-Ranges"], answer.headers["Content-Type"]) == ("bytes", "image/png")


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=9-3"])
def test_a_range_beyond_the_end_is_a_416_with_the_size(upload: str, asked: str) -> None:
    answer = fetch(upload, Range=asked)
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{len(png())}")


def test_a_range_of_a_file_that_changed_meanwhile_gives_the_whole(upload: str) -> None:
    assert fetch(upload, Range="bytes=0-9", If_Range='"another"').status_code == 200
    assert fetch(upload, Range="bytes=0-9", If_Range=fetch(upload).headers["ETag"]).status_code == 206


def test_head_tells_the_size_and_sends_nothing(upload: str) -> None:
    answer = requests.head(upload, timeout=PATIENCE)
    assert (answer.status_code, answer.headers["Content-Length"], answer.content) == (200, str(len(png())), b"")


@pytest.mark.parametrize("name", ["..%2fsandbox.sqlite3", "%2e%2e/sandbox.sqlite3", "nothing.mp4", ".hidden"])
@pytest.mark.parametrize("room", ["videos", "uploads", "media", "samples"])
def test_no_other_file_can_be_had(sandbox: SandboxServer, room: str, name: str) -> None:
    assert requests.get(f"{sandbox.base_url}/{room}/{name}", timeout=PATIENCE).status_code == 404


def test_a_film_dies_after_its_retention_and_the_job_says_so(
    timed_sandbox: SandboxServer, timed_caller: Caller, clock: Clock
) -> None:
    job_id = timed_caller.accepted(body())
    eventually(lambda: timed_sandbox.provider.store.jobs[job_id].verdict)
    clock.pass_by(101)
    job = timed_caller.job(job_id)
    url = job["result"]["videoUrl"]
    assert (job["status"], job["expired"], fetch(url).status_code) == ("COMPLETED", False, 200)

    clock.pass_by(24 * 3600)

    job = timed_caller.job(job_id)
    assert (job["status"], job["expired"], fetch(url).status_code) == ("COMPLETED", True, 404)
    eventually(lambda: not (timed_sandbox.provider.jobs.directory / f"{job_id}.mp4").exists())

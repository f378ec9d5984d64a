"""Reading answers: every shape FACTS §3 and §5 know of, and nothing that JSON can hold breaks a reader."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets_app.apiframe.errors import UnexpectedAnswer
from assets_app.apiframe.results import (
    AssetCreated,
    AssetStatus,
    Job,
    JobAccepted,
    JobPage,
    JobStatus,
    Me,
    ModelEntry,
    ProviderAsset,
    Upload,
    model_entries,
)

FILM = "https://cdn2.apiframe.ai/videos/x.mp4"
OTHER = "https://cdn2.apiframe.ai/videos/y.mp4"
FRAME = "https://cdn.apiframe.ai/images/x-0.png"


def job(**fields) -> Job:
    return Job.from_json({"id": "j1", "status": "COMPLETED", **fields})


@pytest.mark.parametrize(
    "result",
    [
        FILM,
        {"videoUrl": FILM},
        {"video_url": FILM},
        {"video": FILM},
        {"video": {"url": FILM}},
        {"url": FILM},
        {"videos": [FILM]},
        {"videos": [{"url": FILM}]},
        {"output": [FILM]},
        {"output": FILM},
        [FILM],
        [{"url": FILM}],
        {"videoUrl": f"  {FILM}\n"},
        json.dumps({"videoUrl": FILM}),
        {"output": json.dumps([{"url": FILM}])},
        {"videoUrl": FILM.removeprefix("https:")},
    ],
)
def test_the_film_is_found_in_every_shape_a_result_was_seen_in(result):
    assert job(result=result).result_url == FILM


@pytest.mark.parametrize(
    ("written", "whole"),
    [
        ("//cdn.example:81/x.mp4", "http://cdn.example:81/x.mp4"),
        ("/files/x.mp4", "http://127.0.0.1:8001/files/x.mp4"),
    ],
)
def test_a_part_of_an_address_is_completed_by_the_providers_own(written, whole):
    data = {"id": "j1", "status": "COMPLETED", "result": {"videoUrl": written}}
    assert Job.from_json(data, base="http://127.0.0.1:8001").result_url == whole


def test_the_likeliest_place_comes_first_and_no_film_is_listed_twice():
    assert job(result={"videos": [FILM, OTHER], "videoUrl": FILM}).result_urls == (FILM, OTHER)


@pytest.mark.parametrize(
    "result", [None, "", "done", 7, {}, [], {"videoUrl": None}, {"videoUrl": "javascript:x"}, [[]]]
)
def test_a_result_without_a_film_has_none(result):
    assert job(result=result).result_url is None


@pytest.mark.parametrize(
    "result",
    [
        {"videoUrl": FILM, "lastFrameUrl": FRAME},
        {"videoUrl": FILM, "last_frame_url": FRAME},
        {"videoUrl": FILM, "lastFrame": {"url": FRAME}},
        {"videoUrl": FILM, "last_frame": FRAME},
        {"output": [FILM, FRAME]},
        {"videoUrl": FILM, "content": {"tail": f"{FRAME}"}},
        [FRAME, FILM],
    ],
)
def test_the_last_frame_is_found_and_not_taken_for_the_film(result):
    read = job(result=result)
    assert (read.result_url, read.last_frame_url) == (FILM, FRAME)


def test_a_picture_is_known_by_its_path_whatever_its_query():
    assert job(result=[f"{FRAME}?sig=a.mp4"]).last_frame_url == f"{FRAME}?sig=a.mp4"


@pytest.mark.parametrize("key", ["thumbnail", "posterUrl", "cover_image", "preview"])
def test_a_cover_picture_is_no_last_frame(key):
    assert job(result={"videoUrl": FILM, key: FRAME}).last_frame_url is None


@pytest.mark.parametrize("spelling", ["COMPLETED", "completed", " Completed "])
def test_a_job_status_is_known_in_any_case(spelling):
    assert job(status=spelling).status is JobStatus.COMPLETED


@pytest.mark.parametrize("status", ["ARCHIVING", "", None, 3, {"a": 1}])
def test_an_unknown_job_status_counts_as_running_and_is_kept_as_spelled(status):
    read = job(status=status)
    assert read.status is JobStatus.PROCESSING
    assert read.raw_status == (status if isinstance(status, str) else "")
    assert not read.status.is_final


def test_a_job_keeps_what_it_cost_when_it_was_made_and_what_was_sent():
    read = job(
        model="seedance-2",
        input={"prompt": "a fox"},
        creditCost=64,
        webhookStatus="delivered",
        createdAt="2026-09-01T10:00:00.000Z",
        completedAt="2026-09-01T12:00:32+02:00",
        expired=True,
        somethingNew=[1],
    )
    assert (read.model, read.credit_cost, read.webhook_status, read.expired) == ("seedance-2", 64, "delivered", True)
    assert read.input == {"prompt": "a fox"}
    assert read.created_at == datetime(2026, 9, 1, 10, tzinfo=UTC)
    assert read.completed_at == datetime(2026, 9, 1, 10, 0, 32, tzinfo=UTC)
    assert read.raw["somethingNew"] == [1]


@pytest.mark.parametrize(
    ("given_progress", "read"), [(45, 45), (45.6, 46), (-1, 0), (250, 100), (None, None), ("4", None)]
)
def test_progress_is_a_percentage_or_unknown(given_progress, read):
    assert job(progress=given_progress).progress == read


@pytest.mark.parametrize("error", ["too wide", {"message": "too wide"}, {"Message": "too wide"}])
def test_a_jobs_complaint_is_one_text(error):
    assert job(error=error).error == "too wide"


@pytest.mark.parametrize("when", ["yesterday", "", 12, None, "0001-01-01T00:00:00+23:59"])
def test_a_moment_nobody_can_read_is_unknown(when):
    assert job(createdAt=when).created_at is None


@pytest.mark.parametrize("key", ["assetId", "asset_id", "AssetId", "id", "Id"])
def test_a_new_assets_id_is_read_in_every_spelling(key):
    assert AssetCreated.from_json({key: "kie-asset-123"}).asset_id == "kie-asset-123"
    assert AssetCreated.from_json({key: 123}).asset_id == "123"


@pytest.mark.parametrize("bad", [None, "", "..", "a\nb", "x" * 256, True, ["a"], {}, 1.5])
def test_an_id_that_cannot_be_used_is_refused(bad):
    with pytest.raises(UnexpectedAnswer, match="assetId"):
        AssetCreated.from_json({"assetId": bad})


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        ({"status": "Active"}, AssetStatus.ACTIVE, None),
        ({"status": "active", "errorMsg": ""}, AssetStatus.ACTIVE, None),
        ({"Status": "FAILED", "Error": {"Code": "Bad", "Message": "too wide"}}, AssetStatus.FAILED, "Bad: too wide"),
        ({"status": "failed", "error_msg": "no"}, AssetStatus.FAILED, "no"),
        ({"status": "Failed", "error": {"code": "Bad"}}, AssetStatus.FAILED, "Bad"),
        ({"status": "Reviewing"}, AssetStatus.PROCESSING, None),
        ({}, AssetStatus.PROCESSING, None),
    ],
)
def test_an_asset_is_read_whichever_spelling_leaks_through(data, status, words):
    asset = ProviderAsset.from_json(data)
    assert (asset.status, asset.error_message) == (status, words)
    assert asset.raw == data


def test_an_assets_unknown_status_is_kept_as_spelled():
    assert ProviderAsset.from_json({"status": "Reviewing"}).raw_status == "Reviewing"


def test_an_upload_without_an_address_is_refused():
    with pytest.raises(UnexpectedAnswer, match="URL"):
        Upload.from_json({"id": "u1"})


def test_one_bad_row_does_not_hide_the_other_jobs():
    page = JobPage.from_json({"jobs": [{"id": "a"}, {"status": "QUEUED"}, 7, {"id": "b"}], "nextCursor": None})
    assert [read.id for read in page.jobs] == ["a", "b"]
    assert (page.unreadable, page.has_more, page.next_cursor) == (2, False, None)


def test_there_is_no_next_page_without_a_cursor():
    assert JobPage.from_json({"jobs": [], "hasMore": True}).has_more is False
    assert JobPage.from_json({"jobs": [], "nextCursor": "c"}).has_more is True
    assert JobPage.from_json({"jobs": [], "nextCursor": "c", "hasMore": False}).has_more is False


def test_an_account_without_a_team_has_no_known_balance():
    me = Me.from_json({"user": {"email": "a@b.c"}, "team": None, "apiKey": None})
    assert (me.user_email, me.team_name, me.credits) == ("a@b.c", None, None)


def test_a_model_without_a_label_is_called_by_its_id():
    assert ModelEntry.from_json({"id": "seedance-9"}).label == "seedance-9"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(FILM) | st.datetimes().map(str),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
FIELDS = """id jobId assetId status Status url error Error errorMsg result videoUrl output lastFrameUrl progress input
creditCost webhookStatus createdAt completedAt expired jobs nextCursor hasMore user team apiKey credits name models
label costMin byteSize expiresAt code message""".split()
ANSWERS = st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=8) | ANYTHING
READERS = [
    AssetCreated.from_json,
    ProviderAsset.from_json,
    Upload.from_json,
    JobAccepted.from_json,
    Job.from_json,
    JobPage.from_json,
    Me.from_json,
    ModelEntry.from_json,
    model_entries,
]


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__qualname__)
@given(answer=ANSWERS)
def test_whatever_json_arrives_it_is_read_or_refused_as_unexpected(reader, answer):
    with contextlib.suppress(UnexpectedAnswer):
        reader(answer)

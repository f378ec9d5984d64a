"""What the client sends, and what it makes of good answers."""

from __future__ import annotations

import gzip
import io
import json
import threading
import tomllib
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path

import pytest

from assets_app.apiframe import client as client_module
from assets_app.apiframe.client import VERSION, Client
from assets_app.apiframe.errors import NotJson, ServerError, Unauthorized, UnexpectedAnswer
from assets_app.apiframe.price_ranges import PriceRange
from assets_app.apiframe.results import AssetStatus, JobStatus

from .conftest import KEY
from .scripted import Asked, Says, ScriptedProvider

JOB_ID = "0b54f7c2-5f0e-4a53-9d3b-9c8f0ac0a001"


def test_every_request_carries_the_key_our_name_and_asks_for_json(provider, client):
    provider.says = Says(body={"status": "Active"})
    client.get_asset("kie-asset-123")
    assert (provider.last.method, provider.last.path) == ("GET", "/v2/assets/kie-asset-123")
    assert provider.last.headers["X-API-Key"] == KEY
    assert provider.last.headers["User-Agent"] == f"Castboard/{VERSION}"
    assert provider.last.headers["Accept"] == "application/json"


def test_our_name_carries_the_version_of_the_project():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION


def test_creating_an_asset_returns_its_id_and_the_providers_name_for_the_request(provider, client):
    provider.says = Says(201, {"assetId": "kie-asset-123"}, {"X-Request-Id": "req-7"})
    created = client.create_asset("https://example.org/a b.png", "image")
    assert (created.asset_id, created.request_id) == ("kie-asset-123", "req-7")
    assert provider.last.json() == {"url": "https://example.org/a b.png", "type": "image"}
    assert provider.last.headers["Content-Type"] == "application/json"


def test_an_asset_is_read_with_its_status_and_reason(provider, client):
    provider.says = Says(body={"status": "Failed", "url": None, "errorMsg": "too wide", "more": [1]})
    asset = client.get_asset("a1")
    assert (asset.status, asset.error_message, asset.url) == (AssetStatus.FAILED, "too wide", None)


def test_an_id_cannot_lead_to_another_address(provider, client):
    provider.says = Says(body={"status": "Active"})
    client.get_asset("../me?x=1#y")
    assert provider.last.path == "/v2/assets/..%2Fme%3Fx%3D1%23y"
    with pytest.raises(ValueError, match="dots"):
        client.get_asset("..")


def test_a_generation_is_sent_with_its_idempotency_key_and_exactly_the_given_body(provider, client):
    provider.says = Says(202, {"jobId": JOB_ID, "status": "QUEUED"})
    body = {"model": "seedance-2", "prompt": "Ein Fuchs läuft — „schnell“", "seedanceParams": {"duration": 5}}
    accepted = client.generate_video(body, idempotency_key="gen-1")
    assert (accepted.job_id, accepted.status) == (JOB_ID, JobStatus.QUEUED)
    assert provider.last.headers["Idempotency-Key"] == "gen-1"
    assert provider.last.json() == body


def test_a_replay_sends_the_same_bytes(provider, client):
    provider.says = Says(202, {"jobId": JOB_ID, "status": "PROCESSING"})
    for _ in range(2):
        client.generate_video({"b": 1, "a": 2}, "gen-1")
    assert provider.asked[0].body == provider.asked[1].body


@pytest.mark.parametrize("key", ["", " ", "ü", "a\nb", "x" * 256])
def test_an_idempotency_key_the_api_would_not_take_is_refused_before_sending(provider, client, key):
    with pytest.raises(ValueError, match="idempotency key"):
        client.generate_video({}, key)
    assert provider.asked == []


def test_a_page_of_jobs_is_asked_for_with_limit_cursor_and_status(provider, client):
    provider.says = Says(body={"jobs": [{"id": JOB_ID, "status": "COMPLETED"}], "nextCursor": "c/2=", "hasMore": True})
    page = client.list_jobs(cursor="c 1", status="COMPLETED")
    assert provider.last.path == "/v2/jobs?limit=100&cursor=c+1&status=COMPLETED"
    assert (page.next_cursor, page.has_more, page.jobs[0].id) == ("c/2=", True, JOB_ID)


def test_a_job_is_read_with_its_film(provider, client):
    provider.says = Says(
        body={
            "id": JOB_ID,
            "status": "COMPLETED",
            "progress": 100,
            "result": {"videoUrl": "https://cdn2.apiframe.ai/videos/x.mp4"},
            "createdAt": "2026-09-01T10:00:00.000Z",
        }
    )
    job = client.get_job(JOB_ID)
    assert provider.last.path == f"/v2/jobs/{JOB_ID}"
    assert (job.status, job.progress, job.result_url) == (
        JobStatus.COMPLETED,
        100,
        "https://cdn2.apiframe.ai/videos/x.mp4",
    )


def test_the_account_is_read_with_its_credits(provider, client):
    provider.says = Says(
        body={
            "user": {"id": "u", "email": "a@b.c", "role": "OWNER"},
            "team": {"id": "t", "name": "Films", "credits": 4000, "plan": "af_basic", "customerId": None},
            "apiKey": {"id": "k", "name": "main", "prefix": "afk_9f8e"},
        }
    )
    me = client.me()
    assert (me.team_name, me.credits, me.plan, me.key_prefix) == ("Films", 4000, "af_basic", "afk_9f8e")


def test_models_and_the_document_are_read(provider, client):
    range_given = {"costMin": 4, "costMax": 11, "pricingMode": "per-second"}
    provider.script = [
        Says(
            body={"models": [{"id": "seedance-2-mini", "label": "Mini", "modality": "video", **range_given, "x": 1}, 7]}
        ),
        Says(body={"openapi": "3.1.0"}),
    ]
    (mini,) = client.models("video")
    assert (mini.id, mini.price_range, mini.raw["x"]) == ("seedance-2-mini", PriceRange(4, 11, "per-second"), 1)
    assert client.openapi() == {"openapi": "3.1.0"}
    assert [asked.path for asked in provider.asked] == ["/v2/models?modality=video", "/v2/openapi.json"]


class CountingFile(io.BytesIO):
    """Remembers the largest piece anybody asked for."""

    largest = 0

    def read(self, size: int | None = -1) -> bytes:
        self.largest = max(self.largest, len(self.getvalue()) if size is None or size < 0 else size)
        return super().read(size)


def test_an_upload_arrives_whole_and_is_never_in_memory_at_once(provider, client):
    provider.says = Says(201, {"id": "u1", "url": "https://cdn.apiframe.ai/u1.png", "kind": "image", "byteSize": 3})
    content = bytes(range(256)) * 4096
    file = CountingFile(content)
    upload = client.upload(file, 'Szene "3"\r\n é.png', "image/png")
    assert upload.url == "https://cdn.apiframe.ai/u1.png"
    assert file.largest <= 64 * 1024
    asked = provider.last
    message = BytesParser(policy=HTTP).parsebytes(
        b"Content-Type: " + asked.headers["Content-Type"].encode() + b"\r\n\r\n" + asked.body
    )
    (part,) = message.iter_parts()
    assert part.get_payload(decode=True) == content
    assert part.get_content_type() == "image/png"
    assert part.get_param("name", header="content-disposition") == "file"
    assert b'filename="Szene %223%22%0D%0A \xc3\xa9.png"' in asked.body


def test_an_upload_begins_where_the_file_stands(provider, client):
    provider.says = Says(201, {"url": "https://cdn.apiframe.ai/u1.png"})
    file = io.BytesIO(b"skipped|sent")
    file.seek(8)
    client.upload(file, "a.png")
    assert b"\r\n\r\nsent\r\n--" in provider.last.body


def test_a_file_that_shrinks_while_being_sent_is_reported_as_such(provider, client):
    class Shrinking(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return b""

    with pytest.raises(ValueError, match="shorter"):
        client.upload(Shrinking(b"12345"), "a.png")


def test_connections_are_kept_and_used_again(provider, client):
    provider.says = Says(body={"status": "Processing"})
    for _ in range(5):
        client.get_asset("a1")
    assert len({asked.connection for asked in provider.asked}) == 1


def test_connections_survive_answers_that_are_errors_too(provider, client):
    provider.script = [Says(503, {"error": "later"}), Says(502, "<html>bad gateway</html>")]
    for _ in range(2):
        with pytest.raises(ServerError):
            client.me()
    provider.says = Says(body={"status": "Active"})
    client.get_asset("a1")
    assert len({asked.connection for asked in provider.asked}) == 1


def test_many_threads_share_one_client_and_each_gets_its_own_answer(provider, client):
    class Echo(Says):
        def for_request(self, asked: Asked) -> Says:
            return Says(body={"assetId": asked.json()["url"]})

    provider.says = Echo()
    mixed_up: list[str] = []

    def create(number: int) -> None:
        for turn in range(20):
            url = f"https://example.org/{number}/{turn}"
            if client.create_asset(url, "image").asset_id != url:
                mixed_up.append(url)

    threads = [threading.Thread(target=create, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert mixed_up == []
    assert len(provider.asked) == 160


def test_compressed_answers_are_read(provider, client):
    packed = gzip.compress(json.dumps({"status": "Active"}).encode())
    provider.says = Says(body=packed, headers={"Content-Encoding": "gzip"})
    assert client.get_asset("a1").status is AssetStatus.ACTIVE


def test_a_body_without_a_length_is_read_to_its_end(provider, client):
    def chunked(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for piece in (b'{"status":', b'"Active"}'):
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        handler.wfile.write(b"0\r\n\r\n")

    provider.says = Says(instead=chunked)
    assert client.get_asset("a1").status is AssetStatus.ACTIVE


@pytest.mark.parametrize("packed", [False, True])
def test_an_endless_answer_is_cut_off(provider, client, monkeypatch, packed):
    monkeypatch.setattr(client_module, "LARGEST_BODY", 100_000)
    body = json.dumps({"status": "x" * 3_000_000}).encode()
    provider.says = Says(
        body=gzip.compress(body) if packed else body, headers={"Content-Encoding": "gzip"} if packed else {}
    )
    with pytest.raises(UnexpectedAnswer, match="longer"):
        client.get_asset("a1")


def test_a_redirect_is_never_followed_so_the_key_stays_home(provider, client):
    with ScriptedProvider() as elsewhere:
        provider.says = Says(302, "", {"Location": f"{elsewhere.base_url}/v2/me"})
        with pytest.raises(UnexpectedAnswer, match="redirect") as caught:
            client.me()
        assert elsewhere.asked == []
    assert (caught.value.status, caught.value.retryable, caught.value.maybe_done) == (302, False, False)


def test_cookies_are_not_carried_along(provider, client):
    provider.says = Says(body={"status": "Active"}, headers={"Set-Cookie": "__cf_bm=1; Path=/"})
    client.get_asset("a1")
    client.get_asset("a1")
    assert "Cookie" not in provider.last.headers


def test_the_environments_proxy_is_read_once_when_the_client_is_made(provider, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", provider.base_url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    client = Client("http://api.example.org", KEY)
    monkeypatch.delenv("HTTP_PROXY")
    provider.says = Says(body={"status": "Active"})
    assert client.get_asset("a1").status is AssetStatus.ACTIVE
    assert provider.last.path == "http://api.example.org/v2/assets/a1"
    client.close()


def test_a_provider_on_this_machine_is_never_reached_through_a_proxy(provider, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with Client(provider.base_url, KEY) as client:
        provider.says = Says(body={"status": "Active"})
        assert client.get_asset("a1").status is AssetStatus.ACTIVE


def test_a_base_url_may_end_in_a_slash(provider):
    with Client(provider.base_url + "/", KEY) as client:
        provider.says = Says(body={"status": "Active"})
        client.get_asset("a1")
    assert provider.last.path == "/v2/assets/a1"


@pytest.mark.parametrize(
    "base_url", ["", "api.apiframe.ai", "ftp://x", "https://", "https://u:p@x.org", "https://x.org?a=1", "https://x#f"]
)
def test_a_base_url_that_is_no_plain_web_address_is_refused(base_url):
    with pytest.raises(ValueError, match="base URL"):
        Client(base_url, KEY)


@pytest.mark.parametrize("key", ["", "afk_ 1", "afk_1\n", "afk_ü", "afk_•••"])
def test_a_key_no_header_can_carry_is_an_unauthorized_key(key):
    with pytest.raises(Unauthorized, match="paste it again") as caught:
        Client("https://api.apiframe.ai", key)
    assert not caught.value.retryable


@pytest.mark.parametrize("body", ["", "ok", '{"status": "Act', b"\xff\xfe\x00", "[" * 100_000])
def test_a_good_status_with_an_unreadable_body_is_not_believed(provider, client, body):
    provider.says = Says(body=body)
    with pytest.raises(NotJson) as caught:
        client.get_asset("a1")
    assert (caught.value.status, caught.value.retryable, caught.value.maybe_done) == (200, True, False)

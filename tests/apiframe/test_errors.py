"""Each way a call can fail, over a real socket: the class, whether a retry can help, whether it may have been done."""

from __future__ import annotations

import copy
import pickle
import socket
import ssl
import time
from datetime import UTC, datetime

import pytest
import time_machine

from assets_app.apiframe import errors
from assets_app.apiframe.client import Client
from assets_app.apiframe.errors import (
    ApiframeError,
    BadRequest,
    Blocked,
    Conflict,
    Forbidden,
    InsufficientCredits,
    NetworkFailed,
    NotFound,
    NotJson,
    RateLimited,
    ServerError,
    TimedOut,
    Unauthorized,
    UnexpectedAnswer,
    parse_retry_after,
)
from tests.ports import free_port

from .conftest import KEY
from .scripted import PATIENCE_SECONDS, Says


def submit(client: Client) -> None:
    client.generate_video({"model": "seedance-2", "prompt": "a fox"}, "gen-1")


def failure_of(call, *args) -> ApiframeError:
    with pytest.raises(ApiframeError) as caught:
        call(*args)
    return caught.value


# The answers of FACTS §4: status, body, class, retryable, and whether a submit may have been carried out.
ANSWERS = [
    (400, {"error": "No", "details": {"seedanceParams.duration": ["Too big"]}}, BadRequest, False, False),
    (400, {"error": "Invalid job id"}, BadRequest, False, False),
    (401, {"error": "Invalid or expired token"}, Unauthorized, False, False),
    (
        402,
        {"error": "Insufficient credits", "creditsRequired": 80, "creditsAvailable": 12},
        InsufficientCredits,
        False,
        False,
    ),
    (403, {"error": "API key is inactive"}, Forbidden, False, False),
    (403, "error code: 1010", Blocked, False, False),
    (404, {"error": "Job not found"}, NotFound, False, False),
    (404, "<html>not here</html>", NotJson, True, False),
    (409, {"error": "Idempotency key reused"}, Conflict, False, False),
    (413, {"error": "Too large"}, BadRequest, False, False),
    (429, {"error": "Rate limit exceeded"}, RateLimited, True, False),
    (429, "error code: 1015", RateLimited, True, False),
    (500, {"error": "Internal"}, ServerError, True, True),
    (502, {"error": "Upstream asset creation failed"}, ServerError, True, True),
    (503, {"error": "Queue unavailable"}, ServerError, True, True),
    (524, "<html>a timeout occurred</html>", ServerError, True, True),
    (408, "", TimedOut, True, True),
    (202, "accepted!", NotJson, True, True),
    (202, "", NotJson, True, True),
    (202, {"status": "QUEUED"}, UnexpectedAnswer, True, True),
    (202, ["job"], UnexpectedAnswer, True, True),
]


@pytest.mark.parametrize(("status", "body", "kind", "retryable", "maybe_done"), ANSWERS)
def test_each_answer_to_a_submit_has_its_class_and_says_what_it_means(
    provider, client, status, body, kind, retryable, maybe_done
):
    provider.says = Says(status, body, {"X-Request-Id": "req-9"})
    failure = failure_of(submit, client)
    assert type(failure) is kind
    assert (failure.status, failure.request_id) == (status, "req-9")
    assert (failure.retryable, failure.maybe_done) == (retryable, maybe_done)


@pytest.mark.parametrize(("status", "body", "kind", "retryable", "maybe_done"), ANSWERS)
def test_a_failed_read_never_says_that_anything_was_done(provider, client, status, body, kind, retryable, maybe_done):
    provider.says = Says(status, body)
    assert failure_of(client.get_job, "j1").maybe_done is False


def test_a_validation_error_lists_its_complaints_by_path(provider, client):
    provider.says = Says(
        400, {"error": "Validation failed", "details": {"prompt": ["Required"], "odd": "one", "n": [1]}}
    )
    failure = failure_of(submit, client)
    assert isinstance(failure, BadRequest)
    assert failure.message == str(failure) == "Validation failed"
    assert failure.details == {"prompt": ["Required"], "odd": ["one"], "n": ["1"]}


def test_missing_credits_come_as_two_numbers(provider, client):
    provider.says = Says(402, {"error": "Insufficient credits", "creditsRequired": 80, "creditsAvailable": 12})
    failure = failure_of(submit, client)
    assert isinstance(failure, InsufficientCredits)
    assert (failure.required, failure.available) == (80, 12)


def test_missing_credits_beyond_all_measure_are_numbers_that_can_be_stored(provider, client):
    provider.says = Says(402, {"error": "Insufficient credits", "creditsRequired": 10**30, "creditsAvailable": -5})
    failure = failure_of(submit, client)
    assert (failure.required, failure.available) == (2**31 - 1, 0)


def test_missing_credits_without_numbers_are_still_missing_credits(provider, client):
    provider.says = Says(402, {"error": "Insufficient credits", "creditsRequired": "many"})
    failure = failure_of(submit, client)
    assert isinstance(failure, InsufficientCredits)
    assert (failure.required, failure.available) == (None, None)


def test_the_body_is_kept_but_not_more_than_a_page_of_it(provider, client):
    provider.says = Says(500, "x" * 10_000)
    failure = failure_of(client.me)
    assert failure.raw == "x" * 2_000
    assert len(failure.message) < 300


@pytest.mark.parametrize("error", [{"message": "inner"}, "inner"])
def test_the_message_is_what_the_api_says_in_either_shape(provider, client, error):
    provider.says = Says(400, {"error": error})
    assert failure_of(client.me).message == "inner"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("0.5", 0.5), (None, 1.0), ("soon", 1.0), ("0", 1.0), ("-5", 1.0), ("nan", 1.0), ("1e9", 3600.0)],
)
def test_a_rate_limit_says_how_long_to_wait(provider, client, header, seconds):
    provider.says = Says(429, {"error": "Slow down"}, {"Retry-After": header} if header else {})
    assert failure_of(client.me).retry_after == seconds


def test_a_date_to_retry_after_is_meant_by_the_servers_clock(provider, client):
    def answer(handler):
        handler.wfile.write(
            b"HTTP/1.1 429 Too Many Requests\r\nDate: Sun, 01 Nov 2026 10:00:00 GMT\r\n"
            b"Retry-After: Sun, 01 Nov 2026 10:00:42 GMT\r\nContent-Length: 2\r\n\r\n{}"
        )

    provider.says = Says(instead=answer)
    assert failure_of(client.me).retry_after == 42.0


@time_machine.travel(datetime(2026, 11, 1, 10, tzinfo=UTC), tick=False)
def test_a_date_already_past_means_the_shortest_wait():
    assert parse_retry_after("Sun, 01 Nov 2026 09:00:00 GMT", now=time.time()) == 1.0
    assert parse_retry_after("Sun, 01 Nov 2026 10:00:30 GMT", now=time.time()) == 30.0


def test_a_busy_server_may_also_say_when_to_come_back(provider, client):
    provider.says = Says(503, {"error": "Queue"}, {"Retry-After": "12"})
    assert failure_of(client.me).retry_after == 12.0


# Without any answer


def test_a_refused_connection_says_that_nothing_was_done():
    with Client(f"http://127.0.0.1:{free_port()}", KEY) as client:
        failure = failure_of(submit, client)
    assert type(failure) is NetworkFailed
    assert (failure.retryable, failure.maybe_done, failure.status) == (True, False, None)
    assert "cannot be reached" in failure.message


def test_a_name_that_does_not_exist_says_that_nothing_was_done(monkeypatch):
    def nowhere(*args, **kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    with Client("http://api.example.invalid", KEY) as client:
        failure = failure_of(submit, client)
    assert type(failure) is NetworkFailed
    assert (failure.retryable, failure.maybe_done) == (True, False)


def test_a_timeout_on_connecting_says_that_nothing_was_done():
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        # The one place in the queue is taken, so the next connection is neither accepted nor refused.
        crowd = [socket.socket() for _ in range(3)]
        for one in crowd:
            one.settimeout(0)
            one.connect_ex(address)
        with Client(f"http://127.0.0.1:{address[1]}", KEY, timeout=(0.2, PATIENCE_SECONDS)) as client:
            failure = failure_of(submit, client)
        for one in crowd:
            one.close()
    assert type(failure) is TimedOut
    assert (failure.retryable, failure.maybe_done) == (True, False)


def test_a_timeout_on_submit_says_the_request_may_have_been_carried_out(provider):
    provider.says = Says(instead=provider.stay_silent)
    with Client(provider.base_url, KEY, timeout=(PATIENCE_SECONDS, 0.2)) as client:
        failure = failure_of(submit, client)
        read = failure_of(client.get_job, "j1")
    assert type(failure) is type(read) is TimedOut
    assert (failure.retryable, failure.maybe_done) == (True, True)
    assert read.maybe_done is False


def dropped(handler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


def half_an_answer(handler) -> None:
    handler.wfile.write(b'HTTP/1.1 202 Accepted\r\nContent-Length: 90\r\n\r\n{"jobId":')


def half_the_headers(handler) -> None:
    handler.wfile.write(b"HTTP/1.1 202 Acc")


def half_a_chunk(handler) -> None:
    handler.wfile.write(b'HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n{"jobId":')


@pytest.mark.parametrize("instead", [dropped, half_an_answer, half_a_chunk])
def test_a_connection_that_breaks_after_sending_says_it_may_have_been_carried_out(provider, client, instead):
    provider.says = Says(instead=instead)
    failure = failure_of(submit, client)
    assert type(failure) is NetworkFailed
    assert (failure.retryable, failure.maybe_done) == (True, True)
    assert failure_of(client.get_job, "j1").maybe_done is False


def test_headers_cut_short_are_some_failure_that_may_have_been_done(provider, client):
    provider.says = Says(instead=half_the_headers)
    failure = failure_of(submit, client)
    assert (failure.retryable, failure.maybe_done) == (True, True)


def test_a_body_packed_wrongly_is_a_failure_of_ours_to_name_not_a_crash(provider, client):
    provider.says = Says(202, b"not gzip", {"Content-Encoding": "gzip"})
    failure = failure_of(submit, client)
    assert (failure.retryable, failure.maybe_done) == (True, True)


def test_a_body_that_only_drips_is_a_timeout(provider):
    def drip(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not provider.over.wait(0.02):
            handler.wfile.write(b" ")

    provider.says = Says(instead=drip)
    with Client(provider.base_url, KEY, timeout=(PATIENCE_SECONDS, 0.2)) as client:
        assert type(failure_of(client.me)) is TimedOut


def test_a_server_that_does_not_speak_tls_has_not_got_the_request(provider):
    with Client(provider.base_url.replace("http:", "https:"), KEY) as client:
        failure = failure_of(client.me)
    assert type(failure) is NetworkFailed


def test_a_certificate_nobody_vouches_for_says_that_nothing_was_done(monkeypatch, provider):
    def untrusted(*args, **kwargs):
        raise ssl.SSLCertVerificationError(1, "self-signed certificate")

    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", untrusted)
    with Client(provider.base_url.replace("http:", "https:"), KEY) as client:
        failure = failure_of(submit, client)
    assert type(failure) is NetworkFailed
    assert failure.maybe_done is False


def test_a_proxy_that_is_down_says_that_nothing_was_done(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Client("http://api.example.org", KEY) as client:
        failure = failure_of(submit, client)
    assert type(failure) is NetworkFailed
    assert failure.maybe_done is False


def test_trouble_the_caller_is_already_in_does_not_colour_the_verdict(provider, client):
    provider.says = Says(instead=dropped)
    try:
        with Client(f"http://127.0.0.1:{free_port()}", KEY) as other:
            submit(other)
    except NetworkFailed:
        assert failure_of(submit, client).maybe_done is True


# As values

EVERY_CLASS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ApiframeError)]


@pytest.mark.parametrize("kind", EVERY_CLASS)
def test_every_error_survives_pickling_and_copying_with_all_it_knows(kind):
    error = kind("words", status=418, maybe_done=True, request_id="r", raw="body", retry_after=3.0)
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301 our own bytes
        assert type(twin) is kind
        assert str(twin) == "words"
        assert vars(twin) == vars(error)
        assert (twin.status, twin.maybe_done, twin.retry_after) == (418, True, 3.0)

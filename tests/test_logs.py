"""Lines of the log: no token, and no traceback for what a visitor may not do."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from apiframe_site.logs import Line, without_tokens
from assets_app.middleware import HeadersAloneMiddleware

SECRET = "c0ffee-secret-c0ffee"


def patterns(of: URLResolver) -> Iterator[URLPattern]:
    for each in of.url_patterns:
        if isinstance(each, URLResolver):
            yield from patterns(each)
        else:
            yield each


def addresses_with_tokens() -> Iterator[str]:
    """Of every route that something opens by itself: a token, or the key of a mail."""
    for route in patterns(get_resolver()):
        names = route.pattern.regex.groupindex
        if {"token", "key"} & set(names) and route.name:
            yield reverse(route.name, kwargs={name: SECRET if name in ("token", "key") else "1" for name in names})


def test_there_are_such_addresses() -> None:
    assert len(set(addresses_with_tokens())) >= 4


@pytest.mark.parametrize("address", sorted(set(addresses_with_tokens())))
def test_no_line_holds_a_token(address: str) -> None:
    for line in (f"Unauthorized: {address}", f"/login/?next={quote(address, safe='')}", f"https://host{address}?x=1"):
        assert "secret" in line
        assert "secret" not in without_tokens(line)


def test_other_addresses_are_left_as_they_are() -> None:
    line = "Not Found: /dailies/assets/0191/"
    assert without_tokens(line) == line


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the log's own handler writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Line("{levelname} {name}: {message}", style="{"))
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)


def test_a_forged_webhook_leaves_a_line_without_its_address(db: None, written: io.StringIO) -> None:
    Client().post(f"/webhooks/apiframe/{SECRET}/", data=b"{}", content_type="application/json")
    assert "/webhooks/apiframe/…" in written.getvalue()
    assert SECRET not in written.getvalue()


def test_what_a_viewer_may_not_do_is_one_line(viewer, client_of, written: io.StringIO) -> None:
    client_of(viewer).post("/dailies/members/invite/", {"role": "viewer", "days": "1"})
    assert written.getvalue().count("\n") == 1
    assert written.getvalue().startswith("WARNING django.request: Forbidden")


def test_our_own_faults_keep_their_traceback_without_tokens() -> None:
    error = ValueError(f"/share/{SECRET}/")
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "Broken", (), (ValueError, error, None))
    assert "ValueError: /share/…/" in Line().format(record)


def test_the_loggers_of_our_libraries_write_by_it() -> None:
    from django_q.conf import logger as of_the_queue

    handlers = [*logging.getLogger("gunicorn.error").handlers, *of_the_queue.handlers, *logging.getLogger().handlers]
    ours = [handler for handler in handlers if isinstance(handler.formatter, Line)]
    assert len(ours) == 3


@pytest.mark.parametrize("page", [HttpResponse(b"page"), StreamingHttpResponse([b"pa", b"ge"])])
def test_a_head_request_gets_no_body_to_leave_out(page: HttpResponse | StreamingHttpResponse) -> None:
    page.headers["Content-Length"] = "4"
    request = HttpRequest()
    request.method = "HEAD"
    answer = HeadersAloneMiddleware(lambda _request: page)(request)
    assert b"".join(answer) == b""
    assert answer.headers["Content-Length"] == "4"

"""Whatever happens, the API key is in no log, no repr, no message and no traceback."""

from __future__ import annotations

import logging
import pickle
import traceback

import pytest

from assets_app.apiframe.client import Client
from assets_app.apiframe.errors import ApiframeError, TimedOut
from tests.ports import free_port

from .conftest import KEY
from .scripted import PATIENCE_SECONDS, Says
from .test_errors import dropped

ECHOES = [
    Says(400, {"error": f"Bad header X-API-Key: {KEY}", "details": {KEY: [f"saw {KEY}"]}}),
    Says(401, {"error": f"Invalid or expired token {KEY}"}, {"X-Request-Id": KEY}),
    Says(403, f"error code: 1010 {KEY.upper()}"),
    Says(404, f"<html>{KEY}</html>"),
    Says(500, "x" * 1_980 + KEY),
    Says(503, {"error": "x" * 480 + KEY}),
    Says(302, f"go to /{KEY}", {"Location": f"/{KEY}"}),
    Says(200, f"not json {KEY}"),
    Says(200, [KEY]),
    Says(instead=dropped),
]


def everything_about(error: BaseException) -> str:
    """All that a log, a crash reporter or a debug page could show of it."""
    seen: BaseException | None = error
    texts: list[str] = []
    while seen is not None:
        trace = traceback.TracebackException.from_exception(seen, capture_locals=True)
        # Frames of the test itself hold the key in plain sight, as any caller does.
        trace.stack = traceback.StackSummary([frame for frame in trace.stack if "/tests/" not in frame.filename])
        texts += ["".join(trace.format()), repr(seen), str(seen), repr(vars(seen)), repr(seen.args)]
        seen = seen.__cause__ or seen.__context__
    return "\n".join(texts)


def forms_of_the_key() -> list[str]:
    # Half a key is half a secret: a cut through the middle must not let a long piece of it out either.
    return [KEY.lower(), KEY[4:20]]


def assert_hidden(text: str) -> None:
    for form in forms_of_the_key():
        assert form not in text.lower()


@pytest.mark.parametrize("says", ECHOES)
def test_an_answer_that_echoes_the_key_gives_nothing_away(provider, client, caplog, says):
    caplog.set_level(logging.DEBUG)
    provider.says = says
    with pytest.raises(ApiframeError) as caught:
        client.me()
    logging.getLogger("test").error("it failed", exc_info=caught.value)
    assert_hidden(everything_about(caught.value))
    assert_hidden(caplog.text)
    assert_hidden(pickle.dumps(caught.value).decode("latin-1"))


def test_a_failure_to_connect_gives_nothing_away(caplog):
    caplog.set_level(logging.DEBUG)
    with Client(f"http://127.0.0.1:{free_port()}", KEY) as client, pytest.raises(ApiframeError) as caught:
        client.create_asset("https://example.org/a.png", "image")
    assert_hidden(everything_about(caught.value) + caplog.text)


def test_the_original_error_and_its_request_are_left_behind(provider):
    provider.says = Says(instead=provider.stay_silent)
    with Client(provider.base_url, KEY, timeout=(PATIENCE_SECONDS, 0.1)) as client, pytest.raises(TimedOut) as caught:
        client.me()
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_good_answer_leaves_nothing_in_the_log(provider, client, caplog):
    caplog.set_level(logging.DEBUG)
    provider.says = Says(body={"status": "Active"})
    client.get_asset("a1")
    assert "urllib3" in {record.name.split(".")[0] for record in caplog.records}
    assert_hidden(caplog.text)


def test_the_client_shows_its_address_and_not_its_key(client):
    shown = f"{client!r} {client} {vars(client)!r}"
    assert client.base_url in shown
    assert_hidden(shown)


def test_the_headers_it_sends_show_a_mask(provider, client):
    provider.says = Says(body={"status": "Active"})
    client.get_asset("a1")
    assert provider.last.headers["X-API-Key"] == KEY
    assert_hidden(repr(client._blank.headers))


def test_a_client_does_not_let_itself_be_pickled(client):
    with pytest.raises(TypeError, match="key") as caught:
        pickle.dumps(client)
    assert_hidden(str(caught.value))


def test_a_key_that_cannot_be_sent_is_not_repeated_in_the_complaint():
    with pytest.raises(ApiframeError) as caught:
        Client("https://api.apiframe.ai", f"{KEY}\n")
    assert_hidden(f"{caught.value!r} {caught.value} {vars(caught.value)}")

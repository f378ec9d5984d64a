"""What somebody who is not signed in can make us hold: no file, and no thread for long."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.test.client import FakePayload

from apiframe_site import worker
from assets_app.startup import preparation

pytestmark = pytest.mark.django_db


@pytest.fixture
def no_temporary_files(tmp_path: Any, settings: Any) -> Iterator[None]:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    yield
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("size", [10, 5 * 2**20])
def test_a_form_reads_no_further_than_to_the_first_file(rf: RequestFactory, no_temporary_files: None, size: int):
    file = SimpleUploadedFile("a.bin", b"x" * size)
    request = rf.post("/login/", {"username": "ana", "file": file, "password": "after the file"})
    assert request.POST.dict() == {"username": "ana"}
    assert not request.FILES
    if size > 2**20:
        assert request.read(1)  # the rest was never asked for


def test_a_sign_in_with_a_file_in_it_is_only_a_sign_in_that_fails(no_temporary_files: None):
    User.objects.create_user("ana", password="far from the shore")
    file = SimpleUploadedFile("a.bin", b"x" * 3 * 2**20)
    answer = Client().post("/login/", {"file": file, "username": "ana", "password": "far from the shore"})
    assert answer.status_code == 200
    assert answer.wsgi_request.user.is_anonymous


class Silent(FakePayload):
    """A body of which nothing arrives until the socket's patience is over."""

    def read(self, *_: Any) -> bytes:
        raise BlockingIOError


def test_a_form_that_never_arrives_is_turned_away_without_an_error_of_ours():
    client = Client(enforce_csrf_checks=True)
    sent = {"CONTENT_LENGTH": "1000", "CONTENT_TYPE": "application/x-www-form-urlencoded", "wsgi.input": Silent()}
    assert client.generic("POST", "/login/", **sent)["Location"] == "/login/?again=1"
    assert client.generic("POST", "/logout/", **sent).status_code == 403


def test_a_visitor_who_falls_silent_is_given_up():
    with preparation.listen(0, patience=1) as listener, socket.create_connection(listener.getsockname()) as visitor:
        visitor.sendall(b"POST /login/ HTTP/1.1\r\nContent-Length: 1000\r\n\r\n")
        served, _ = listener.accept()
        with served, io.BytesIO(served.recv(1024)) as head:
            assert head.read(4) == b"POST"
            hangs_up = threading.Timer(180, visitor.shutdown, [socket.SHUT_WR])  # or nobody would notice
            hangs_up.start()
            with pytest.raises(BlockingIOError):
                served.recv(1024)
            hangs_up.cancel()
            hangs_up.join()


def test_whoever_closes_a_visitor_that_was_seen_off_waits_no_more(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(worker, "LONGEST_GOODBYE", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as silent:
        served, _ = listener.accept()
        with served:
            worker.see_off(served)
            assert silent.recv(10) == b""
            served.settimeout(180)
            assert served.recv(10) == b""


def test_the_last_words_arrive_although_the_visitor_was_still_talking():
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as talker:
        served, _ = listener.accept()
        talker.sendall(b"x" * 5000)
        served.sendall(b"too much")
        talker.shutdown(socket.SHUT_WR)
        worker.see_off(served)
        served.close()
        assert talker.recv(100) == b"too much"

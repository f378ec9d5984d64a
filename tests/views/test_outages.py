"""A full disk and a busy database are said as what they are, whatever was pressed; nothing half is left behind."""

from __future__ import annotations

import errno
import io
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client
from PIL import Image

from assets_app.engine.storing import incoming_directory
from assets_app.media import receiving, room
from assets_app.models import Asset, Generation, Heartbeat, Team

pytestmark = pytest.mark.django_db

FULL, BUSY = "The disk of this server is full.", "The database is busy."
OUTAGES = [
    pytest.param(OSError(errno.ENOSPC, "No space left on device"), 507, FULL, id="full"),
    pytest.param(OSError(errno.EDQUOT, "Disk quota exceeded"), 507, FULL, id="over the quota"),
    pytest.param(OperationalError("database or disk is full"), 507, FULL, id="full by SQLite"),
    pytest.param(OperationalError("could not extend file: No space left on device"), 507, FULL, id="by PostgreSQL"),
    pytest.param(OperationalError("database is locked"), 503, BUSY, id="locked"),
    pytest.param(OperationalError("the connection is closed"), 503, BUSY, id="away"),
]
STUDIO = {
    "model": "seedance-2-mini",
    "shown_model": "seedance-2-mini",
    "prompt": "A lighthouse",
    "takes": "1",
    "duration": "4",
    "resolution": "480p",
    "aspect_ratio": "16:9",
    "click": "2b0c5e9e-9f3c-4a53-8f0e-6d0f4a5e7c11",
}


def png() -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (320, 320)).save(drawn, "PNG")
    return drawn.getvalue()


@pytest.fixture
def visitor(team: Team, editor: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(editor)
    return client


def failing(error: Exception) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize(("error", "status", "words"), OUTAGES)
@pytest.mark.parametrize("address", ["/dailies/assets/add/", "/dailies/generate/"])
def test_a_press_says_what_is_the_matter(
    visitor: Client, monkeypatch: pytest.MonkeyPatch, address: str, error: Exception, status: int, words: str
) -> None:
    monkeypatch.setattr(Team, "next_revision", failing(error))
    form = STUDIO if "generate" in address else {"urls": "https://media.example/a.jpg"}
    answer = visitor.post(address, form)
    assert answer.status_code == status
    page = answer.content.decode()
    assert words in page
    assert "our fault" not in page
    assert answer.headers.get("Retry-After") == ("5" if status == 503 else None)
    answer = visitor.post(address, form, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["problem"].startswith(words)) == (status, True)
    assert not Asset.objects.exists()
    assert not Generation.objects.exists()


@pytest.mark.parametrize(("error", "status", "words"), OUTAGES)
def test_an_upload_is_told_in_json_and_leaves_nothing(
    visitor: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, words: str
) -> None:
    monkeypatch.setattr("assets_app.views.uploads.add_file", failing(error))
    answer = visitor.post("/dailies/assets/upload/", {"file": SimpleUploadedFile("a.png", png())})
    assert (answer.status_code, answer.json()["problem"].startswith(words)) == (status, True)
    assert list(incoming_directory().iterdir()) == []


class FullDisk:
    """A file that finds no room: at the second write, or only when what was held back is written at the end."""

    def __init__(self, file: Any, *, at_the_end: bool) -> None:
        self.file, self.at_the_end, self.writes = file, at_the_end, 0

    def write(self, data: bytes) -> None:
        self.writes += 1
        if self.writes > 1 and not self.at_the_end:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.file.write(data)

    def close(self) -> None:
        self.file.close()
        raise OSError(errno.ENOSPC, "No space left on device")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


@pytest.mark.parametrize("at_the_end", [False, True])
def test_half_an_upload_is_dropped_at_once(visitor: Client, monkeypatch: pytest.MonkeyPatch, at_the_end: bool) -> None:
    really_open = receiving.os.fdopen
    monkeypatch.setattr(receiving.os, "fdopen", lambda *how: FullDisk(really_open(*how), at_the_end=at_the_end))
    answer = visitor.post("/dailies/assets/upload/", {"file": SimpleUploadedFile("a.png", png() + bytes(600_000))})
    assert answer.status_code == 507
    assert answer.json()["problem"].startswith(FULL)
    assert list(incoming_directory().iterdir()) == []


def test_nobody_can_sign_in_on_a_full_disk_and_that_is_said(
    editor: User, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor.set_password("correct horse")
    editor.save()
    full = failing(OperationalError("database or disk is full"))
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.save", full)
    visitor = Client(raise_request_exception=False)
    answer = visitor.post("/login/", {"username": editor.username, "password": "correct horse"})
    assert answer.status_code == 507
    assert FULL in answer.content.decode()


def test_a_mistake_of_ours_is_still_ours(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Team, "next_revision", failing(ZeroDivisionError()))
    answer = visitor.post("/dailies/assets/add/", {"urls": "https://media.example/a.jpg"})
    assert answer.status_code == 500
    assert "our fault" in answer.content.decode()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite has one lock for all")
@pytest.mark.django_db(transaction=True)
def test_while_somebody_else_holds_the_database_a_press_is_told_and_reading_goes_on(visitor: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 50")
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = visitor.post("/dailies/assets/add/", {"urls": "https://media.example/a.jpg"})
        assert (answer.status_code, BUSY in answer.content.decode()) == (503, True)
        assert visitor.get("/dailies/assets/").status_code == 200
    assert visitor.post("/dailies/assets/add/", {"urls": "https://media.example/a.jpg"}).status_code == 302
    connection.close()


# --- said beforehand -------------------------------------------------------------------------------------------------
def test_the_health_says_that_the_disk_is_full(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    Heartbeat.beat()
    assert client.get("/healthz").json()["disk"] == {"ok": True}
    monkeypatch.setattr(room, "LEAST_BYTES", 2**80)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["reason"] == FULL


def test_admins_see_that_the_disk_is_full_on_every_page_and_others_do_not(
    admin: User, editor: User, client_of: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert FULL not in client_of(admin).get("/dailies/").content.decode()
    monkeypatch.setattr(room, "LEAST_BYTES", 2**80)
    for page in ("", "assets/", "generate/", "videos/"):
        assert FULL in client_of(admin).get(f"/dailies/{page}").content.decode()
        assert FULL not in client_of(editor).get(f"/dailies/{page}").content.decode()


def test_a_disk_without_room_for_another_file_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not room.is_full(tmp_path)
    monkeypatch.setattr(room, "LEAST_FILES", 2**80)
    counts_files = room.os.statvfs(tmp_path).f_files > 0
    assert room.is_full(tmp_path) is counts_files

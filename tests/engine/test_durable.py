"""No row says of a file that we have it before the file is on the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from assets_app.models import Generation, Video
from tests.media.samples import picture

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def order(monkeypatch) -> Iterator[list[str]]:
    """Files brought to the disk, and rows that name one, in the order in which they were."""
    done: list[str] = []
    sync = os.fsync

    def noted(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        done.append("names" if path.is_dir() else "file")
        sync(descriptor)

    def watched(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        is_copy = "assets_app_video" in sql or "assets_app_original" in sql
        if sql.startswith(("UPDATE", "INSERT")) and is_copy and any("/" in str(value) for value in params or ()):
            done.append("row")
        return execute(sql, params, many, context)

    monkeypatch.setattr(os, "fsync", noted)
    with connection.execute_wrapper(watched):
        yield done


def test_a_film_and_its_previews_are_on_the_disk_before_its_row_says_saved(new_generation, until, run_files, order):
    new_generation()
    until(lambda: Generation.objects.get().state == "completed")
    order.clear()
    run_files()
    assert Video.objects.get().state == "saved"
    before = order[: order.index("row")]
    assert [step for step in before if step == "file"] == ["file"] * 3  # film, poster, clip
    assert before[-1] == "names"


def test_an_upload_is_answered_when_it_is_on_the_disk(admin, client_of, order, tmp_path):
    content = SimpleUploadedFile("still.png", picture(tmp_path / "still.png", "PNG").read_bytes())
    assert client_of(admin).post("/dailies/assets/upload/", {"file": content}).status_code == 201
    before = order[: order.index("row")]
    assert "file" in before
    assert before[-1] == "names"

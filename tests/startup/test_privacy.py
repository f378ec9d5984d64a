"""Other accounts of the machine read nothing of ours."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from pytest_django.fixtures import Settings

from apiframe_site import environment
from assets_app.media.storage import MediaStorage
from assets_app.startup.privacy import keep_private
from tests.supervisor.helpers import PATIENCE_SECONDS, ROOT


def mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.lstat().st_mode))


@pytest.fixture
def careless() -> Iterator[None]:
    """A shell whose umask lets others read."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def data_dir(careless: None, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As an earlier version left it."""
    data = tmp_path / "data"
    (data / "media" / "team").mkdir(parents=True)
    for name in ("castboard.sqlite3", "castboard.sqlite3-wal", "media/team/film.mp4"):
        (data / name).write_bytes(b"x")
    data.chmod(0o755)
    settings.DATA_DIR, settings.MEDIA_ROOT = data, data / "media"
    monkeypatch.setattr(connection, "vendor", "sqlite")
    monkeypatch.setitem(connection.settings_dict, "NAME", str(data / "castboard.sqlite3"))
    return data


def test_whatever_loads_the_settings_makes_files_for_itself_alone(tmp_path: Path, careless: None) -> None:
    code = "import os, apiframe_site.settings as s; (s.DATA_DIR / 'x').touch(); print(oct(os.umask(0)))"
    environment = os.environ | {"DATA_DIR": str(tmp_path / "data"), "SECRET_KEY": ""}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_SECONDS,
    )
    assert done.stdout.strip() == "0o77"
    assert {mode(tmp_path / "data" / name) for name in ("x", "secret_key")} == {"0o600"}
    assert mode(tmp_path / "data") == "0o700"


def test_the_key_is_never_there_for_others_to_read(
    tmp_path: Path, careless: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(Path, "chmod", lambda path, _mode: seen.append(mode(path)))
    monkeypatch.delenv("SECRET_KEY", raising=False)
    environment.secret_key("SECRET_KEY", tmp_path, on_loopback_only=True)
    assert [*seen, mode(tmp_path / "secret_key")] == ["0o600"]


def test_media_are_ours_alone_whatever_the_umask(tmp_path: Path, careless: None) -> None:
    storage = MediaStorage(location=str(tmp_path))
    assert mode(tmp_path / storage.save("a.bin", ContentFile(b"x"))) == "0o600"


def test_what_is_there_already_is_taken_from_others_and_said_in_one_line(data_dir: Path) -> None:
    assert (
        keep_private()
        == f"other accounts of this machine could read 6 files and directories in {data_dir}; they cannot now."
    )
    assert {mode(path) for path in data_dir.rglob("*") if path.is_file()} == {"0o600"}
    assert {mode(path) for path in [data_dir, *data_dir.rglob("*")] if path.is_dir()} == {"0o700"}
    assert keep_private() == ""


def test_a_database_outside_of_the_data_is_ours_too(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_private()
    elsewhere = tmp_path / "elsewhere.sqlite3"
    elsewhere.write_bytes(b"x")
    monkeypatch.setitem(connection.settings_dict, "NAME", str(elsewhere))
    assert "could read 1 file or directory in" in keep_private()
    assert mode(elsewhere) == "0o600"


def test_files_of_somebody_else_are_told(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_ours(_path: Path, _mode: int) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "chmod", not_ours)
    assert "can read 6 files and directories" in keep_private()


def test_what_a_link_leads_to_is_left_alone(data_dir: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"x")
    (data_dir / "link").symlink_to(outside)
    keep_private()
    assert mode(outside) == "0o644"

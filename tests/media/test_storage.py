"""What our storage says it has, it has on the disk; and it knows when its directory is not there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from django.core.files.base import ContentFile, File

from assets_app.media.storage import MARK, MediaAway, MediaStorage


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "media"


@pytest.fixture
def storage(root: Path) -> MediaStorage:
    return MediaStorage(location=root)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is brought to the disk and moved into place, in this order."""
    done: list[str] = []
    sync, replace = os.fsync, Path.replace

    def noted_sync(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        done.append(f"{'names' if path.is_dir() else 'file'} in {path.parent.name if path.is_file() else path.name}")
        sync(descriptor)

    def noted_replace(self: Path, target: Path) -> Path:
        done.append(f"move {Path(target).name}")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    return done


def test_a_file_is_on_the_disk_before_it_has_its_name_and_the_name_before_it_is_saved(storage, steps):
    storage.save("team/film.mp4", ContentFile(b"film"))
    assert steps[-3:] == ["file in team", "move film.mp4", "names in team"]
    assert set(steps[:-3]) == {"names in media", f"names in {Path(storage.location).parent.name}"}
    steps.clear()
    storage.save("team/other.mp4", ContentFile(b"film"))
    assert steps == ["file in team", "move other.mp4", "names in team"]


def test_a_file_that_arrived_is_moved_and_brought_to_the_disk_first(storage, root, tmp_path, steps):
    arrived = tmp_path / "incoming-1"
    arrived.write_bytes(b"film")
    with arrived.open("rb") as file:
        content = File(file, str(arrived))
        content.temporary_file_path = lambda: str(arrived)
        storage.save("film.mp4", content)
    assert not arrived.exists()
    assert (root / "film.mp4").read_bytes() == b"film"
    assert [step for step in steps if ".part" not in step][-3:] == [
        f"file in {tmp_path.name}",
        "move film.mp4",
        "names in media",
    ]


def test_what_breaks_off_leaves_nothing(storage, root):
    class Breaking(ContentFile):
        def chunks(self, chunk_size=None):
            yield b"fi"
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        storage.save("film.mp4", Breaking(b"film"))
    assert list(root.iterdir()) == []


def test_the_same_name_is_replaced_in_one_instant(storage, root):
    storage.save("film.mp4", ContentFile(b"damaged"))
    with storage.open("film.mp4") as reading:
        assert storage.save("film.mp4", ContentFile(b"film")) == "film.mp4"
        assert reading.read() == b"damaged"
    assert (root / "film.mp4").read_bytes() == b"film"


def test_nothing_is_written_where_the_disk_of_the_media_should_be(storage, root):
    storage.save("film.mp4", ContentFile(b"film"))
    storage.mark()
    assert not storage.is_away
    root.rename(root.with_name("elsewhere"))
    assert storage.is_away
    with pytest.raises(MediaAway):
        storage.save("film.mp4", ContentFile(b"film"))
    assert not root.exists()
    root.mkdir()  # the empty place where a disk is mounted
    with pytest.raises(MediaAway):
        storage.save("film.mp4", ContentFile(b"film"))
    shutil.rmtree(root)
    root.with_name("elsewhere").rename(root)
    assert not storage.is_away
    assert (root / "film.mp4").read_bytes() == b"film"


def test_a_new_place_needs_no_mark_to_be_written_to(storage):
    assert not storage.is_away
    storage.save("film.mp4", ContentFile(b"film"))


def test_all_files_are_walked_but_the_mark(storage):
    storage.mark()
    for name in ("a/b/film.mp4", "film.mp4"):
        storage.save(name, ContentFile(b"film"))
    assert sorted((name, facts.st_size) for name, facts in storage.walk()) == [("a/b/film.mp4", 4), ("film.mp4", 4)]
    assert (Path(storage.location) / MARK).exists()


def test_directories_that_are_links_and_those_of_the_system_are_passed_over(storage, monkeypatch):
    storage.save("film.mp4", ContentFile(b"film"))
    root = Path(storage.location)
    (root.parent / "elsewhere").mkdir()
    (root / "link").symlink_to(root.parent / "elsewhere")
    (root / "lost+found").mkdir()
    scan = os.scandir

    def as_no_administrator(path):
        if Path(path).name == "lost+found":
            raise PermissionError(path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", as_no_administrator)
    assert [name for name, _facts in storage.walk()] == ["film.mp4"]

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from assets_app.media.archive import archive_original, archive_result, remove_abandoned
from assets_app.media.facts import ThumbnailError
from assets_app.media.fetch import FetchError
from assets_app.media.probe import ProbeError

from . import samples
from .samples import opened
from .servers import Site, respond


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    folder = tmp_path / "storage"
    folder.mkdir()
    return folder


@pytest.fixture
def film(tmp_path: Path) -> bytes:
    return samples.film(tmp_path / "film.mp4", movflags="faststart").read_bytes()


def result(site: Site, path: str, storage: Path, **options):
    return archive_result(site.url(path), storage, allowed_origins=frozenset({site.origin}), **options)


def original(site: Site, path: str, storage: Path, **options):
    return archive_original(site.url(path), storage, allowed_origins=frozenset({site.origin}), **options)


# Results


def test_a_finished_video_is_brought_home_with_all_that_is_known_of_it(site: Site, storage: Path, film: bytes):
    site.serves("/videos/x.mp4", film, "video/mp4")
    copy = result(site, "/videos/x.mp4", storage)
    assert copy.path.parent == storage
    assert copy.path.read_bytes() == film
    assert copy.sha256 == hashlib.sha256(film).hexdigest()
    assert copy.byte_size == len(film)
    assert (copy.facts.width, copy.facts.height, copy.facts.seconds) == (320, 240, 2.0)
    assert opened(copy.poster or b"").size == (320, 240)
    assert copy.poster_problem == ""


def test_a_copy_that_is_not_wanted_after_all_can_be_discarded_twice(site: Site, storage: Path, film: bytes):
    site.serves("/x", film)
    copy = result(site, "/x", storage)
    copy.discard()
    copy.discard()
    assert list(storage.iterdir()) == []


def test_the_declared_type_does_not_matter(site: Site, storage: Path, film: bytes):
    site.serves("/x", film, "text/plain")
    assert result(site, "/x", storage).facts.content_type == "video/mp4"


def refused(site: Site, storage: Path, body: bytes, words: str, **headers: str):
    site.answers("/x", lambda handler: respond(handler, 200, body, headers))
    with pytest.raises(ProbeError, match=words):
        result(site, "/x", storage)
    assert list(storage.iterdir()) == []


def test_an_error_page_with_status_200_is_refused(site: Site, storage: Path):
    refused(site, storage, b"<!doctype html><title>Oops</title>", "web page")


def test_an_empty_answer_is_refused(site: Site, storage: Path):
    refused(site, storage, b"", "empty")


def test_a_picture_instead_of_the_video_is_refused(site: Site, storage: Path, tmp_path: Path):
    picture = samples.picture(tmp_path / "a.png", "PNG").read_bytes()
    refused(site, storage, picture, "image/png")


def test_a_sound_instead_of_the_video_is_refused(site: Site, storage: Path, tmp_path: Path):
    refused(site, storage, samples.sound(tmp_path / "a.m4a", "aac").read_bytes(), "audio/mp4")


def test_a_video_that_was_already_cut_off_at_the_provider_is_refused(site: Site, storage: Path, film: bytes):
    refused(site, storage, film[: len(film) * 2 // 3], "cut off")


def test_a_transfer_that_breaks_off_leaves_nothing_behind_and_may_be_repeated(site: Site, storage: Path, film: bytes):
    site.answers("/x", lambda handler: respond(handler, 200, film[:999], {"Content-Length": str(len(film))}))
    with pytest.raises(FetchError) as caught:
        result(site, "/x", storage)
    assert (caught.value.code, caught.value.retryable) == ("dropped", True)
    assert list(storage.iterdir()) == []


def test_a_video_the_provider_has_purged_is_gone(site: Site, storage: Path):
    with pytest.raises(FetchError) as caught:
        result(site, "/purged.mp4", storage)
    assert caught.value.gone
    assert list(storage.iterdir()) == []


def test_a_result_over_the_cap_is_refused(site: Site, storage: Path, film: bytes):
    site.serves("/x", film)
    with pytest.raises(FetchError) as caught:
        result(site, "/x", storage, max_bytes=1000)
    assert caught.value.code == "too_big"
    assert list(storage.iterdir()) == []


def test_a_private_address_that_is_not_the_teams_provider_is_refused(site: Site, storage: Path, film: bytes):
    site.serves("/x", film)
    with pytest.raises(FetchError) as caught:
        archive_result(site.url("/x"), storage)
    assert caught.value.code == "private_address"


def test_an_interrupt_leaves_nothing_behind_either(site: Site, storage: Path, film: bytes, monkeypatch):
    def interrupted(*args: object) -> None:
        raise KeyboardInterrupt

    site.serves("/x", film)
    monkeypatch.setattr("assets_app.media.archive.probe", interrupted)
    with pytest.raises(KeyboardInterrupt):
        result(site, "/x", storage)
    assert list(storage.iterdir()) == []


# Originals


@pytest.mark.parametrize("kind", ["image", "video", "audio"])
def test_the_original_of_an_asset_may_be_picture_video_or_sound(site: Site, storage: Path, tmp_path: Path, kind: str):
    made = {
        "image": lambda: samples.picture(tmp_path / "a.png", "PNG"),
        "video": lambda: samples.film(tmp_path / "a.mov"),
        "audio": lambda: samples.sound(tmp_path / "a.mp3", "libmp3lame"),
    }
    site.serves("/a", made[kind]().read_bytes())
    copy = original(site, "/a", storage)
    assert copy.facts.media_type == kind
    assert opened(copy.poster or b"").width > 0


def test_an_original_that_cannot_be_shown_is_kept_and_says_why(site: Site, storage: Path, monkeypatch):
    def cannot(*_args: object) -> bytes:
        raise ThumbnailError("No picture could be taken from the video.")

    monkeypatch.setattr("assets_app.media.archive.still", cannot)
    site.serves("/a", samples.film(storage / "film.mp4").read_bytes())
    copy = original(site, "/a", storage)
    assert copy.poster is None
    assert copy.poster_problem == "No picture could be taken from the video."


def test_an_original_of_more_than_50_mb_is_refused_by_its_declared_length(site: Site, storage: Path):
    site.answers("/a", lambda handler: respond(handler, 200, b"", {"Content-Length": str(60 * 2**20)}))
    with pytest.raises(FetchError, match=r"at most 50 MB is taken, and it is 60 MB"):
        original(site, "/a", storage)


# Leftovers of a killed process


def test_only_old_temporary_files_are_removed(storage: Path):
    old, fresh, other = storage / "incoming-old", storage / "incoming-new", storage / "kept.mp4"
    for path in (old, fresh, other):
        path.write_bytes(b"x")
    long_ago = time.time() - 7200
    os.utime(old, (long_ago, long_ago))
    os.utime(other, (long_ago, long_ago))
    assert remove_abandoned(storage) == 1
    assert sorted(path.name for path in storage.iterdir()) == ["incoming-new", "kept.mp4"]


def test_a_temporary_file_that_vanishes_under_the_broom_is_none_to_remove(storage: Path):
    (storage / "incoming-going").symlink_to(storage / "gone")  # listed, but no longer there when looked at
    assert remove_abandoned(storage) == 0

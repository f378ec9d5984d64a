"""An uploaded file's way to Active: looked into first, then uploaded, then registered, whatever dies in between."""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image

from assets_app.media.facts import Facts
from assets_app.models import Asset, NewFile, Original, Team, add_file, registering
from tests.media.samples import film

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def picture(width: int = 640, height: int = 480, kind: str = "PNG") -> bytes:
    output = io.BytesIO()
    Image.effect_noise((width, height), 60).convert("RGB").save(output, kind)
    return output.getvalue()


@pytest.fixture
def new_file(team: Team) -> Callable[..., Asset]:
    def make(content: bytes = b"", content_type: str = "image/png", suffix: str = ".png") -> Asset:
        content = content or picture()
        pk, sha256 = uuid.uuid4(), hashlib.sha256(content).hexdigest()
        name = Original(asset_id=pk, team_id=team.pk).file_name(sha256, suffix)
        stored = default_storage.save(name, ContentFile(content))
        media_type = content_type.partition("/")[0]
        return add_file(team, None, NewFile(pk, "A file", media_type, stored, sha256, content_type, len(content)))

    return make


def test_an_uploaded_file_is_looked_into_sent_and_registered(new_file, run_files, until, sandbox):
    asset = new_file()
    run_files()
    until(lambda: Asset.objects.get().state == "active")
    asset.refresh_from_db()
    states = ["checking", "queued", "processing", "active"]
    assert list(asset.events.filter(subject="").order_by("id").values_list("to_state", flat=True)) == states
    assert asset.original.is_saved
    assert asset.original.poster
    assert (asset.original.width, asset.original.height) == (640, 480)
    assert (asset.upload_url, asset.upload_until) == ("", None)


def test_nothing_is_sent_before_the_file_was_looked_into(new_file, run):
    asset = new_file()
    assert run() == 2  # only the questions about the account and the prices
    asset.refresh_from_db()
    assert asset.state == "checking"


def test_a_file_the_provider_would_refuse_is_not_sent_and_says_by_how_much(new_file, run_files, run):
    asset = new_file(picture(200, 200))
    run_files()
    run()
    asset.refresh_from_db()
    assert asset.state == "rejected"
    assert "200 px" in asset.reason
    assert "300 px" in asset.reason
    assert not asset.provider_id


def test_a_broken_file_is_not_sent_and_says_so(new_file, run_files, run):
    asset = new_file(picture()[:2000])
    run_files()
    run()
    asset.refresh_from_db()
    assert asset.state == "rejected"
    assert "damaged" in asset.reason


def test_a_refused_file_can_be_sent_all_the_same(new_file, run_files, run, until):
    asset = new_file(picture(290, 400))
    run_files()
    run()
    asset.refresh_from_db()
    assert asset.state == "rejected"
    assert registering.register_again(asset, None)
    until(lambda: Asset.objects.get().state in ("active", "failed"))


def test_each_of_the_two_requests_is_one_of_the_budget(new_file, run_files, run, sandbox):
    new_file()
    run_files()
    assert run() == 3  # the upload, and the questions about the account and the prices
    asset = Asset.objects.get()
    assert asset.upload_url
    assert asset.state == "queued"
    assert run() == 1
    asset.refresh_from_db()
    assert asset.state == "processing"


def test_an_upload_that_was_sent_before_a_death_is_used_and_one_that_is_too_old_is_sent_again(
    new_file, run_files, run, until
):
    new_file()
    run_files()
    until(lambda: bool(Asset.objects.get().upload_url))
    first = Asset.objects.get().upload_url
    Asset.objects.update(upload_until=timezone.now() - timedelta(seconds=1))
    until(lambda: Asset.objects.get().upload_url not in ("", first))
    until(lambda: Asset.objects.get().state == "active")


def test_a_file_that_is_gone_ends_in_plain_words(new_file, run_files, run):
    asset = new_file()
    run_files()
    Original.objects.update(file="")
    run()
    asset.refresh_from_db()
    assert (asset.state, asset.reason) == (
        "failed",
        "Our own copy of the file is gone, and there is no source to fetch it from.",
    )


def test_an_uploaded_file_stays_where_originals_are_not_kept(new_file, run_files, team):
    Team.objects.update(keep_originals=False)
    new_file()
    run_files()
    original = Original.objects.get()
    assert original.is_saved
    assert default_storage.exists(original.file.name)


def test_a_video_gets_a_short_silent_clip_beside_its_poster(new_file, run_files, tmp_path: Path):
    path = film(tmp_path / "film.mp4", seconds=5, size=(640, 480))
    new_file(path.read_bytes(), "video/mp4", ".mp4")
    run_files()
    original = Original.objects.get()
    assert original.poster
    from assets_app.media.probe import probe

    facts: Facts = probe(Path(default_storage.path(original.clip.name)))
    assert (facts.width, facts.height, facts.has_audio) == (320, 240, False)
    assert facts.seconds == pytest.approx(3, abs=0.1)
    assert facts.byte_size < original.byte_size

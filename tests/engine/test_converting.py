"""What the provider does not take as it is: converted once, sent as that, the original kept."""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from assets_app.apiframe.model_facts import MediaFacts
from assets_app.engine.missing import look_after
from assets_app.library import trash
from assets_app.media import archive
from assets_app.media.facts import ProbeError
from assets_app.media.fetch import Fetched
from assets_app.media.probe import probe
from assets_app.models import (
    Asset,
    Candidate,
    NewAsset,
    NewCandidate,
    NewFile,
    Original,
    Team,
    add_file,
    look_at,
    register_all,
    register_candidates,
    registering,
)
from assets_app.models.judging import facts_as_sent, problems_with
from tests.media import samples
from tests.views.scene import make_asset

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def picture(kind: str = "TIFF", size: tuple[int, int] = (400, 320)) -> bytes:
    output = io.BytesIO()
    Image.new("RGB", size, (200, 160, 90)).save(output, kind)
    return output.getvalue()


@pytest.fixture
def upload(team: Team) -> Callable[..., Asset]:
    def take(content: bytes, content_type: str = "image/tiff", suffix: str = ".tif") -> Asset:
        pk, sha256 = uuid.uuid4(), hashlib.sha256(content).hexdigest()
        stored = default_storage.save(f"{team.pk}/originals/{pk}/{sha256[:20]}{suffix}", ContentFile(content))
        new = NewFile(pk, "A scan", content_type.partition("/")[0], stored, sha256, content_type, len(content))
        return add_file(team, None, new)

    return take


def stored(original: Original, column: str) -> Path:
    return Path(default_storage.path(getattr(original, column).name))


def test_a_file_the_provider_does_not_take_is_sent_as_one_that_it_takes(upload, run_files, until):
    content = picture()
    upload(content)
    run_files()
    until(lambda: Asset.objects.get().state == "active")
    original = Original.objects.get()
    assert stored(original, "file").read_bytes() == content
    assert original.sent_as == "PNG"
    assert original.to_send.content_type == "image/png"
    assert probe(stored(original, "sent_file")).content_type == "image/png"
    assert facts_as_sent(original).byte_size == stored(original, "sent_file").stat().st_size
    assert problems_with(facts_as_sent(original), "image", is_upload=True) == []


@pytest.mark.parametrize(
    ("name", "codec", "made"),
    [("a.webm", "libvpx", "MP4"), ("a.mov", "prores_ks", "MP4"), ("a.mov", "libx264", ""), ("a.mp4", "libx264", "")],
)
def test_a_film_is_converted_for_its_container_or_for_what_it_is_packed_with(
    upload, run_files, tmp_path, name, codec, made
):
    pixels = "yuv422p10le" if codec == "prores_ks" else "yuv420p"
    path = samples.film(tmp_path / name, seconds=0.25, size=(64, 48), codec=codec, pixels=pixels, sound=None)
    upload(path.read_bytes(), probe(path).content_type, path.suffix)
    run_files()
    assert Original.objects.get().sent_as == made


@pytest.mark.parametrize(
    ("name", "codec", "made"),
    [
        ("a.flac", "flac", "WAV"),
        ("a.m4a", "aac", "WAV"),
        ("a.ogg", "libopus", "WAV"),
        ("a.mp3", "libmp3lame", ""),
        ("a.wav", "pcm_s16le", ""),
        ("a.wav", "pcm_s24le", ""),
        ("a.wav", "adpcm_ima_wav", "WAV"),
        ("a.wav", "libmp3lame", "WAV"),
    ],
)
def test_a_sound_that_no_model_takes_is_converted(upload, run_files, tmp_path, name, codec, made):
    path = samples.sound(tmp_path / name, codec, seconds=0.25)
    upload(path.read_bytes(), probe(path).content_type, path.suffix)
    run_files()
    assert Original.objects.get().sent_as == made


def test_what_it_is_converted_to_is_held_to_the_same_limits(upload, run_files, run):
    asset = upload(picture(size=(200, 320)))
    run_files()
    run()
    asset.refresh_from_db()
    assert asset.state == "rejected"
    assert "200 px" in asset.reason
    assert "onvert" not in asset.reason


def test_what_cannot_be_converted_says_so_and_its_original_is_as_good_as_it_was(upload, run_files, run, monkeypatch):
    def fail(*_: object) -> None:
        raise ProbeError("It cannot be read whole.")

    monkeypatch.setattr(archive, "convert", fail)
    asset = upload(picture("AVIF"), "image/avif", ".avif")
    run_files()
    run()
    asset.refresh_from_db()
    assert asset.original.is_saved
    assert asset.state == "rejected"
    assert asset.reason.startswith("It cannot be read whole. The file is image/avif; only JPEG")
    assert asset.reason.endswith("Convert it to JPEG.")
    # Sent all the same, it is not tried over and over again.
    assert registering.register_again(asset, None)
    run()
    assert Original.objects.get().is_saved


def test_a_file_from_before_there_were_conversions_is_converted_when_it_is_sent(upload, run_files, run, until):
    asset = upload(picture())
    run_files()
    run()
    Original.objects.update(sent_file="", sent_facts={})
    Asset.objects.update(state="rejected", due_at=None, upload_url="", upload_until=None)
    asset.refresh_from_db()
    assert registering.register_again(asset, None)
    run()
    assert Original.objects.get().state == "copying"
    run_files()
    until(lambda: Asset.objects.get().state == "active")
    assert Original.objects.get().sent_as == "PNG"


def test_a_link_that_the_provider_would_not_take_is_sent_as_our_copy_converted(
    team, editor, sandbox, run_files, run, until, monkeypatch
):
    content = picture("AVIF")

    def fetch_to(url: str, file: BinaryIO, **_: object) -> Fetched:
        file.write(content)
        return Fetched(url, "image/avif", len(content), hashlib.sha256(content).hexdigest())

    monkeypatch.setattr(archive, "fetch_to", fetch_to)
    look_at(team, editor, [NewCandidate(f"{sandbox.base_url}/scan.avif", "image")])
    run_files()
    candidate = Candidate.objects.get()
    assert (candidate.state, candidate.reason) == ("ready", "")
    assert "converted" in candidate.warning
    (asset,) = register_candidates(team, editor)
    assert asset.sends_copy
    run()
    run_files()
    until(lambda: Asset.objects.get().state == "active")
    assert Original.objects.get().sent_as == "JPEG"


@pytest.mark.parametrize(
    ("link", "media_type", "converted"),
    [
        ("scan.avif", "image", True),
        ("Scan%20One.AVIF?size=full", "image", True),
        ("score.flac", "audio", True),
        ("take.mkv", "video", True),
        ("scan.png", "image", False),
        ("photo.heic", "image", False),
        ("scan.avif", "video", False),
        ("scan", "image", False),
        ("scan?name=a.avif", "image", False),
    ],
)
def test_a_link_that_nobody_looked_at_goes_converted_when_its_ending_says_so(
    team, link: str, media_type: str, converted: bool
):
    (asset,) = register_all(team, None, [NewAsset(f"https://a.example/{link}", media_type)])
    assert asset.sends_copy is converted
    other = make_asset(team, media_type, "failed")
    registering.replace_source(other, f"https://a.example/other/{link}", None)
    assert Asset.objects.get(pk=other.pk).sends_copy is converted


def test_a_link_that_failed_goes_as_our_copy_converted_when_it_is_sent_again(team, upload, run_files):
    asset = upload(picture("AVIF"), "image/avif", ".avif")
    run_files()
    Asset.objects.update(state="failed", source_url="https://a.example/scan.avif", sends_copy=False)
    asset.refresh_from_db()
    assert registering.way_to_register(asset) == "copy"


def test_where_no_originals_are_kept_a_link_is_fetched_again_to_be_converted(
    team, sandbox, upload, run, run_files, until, monkeypatch
):
    content = picture("AVIF")

    def fetch_to(url: str, file: BinaryIO, **_: object) -> Fetched:
        file.write(content)
        return Fetched(url, "image/avif", len(content), hashlib.sha256(content).hexdigest())

    monkeypatch.setattr(archive, "fetch_to", fetch_to)
    Team.objects.update(keep_originals=False)
    (asset,) = register_all(team, None, [NewAsset(f"{sandbox.base_url}/scan.avif", "image")])
    run_files()
    Asset.objects.update(state="failed", due_at=None)
    asset.refresh_from_db()
    assert registering.register_again(asset, None)
    run()
    run_files()
    until(lambda: Asset.objects.get().state == "active")
    original = Original.objects.get()
    assert (original.sent_as, original.file.name) == ("JPEG", "")


@pytest.mark.parametrize(
    ("content_type", "advice"),
    [
        ("image/heic", "Convert it, or paste a link to it."),
        ("image/tiff", "Convert it, or paste a link to it."),
        ("image/avif", "Convert it to JPEG."),
        ("audio/flac", "Convert it to MP3."),
        ("audio/aac", "Convert it to MP3."),
    ],
)
def test_a_link_is_advised_only_where_one_would_be_taken(content_type, advice):
    media_type = content_type.partition("/")[0]
    found = problems_with(MediaFacts(media_type, content_type), media_type, is_upload=True)
    assert [problem.fix for problem in found if problem.severity == "refuse"] == [advice]


def test_what_was_made_to_be_sent_is_made_again_when_it_is_missing(upload, run_files):
    upload(picture())
    run_files()
    original = Original.objects.get()
    stored(original, "sent_file").unlink()
    assert not look_after(original)
    run_files()
    assert stored(Original.objects.get(), "sent_file").exists()


def test_what_was_made_to_be_sent_goes_with_its_asset(
    upload, run_files, editor, team, django_capture_on_commit_callbacks
):
    asset = upload(picture())
    run_files()
    made = stored(Original.objects.get(), "sent_file")
    Asset.objects.update(state="rejected", due_at=None)
    trash.throw_away(team, editor, [asset])
    with django_capture_on_commit_callbacks(execute=True):
        assert trash.purge([Asset.objects.get()]) == 1
    assert not made.exists()


def test_a_link_with_the_usual_kind_of_file_is_left_to_the_provider(team, run_files, sandbox):
    register_all(team, None, [NewAsset(f"{sandbox.base_url}/samples/courier.jpg", "image")])
    run_files()
    assert not Original.objects.get().sent_file

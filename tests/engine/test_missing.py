"""Media that are lost are noticed, said, and had again while there is a source; a disk that is away is one trouble."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone

from assets_app.engine import media_check
from assets_app.engine.missing import GONE
from assets_app.management.commands import check_media
from assets_app.media.storage import MediaAway
from assets_app.models import Generation, MediaCheck, Original, Video, registering, share
from tests.media.samples import picture
from tests.views.scene import make_generation, make_video

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(tmp_path, settings) -> Path:
    """A directory of this test's own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def film(new_generation, until, run_files) -> Generation:
    """One that is saved, and that the provider still has."""
    new_generation()
    until(lambda: Generation.objects.get().state == "completed")
    run_files()
    assert Video.objects.get().state == "saved"
    return Generation.objects.get()


@pytest.fixture
def page_of(client_of, admin):
    client = client_of(admin)

    def get(film: Generation, part: str = "") -> Any:
        answer = client.get(f"/dailies/videos/{film.pk}/{part}", follow=True)
        if answer.streaming:
            answer.getvalue()  # so that its file is closed
        return answer

    return get


def walk() -> None:
    MediaCheck.get()
    MediaCheck.objects.update(due_at=timezone.now())
    media_check.run_due(60)


def remove(*columns: str) -> None:
    for column in columns:
        default_storage.delete(getattr(Video.objects.get(), column).name)


# --- one file --------------------------------------------------------------------------------------------------------
def test_the_page_of_a_film_whose_file_is_missing_says_so_and_it_is_fetched_again(film, page_of, run, run_files):
    remove("file")
    said = page_of(film).content.decode()
    assert "The file is missing on this server. It is being fetched again." in said
    assert "<video" not in said
    run()
    run_files()
    video = Video.objects.get()
    assert (video.state, default_storage.size(video.file.name)) == ("saved", video.byte_size)
    assert "<video" in page_of(film).content.decode()


@pytest.mark.parametrize("part", ["file/", "poster/", "clip/", "download/"])
def test_whoever_asks_for_a_file_that_is_missing_has_it_fetched_again(film, page_of, run_files, part):
    remove("file", "poster", "clip")
    answer = page_of(film, part)
    assert Video.objects.get().state == "copying"
    if part == "download/":
        assert "being fetched again" in answer.content.decode()
    run_files()
    assert page_of(film, part).status_code == 200


def test_a_preview_is_made_again_from_the_file_itself(film, page_of, run_files):
    remove("poster", "clip")
    Video.objects.update(source_url="")
    page_of(film)
    run_files()
    video = Video.objects.get()
    assert video.state == "saved"
    assert default_storage.exists(video.poster.name)
    assert default_storage.exists(video.clip.name)


def test_what_the_provider_has_deleted_is_said_to_be_restored_and_used_when_it_is(
    film, page_of, run, run_files, sandbox
):
    video = Video.objects.get()
    with default_storage.open(video.file.name) as file:
        backup = file.read()
    sandbox.configure(retention_seconds=0)
    remove("file")
    page_of(film)
    run()
    said = page_of(film).content.decode()
    assert "The file of this film is missing on this server." in said
    assert "The provider has deleted the film." in said
    assert "restored from a backup" in said
    default_storage.save(video.file.name, ContentFile(backup))
    page_of(film)
    run_files()
    assert Video.objects.get().state == "saved"


def test_a_shared_film_whose_file_is_missing_is_not_a_black_player(film, client, admin, run_files):
    made = share(film, admin, timedelta(days=1))
    remove("file")
    answer = client.get(f"/share/{made.token}/")
    assert answer.status_code == 503
    assert "Not here at the moment" in answer.content.decode()
    run_files()
    assert client.get(f"/share/{made.token}/").status_code == 200


@pytest.fixture
def lost_upload(admin, client_of, team, tmp_path, run, run_files) -> Callable[[], int]:
    """An uploaded picture whose file is lost, and how to upload it once more."""
    content = picture(tmp_path / "x.png", "PNG", size=(400, 400)).read_bytes()

    def upload() -> int:
        still = SimpleUploadedFile("still.png", content)
        return client_of(admin).post("/dailies/assets/upload/", {"file": still}).status_code

    assert upload() == 201
    run_files()
    default_storage.delete(Original.objects.get().file.name)
    run()
    run()
    assert Original.objects.get().state == "lost"
    return upload


def test_an_upload_that_is_missing_before_it_was_sent_ends_in_words(lost_upload, admin, client_of, team):
    asset = team.assets.get()
    assert (asset.state, asset.reason) == ("failed", GONE)
    page = client_of(admin).get(f"/dailies/assets/{asset.pk}/").content.decode()
    assert "Restore the media from a backup" in page


def test_a_lost_file_that_is_uploaded_once_more_is_used_again(lost_upload, team, run_files, until):
    assert lost_upload() == 200
    run_files()
    original = Original.objects.get()
    assert original.state == "saved"
    assert default_storage.exists(original.file.name)
    assert registering.register_again(team.assets.get(), None)
    until(lambda: team.assets.get().state == "active")


# --- the walk --------------------------------------------------------------------------------------------------------
def test_the_walk_finds_what_is_missing_or_cut_off(film, team, run_files):
    other = make_video(make_generation(team), content=b"film" * 10)
    remove_size = Path(default_storage.path(Video.objects.get(pk=film.pk).file.name))
    remove_size.write_bytes(b"half")
    default_storage.delete(other.file.name)
    walk()
    assert set(Video.objects.values_list("state", flat=True)) == {"copying"}
    check = MediaCheck.objects.get()
    assert (check.looked_at, check.missing, check.cursor) == (2, 2, "")
    assert check.due_at > timezone.now()
    run_files()
    assert Video.objects.get(pk=film.pk).state == "saved"
    assert remove_size.stat().st_size == Video.objects.get(pk=film.pk).byte_size


def test_a_walk_goes_on_where_it_was_cut_short(team, monkeypatch):
    monkeypatch.setattr(media_check, "BATCH", 1)
    for _ in range(3):
        make_video(make_generation(team))
    MediaCheck.get()
    rounds = 1
    while media_check.run_due(0):
        rounds += 1
    assert rounds == 4
    assert MediaCheck.objects.get().looked_at == 3


def test_the_command_tells_what_is_missing_or_damaged_and_what_nobody_names(film, run_files, capsys):
    video = Video.objects.get()
    Path(default_storage.path(video.file.name)).write_bytes(b"x" * (video.byte_size or 0))
    default_storage.save("stray.mp4", ContentFile(b"stray"))
    call_command("check_media")  # as large as it was
    assert "1 looked at, 0 not well." in capsys.readouterr().out
    with pytest.raises(SystemExit):
        call_command("check_media", "--hash")
    assert video.file.name in capsys.readouterr().out
    run_files()
    call_command("check_media", "--hash", "--orphans")
    assert "stray" not in capsys.readouterr().out  # it may be on its way into a row
    os.utime(default_storage.path("stray.mp4"), (1, 1))
    call_command("check_media", "--orphans")
    assert "no row names stray.mp4" in capsys.readouterr().out
    call_command("check_media", "--remove-orphans")
    assert "1 files that no row names" in capsys.readouterr().out
    assert not default_storage.exists("stray.mp4")
    assert Video.objects.get().state == "saved"


def orphan(name: str) -> str:
    default_storage.save(name, ContentFile(b"film"))
    os.utime(default_storage.path(name), (1, 1))
    return name


def remove_orphans_when_this_happens_first(happens: Callable[[], Any], monkeypatch) -> None:
    """Once the files and the rows were listed, and before anything is deleted."""
    listed = check_media._named_files

    def and_then() -> set[str]:
        names = listed()
        happens()
        return names

    monkeypatch.setattr(check_media, "_named_files", and_then)
    call_command("check_media", "--remove-orphans")


def test_a_file_that_a_row_has_just_come_to_name_is_not_deleted(team, monkeypatch, capsys):
    video, name = make_video(make_generation(team)), orphan("film.mp4")
    naming = Video.objects.filter(pk=video.pk)
    remove_orphans_when_this_happens_first(lambda: naming.update(poster=name), monkeypatch)
    assert default_storage.exists(name)
    assert "0 files that no row names" in capsys.readouterr().out


def test_a_file_that_was_just_stored_anew_is_not_deleted(team, monkeypatch):
    name = orphan("film.mp4")
    remove_orphans_when_this_happens_first(lambda: default_storage.save(name, ContentFile(b"film")), monkeypatch)
    assert default_storage.exists(name)


def test_an_orphan_that_is_gone_meanwhile_is_passed_over(team, monkeypatch, capsys):
    name = orphan("film.mp4")
    remove_orphans_when_this_happens_first(lambda: default_storage.delete(name), monkeypatch)
    assert "0 files that no row names" in capsys.readouterr().out


# --- all of them -----------------------------------------------------------------------------------------------------
def test_a_directory_that_is_away_is_one_trouble_and_no_films_loss(film, media, page_of, client, run_files):
    media_check.watch_over_directory()
    media.rename(media.with_name("unmounted"))
    media_check.watch_over_directory()
    walk()
    said = page_of(film).content.decode()
    assert "media directory of this server is missing" in said
    assert "<video" not in said
    assert page_of(film, "file/").status_code == 503
    health = client.get("/healthz")
    assert health.status_code == 503
    assert health.json()["media"] == {"ok": False}
    with pytest.raises(MediaAway):
        default_storage.save("film.mp4", ContentFile(b"film"))
    assert Video.objects.get().state == "saved"
    assert not media.exists()
    media.with_name("unmounted").rename(media)
    media_check.watch_over_directory()
    assert MediaCheck.objects.get().away_since is None
    assert page_of(film, "file/").status_code == 200


def test_a_directory_of_the_datas_own_disk_that_stays_away_is_begun_anew_and_fetched_again(film, media, run_files):
    media_check.watch_over_directory()
    shutil.rmtree(media)
    media_check.watch_over_directory()
    assert default_storage.is_away
    MediaCheck.objects.update(away_since=timezone.now() - timedelta(minutes=11))
    media_check.watch_over_directory()
    assert not default_storage.is_away
    media_check.run_due(60)
    run_files()
    assert Video.objects.get().state == "saved"


def test_one_on_a_disk_of_its_own_is_waited_for_until_somebody_says_that_it_is_gone(
    film, media, monkeypatch, run_files
):
    media_check.watch_over_directory()
    default_storage._note.write_text('{"own_disk": true}')
    shutil.rmtree(media)
    media_check.watch_over_directory()
    MediaCheck.objects.update(away_since=timezone.now() - timedelta(days=3))
    media_check.watch_over_directory()
    assert default_storage.is_away
    with pytest.raises(SystemExit):
        call_command("check_media", "--begin-anew")
    run_files()
    assert Video.objects.get().state == "saved"


def test_a_database_that_is_restored_without_media_has_them_fetched_again_by_itself(film, media, run_files):
    media_check.watch_over_directory()
    shutil.rmtree(media)
    default_storage._note.unlink()  # another server, with nothing but the database
    media_check.watch_over_directory()
    media_check.run_due(60)
    run_files()
    assert Video.objects.get().state == "saved"

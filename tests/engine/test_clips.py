"""The clips that films play under a resting mouse: made with the copy, and afterwards for films that have none."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from datetime import timedelta

import av
import pytest
import time_machine
from django.core.files.storage import default_storage
from django.utils import timezone

from assets_app.engine import clips, sweep
from assets_app.engine.files import FilesLane
from assets_app.engine.runner import Done, _carry_out
from assets_app.engine.sweep import sweep_clips
from assets_app.films.trash import purge
from assets_app.models import Generation, Team, Video
from tests.media.samples import film
from tests.views.scene import make_generation, make_video

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return film(tmp_path_factory.mktemp("film") / "film.mp4", seconds=7, size=(960, 540)).read_bytes()


@pytest.fixture
def old_film(team: Team, content: bytes) -> Callable[..., Video]:
    """A film saved before clips were made, so many days ago."""

    def make(days: float = 1, **columns: object) -> Video:
        video = make_video(make_generation(team), content=content, sha256="cd" * 32, **columns)
        Video.objects.filter(pk=video.pk).update(clip=None, state_since=timezone.now() - timedelta(days=days))
        return Video.objects.get(pk=video.pk)

    return make


def facts_of(clip: str) -> tuple[int, int, float, int]:
    with default_storage.open(clip) as file, av.open(io.BytesIO(file.read())) as container:
        picture = container.streams.video[0]
        seconds = float((picture.duration or 0) * (picture.time_base or 0))
        return picture.width, picture.height, round(seconds, 1), len(container.streams.audio)


def test_a_film_is_saved_with_its_clip(new_generation, until, run_files):
    generation = new_generation()
    until(lambda: Generation.objects.get(pk=generation.pk).state == "completed")
    run_files()
    video = Video.objects.get()
    assert (video.state, video.folder in video.clip.name) == ("saved", True)
    assert facts_of(video.clip.name)[3] == 0


def test_an_old_film_gets_the_beginning_of_it_small_and_silent(old_film, run_files, content):
    video = old_film()
    assert sweep_clips() == 1
    run_files()
    video.refresh_from_db()
    assert facts_of(video.clip.name) == (480, 270, 5.0, 0)
    assert default_storage.size(video.clip.name) < len(content)
    assert (video.state, video.due_at, video.claim, video.attempts) == ("saved", None, None, 0)
    assert sweep_clips() == 0


def test_a_few_a_minute_and_the_newest_first(old_film, run_files, monkeypatch):
    monkeypatch.setattr(sweep, "CLIPS", 2)
    videos = [old_film(days) for days in (3, 1, 2)]
    assert sweep_clips() == 2
    run_files()
    assert [bool(Video.objects.get(pk=video.pk).clip) for video in videos] == [False, True, True]
    assert sweep_clips() == 1


def test_clips_wait_while_a_copy_is_owed(old_film, team):
    old_film()
    make_video(make_generation(team), state="copying", due_at=timezone.now())
    assert sweep_clips() == 0


def test_what_is_no_film_any_more_is_tried_once_and_what_is_missing_fetched_again(old_film, run_files):
    missing, damaged = old_film(), old_film()
    default_storage.delete(missing.file.name)
    with default_storage.open(damaged.file.name, "wb") as file:
        file.write(b"no film at all" * 50)
    assert sweep_clips() == 2
    run_files()
    assert Video.objects.values_list("state", "clip", "due_at").get(pk=damaged.pk) == ("saved", "", None)
    assert Video.objects.get(pk=missing.pk).state == "copying"
    assert sweep_clips() == 0


def test_a_film_that_kills_its_worker_is_given_up(old_film, run_files):
    old_film(attempts=clips.TRIES)
    sweep_clips()
    run_files()
    assert Video.objects.get().clip == ""


def test_a_storage_in_trouble_is_asked_again_later_and_holds_up_no_other(old_film, run_files, monkeypatch):
    monkeypatch.setattr(sweep, "CLIPS", 1)
    newest, older = old_film(days=1), old_film(days=2)
    with monkeypatch.context() as patch:
        patch.setattr("assets_app.engine.clips.store", full_disk)
        sweep_clips()
        run_files()
    assert Video.objects.get(pk=newest.pk).clip.name is None
    assert sweep_clips() == 1
    run_files()
    assert Video.objects.get(pk=older.pk).clip
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        run_files()
        video = Video.objects.get(pk=newest.pk)
        assert video.clip
        assert (video.due_at, video.claim) == (None, None)


def full_disk(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_film_over_which_we_stumble_is_tried_once(old_film, monkeypatch):
    def mistake(*_: object) -> None:
        raise ZeroDivisionError

    old_film()
    monkeypatch.setattr("assets_app.engine.clips.clip_of_film", mistake)
    sweep_clips()
    FilesLane().settle([_carry_out(work) for work in FilesLane().launch(3)])
    video = Video.objects.get()
    assert (video.clip.name, video.due_at, video.claim) == ("", None, None)
    assert sweep_clips() == 0


def test_a_clip_that_comes_when_somebody_else_has_the_film_is_put_away(old_film):
    old_film()
    sweep_clips()
    (work,) = FilesLane().launch(3)
    made = _carry_out(work)
    theirs = uuid.uuid4()
    Video.objects.update(claim=theirs)
    FilesLane().settle([made])
    video = Video.objects.get()
    assert (video.clip.name, video.claim) == (None, theirs)
    assert not default_storage.exists(made.answer.columns["clip"])


def test_deleting_a_film_for_good_deletes_its_clip(old_film, run_files, django_capture_on_commit_callbacks):
    video = old_film()
    sweep_clips()
    run_files()
    Generation.objects.update(trashed_at=timezone.now())
    clip = Video.objects.get().clip.name
    with django_capture_on_commit_callbacks(execute=True):
        assert purge([Generation.objects.get(pk=video.pk)])
    assert not default_storage.exists(clip)
    assert not Video.objects.get().clip


def test_a_clip_whose_film_went_while_it_was_made_is_discarded(old_film):
    old_film()
    sweep_clips()
    lane = FilesLane(strict=True)
    (work,) = lane.launch(3)
    stored = work.call()
    Video.objects.update(state="lost", claim=None, claimed_until=None)
    lane.settle([Done(work.subject, answer=stored)])
    assert not default_storage.exists(stored.columns["clip"])
    assert not Video.objects.get().clip

"""Finished films on bad days: kept only when whole and playable, tried again else, told in words, never lost."""

from __future__ import annotations

import errno
import json
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from assets_app.models import Generation, Video
from assets_app.models.generation import LONGEST_RESULT_LIFETIME, RESULT_LIFETIME

pytestmark = pytest.mark.django_db
FILM = "GET /videos/{name}"


@pytest.fixture
def finished(new_generation, until) -> Generation:
    """A film that the provider has finished and we have not fetched yet."""
    new_generation()
    until(lambda: Generation.objects.get().state == "completed")
    return Generation.objects.get()


def copy() -> Video:
    return Video.objects.get()


def try_now(run_files) -> Video:
    Video.objects.filter(due_at__isnull=False).update(due_at=timezone.now())
    run_files()
    return copy()


# --- what comes is not the film --------------------------------------------------------------------------------------
BAD_FILES = [
    ("gone", "not there yet"),
    ("forbidden", "does not let us have"),
    ("page", "web page"),
    ("empty", "empty"),
    ("picture", "A video was expected"),
    ("half", "cut off"),
    ("garbled", "cannot be"),
]


@pytest.mark.parametrize(("fault", "words"), BAD_FILES)
def test_what_is_no_whole_film_is_not_kept_but_fetched_again(finished, run_files, sandbox, fault, words):
    sandbox.fail_next(fault, FILM)
    video = try_now(run_files)
    assert (video.state, video.file.name) == ("copying", "")
    assert words in video.last_error
    assert video.due_at > timezone.now()
    assert try_now(run_files).state == "saved"
    assert copy().seconds == pytest.approx(4, abs=0.1)


def test_a_film_that_is_not_there_at_first_is_tried_again_for_a_day(finished, run_files, sandbox, admin, client_of):
    sandbox.fail_next("gone", FILM, times=40)
    for _ in range(20):
        assert try_now(run_files).state == "copying"
    page = client_of(admin).get(f"/dailies/videos/{finished.pk}/").content.decode()
    assert "It is not there yet." in page
    assert "Trying again by itself at" in page
    Generation.objects.update(completed_at=timezone.now() - RESULT_LIFETIME - timedelta(minutes=1))
    video = try_now(run_files)
    assert (video.state, video.due_at) == ("lost", None)
    page = client_of(admin).get(f"/dailies/videos/{finished.pk}/").content.decode()
    assert "The provider is asked for it again by itself" in page
    assert "may delete its copy" not in page


def test_a_server_that_was_off_for_a_day_still_tries_before_it_gives_up(finished, run_files, sandbox):
    Generation.objects.update(completed_at=timezone.now() - timedelta(days=3))
    sandbox.fail_next("gone", FILM)
    assert try_now(run_files).state == "copying"
    assert try_now(run_files).state == "saved"


def test_one_that_was_given_up_is_looked_for_once_a_day_and_saved_when_it_is_there(finished, run, run_files, sandbox):
    Generation.objects.update(completed_at=timezone.now() - timedelta(days=2))
    Video.objects.update(attempts=11)
    sandbox.fail_next("gone", FILM, times=2)
    assert try_now(run_files).state == "lost"
    for state in ("lost", "saved"):
        run()
        due_at = Generation.objects.get().due_at
        assert timedelta(hours=20) < due_at - timezone.now() < timedelta(hours=28)
        run_files()
        assert copy().state == state
    run()
    assert Generation.objects.get().due_at is None


def test_the_looks_end_with_the_longest_promise(finished, run, run_files, sandbox):
    sandbox.fail_next("gone", FILM)
    Video.objects.update(attempts=11)
    Generation.objects.update(completed_at=timezone.now() - LONGEST_RESULT_LIFETIME - timedelta(days=1))
    assert try_now(run_files).state == "lost"
    run()
    assert Generation.objects.get().due_at is None


def test_a_new_address_is_found_by_reading_the_job_again(finished, run, run_files, sandbox):
    Video.objects.update(source_url=f"{sandbox.base_url}/videos/of-yesterday.mp4")
    assert try_now(run_files).state == "copying"
    run()
    assert try_now(run_files).state == "saved"


def test_what_the_provider_says_it_has_deleted_is_not_tried_for_ever(
    finished, run, run_files, sandbox, admin, client_of
):
    sandbox.fail_next("gone", FILM)
    try_now(run_files)
    sandbox.configure(retention_seconds=0)
    run()
    assert (copy().state, copy().reason) == ("lost", "The provider has deleted the film.")
    assert Generation.objects.get().due_at is None
    page = client_of(admin).get(f"/dailies/videos/{finished.pk}/").content.decode()
    assert "the provider has deleted its copy" in page


def test_saving_again_asks_the_provider_before_it_says_anything(finished, run, run_files, admin, client_of):
    Generation.objects.update(completed_at=timezone.now() - timedelta(days=40))
    Video.objects.update(state="lost", due_at=None, source_url="")
    answer = client_of(admin).post(f"/dailies/videos/{finished.pk}/save/", follow=True)
    assert "Asking the provider for it again." in answer.content.decode()
    run()
    assert try_now(run_files).state == "saved"


def test_half_a_film_is_never_kept_however_often_it_comes(finished, run_files, sandbox):
    sandbox.fail_next("half", FILM, times=4)
    for _ in range(4):
        assert try_now(run_files).state == "copying"

    assert try_now(run_files).state == "saved"


# --- our own storage -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "disk of this server is full"),
        (OSError(errno.EACCES, "Permission denied"), "did not take it (Permission denied)"),
        (ConnectionError("the bucket does not answer"), "did not take it (ConnectionError)"),
    ],
)
def test_a_storage_that_takes_nothing_is_asked_again_until_it_does(finished, run_files, monkeypatch, error, words):
    def refuse(*_args, **_more):
        raise error

    with monkeypatch.context() as full:
        full.setattr(type(default_storage._wrapped or default_storage), "save", refuse)
        Video.objects.update(attempts=599)  # the last try it would ever have had
        video = try_now(run_files)
        assert (video.state, video.attempts) == ("copying", 600)
        assert words in video.last_error
        assert try_now(run_files).state == "copying"
    assert try_now(run_files).state == "saved"


# --- what the provider calls a result --------------------------------------------------------------------------------
@pytest.mark.parametrize("shape", ["dict", "string", "list", "nested", "other"])
def test_a_result_in_any_shape_is_understood(new_generation, until, run_files, sandbox, shape):
    sandbox.configure(result_shape=shape)
    new_generation()
    until(lambda: Generation.objects.get().state == "completed")
    run_files()
    assert copy().state == "saved"


def test_a_result_without_an_address_is_shown_as_it_came(new_generation, until, sandbox, admin, client_of):
    sandbox.configure(result_shape="nothing")
    new_generation()
    until(lambda: Generation.objects.get().state == "completed")
    film = Generation.objects.get()
    assert copy().state == "copying"
    page = client_of(admin).get(f"/dailies/videos/{film.pk}/").content.decode()
    raw = json.dumps(film.provider_answer["result"], indent=2).replace('"', "&quot;")
    assert raw in page
    assert "no address" in page


@pytest.mark.parametrize("minutes", [1, 60])
def test_a_result_that_comes_late_is_taken(new_generation, until, run, run_files, sandbox, minutes):
    sandbox.configure(result_shape="nothing")
    new_generation()
    until(lambda: Generation.objects.get().state == "completed")
    Video.objects.update(state_since=timezone.now() - timedelta(minutes=minutes))
    run()
    run_files()
    assert copy().state == ("copying" if minutes == 1 else "lost")
    sandbox.configure(result_shape="dict")
    run()
    run_files()
    assert copy().state == "saved"

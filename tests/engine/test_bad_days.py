"""Finished films on bad days: kept only when whole and playable, tried again else, told in words, never lost."""

from __future__ import annotations

import errno
import json

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from assets_app.models import Generation, Video

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


def test_a_film_that_is_gone_there_is_lost_and_says_so(finished, run_files, sandbox):
    sandbox.fail_next("gone", FILM)
    video = try_now(run_files)
    assert video.state == "lost"
    assert "gone" in video.reason


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
    assert copy().state == "lost"
    page = client_of(admin).get(f"/dailies/videos/{film.pk}/").content.decode()
    raw = json.dumps(film.provider_answer["result"], indent=2).replace('"', "&quot;")
    assert raw in page
    assert "no address" in page

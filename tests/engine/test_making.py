"""Assets made of a film: asked for once, made off the request, and used like any other."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from assets_app.films import making
from assets_app.films.making import CannotMake
from assets_app.models import Asset, Generation, MadeBy, Original, Team, Video
from tests.media.samples import film
from tests.views.scene import make_generation, make_video

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

NOISE = Image.effect_noise((960, 540), 90).convert("RGB")


@pytest.fixture
def finished(team: Team, tmp_path: Path) -> Generation:
    """A generation whose film we have."""
    content = film(tmp_path / "film.mp4", size=(960, 540), picture_at=lambda _: NOISE).read_bytes()
    generation = make_generation(team)
    sha256 = hashlib.sha256(content).hexdigest()
    make_video(generation, content=content, width=960, height=540, seconds=2.0, sha256=sha256)
    return generation


@pytest.fixture
def end(run_files: Callable[[], int], until: Callable[..., None]) -> Callable[[Asset, str], Asset]:
    def reach(asset: Asset, state: str) -> Asset:
        run_files()
        until(lambda: Asset.objects.get(pk=asset.pk).state == state)
        return Asset.objects.select_related("original").get(pk=asset.pk)

    return reach


# --- the last frame --------------------------------------------------------------------------------------------------
def test_the_last_frame_becomes_an_active_picture_that_knows_its_film(finished, end):
    asset = end(making.make(finished, MadeBy.LAST_FRAME, None), "active")
    assert (asset.media_type, asset.made_from, asset.made_by) == ("image", finished, "last_frame")
    assert (asset.original.content_type, asset.original.width, asset.original.height) == ("image/png", 960, 540)
    assert asset.original.poster
    assert default_storage.exists(asset.original.file.name)
    assert "last frame" in asset.words.lower()


def test_the_providers_own_frame_is_taken_where_the_result_has_one(finished, end, sandbox):
    answer = {
        "result": {"videoUrl": "https://cdn.example/f.mp4", "lastFrameUrl": f"{sandbox.base_url}/samples/courier.jpg"}
    }
    Generation.objects.filter(pk=finished.pk).update(provider_answer=answer)
    finished.refresh_from_db()
    asset = end(making.make(finished, MadeBy.LAST_FRAME, None), "active")
    assert asset.original.content_type == "image/jpeg"


@pytest.mark.parametrize("frame", ["missing.jpg", "crossing.mp4"])
def test_our_own_frame_takes_the_place_of_one_that_is_gone_or_no_picture(finished, end, sandbox, frame):
    answer = {"result": {"last_frame": {"url": f"{sandbox.base_url}/samples/{frame}"}}}
    Generation.objects.filter(pk=finished.pk).update(provider_answer=answer)
    finished.refresh_from_db()
    asset = end(making.make(finished, MadeBy.LAST_FRAME, None), "active")
    assert asset.original.content_type == "image/png"


def test_a_frame_waits_for_the_film_to_be_saved(finished, run_files, run, end):
    Video.objects.update(state="copying")
    asset = making.make(finished, MadeBy.LAST_FRAME, None)
    run_files()
    run()
    asset.refresh_from_db()
    assert (asset.state, asset.original.state) == ("checking", "copying")
    assert asset.original.attempts == 0
    Video.objects.update(state="saved")
    Original.objects.update(due_at=asset.created_at)
    end(asset, "active")


def test_a_film_that_is_lost_meanwhile_is_said_to_be(finished, end):
    asset = making.make(finished, MadeBy.LAST_FRAME, None)
    Video.objects.update(state="lost", file="")
    assert "is gone" in end(asset, "rejected").reason


def test_a_film_whose_end_is_damaged_makes_no_picture_and_says_so(finished, end):
    name = Video.objects.get().file.name
    default_storage.delete(name)
    default_storage.save(name, ContentFile(b"no film at all" * 100))
    Video.objects.update(byte_size=len(b"no film at all" * 100))  # so that it is not taken for cut off
    asset = end(making.make(finished, MadeBy.LAST_FRAME, None), "rejected")
    assert "damaged" in asset.reason
    assert making.make(finished, MadeBy.LAST_FRAME, None).pk != asset.pk  # asked for again, it is tried again


def test_a_team_that_keeps_no_originals_keeps_what_it_made(finished, end, team):
    Team.objects.update(keep_originals=False)
    assert end(making.make(finished, MadeBy.LAST_FRAME, None), "active").original.file


# --- the film itself -------------------------------------------------------------------------------------------------
def test_a_film_becomes_an_active_reference_with_the_same_content(finished, end):
    asset = end(making.make(finished, MadeBy.FILM, None), "active")
    assert (asset.media_type, asset.made_by, asset.original.sha256) == ("video", "film", finished.video.sha256)
    assert asset.original.clip
    assert asset.original.file.name != finished.video.file.name  # each is deleted with its own row


def test_a_film_outside_the_limits_is_tried_all_the_same_for_it_was_warned_of(team, tmp_path, end):
    generation = make_generation(team)
    content = film(tmp_path / "short.mp4", seconds=1).read_bytes()
    video = make_video(generation, content=content, seconds=1.0, width=320, height=240)
    words = " ".join(problem.message for problem in making.problems_as_reference(video))
    assert "1 s" in words
    asset = making.make(generation, MadeBy.FILM, None)
    assert end(asset, "failed").reason  # the sandbox is strict: its words, not ours


# --- once ------------------------------------------------------------------------------------------------------------
def test_asked_for_twice_it_is_made_once(finished, end):
    first = making.make(finished, MadeBy.LAST_FRAME, None)
    assert making.make(finished, MadeBy.LAST_FRAME, None) == first
    end(first, "active")
    assert making.make(finished, MadeBy.LAST_FRAME, None) == first
    assert making.make(finished, MadeBy.FILM, None) != first
    assert Asset.objects.count() == 2


def test_one_in_the_trash_is_not_the_one(finished, end):
    first = making.make(finished, MadeBy.LAST_FRAME, None)
    Asset.objects.update(trashed_at=first.created_at)
    assert making.make(finished, MadeBy.LAST_FRAME, None) != first


def test_one_that_the_provider_refused_is_sent_again(finished, end):
    asset = end(making.make(finished, MadeBy.LAST_FRAME, None), "active")
    Asset.objects.update(state="failed", due_at=None)
    assert making.make(finished, MadeBy.LAST_FRAME, None) == asset
    assert Asset.objects.get().state == "queued"


@pytest.mark.parametrize("state", ["queued", "processing", "failed", "cancelled"])
def test_nothing_is_made_of_a_film_that_is_not_there(team, state):
    with pytest.raises(CannotMake, match="not finished"):
        making.make(make_generation(team, state), MadeBy.FILM, None)


def test_nothing_is_made_of_a_lost_film_but_the_frame_that_the_provider_has(team, sandbox, end):
    generation = make_generation(team)
    make_video(generation, "lost")
    with pytest.raises(CannotMake, match="lost"):
        making.make(generation, MadeBy.LAST_FRAME, None)
    generation.provider_answer = {"result": {"lastFrame": f"{sandbox.base_url}/samples/courier.jpg"}}
    generation.save()
    assert end(making.make(generation, MadeBy.LAST_FRAME, None), "active").media_type == "image"
    with pytest.raises(CannotMake, match="lost"):
        making.make(generation, MadeBy.FILM, None)

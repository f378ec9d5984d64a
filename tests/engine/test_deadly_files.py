"""A file that ends the process that decodes it: once may be chance, twice is the file."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from assets_app.decoding import DecoderDied
from assets_app.engine.locating import save_anew
from assets_app.media import archive
from assets_app.models import Asset, Candidate, NewCandidate, NewFile, Original, Team, Video, add_file, look_at
from assets_app.models.own_copy import OwnCopy
from assets_app.sandbox.server import SandboxServer
from tests.media.samples import film, picture
from tests.views.scene import make_generation, make_video

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

REASON = "It takes too much memory to decode."


@pytest.fixture
def deadly(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[None]]:
    """Have the next looks at a file, or the next `part` of them, end in death. Gives a list of the deaths."""

    def let_die(times: int, part: str = "probe") -> list[None]:
        deaths: list[None] = []
        really = getattr(archive, part)

        def look(*arguments: object) -> object:
            if len(deaths) < times:
                deaths.append(None)
                raise DecoderDied(REASON)
            return really(*arguments)

        monkeypatch.setattr(archive, part, look)
        return deaths

    return let_die


@pytest.fixture
def try_on(run_files: Callable[[], int]) -> Callable[[], None]:
    """Do what is due, and go on as if all waiting were over."""

    def until_nothing_is_due() -> None:
        for _ in range(5):
            for model in (Original, Candidate, Video):
                model.objects.filter(due_at__isnull=False).update(due_at=timezone.now())
            if not run_files():
                return

    return until_nothing_is_due


@pytest.fixture
def upload(team: Team, tmp_path: Path) -> Asset:
    content = picture(tmp_path / "a.png", "PNG", size=(640, 480)).read_bytes()
    pk, sha256 = uuid.uuid4(), hashlib.sha256(content).hexdigest()
    name = Original(asset_id=pk, team_id=team.pk).file_name(sha256, ".png")
    stored = default_storage.save(name, ContentFile(content))
    return add_file(team, None, NewFile(pk, "A file", "image", stored, sha256, "image/png", len(content)))


@pytest.fixture
def link(team: Team, editor: User, sandbox: SandboxServer) -> Candidate:
    look_at(team, editor, [NewCandidate(f"{sandbox.base_url}/samples/courier.jpg", "image")])
    return Candidate.objects.get()


@pytest.fixture
def unsaved(team: Team, tmp_path: Path) -> Video:
    """A film that we have, and are to look at again."""
    content = film(tmp_path / "a.mp4", seconds=0.3).read_bytes()
    video = make_video(make_generation(team), content=content, sha256=hashlib.sha256(content).hexdigest())
    Video.objects.filter(pk=video.pk).update(state="copying", due_at=timezone.now())
    return video


def now(row: OwnCopy) -> OwnCopy:
    row.refresh_from_db()
    return row


@pytest.mark.parametrize("part", ["probe", "still"])
def test_an_upload_that_does_so_once_is_looked_at_again_and_fit(upload, deadly, try_on, part):
    assert deadly(1, part) == []
    try_on()
    original = now(upload.original)
    assert (original.state, original.decoder_deaths) == ("saved", 0)
    assert original.poster


@pytest.mark.parametrize("part", ["probe", "still"])
def test_one_that_does_so_twice_is_refused_with_the_reason(upload, deadly, try_on, run, part):
    deaths = deadly(9, part)
    try_on()
    assert len(deaths) == 2
    original = now(upload.original)
    assert original.state == "lost"
    assert original.reason == f"{REASON} That ended our decoder twice, so the file is not opened again."
    run()
    asset = Asset.objects.get()
    assert asset.state == "rejected"
    assert REASON in asset.reason


def test_what_it_did_once_is_written_down_for_whoever_tries_next(upload, deadly, run_files):
    deadly(1)
    run_files()
    original = now(upload.original)
    assert (original.state, original.decoder_deaths, original.last_error) == ("copying", 1, REASON)


def test_a_link_to_such_a_file_is_looked_at_twice(link, deadly, try_on):
    deadly(1)
    try_on()
    assert (now(link).state, link.decoder_deaths) == ("ready", 0)


def test_a_link_to_one_that_did_so_twice_would_be_refused(link, deadly, try_on):
    deaths = deadly(9)
    try_on()
    assert len(deaths) == 2
    assert now(link).state == "refused"
    assert link.reason.startswith(REASON)


def test_a_try_that_failed_for_another_reason_is_no_death(link, deadly, try_on):
    Candidate.objects.update(attempts=5)
    deadly(1)
    try_on()
    assert now(link).state == "ready"


def test_a_film_that_does_so_twice_is_given_up_until_somebody_wants_it_again(unsaved, deadly, try_on, admin):
    deaths = deadly(2)
    try_on()
    assert (len(deaths), now(unsaved).state) == (2, "lost")
    assert unsaved.reason.startswith(REASON)
    assert save_anew(unsaved.generation, admin)
    try_on()
    assert (now(unsaved).state, unsaved.decoder_deaths) == ("saved", 0)


@pytest.mark.parametrize(("part", "column"), [("still", "poster"), ("hover_clip", "clip")])
def test_a_film_that_plays_is_kept_whatever_drawing_it_does(unsaved, deadly, try_on, part, column):
    deadly(9, part)
    try_on()
    assert now(unsaved).state == "saved"
    assert not getattr(unsaved, column)

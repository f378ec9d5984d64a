"""Films in the trash: thirty days, then their files go; what they cost stays."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.utils import timezone

from assets_app import tasks
from assets_app.films import changes, trash
from assets_app.models import Event, Generation, Team, Video
from tests.views.scene import make_asset, make_generation, make_video

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("steady_clock")]
LATER = timedelta(days=30, minutes=1)


@pytest.fixture
def thrown(team: Team, editor) -> Generation:
    """A film in the trash, with its two files."""
    film = make_generation(team)
    video = make_video(film)
    video.poster.save(f"{video.folder}/film.webp", ContentFile(b"poster"))
    changes.throw_away(team, editor, [film])
    film.refresh_from_db()
    return film


def files_of(film: Generation) -> list[Path]:
    video = Video.objects.get(pk=film.pk)
    return [Path(file.path) for file in (video.file, video.poster) if file]


def test_files_stay_for_thirty_days(thrown: Generation) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=29, hours=23), tick=False):
        assert trash.purge_old() == 0
    assert all(file.exists() for file in files_of(thrown))


def test_then_the_files_go_and_the_row_stays_with_its_cost(thrown: Generation) -> None:
    files = files_of(thrown)
    assert len(files) == 2
    with time_machine.travel(timezone.now() + LATER, tick=False):
        assert trash.purge_old() == 1
        assert trash.purge_old() == 0
    thrown.refresh_from_db()
    assert not any(file.exists() for file in files)
    assert (thrown.spend, thrown.state, thrown.video.file.name) == (144, "completed", "")
    assert thrown.purged_at
    assert Event.objects.filter(generation=thrown, note__said__startswith="Deleted its files").exists()


def test_what_was_purged_cannot_be_restored(team: Team, editor, thrown: Generation) -> None:
    assert trash.purge([thrown], editor) == [thrown]
    assert changes.restore(team, editor, [thrown]) == []
    assert trash.purge([thrown], editor) == []


def test_what_was_restored_meanwhile_is_left_alone(team: Team, editor, thrown: Generation) -> None:
    changes.restore(team, editor, [thrown])
    assert trash.purge([thrown]) == []
    assert all(file.exists() for file in files_of(thrown))


def test_a_film_that_is_still_being_saved_waits_and_holds_up_no_other(team: Team, editor, thrown, monkeypatch) -> None:
    monkeypatch.setattr(trash, "BATCH", 1)
    saving = make_generation(team)
    make_video(saving, "copying")
    changes.throw_away(team, editor, [saving])
    Generation.objects.filter(pk=saving.pk).update(trashed_at=timezone.now() - timedelta(days=90))
    assert trash.purge([saving]) == []
    with time_machine.travel(timezone.now() + LATER, tick=False):
        assert trash.purge_old() == 1
    saving.refresh_from_db()
    thrown.refresh_from_db()
    assert saving.purged_at is None
    assert thrown.purged_at


def test_a_film_under_way_cannot_be_thrown_away(team: Team, editor) -> None:
    films = [make_generation(team, state) for state in ("waiting", "queued", "submitted", "processing", "unconfirmed")]
    assert changes.throw_away(team, editor, films) == []


def test_the_hourly_task_empties_both_trashes(team: Team, thrown: Generation) -> None:
    asset = make_asset(team)
    type(asset).objects.filter(pk=asset.pk).update(trashed_at=timezone.now(), due_at=None)
    with time_machine.travel(timezone.now() + LATER, tick=False):
        tasks.purge_trash()
    thrown.refresh_from_db()
    assert thrown.purged_at
    assert not type(asset).objects.filter(pk=asset.pk).exists()


def test_a_change_is_told_to_live_pages_in_its_own_order(team: Team, editor, thrown: Generation) -> None:
    before = thrown.revision
    changes.restore(team, editor, [thrown])
    thrown.refresh_from_db()
    team.refresh_from_db()
    assert before < thrown.revision == team.revision

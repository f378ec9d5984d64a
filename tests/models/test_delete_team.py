"""`manage.py delete_team`: a team goes with its files and nothing else, and not while films are being made."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from assets_app.models import Asset, Candidate, Generation, NewCandidate, NewReference, Team, look_at
from tests.views.scene import make_asset, make_generation, make_team, make_user, make_video

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def full_team(slug: str) -> Team:
    team = make_team(slug)
    user = make_user(f"of-{slug}", team)
    asset = make_asset(team, sha256="a" * 64)
    asset.original.file.save(f"{asset.original.folder}/a.png", ContentFile(b"picture"))
    film = make_generation(team, references=[NewReference("reference_image", "image", asset)])
    make_video(film)
    (candidate,) = look_at(team, user, [NewCandidate("https://media.example/1.png", "image")])
    candidate.poster.save(f"{candidate.folder}/still.webp", ContentFile(b"poster"))
    return team


def said(*args: str) -> str:
    out = io.StringIO()
    call_command("delete_team", *args, stdout=out)
    return out.getvalue()


def files_in(media: Path) -> set[str]:
    return {path.relative_to(media).parts[0] for path in media.rglob("*")}


def test_without_yes_it_only_says_what_goes(media):
    full_team("going")
    before = files_in(media)
    told = said("going")
    assert "1 members, 1 assets, 1 films and takes, which cost 144 credits" in told
    assert "Nothing was deleted" in told
    assert Team.objects.filter(slug="going").exists()
    assert files_in(media) == before


def test_with_yes_its_rows_and_files_go_and_those_of_others_stay(media):
    going, staying = full_team("going"), full_team("staying")
    assert files_in(media) == {str(going.pk), str(staying.pk)}
    assert "Deleted, with 3 files" in said("going", "--yes")
    assert files_in(media) == {str(staying.pk)}
    for model in (Asset, Generation, Candidate):
        assert set(model.objects.values_list("team_id", flat=True)) == {staying.pk}
    assert Team.objects.get() == staying


def test_while_films_are_being_made_it_is_refused(media):
    team = full_team("going")
    make_generation(team, "processing")
    with pytest.raises(CommandError, match="1 of its films are being made now"):
        said("going", "--yes")
    assert Team.objects.exists()
    said("going", "--yes", "--give-up")
    assert not Team.objects.exists()


def test_a_team_that_there_is_not_is_told_with_those_that_there_are():
    make_team("dailies")
    with pytest.raises(CommandError, match="There are: dailies"):
        said("dailes")


def test_a_film_that_is_sent_while_its_team_is_being_deleted_is_not_lost(media, monkeypatch):
    film = make_generation(full_team("going"), "queued")
    let_finish = Team.next_revision

    def while_it_is_sent(team: Team) -> int:
        sent = {"state": "submitted", "job_id": "j1", "sent_at": timezone.now()}
        Generation.objects.filter(pk=film.pk).update(**sent)
        return let_finish(team)

    monkeypatch.setattr(Team, "next_revision", while_it_is_sent)
    with pytest.raises(CommandError, match="1 of its films are being made now"):
        said("going", "--yes")
    assert Team.objects.filter(slug="going").exists()
    assert files_in(media)

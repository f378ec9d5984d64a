"""How often references were followed, by model."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assets_app.films.following import by_model, of_model
from assets_app.models import Generation, NewReference

from .scene import make_asset, make_generation, make_team, make_video

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(editor, client_of) -> Client:
    return client_of(editor)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def film(team, *, referenced: bool = True, **columns: Any) -> Generation:
    references = [NewReference("reference_image", "image", make_asset(team))] if referenced else []
    made = make_generation(team, references=references, **columns)
    make_video(made)
    return made


def test_verdicts_add_up_by_model(team):
    for verdict in ("yes", "yes", "yes", "partly", "no", ""):
        film(team, followed=verdict)
    film(team, model="seedance-2-fast", followed="no")
    two, fast = by_model(team)
    assert (two.label, two.words, two.unsaid) == ("Seedance 2.0", "followed 3 of 5, partly 1", 1)
    assert (fast.model, fast.words) == ("seedance-2-fast", "followed 0 of 1")
    assert of_model(team, "seedance-2").words == two.words


def test_only_finished_films_with_references_of_this_team_count(team):
    film(team, referenced=False, followed="yes")
    film(team, state="failed", followed="yes")
    film(make_team("others"), followed="yes")
    assert by_model(team) == []
    assert of_model(team, "seedance-2").words == ""


def test_a_reference_more_does_not_count_twice(team):
    references = [NewReference("reference_image", "image", make_asset(team)) for _ in range(5)]
    make_generation(team, references=references, followed="yes")
    assert [each.words for each in by_model(team)] == ["followed 1 of 1"]


def test_the_page_says_it_for_each_model_and_the_films_page_for_its_own(team, ana):
    assert "No film with references is finished yet" in text(ana.get("/dailies/videos/followed/"))
    one = film(team)
    assert "nobody has said yet" in text(ana.get("/dailies/videos/followed/"))
    ana.post(f"/dailies/videos/{one.pk}/followed/", {"followed": "partly"})
    assert "followed 0 of 1, partly 1" in text(ana.get("/dailies/videos/followed/"))
    assert "Seedance 2.0 so far: followed 0 of 1, partly 1" in text(ana.get(f"/dailies/videos/{one.pk}/"))


def test_a_film_without_references_has_followed_none(team, ana):
    one = film(team, referenced=False)
    answer = ana.post(f"/dailies/videos/{one.pk}/followed/", {"followed": "yes"}, follow=True)
    assert "made without references" in text(answer)
    one.refresh_from_db()
    assert one.followed == ""


def test_queries_do_not_grow_with_films(team, ana):
    def queries(number: int) -> int:
        for _ in range(number):
            film(team, followed="yes")
        with CaptureQueriesContext(connection) as captured:
            ana.get("/dailies/videos/followed/")
        return len(captured)

    assert queries(1) == queries(9)


# --- the trash, on the film's page -----------------------------------------------------------------------------------
def test_a_films_page_leads_into_the_trash_and_out_of_it(team, ana):
    one = film(team)
    page = f"/dailies/videos/{one.pk}/"
    there = ana.post("/dailies/videos/do/trash/", {"film": str(one.pk), "back": page}, follow=True)
    assert there.redirect_chain == [(page, 302)]
    assert "In the trash" in text(there)
    back = ana.post("/dailies/videos/do/restore/", {"film": str(one.pk), "back": page}, follow=True)
    assert back.redirect_chain == [(page, 302)]
    assert "Nobody finds it in the lists" not in text(back)


def test_a_film_that_was_deleted_says_so_and_offers_nothing_to_save(team, ana):
    one = film(team)
    now = timezone.now()
    Generation.objects.filter(pk=one.pk).update(trashed_at=now, purged_at=now)
    type(one.video).objects.filter(pk=one.pk).update(file="", poster="", state="lost")
    shown = text(ana.get(f"/dailies/videos/{one.pk}/"))
    assert "Its files were deleted" in shown
    assert "could not be saved" not in shown
    assert "/save/" not in shown

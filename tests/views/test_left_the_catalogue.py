"""A model that is not offered any more: what was made with it stays readable, and the composer says what to use."""

from __future__ import annotations

import pytest
from django.test import Client

from assets_app.models import Generation, Membership, NewReference

from .scene import make_asset, make_generation, make_video

pytestmark = pytest.mark.django_db

PAGE = "/dailies/generate/"
GONE = "kling-2.0-gone"


@pytest.fixture
def ana(editor, client_of) -> Client:
    return client_of(editor)


@pytest.fixture
def film(team) -> Generation:
    picture, clip = make_asset(team, name="Lantern"), make_asset(team, "video", name="Crossing")
    references = [NewReference("start_image", "image", picture), NewReference("old_clip", "video", clip)]
    made = make_generation(
        team,
        references=references,
        model=GONE,
        params={"duration": 7, "resolution": "540p", "aspect_ratio": "1:1", "magic": "much", "seed": None},
        prompt="@Lantern in the old style",
        mentions={"Lantern": str(picture.pk)},
    )
    make_video(made)
    return made


def test_its_films_stay_readable_wherever_they_are_shown(team, ana, film):
    page = ana.get(f"/dailies/videos/{film.pk}/").content.decode()
    assert f"{GONE} (not offered any more)" in page
    for words in ("in the old style", "Lantern", "Crossing", "540p", "much"):
        assert words in page
    assert GONE in ana.get("/dailies/videos/").content.decode()
    assert str(film.pk) in ana.get(PAGE).content.decode()


def test_the_composer_says_so_and_starts_from_what_the_nearest_one_takes(team, ana, film):
    answer = ana.get(f"{PAGE}?from={film.pk}")
    form, page = answer.context["form"], answer.content.decode()
    assert form.model.id.startswith("kling-2.")
    assert f"“{GONE}” is not offered any more; the nearest is {form.model.label}" in page
    assert form.params["duration"] == 5
    assert "does not take duration 7: now 5" in page
    assert "has no “magic”; it was left out" in page
    assert [each.slot for each in form.references] == ["start_image", "old_clip"]
    assert f"Not taken by {form.model.label}" in page


def test_no_press_makes_it_again_with_another_model(team, ana, film):
    Generation.objects.filter(pk=film.pk).update(state="failed", reason="No available capacity for model")
    for press in ("again", "run"):
        assert ana.post(f"/dailies/videos/{film.pk}/{press}/").url.startswith(f"{PAGE}?from={film.pk}")
    assert Generation.objects.count() == 1


def test_a_page_that_was_left_open_meanwhile_is_told_before_anything_is_paid(team, ana):
    form = {"click": "", "model": GONE, "shown_model": GONE, "prompt": "Kept words", "duration": "5"}
    answer = ana.post(PAGE, form).content.decode()
    assert "is not offered any more" in answer
    assert "Kept words" in answer
    assert not Generation.objects.exists()


def test_whoever_used_it_last_begins_with_the_nearest(team, ana, editor):
    studio = {"model": GONE, "params": {GONE: {"duration": 7}}}
    Membership.objects.filter(user=editor).update(studio=studio)
    assert "is not offered any more" in ana.get(PAGE).content.decode()


def test_an_address_that_names_it_says_so(team, ana):
    assert "is not offered any more" in ana.get(f"{PAGE}?model={GONE}").content.decode()

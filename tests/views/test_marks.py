"""Star, rating, whether the references show, notes: pressed on the page, with and without htmx."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from assets_app.models import LONGEST_NOTES, FilmStar, Generation, NewReference

from .scene import make_asset, make_generation, make_team, make_user, make_video

pytestmark = pytest.mark.django_db

HTMX: dict[str, Any] = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def ana(editor, client_of) -> Client:
    return client_of(editor)


def address(film: Generation, part: str = "") -> str:
    return f"/dailies/videos/{film.pk}/{part}"


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


# --- star ------------------------------------------------------------------------------------------------------------
def test_a_star_is_a_persons_own_and_a_viewer_may_give_one(team, ana, viewer, client_of):
    film = make_generation(team)
    vito = client_of(viewer)
    assert 'aria-pressed="true"' in text(vito.post(address(film, "star/"), **HTMX))
    assert [star.user for star in FilmStar.objects.all()] == [viewer]
    assert 'aria-pressed="true"' not in text(ana.get(address(film)))
    vito.post(address(film, "star/"))
    assert not FilmStar.objects.exists()


def test_the_same_star_twice_is_one(team, ana):
    film = make_generation(team)
    for _ in range(2):
        ana.post(address(film, "star/"), {"on": "1"})
    assert FilmStar.objects.count() == 1
    for _ in range(2):
        ana.post(address(film, "star/"), {"on": "0"})
    assert FilmStar.objects.count() == 0


# --- rating and verdict ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("part", "field", "values"),
    [("rate/", "rating", ["4", "2", "0"]), ("followed/", "followed", ["yes", "partly", "no", ""])],
)
def test_what_is_pressed_is_kept_told_and_reaches_the_others(team, ana, editor, part, field, values):
    film = make_generation(team, references=[NewReference("reference_image", "image", make_asset(team))])
    for value in values:
        team.refresh_from_db()
        since = team.revision
        answer = ana.post(address(film, part), {field: value}, **HTMX)
        film.refresh_from_db()
        assert str(getattr(film, field)) == value
        assert film.revision > since
        assert "castboard:changed" in answer.headers["HX-Trigger"]
    told = film.events.filter(subject="film").order_by("id")
    assert told.count() == len(values)
    assert {event.actor for event in told} == {editor}
    assert told[0].note["said"] in text(ana.get(address(film)))


def test_the_same_mark_again_writes_nothing(team, ana):
    film = make_generation(team)
    for _ in range(2):
        ana.post(address(film, "rate/"), {"rating": "4"})
    assert film.events.filter(subject="film").count() == 1


@pytest.mark.parametrize(
    ("part", "data"),
    [
        ("rate/", {"rating": "6"}),
        ("rate/", {"rating": "-1"}),
        ("rate/", {"rating": "²"}),
        ("rate/", {}),
        ("followed/", {"followed": "maybe"}),
    ],
)
def test_a_mark_that_does_not_exist_is_refused_in_words(team, ana, part, data):
    film = make_generation(team, rating=3)
    answer = ana.post(address(film, part), data, **HTMX)
    assert answer.status_code == 422
    assert "castboard:toast" in answer.headers["HX-Trigger"]
    assert ana.post(address(film, part), data, follow=True).redirect_chain == [(address(film), 302)]
    film.refresh_from_db()
    assert (film.rating, film.followed) == (3, "")


def test_without_a_script_the_press_leads_back_to_where_it_was_pressed(team, ana):
    film = make_generation(team)
    assert ana.post(address(film, "rate/"), {"rating": "4", "back": "/dailies/videos/"}).url == "/dailies/videos/"
    assert ana.post(address(film, "rate/"), {"rating": "4", "back": "//elsewhere.example/"}).url == address(film)


def test_a_mark_leaves_the_state_alone_that_the_engine_writes_meanwhile(team, editor):
    film = make_generation(team, "processing")
    Generation.objects.filter(pk=film.pk).update(state="completed")
    film.rate(editor, 5)
    film.refresh_from_db()
    assert (film.state, film.rating) == ("completed", 5)


def test_another_teams_film_cannot_be_marked(ana, team):
    other = make_generation(make_team("others"))
    for part in ("star/", "rate/", "followed/", "notes/"):
        assert ana.post(address(other, part), {"rating": "1"}).status_code == 404


# --- notes -----------------------------------------------------------------------------------------------------------
def test_notes_are_saved_with_a_word(team, ana):
    film = make_generation(team)
    answer = ana.post(address(film, "notes/"), {"notes": "The dolly is late.\r\nTake 2?", "read": ""}, follow=True)
    film.refresh_from_db()
    assert film.notes == "The dolly is late.\nTake 2?"
    assert "Saved." in text(answer)
    assert "Changed the notes" in text(answer)
    again = ana.post(address(film, "notes/"), {"notes": "", "read": "The dolly is late.\r\nTake 2?"}, **HTMX)
    assert "Saved." in again.headers["HX-Trigger"]
    film.refresh_from_db()
    assert film.notes == ""


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_nobodys_notes_are_lost_when_two_write_at_once(team, ana, headers):
    film = make_generation(team)
    film.annotate(make_user("ben", team), "Ben wrote this.", "")
    answer = ana.post(address(film, "notes/"), {"notes": "Ana wrote that.", "read": ""}, **headers)
    page = text(answer)
    assert "Ben wrote this." in page
    assert "Ana wrote that.</textarea>" in page
    assert "Somebody else changed the notes" in page
    film.refresh_from_db()
    assert film.notes == "Ben wrote this."
    ana.post(address(film, "notes/"), {"notes": "Both.", "read": "Ben wrote this."})
    film.refresh_from_db()
    assert film.notes == "Both."


def test_notes_that_are_too_long_come_back_whole(team, ana):
    film = make_generation(team, notes="short")
    long = "x" * (LONGEST_NOTES + 1)
    answer = ana.post(address(film, "notes/"), {"notes": long, "read": "short"})
    assert answer.status_code == 422
    assert f"{long}</textarea>" in text(answer)
    assert "5,000 is the most" in text(answer)
    film.refresh_from_db()
    assert film.notes == "short"


# --- on the page -----------------------------------------------------------------------------------------------------
def test_a_viewer_sees_the_marks_and_has_no_buttons_for_them(team, viewer, client_of):
    film = make_generation(
        team,
        rating=4,
        followed="partly",
        notes="Soft focus",
        references=[NewReference("reference_image", "image", make_asset(team))],
    )
    make_video(film)
    page = text(client_of(viewer).get(address(film)))
    for words in ("Rated 4 of 5", "partly", "Soft focus"):
        assert words in page
    for part in ("rate/", "followed/", "notes/"):
        assert f'action="{address(film, part)}"' not in page


def test_without_references_there_is_nothing_to_be_followed(team, ana):
    film = make_generation(team)
    make_video(film)
    assert 'id="film-references" hidden' in text(ana.get(address(film)))


def test_what_was_said_of_a_film_is_in_the_activity_and_in_its_export(team, ana, editor):
    make_generation(team).rate(editor, 4)
    assert "Rated it 4 of 5" in text(ana.get("/dailies/activity/?kind=video"))
    export = b"".join(ana.get("/dailies/activity/export/").streaming_content).decode()
    assert "Rated it 4 of 5,Videos," in export


@pytest.mark.parametrize(
    "shown", ["[" * 100_000, '{"rating": "' + "9" * 5_000 + '"}', '{"rating": "\\ud800"}', '{"rating": 9e999}', "{"]
)
def test_what_a_page_never_showed_is_no_mistake_of_ours(team, ana, shown):
    film = make_generation(team)
    answer = ana.post(address(film, "rate/"), {"rating": "3", "shown": shown})
    assert answer.status_code in (302, 409)

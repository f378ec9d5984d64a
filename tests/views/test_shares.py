"""Links by which outsiders watch one film."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assets_app.models import Event, Generation, Membership, Share, Team, share

from .scene import make_generation, make_team, make_user, make_video

pytestmark = pytest.mark.django_db

FILM = bytes(range(256)) * 8
SECRET = "The secret ending of the series"


@pytest.fixture(autouse=True)
def nobody_has_asked_yet() -> Iterator[None]:
    """The limits are counted in the cache, which outlives a test."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def ana(editor, client_of) -> Client:
    return client_of(editor)


@pytest.fixture
def film(team) -> Generation:
    generation = make_generation(team, prompt=SECRET, notes="Internal note", created_by=make_user("benedikta", team))
    video = make_video(generation, content=FILM)
    video.poster.save(f"{video.folder}/film.webp", ContentFile(b"poster"))
    return generation


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def made_by(client: Client, film: Generation, **data: str) -> Share:
    client.post(f"/dailies/videos/{film.pk}/shares/", {"days": "7", **data})
    return Share.objects.latest("pk")


def link(made: Share, part: str = "") -> str:
    return f"/share/{made.token}/{part}"


def name_of(client: Client, made: Share) -> str:
    answer = client.get(link(made, "download/"))
    assert b"".join(answer.streaming_content) == FILM
    return answer["Content-Disposition"]


# --- what a stranger sees --------------------------------------------------------------------------------------------
def test_a_link_shows_the_film_to_anybody_and_nothing_else_of_the_team(ana, client, film):
    answer = client.get(link(made_by(ana, film)))
    page = text(answer)
    assert answer.status_code == 200
    assert "<video" in page
    for secret in (SECRET, "Internal note", "Dailies", "benedikta", "edda", str(film.pk), "seedance"):
        assert secret not in page


def test_the_prompt_is_shown_only_when_asked_to(ana, client, film):
    made = made_by(ana, film, shows_prompt="on")
    assert SECRET in text(client.get(link(made)))
    assert "secret-ending" in name_of(client, made)
    assert "secret" not in name_of(client, made_by(ana, film))


def test_the_film_comes_in_parts_so_that_one_can_seek(ana, client, film):
    answer = client.get(link(made_by(ana, film), "file/"), headers={"Range": "bytes=10-19"})
    assert answer.status_code == 206
    assert b"".join(answer.streaming_content) == FILM[10:20]
    assert answer["Content-Range"] == f"bytes 10-19/{len(FILM)}"


@pytest.mark.parametrize("part", ["", "file/", "poster/", "download/", "no-such-link/"])
def test_nobody_keeps_it_indexes_it_or_passes_the_link_on(ana, client, film, part):
    made = made_by(ana, film)
    answer = client.get("/share/no-such-link/" if part == "no-such-link/" else link(made, part))
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] in ("private, no-store", "private, no-cache")
    if answer.streaming:
        b"".join(answer.streaming_content)


# --- when it ends ----------------------------------------------------------------------------------------------------
def take_back(made: Share, ana: Client) -> None:
    ana.post(f"/dailies/shares/{made.pk}/revoke/")


def let_expire(made: Share, _ana: Client) -> None:
    Share.objects.filter(pk=made.pk).update(expires_at=timezone.now() - timedelta(seconds=1))


def put_in_the_trash(made: Share, _ana: Client) -> None:
    Generation.objects.filter(pk=made.generation_id).update(trashed_at=timezone.now())


def lose_the_copy(made: Share, _ana: Client) -> None:
    made.generation.video.delete()


@pytest.mark.parametrize("end", [take_back, let_expire, put_in_the_trash, lose_the_copy])
@pytest.mark.parametrize("part", ["", "file/", "poster/", "download/"])
def test_a_link_that_ended_looks_like_one_that_never_was(ana, client, film, end, part):
    made = made_by(ana, film)
    end(made, ana)
    over, never = client.get(link(made, part)), client.get(f"/share/no-such-link/{part}")
    assert over.status_code == never.status_code == 404
    assert over.content == never.content
    assert "Ask whoever sent it for another" in text(over)


@pytest.mark.parametrize("part", ["file/", "poster/", "download/"])
def test_a_file_that_is_missing_looks_like_a_link_that_never_was(ana, client, film, part):
    made = made_by(ana, film)
    for stored in (film.video.file, film.video.poster):
        stored.storage.delete(str(stored.name))
    assert client.get(link(made, part)).content == client.get(f"/share/no-such-link/{part}").content


@pytest.mark.parametrize("days", ["1", "7", "30"])
def test_it_works_for_as_long_as_was_chosen(ana, client, film, days):
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        made = made_by(ana, film, days=days)
    with time_machine.travel(now + timedelta(days=int(days), seconds=-1), tick=False):
        assert client.get(link(made)).status_code == 200
    with time_machine.travel(now + timedelta(days=int(days), seconds=1), tick=False):
        assert client.get(link(made)).status_code == 404


# --- the team's side -------------------------------------------------------------------------------------------------
def test_the_films_page_lists_its_links_with_who_and_until_when(ana, film):
    made = made_by(ana, film)
    page = text(ana.get(f"/dailies/videos/{film.pk}/"))
    assert f"http://testserver{link(made)}" in page
    assert re.search(r"By edda, works until \d+ \w+ \d{4}", page)
    take_back(made, ana)
    assert made.token not in text(ana.get(f"/dailies/videos/{film.pk}/"))


MEMBERS = "/dailies/members/"


def test_admins_see_all_links_that_work_with_who_made_them_and_when_they_were_last_opened(
    ana, client, film, admin, client_of
):
    made, other = made_by(ana, film), made_by(ana, film, shows_prompt="on")
    runs = client_of(admin)
    assert text(runs.get(MEMBERS)).count("never opened") == 2
    client.get(link(made))
    page = text(runs.get(MEMBERS))
    assert page.count("never opened") == 1
    assert "by edda" in page
    assert "shows the prompt" in page
    take_back(other, ana)
    assert f'data-link="{other.pk}"' not in text(runs.get(MEMBERS))
    assert "data-link" not in text(ana.get(MEMBERS))


def test_an_admin_takes_one_back_from_there(ana, client, film, admin, client_of):
    made = made_by(ana, film)
    answer = client_of(admin).post(f"/dailies/shares/{made.pk}/revoke/", {"back": "members"})
    assert answer["Location"] == f"{MEMBERS}#film-links"
    assert client.get(link(made)).status_code == 404


def test_their_number_costs_no_queries(ana, film, admin, client_of, django_assert_max_num_queries):
    runs = client_of(admin)
    made_by(ana, film)
    with CaptureQueriesContext(connection) as few:
        runs.get(MEMBERS)
    number = len(few)  # now, for the next request forgets them
    for _ in range(5):
        made_by(ana, film)
    with django_assert_max_num_queries(number):
        runs.get(MEMBERS)


def test_opening_one_is_written_down_once_an_hour_at_most(ana, client, film):
    made, now = made_by(ana, film), timezone.now()
    for minutes, writes in ((0, 1), (1, 0), (59, 0), (61, 1)):
        with time_machine.travel(now + timedelta(minutes=minutes), tick=False):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(link(made)).status_code == 200
            assert sum("UPDATE" in query["sql"] for query in queries) == writes


def leave(edda: Any, _admin: Client) -> None:
    edda.post(f"{MEMBERS}{Membership.objects.get(user__username='edda').pk}/end/")


def be_taken_out(_edda: Client, admin: Client) -> None:
    page = admin.post(f"{MEMBERS}{Membership.objects.get(user__username='edda').pk}/end/", follow=True)
    assert "The 2 links to films that they had made do not work any more." in text(page)


def become_a_viewer(_edda: Client, admin: Client) -> None:
    admin.post(f"{MEMBERS}{Membership.objects.get(user__username='edda').pk}/role/", {"role": "viewer"})


@pytest.mark.parametrize("go", [leave, be_taken_out, become_a_viewer])
def test_the_links_of_somebody_end_when_they_may_make_none_any_more(ana, client, film, admin, client_of, go):
    made = [made_by(ana, film) for _ in range(2)]
    trashed = made_by(ana, make_film(film.team))
    Generation.objects.filter(pk=trashed.generation_id).update(trashed_at=timezone.now())
    elsewhere = share(make_film(make_team("elsewhere")), made[0].created_by, timedelta(days=1))
    of_another = made_by(client_of(admin), film)
    go(ana, client_of(admin))
    Generation.objects.update(trashed_at=None)
    assert {client.get(link(each)).status_code for each in [*made, trashed]} == {404}
    assert client.get(link(of_another)).status_code == 200
    assert client.get(link(elsewhere)).status_code == 200
    assert "links to films that ended with that: 2" in text(client_of(admin).get("/dailies/activity/"))


def make_film(team: Team) -> Generation:
    generation = make_generation(team)
    make_video(generation, content=FILM)
    return generation


def test_who_asks_for_too_much_from_one_address_has_to_wait(ana, client, film, settings):
    settings.ACCOUNT_RATE_LIMITS = {"share": "3/m/ip"}
    made = made_by(ana, film)
    answers = [client.get(link(made)), client.head(link(made, "file/")), client.get("/share/guessed/")]
    assert [answer.status_code for answer in answers] == [200, 200, 404]
    refused = client.get(link(made, "poster/"))
    assert refused.status_code == 429
    assert refused["X-Robots-Tag"] == "noindex, nofollow"
    assert Client(REMOTE_ADDR="10.1.2.3").get(link(made)).status_code == 200


def test_links_are_sent_with_the_address_others_use(ana, film, settings):
    settings.PUBLIC_URL = "https://castboard.example"
    made = made_by(ana, film)
    assert f"https://castboard.example{link(made)}" in text(ana.get(f"/dailies/videos/{film.pk}/"))


def test_making_and_taking_back_is_on_record_once(ana, film, editor):
    made = made_by(ana, film)
    take_back(made, ana)
    take_back(made, ana)
    said = [event.note["said"] for event in Event.objects.filter(subject="film", actor=editor).order_by("id")]
    assert said[0].startswith("Shared it by a link, until ")
    assert said[1:] == ["Took back a link to it"]


def test_a_viewer_does_not_see_the_links(film, viewer, client_of, ana):
    made = made_by(ana, film)
    assert made.token not in text(client_of(viewer).get(f"/dailies/videos/{film.pk}/"))


def test_another_teams_link_cannot_be_taken_back(ana, editor):
    other = make_generation(make_team("others"))
    make_video(other)
    made = share(other, editor, timedelta(days=1))
    assert ana.post(f"/dailies/shares/{made.pk}/revoke/").status_code == 404
    assert Share.objects.open().filter(pk=made.pk).exists()


@pytest.mark.parametrize("data", [{"days": "3650"}, {"days": ""}, {}])
def test_a_link_for_an_odd_time_is_refused_in_words(ana, film, data):
    answer = ana.post(f"/dailies/videos/{film.pk}/shares/", data, follow=True)
    assert "1, 7 or 30 days" in text(answer)
    assert not Share.objects.exists()


def test_a_film_that_is_not_saved_yet_cannot_be_shared(ana, team):
    answer = ana.post(f"/dailies/videos/{make_generation(team).pk}/shares/", {"days": "1"}, follow=True)
    assert "wait until our copy is saved" in text(answer)
    assert not Share.objects.exists()


def test_no_team_can_take_the_address_of_links():
    with pytest.raises(ValidationError):
        Team(name="Share", slug="share").full_clean()

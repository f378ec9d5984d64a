"""Where somebody is signed in, and that it ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from assets_app import sessions, tasks
from assets_app.models import Membership, Team
from assets_app.sessions import browser_in

PASSWORD = "far from the shore"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def ana(team: Team) -> User:
    user = User.objects.create_user("ana", password=PASSWORD)
    Membership.objects.create(team=team, user=user)
    return user


def signed_in(**headers: str) -> Client:
    client = Client(headers=headers)
    client.post("/login/", {"username": "ana", "password": PASSWORD})
    return client


def is_in(client: Client) -> bool:
    return client.get("/dailies/").status_code == 200


def test_the_account_lists_them_and_ends_the_others(ana: User) -> None:
    User.objects.create_user("ben", password=PASSWORD)
    here, there, bens = signed_in(**{"User-Agent": FIREFOX}), signed_in(), Client()
    bens.post("/login/", {"username": "ben", "password": PASSWORD})
    page = here.get("/account/").content.decode()
    assert page.count("127.0.0.1 · since") == 2
    assert "Firefox on Linux" in page
    assert "Signed out in 1 other place." in here.post("/account/sessions/end/", follow=True).content.decode()
    assert (is_in(here), is_in(there)) == (True, False)
    assert bens.get("/account/").status_code == 200
    assert "Sign out everywhere else" not in here.get("/account/").content.decode()


def test_the_page_opens_no_more_of_them_than_it_bears_and_ends_all_of_them_the_same(
    ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = [signed_in() for _ in range(4)]
    monkeypatch.setattr(sessions, "MOST_READ", 2)
    assert places[0].get("/account/").content.decode().count("127.0.0.1 · since") == 2
    places[0].post("/account/sessions/end/")
    assert [is_in(each) for each in places] == [True, False, False, False]


def test_it_ends_after_three_days_in_which_nobody_came(ana: User) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = signed_in()
        for _ in range(3):
            clock.shift(timedelta(days=2))
            assert is_in(client)
        clock.shift(timedelta(days=3))
        assert not is_in(client)


def test_and_after_two_weeks_whoever_came(ana: User) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = signed_in()
        for _ in range(6):
            clock.shift(timedelta(days=2))
            assert is_in(client)
        clock.shift(timedelta(days=2))
        assert not is_in(client)


def test_a_session_of_an_earlier_version_goes_on(ana: User) -> None:
    client = Client()
    client.force_login(ana)
    assert is_in(client)
    assert "this one" in client.get("/account/").content.decode()


@pytest.mark.parametrize(
    ("agent", "called"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("curl/8", ""),
        ("", ""),
    ],
)
def test_browsers_are_called_as_people_call_them(agent: str, called: str) -> None:
    assert browser_in(agent) == called


def test_what_is_over_is_deleted_by_the_hour(ana: User) -> None:
    signed_in()
    signed_in()
    Session.objects.filter(pk=Session.objects.first().pk).update(expire_date=timezone.now() - timedelta(days=1))
    tasks.prune()
    assert Session.objects.count() == 1

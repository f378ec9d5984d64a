"""A page that still shows one person never acts for another who signed in beside it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from assets_app.models import Asset, Generation, Membership, Team, invite
from assets_app.templatetags.shown_to import mark_of

from .scene import make_asset

GENERATE = "/dailies/generate/"


def marks_on(page: str) -> set[str]:
    return {html.unescape(mark) for mark in re.findall(r'name="shown_to" value="([^"]+)"', page)}


@pytest.fixture
def mara(team: Team) -> User:
    user = User.objects.create_user("mara", first_name="Mara")
    Membership.objects.create(team=team, user=user)
    return user


def test_every_page_says_whose_it_is_once_for_itself_and_in_each_form(
    team: Team, editor: User, client_of: Callable[[User], Client]
) -> None:
    make_asset(team)
    for address in ("/dailies/", "/dailies/assets/", GENERATE, "/account/profile/"):
        page = client_of(editor).get(address, follow=True).content.decode()
        assert f'data-shown-to="{mark_of(editor)}"' in page
        assert marks_on(page) == {mark_of(editor)}


@pytest.mark.parametrize("address", ["/dailies/generate/", "/dailies/assets/add/"])
def test_what_another_persons_page_sends_is_not_done(
    address: str, team: Team, editor: User, mara: User, client_of: Callable[[User], Client]
) -> None:
    sent = {"prompt": "A boat at dawn", "urls": "https://media.example/boat one.png", "shown_to": mark_of(mara)}
    answer = client_of(editor).post(address, sent, headers={"Referer": "http://testserver/dailies/?a=b"})
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 409
    assert "You are now signed in as edda; this page was Mara’s. Nothing was sent." in page
    assert "A boat at dawn" in page
    assert 'href="/dailies/?a=b"' in page
    assert (Generation.objects.count(), Asset.objects.count()) == (0, 0)


def test_a_script_of_another_persons_page_is_told_and_does_nothing(
    team: Team, editor: User, mara: User, client_of: Callable[[User], Client]
) -> None:
    asset = make_asset(team, name="Harbour")
    headers = {"X-Shown-To": mark_of(mara)}
    address = f"/dailies/assets/{asset.pk}/edit/"
    answer = client_of(editor).post(address, {"name": "Quay"}, headers=headers | {"HX-Request": "true"})
    assert answer.status_code == 409
    assert "this page was Mara" in answer.headers["HX-Trigger"]
    answer = client_of(editor).post("/dailies/assets/upload/", headers=headers | {"Accept": "application/json"})
    assert answer.status_code == 409
    assert "signed in as edda" in answer.json()["problem"]
    asset.refresh_from_db()
    assert asset.name == "Harbour"


def test_a_live_page_is_given_nothing_that_was_drawn_for_another(
    editor: User, mara: User, client_of: Callable[[User], Client]
) -> None:
    headers = {"X-Shown-To": mark_of(mara), "HX-Request": "true"}
    answer = client_of(editor).get("/dailies/live/?v=0&page=board", headers=headers)
    assert (answer.status_code, answer.content) == (409, b"")


def test_an_older_token_of_another_person_is_not_the_reason_given(team: Team, editor: User, mara: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)
    answer = client.post(GENERATE, {"csrfmiddlewaretoken": "x" * 64, "shown_to": mark_of(mara)})
    assert answer.status_code == 409


def test_ones_own_page_and_a_program_that_shows_none_go_on(
    team: Team, editor: User, client_of: Callable[[User], Client]
) -> None:
    asset = make_asset(team)
    address = f"/dailies/assets/{asset.pk}/edit/"
    client = client_of(editor)
    assert client.post(address, {"name": "One", "shown_to": mark_of(editor)}).status_code == 302
    assert client.post(address, {"name": "Two"}).status_code == 302


def test_a_mark_tells_no_names_to_who_makes_it_up(
    team: Team, editor: User, mara: User, client_of: Callable[[User], Client]
) -> None:
    page = client_of(editor).post(GENERATE, {"shown_to": f"{mara.pk}:made-up"}).content.decode()
    assert "Mara" not in page
    assert "somebody else" in page


def test_an_invitation_opened_by_nobody_is_not_taken_by_who_signed_in_since(
    team: Team, stranger: User, admin: User, client_of: Callable[[User], Client]
) -> None:
    _invitation, token = invite(team, admin, Membership.Role.EDITOR, timedelta(days=1))
    address = f"/invite/{token}/"
    (mark,) = marks_on(Client().get(address).content.decode())
    assert client_of(stranger).post(address, {"username": "new", "shown_to": mark}).status_code == 409
    assert not team.memberships.filter(user=stranger).exists()


def test_whoever_signed_out_is_asked_to_sign_in_and_not_told_of_others(team: Team, mara: User, client: Client) -> None:
    assert client.post(GENERATE, {"shown_to": mark_of(mara)}).status_code == 302


def test_a_secret_that_was_sent_is_not_shown(
    team: Team, admin: User, mara: User, client_of: Callable[[User], Client]
) -> None:
    sent = {"api_key": "afk_a b c", "base_url": "https://api.example", "shown_to": mark_of(mara)}
    page = client_of(admin).post("/dailies/settings/connection/", sent).content.decode()
    assert "afk_a" not in page
    assert "https://api.example" in page


def test_every_form_that_sends_carries_its_marks() -> None:
    """Which `{% csrf_token %}` writes, both at once."""
    without = [
        f"{template.name}: {form[:80]}"
        for template in settings.BASE_DIR.glob("templates/**/*.html")
        for form in re.findall(r"<form\b.*?</form>", template.read_text(), re.DOTALL)
        if re.search(r"method=.post", form.partition(">")[0]) and "{% csrf_token %}" not in form
    ]
    assert without == []


# --- a form that comes after the session has ended -------------------------------------------------------------------
def test_a_form_that_came_too_late_leads_back_to_the_page_it_stood_on(team: Team, admin: User, client: Client) -> None:
    admin.set_password("far from the shore")
    admin.save()
    stood_on = "/dailies/members/?page=2"
    answer = client.post(
        "/dailies/members/invite/", {"note": "For Leo"}, headers={"Referer": f"http://testserver{stood_on}"}
    )
    assert answer["Location"] == "/login/?next=%2Fdailies%2Fmembers%2F%3Fpage%3D2&unsent=1"
    page = client.get(answer["Location"]).content.decode()
    assert "what you sent did not arrive" in page
    (way_back,) = re.findall(r'name="next" value="([^"]+)"', page)[:1]
    signed_in = {"username": admin.username, "password": "far from the shore", "next": html.unescape(way_back)}
    back = client.post("/login/", signed_in, follow=True)
    assert back.redirect_chain[-1][0] == stood_on
    assert back.status_code == 200


def test_a_page_that_was_the_answer_to_a_form_leads_back_to_where_that_form_stood(
    team: Team, admin: User, client: Client, client_of: Callable[[User], Client]
) -> None:
    stood_on = {"Referer": "http://testserver/dailies/settings/"}
    page = client_of(admin).post("/dailies/settings/team/", {"name": ""}, headers=stood_on).content.decode()
    assert 'name="stood_on" value="/dailies/settings/"' in page
    assert 'href="/login/?next=/dailies/settings/"' in page
    late = urlencode({"name": "Night", "stood_on": "/dailies/settings/"})
    refused_on = {"Referer": "http://testserver/dailies/settings/team/"}
    kind = "application/x-www-form-urlencoded"
    answer = client.post("/dailies/settings/team/", late, content_type=kind, headers=refused_on)
    assert answer["Location"] == "/login/?next=%2Fdailies%2Fsettings%2F&unsent=1"
    late = urlencode({"stood_on": "//evil.example/"})
    assert client.post("/dailies/settings/team/", late, content_type=kind)["Location"] == "/login/?next=%2F&unsent=1"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/dailies/", "http://testserver//evil.example/", ""])
def test_a_way_back_is_always_ours(elsewhere: str, team: Team, client: Client) -> None:
    answer = client.post("/dailies/members/invite/", headers={"Referer": elsewhere})
    assert answer["Location"] == "/login/?next=%2F&unsent=1"


def test_a_visit_to_an_address_that_only_takes_forms_is_a_page_with_a_way_on(
    editor: User, client_of: Callable[[User], Client]
) -> None:
    answer = client_of(editor).get("/dailies/members/invite/")
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "only takes what a form sends" in answer.content.decode()

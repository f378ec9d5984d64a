"""Paste, check, register: a list that fills in, keeps, and is decided upon with one button."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assets_app.engine.looking import verdict
from assets_app.models import Asset, Candidate, NewCandidate, Team, look_at, waiting
from assets_app.models.waiting import Bound
from tests.views.scene import make_asset

HTMX = {"HX-Request": "true"}


@pytest.fixture
def page(editor: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(editor)


@pytest.fixture
def listed(team: Team, editor: User) -> Callable[..., Candidate]:
    """A candidate in any state."""

    def make(state: str = "ready", **columns: Any) -> Candidate:
        (candidate,) = look_at(team, editor, [NewCandidate(f"https://a.example/{uuid.uuid4()}.png", "image")])
        if state != "looking":
            known = {"sha256": uuid.uuid4().hex * 2, "content_type": "image/png", "width": 640, "height": 480}
            Candidate.objects.filter(pk=candidate.pk).update(state=state, due_at=None, **(known | columns))
        candidate.refresh_from_db()
        return candidate

    return make


def look(client: Client, text: str, **types: str) -> str:
    response = client.post("/dailies/assets/look/", {"urls": text} | types, headers=HTMX)
    assert response.status_code == 200
    return response.content.decode()


def act(client: Client, candidate: Candidate, what: str, **data: str) -> str:
    return client.post(f"/dailies/candidates/{candidate.pk}/{what}/", data, headers=HTMX).content.decode()


def test_a_paste_becomes_a_list_before_anything_is_sent(team: Team, editor: User, page: Client) -> None:
    known = make_asset(team, name="Quay")
    html = look(
        page, f"https://a.example/1.png\n{known.source_url}\nnonsense\nhttps://a.example/what\nhttps://a.example/1.png"
    )
    assert 'hx-swap-oob="true"' in html
    assert "nonsense" in html, "what is no link stays in the box"
    assert list(Candidate.objects.order_by("created_at").values_list("state", "wanted_type")) == [
        ("looking", "image"),
        ("known", "image"),
        ("looking", ""),
    ]
    assert Asset.objects.count() == 1
    again = page.get("/dailies/").content.decode()
    assert again.count("data-candidate=") == 3, "leaving and coming back finds the list as it was"
    assert "Quay" in again


def test_the_button_says_how_many_go_and_how_many_are_skipped(team: Team, page: Client, listed: Callable) -> None:
    for state in ("ready", "ready", "unchecked", "refused", "unreachable", "known", "looking"):
        listed(state)
    html = page.get("/dailies/").content.decode()
    assert "Register 3, skip 2</button>" in html
    assert "Looking at 1" in html
    assert "1 in the library already" in html


@pytest.mark.parametrize("state", ["looking", "ready", "unchecked", "refused", "unreachable"])
def test_what_is_registered_otherwise_is_linked_in_the_list(
    team: Team, page: Client, listed: Callable, state: str
) -> None:
    candidate, other = listed(state), listed()
    since = team.next_revision()
    page.post("/dailies/assets/add/", {"urls": f"Quay\t{candidate.source_url}"}, headers=HTMX)
    candidate.refresh_from_db()
    assert (candidate.state, candidate.known_as.name) == ("known", "Quay")
    assert candidate.revision > since, "so that a page that is open shows it"
    said = page.post("/dailies/candidates/register/", headers=HTMX).headers["HX-Trigger"]
    assert "Registered 1. In the library already: Quay." in said
    assert list(Asset.objects.order_by("number").values_list("source_url", flat=True)) == [
        candidate.source_url,
        other.source_url,
    ]


def test_a_link_registered_while_it_is_looked_at_is_found_in_the_library(
    team: Team, page: Client, listed: Callable
) -> None:
    candidate = listed("looking")
    Candidate.objects.filter(pk=candidate.pk).update(claim=uuid.uuid4())
    page.post("/dailies/assets/add/", {"urls": candidate.source_url}, headers=HTMX)
    candidate.refresh_from_db()
    assert candidate.state == "looking"
    assert verdict(candidate)[1]["known_as"] == Asset.objects.get()


def test_registering_gives_all_of_them_tags_a_collection_and_a_kind(team: Team, page: Client, listed: Callable) -> None:
    first, second, refused = listed(), listed(), listed("refused")
    response = page.post(
        "/dailies/candidates/register/",
        {"tags": "night, Hero", "collection": "Trailer", "kind": "prop"},
        headers=HTMX,
    )
    assert "Registered 2." in response.headers["HX-Trigger"]
    assets = Asset.objects.order_by("-number")
    assert [asset.pk for asset in assets] == [first.pk, second.pk]
    assert {asset.kind for asset in assets} == {"prop"}
    assert sorted(assets[0].tags.values_list("name", flat=True)) == ["Hero", "night"]
    assert [collection.name for collection in assets[0].collections.all()] == ["Trailer"]
    assert list(Candidate.objects.values_list("pk", flat=True)) == [refused.pk]


def test_what_the_library_has_already_is_given_the_same_and_keeps_its_own_kind(
    team: Team, page: Client, listed: Callable
) -> None:
    courier, harbour = make_asset(team, name="Courier"), make_asset(team, name="Harbour")
    Asset.objects.filter(pk=harbour.pk).update(kind="place")
    for asset in (courier, harbour):
        listed("known", known_as=asset)
    listed()
    given = {"tags": "night", "collection": "Trailer", "kind": "prop"}
    answer = page.post("/dailies/candidates/register/", given, headers=HTMX)
    assert "Courier, Harbour. They were given the same." in answer.headers["HX-Trigger"]
    for asset, kind in ((courier, "prop"), (harbour, "place")):
        asset.refresh_from_db()
        assert [tag.name for tag in asset.tags.all()] == ["night"]
        assert [collection.name for collection in asset.collections.all()] == ["Trailer"]
        assert asset.kind == kind


def test_a_line_is_registered_by_the_name_that_somebody_gives_it(team: Team, page: Client, listed: Callable) -> None:
    candidate = listed()
    row = act(page, candidate, "name", name="  Mara,  close up ")
    assert 'value="Mara, close up"' in row
    act(page, candidate, "name", name=" ")
    page.post("/dailies/candidates/register/", headers=HTMX)
    assert Asset.objects.get().name == "Mara, close up"


def test_enter_in_a_field_of_the_list_does_not_clear_it(page: Client, listed: Callable) -> None:
    listed()
    html = page.get("/dailies/").content.decode()
    form = html.partition('id="candidates-form"')[2].partition("</form>")[0]
    own = [button for button in form.split("<button")[1:] if ' form="' not in button]
    assert ["Register 1" in button for button in own] == [True]


def test_a_collection_without_a_name_to_speak_of_is_refused_and_nothing_is_lost(
    team: Team, page: Client, listed: Callable
) -> None:
    listed()
    html = page.post(
        "/dailies/candidates/register/", {"tags": "night", "collection": "—"}, headers=HTMX
    ).content.decode()
    assert "A collection’s name needs a letter, a digit or an emoji" in html
    assert 'value="night"' in html
    assert not Asset.objects.exists()


def test_a_refused_one_goes_along_once_somebody_says_so(team: Team, page: Client, listed: Callable) -> None:
    refused = listed("refused", reason="The width is 100 px; the least is 300 px.")
    assert "disabled" in page.get("/dailies/").content.decode().split('id="candidates-register"')[1][:80]
    assert "Register 1<" in act(page, refused, "anyway")
    assert "Register 0, skip 1<" in act(page, refused, "anyway")


def test_a_corrected_type_is_judged_anew_without_another_look(team: Team, page: Client, listed: Callable) -> None:
    candidate = listed()
    assert "This is an image, not a video." in act(page, candidate, "type", type="video")
    candidate.refresh_from_db()
    assert (candidate.state, candidate.wanted_type, candidate.is_corrected) == ("refused", "video", True)
    act(page, candidate, "type", type="image")
    candidate.refresh_from_db()
    assert (candidate.state, candidate.reason) == ("ready", "")
    act(page, candidate, "type", type="painting")
    candidate.refresh_from_db()
    assert candidate.wanted_type == "image"


def test_without_a_type_nothing_is_registered(team: Team, page: Client, listed: Callable) -> None:
    candidate = listed("unchecked", wanted_type="")
    assert "Register 0, skip 1<" in page.get("/dailies/").content.decode()
    assert "Register 1<" in act(page, candidate, "type", type="audio")


def test_an_unreachable_one_can_be_looked_at_again(team: Team, page: Client, listed: Callable) -> None:
    candidate = listed("unreachable")
    act(page, candidate, "again")
    candidate.refresh_from_db()
    assert candidate.state == "looking"
    assert candidate.due_at


def test_lines_can_be_dropped_one_by_one_or_all_at_once(team: Team, page: Client, listed: Callable) -> None:
    first, _second = listed(), listed()
    act(page, first, "drop")
    assert Candidate.objects.count() == 1
    page.post("/dailies/candidates/clear/", headers=HTMX)
    assert not Candidate.objects.exists()


def test_the_list_fills_in_by_itself(team: Team, page: Client, listed: Callable) -> None:
    candidate, other = listed("looking"), listed("looking")
    team.refresh_from_db()
    before = team.revision
    assert candidate.move("ready", width=640, height=480)
    html = page.get(f"/dailies/live/?v={before}&page=board").content.decode()
    assert f'id="candidate-{candidate.pk}"' in html
    assert f'id="candidate-{other.pk}"' not in html
    assert 'id="candidates-register"' in html
    assert 'data-busy="1"' in html, "somebody waits for the rest"


def test_a_list_is_a_persons_own(
    team: Team, page: Client, listed: Callable, admin: User, client_of: Callable[[User], Client]
) -> None:
    candidate = listed()
    colleague = client_of(admin)
    assert "data-candidate=" not in colleague.get("/dailies/").content.decode()
    for what in ("type", "anyway", "again", "drop"):
        assert colleague.post(f"/dailies/candidates/{candidate.pk}/{what}/").status_code == 404
    colleague.post("/dailies/candidates/register/")
    colleague.post("/dailies/candidates/clear/")
    assert Candidate.objects.filter(pk=candidate.pk).exists()
    assert not Asset.objects.exists()


@pytest.mark.parametrize("bound", [Bound(of_person=3, of_team=99), Bound(of_person=99, of_team=4)])
@pytest.mark.parametrize("headers", [HTMX, {}])
def test_a_list_that_would_get_too_long_takes_nothing_and_the_box_keeps_it_all(
    team: Team,
    admin: User,
    page: Client,
    listed: Callable,
    monkeypatch: pytest.MonkeyPatch,
    bound: Bound,
    headers: dict[str, str],
) -> None:
    monkeypatch.setattr(waiting, "LINKS", bound)
    for _ in range(2):
        listed()
    look_at(team, admin, [NewCandidate("https://a.example/of-ada.png", "image")])
    text = "Quay\thttps://a.example/1.png\nhttps://a.example/2.png\nnonsense"
    response = page.post("/dailies/assets/look/", {"urls": text}, headers=headers)
    html = response.content.decode()
    assert response.status_code == 200
    assert f"\n{text}</textarea>" in html
    assert "2 more are too many: " in html
    assert Candidate.objects.count() == 3
    page.post("/dailies/assets/look/", {"urls": "https://a.example/1.png"}, headers=headers)
    assert Candidate.objects.count() == 4, "what fits is taken"


def test_what_is_on_the_list_already_makes_it_no_longer(
    page: Client, listed: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate = listed()
    monkeypatch.setattr(waiting, "LINKS", Bound(1, 1))
    assert "too many" not in look(page, candidate.source_url)


def test_without_scripts_the_board_comes_back(team: Team, page: Client) -> None:
    response = page.post("/dailies/assets/look/", {"urls": "https://a.example/1.png"}, follow=True)
    assert response.redirect_chain[-1][0] == "/dailies/"
    assert "data-candidate=" in response.content.decode()


def test_a_long_list_shows_what_needs_a_look_and_costs_no_more(team: Team, page: Client, listed: Callable) -> None:
    def cost() -> int:
        with CaptureQueriesContext(database) as queries:
            page.get("/dailies/")
        return len(queries)

    listed()
    cost()
    few = cost()
    look(page, "\n".join(f"https://a.example/{number}.png" for number in range(400)))
    refused = listed("refused")
    html = page.get("/dailies/").content.decode()
    assert f'id="candidate-{refused.pk}"' in html
    assert "202 more are not shown" in html
    assert cost() == few


@pytest.mark.long
@pytest.mark.one_database
def test_a_thousand_links_are_taken_and_registered_in_a_bounded_number_of_queries(team: Team, page: Client) -> None:
    look(page, "\n".join(f"https://a.example/{number}.png" for number in range(1000)))
    assert Candidate.objects.count() == 1000
    Candidate.objects.update(state="ready", due_at=None)
    with CaptureQueriesContext(database) as queries:
        page.post("/dailies/candidates/register/", headers=HTMX)
    assert Asset.objects.count() == 1000
    assert len(queries) < 120

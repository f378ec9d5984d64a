"""The board: lines go in, each is registered or comes back with its reason, and the groups show what became of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assets_app.forms.paste import key_of
from assets_app.forms.registering import Paste
from assets_app.models import Asset, Connection, Event, Generation, Original, Team
from assets_app.views import board
from tests.views.scene import hours_ago, make_asset, make_generation

HTMX = {"HX-Request": "true"}


@pytest.fixture
def page(editor: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(editor)


def add(client: Client, text: str, types: dict[str, str] | None = None, *, htmx: bool = True) -> str:
    response = client.post(
        "/dailies/assets/add/", {"urls": text} | (types or {}), headers=HTMX if htmx else {}, follow=True
    )
    assert response.status_code == 200
    return response.content.decode()


def box(html: str) -> str:
    """What is in the paste box of this page."""
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", html, re.DOTALL)
    assert found
    return found[1].removeprefix("\n")


def sources(team: Team) -> list[str]:
    return list(Asset.objects.filter(team=team).order_by("-created_at").values_list("source_url", flat=True))


def test_pasted_links_become_assets_in_their_own_order(team: Team, editor: User, page: Client) -> None:
    html = add(page, "https://a.example/1.png\nhttps://a.example/2.mp4\nhttps://a.example/3.mp3")
    assert "Registered 3." in html
    assert box(html) == ""
    assert sources(team) == ["https://a.example/1.png", "https://a.example/2.mp4", "https://a.example/3.mp3"]
    assert set(Asset.objects.values_list("state", "created_by")) == {("queued", editor.pk)}
    assert Event.objects.filter(team=team, to_state="queued").count() == 3


def test_registering_wakes_the_engine(
    team: Team, page: Client, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Callable
) -> None:
    sent: list[str] = []
    monkeypatch.setattr("assets_app.engine.waking._send", sent.append)
    with django_capture_on_commit_callbacks(execute=True):
        add(page, "https://a.example/1.png")
    assert set(sent) == {"provider", "files"}
    sent.clear()
    with django_capture_on_commit_callbacks(execute=True):
        add(page, "nothing to register")
    assert sent == []


def test_lines_that_need_a_look_come_back_and_the_rest_goes_on(team: Team, page: Client) -> None:
    html = add(page, "https://a.example/1.png\nftp://a.example/2.png\nhttps://a.example/unknown\n<b>hello</b>")
    assert "Registered 1." in html
    assert "3 lines need a look" in html
    assert box(html) == "ftp://a.example/2.png\nhttps://a.example/unknown\n&lt;b&gt;hello&lt;/b&gt;"
    assert "Not a web address" in html
    assert sources(team) == ["https://a.example/1.png"]


def test_a_type_can_be_corrected(team: Team, page: Client) -> None:
    html = add(
        page,
        "https://a.example/unknown\nhttps://a.example/cover.png",
        {key_of("https://a.example/unknown"): "video", key_of("https://a.example/cover.png"): "audio"},
    )
    assert "Registered 2." in html
    assert list(Asset.objects.order_by("-created_at").values_list("media_type", flat=True)) == ["video", "audio"]


def test_a_link_pasted_twice_is_registered_once(team: Team, page: Client) -> None:
    html = add(page, "https://a.example/1.png\nhttps://a.example/1.png")
    assert "Registered 1." in html
    assert "1 was pasted twice" in html
    assert box(html) == ""
    assert len(sources(team)) == 1


def test_a_link_the_library_has_is_linked_instead_of_registered(team: Team, page: Client) -> None:
    known = make_asset(team, name="Harbour at dusk")
    html = add(page, f"{known.source_url}\nhttps://a.example/new.png")
    assert "Registered 1." in html
    assert f'href="/dailies/assets/{known.pk}/">Harbour at dusk</a>' in html
    assert len(sources(team)) == 2


def test_the_library_of_another_team_does_not_count(team: Team, stranger: User, page: Client) -> None:
    theirs = make_asset(stranger.teams.get())
    assert "Registered 1." in add(page, theirs.source_url, {key_of(theirs.source_url): "image"})


@pytest.mark.parametrize("text", ["", "   \n \n"])
def test_an_empty_paste_gets_a_hint(team: Team, page: Client, text: str) -> None:
    assert "paste a link or two first" in add(page, text)
    assert "paste a link or two first" in add(page, text, htmx=False)


@pytest.mark.long
@pytest.mark.one_database
def test_five_thousand_lines_are_accepted(team: Team, page: Client) -> None:
    html = add(page, "\n".join(f"https://a.example/{number}.png" for number in range(5000)))
    assert "Registered 5,000." in html
    assert Asset.objects.filter(team=team).count() == 5000


def test_more_than_five_thousand_lines_stay_in_the_box_with_the_number(team: Team, page: Client) -> None:
    text = "\n".join(f"https://a.example/{number}.png" for number in range(5312))
    html = add(page, text)
    assert "5,312 lines: at most 5,000 go at once" in html
    assert "Nothing was registered." in html
    assert box(html) == text
    assert sources(team) == []


def test_far_too_many_lines_are_not_counted_to_the_end(team: Team) -> None:
    paste = Paste(team, {"urls": "https://a.example/1.png\n" * 60_000})
    assert (paste.count, paste.is_too_many, paste.rows) == (50_000, True, [])


def test_it_works_without_javascript(team: Team, page: Client) -> None:
    done = add(page, "https://a.example/1.png", htmx=False)
    assert "Registered 1." in done
    assert "<html" in done
    partly = add(page, "https://a.example/2.png\nnonsense", htmx=False)
    assert "<html" in partly
    assert "Registered 1." in partly
    assert box(partly) == "nonsense"


def test_the_answer_in_the_page_tells_the_live_poll_to_look(team: Team, page: Client) -> None:
    response = page.post("/dailies/assets/add/", {"urls": "https://a.example/1.png"}, headers=HTMX)
    assert "castboard:changed" in response["HX-Trigger"]
    assert "<html" not in response.content.decode()


def test_the_preview_marks_each_line(team: Team, page: Client) -> None:
    known = make_asset(team, name="Harbour")
    text = f"https://a.example/1.png\nhttps://a.example/1.png\n{known.source_url}\nhttps://u:p@a.example/2.png\nhttps://a.example/x"
    html = page.post("/dailies/assets/check/", {"urls": text}, headers=HTMX).content.decode()
    assert html.count("<li") == 5
    for mark in ("Same as line 1", "Here already:", "Holds a user name or password", "Image, video or audio? Choose"):
        assert mark in html
    assert '<span id="paste-count" hx-swap-oob="true">1</span>' in html
    assert sources(team) == [known.source_url], "looking registers nothing"


def test_the_preview_of_thousands_of_lines_stays_short_and_shows_the_bad_ones(team: Team, page: Client) -> None:
    text = "\n".join([*(f"https://a.example/{number}.png" for number in range(4000)), "the last one is bad"])
    html = page.post("/dailies/assets/check/", {"urls": text}, headers=HTMX).content.decode()
    assert html.count("<li") == 200
    assert "3,801 more not shown" in html
    assert "the last one is bad" in html


def test_checking_costs_the_same_number_of_queries_for_any_number_of_lines(team: Team, page: Client) -> None:
    def cost(number: int) -> int:
        text = "\n".join(f"https://a.example/{line}.png" for line in range(number))
        with CaptureQueriesContext(database) as queries:
            page.post("/dailies/assets/check/", {"urls": text}, headers=HTMX)
        return len(queries)

    assert cost(3) == cost(3000) <= 5


def test_the_groups_hold_what_belongs_to_them(team: Team, page: Client) -> None:
    shots = {state: make_asset(team, state=state) for state in ("queued", "processing", "active", "failed", "expired")}
    old = make_asset(team, state="active", name="Yesterday")
    Asset.objects.filter(pk=old.pk).update(state_since=timezone.now() - timedelta(hours=25))
    html = page.get("/dailies/").content.decode()
    _, attention, rest = re.split(r'id="list-(?:attention|processing)"', html)
    processing, ready = rest.split('id="list-ready"')
    found = {
        name: set(re.findall(r'data-asset="([^"]+)" data-status', part))
        for name, part in (("attention", attention), ("processing", processing), ("ready", ready))
    }
    assert found == {
        "attention": {str(shots["failed"].pk), str(shots["expired"].pk)},
        "processing": {str(shots["queued"].pk), str(shots["processing"].pk)},
        "ready": {str(shots["active"].pk)},
    }


def test_a_failed_card_says_why_in_plain_words_and_keeps_the_providers(team: Team, page: Client) -> None:
    failed = make_asset(team, state="failed")
    raw = "InvalidParameter.DownloadFailed: timeout while fetching <resource>"
    Asset.objects.filter(pk=failed.pk).update(reason=raw, is_quote=True)
    html = page.get("/dailies/").content.decode()
    assert "could not fetch the file" in html
    assert "timeout while fetching &lt;resource&gt;" in html
    assert f'action="/dailies/assets/{failed.pk}/retry/"' in html


def test_a_first_visit_says_what_this_is_and_offers_samples_of_the_sandbox(team: Team, page: Client) -> None:
    html = page.get("/dailies/").content.decode()
    assert "becomes a reference asset" in html
    assert "/samples/" in html
    Connection.objects.filter(team=team).update(is_sandbox=False)
    html = page.get("/dailies/").content.decode()
    assert "becomes a reference asset" in html
    assert "/samples/" not in html


def test_the_sandbox_is_named_as_such_on_every_page(team: Team, page: Client) -> None:
    for address in ("/dailies/", "/dailies/assets/"):
        assert "nothing is charged" in page.get(address).content.decode()
    Connection.objects.filter(team=team).update(is_sandbox=False)
    assert "nothing is charged" not in page.get("/dailies/").content.decode()


def test_a_team_without_a_connection_still_has_its_board(team: Team, page: Client) -> None:
    Connection.objects.filter(team=team).delete()
    assert page.get("/dailies/").status_code == 200


def test_the_board_costs_the_same_for_three_and_for_thirty_cards(team: Team, page: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(database) as queries:
            assert page.get("/dailies/").status_code == 200
        return len(queries)

    def fill(number: int) -> None:
        for _ in range(number):
            for state in ("processing", "active", "failed"):
                make_asset(team, state=state, sha256="ab" * 32)

    fill(1)
    cost()  # what is usual is remembered for a while
    few = cost()
    fill(10)
    assert few == cost() <= 10


def test_what_needs_attention_comes_first_and_many_failures_unfold(team: Team, page: Client) -> None:
    for _ in range(3):
        make_asset(team, state="failed")
    html = page.get("/dailies/").content.decode()
    assert html.index('id="title-attention"') < html.index('id="title-processing"')
    assert "show-all" not in html
    make_asset(team, state="failed")
    assert "Show all 4" in page.get("/dailies/").content.decode()


def test_films_that_failed_today_are_told_on_the_board_and_in_its_news(team: Team, page: Client) -> None:
    old = make_generation(team, "failed")
    Generation.objects.filter(pk=old.pk).update(created_at=hours_ago(25))
    make_generation(team, "failed", trashed_at=timezone.now())
    make_generation(team, "cancelled")
    make_generation(team)
    assert "failed</a>" not in page.get("/dailies/").content.decode()
    team.refresh_from_db()
    since = team.revision
    make_generation(team, "failed")
    told = '<a href="/dailies/videos/?status=attention">1 video failed</a>'
    assert told in page.get("/dailies/").content.decode()
    assert told in page.get(f"/dailies/live/?v={since}&page=board").content.decode()


def test_what_we_saw_in_the_file_ourselves_comes_first(team: Team, page: Client) -> None:
    failed = make_asset(team, state="failed")
    Asset.objects.filter(pk=failed.pk).update(reason="unsupported media type text/html", is_quote=True)
    Original.objects.filter(pk=failed.pk).update(reason="This is text, no picture, video or sound.")
    html = page.get("/dailies/").content.decode()
    assert '<p class="card-reason">This is text, no picture, video or sound.' in html
    assert 'name="media_type"' not in html


def test_what_was_registered_as_the_wrong_type_is_registered_again_as_the_right_one(team: Team, page: Client) -> None:
    failed = make_asset(team, state="failed")
    Asset.objects.filter(pk=failed.pk).update(reason="the parameter image format is not valid", is_quote=True)
    assert 'name="media_type"' in page.get("/dailies/").content.decode()
    page.post(f"/dailies/assets/{failed.pk}/retry/", {"media_type": "nonsense"}, headers=HTMX)
    failed.refresh_from_db()
    assert (failed.state, failed.media_type) == ("queued", "image")
    Asset.objects.filter(pk=failed.pk).update(state="failed")
    page.post(f"/dailies/assets/{failed.pk}/retry/", {"media_type": "video"}, headers=HTMX)
    failed.refresh_from_db()
    assert (failed.state, failed.media_type) == ("queued", "video")


def test_the_banner_names_the_credits_that_are_left_and_what_the_next_film_needs(team: Team, page: Client) -> None:
    short = {"problem": "no_credits", "problem_since": timezone.now(), "credits": 498}
    Connection.objects.filter(team=team).update(**short, credits_needed=613)
    assert "498 credits left; the next film needs 613." in page.get("/dailies/").content.decode()
    Connection.objects.filter(team=team).update(credits_needed=0)
    assert "credits are used up" in page.get("/dailies/").content.decode()


def test_a_section_is_counted_so_far_and_no_further(team: Team, page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "COUNTED", 3)
    for number in range(5):
        make_asset(team, state="failed" if number else "rejected", name=f"Lost {number}")
    head = page.get("/dailies/").content.decode().partition('id="head-attention"')[2].partition("</header>")[0]
    assert '<span class="count">4+</span>' in head
    Asset.objects.filter(name="Lost 4").delete()
    head = page.get("/dailies/").content.decode().partition('id="head-attention"')[2].partition("</header>")[0]
    assert '<span class="count">4</span>' in head

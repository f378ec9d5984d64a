"""Watching: what is usual, slow or stuck, what a person does about failures, and what the page says by itself."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assets_app.library.pace import Pace, paces_of
from assets_app.models import Asset, Original, Team, registering, retry_failed
from assets_app.models.asset import hash_of
from tests.views.scene import make_asset

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    cache.clear()


@pytest.fixture
def page(editor: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(editor)


def since(asset: Asset, **ago: float) -> None:
    Asset.objects.filter(pk=asset.pk).update(state_since=timezone.now() - timedelta(**ago))


def act(client: Client, asset: Asset, what: str, **data: str) -> str:
    """The words of the toast."""
    response = client.post(f"/dailies/assets/{asset.pk}/{what}/", data, headers=HTMX)
    assert response.status_code == 204
    return response.headers["HX-Trigger"]


def card(html: str, asset: Asset) -> str:
    found = re.search(rf'<article[^>]*id="asset-{asset.pk}".*?</article>', html, re.DOTALL)
    assert found, "the card is not on the page"
    return found[0]


# --- usual, slow, stuck ----------------------------------------------------------------------------------------------
def test_the_usual_time_is_the_median_of_the_teams_own_history_by_type(team: Team) -> None:
    for seconds in (10.0, 30.0, 500.0):
        Asset.objects.filter(pk=make_asset(team).pk).update(took_seconds=seconds)
    make_asset(team, "video")
    paces = paces_of(team)
    assert paces["image"].usual == 30.0
    assert paces["video"].usual is None


def test_slow_is_twice_the_usual_and_stuck_is_a_quarter_of_an_hour() -> None:
    assert [Pace(30.0).word(seconds) for seconds in (59, 60, 899, 900)] == ["", "slow", "slow", "stuck"]
    assert Pace(1.0).word(9) == ""
    assert [Pace(None).word(seconds) for seconds in (119, 120)] == ["", "slow"]


def test_what_is_usual_is_looked_up_once_a_minute_and_not_for_each_card(team: Team) -> None:
    paces_of(team)
    with CaptureQueriesContext(database) as queries:
        paces_of(team)
    assert len(queries) == 0


def test_a_card_says_what_is_usual_and_when_it_is_slow_or_stuck(team: Team, page: Client) -> None:
    Asset.objects.filter(pk=make_asset(team).pk).update(took_seconds=28.0)
    fresh, slow, stuck = (make_asset(team, state="processing") for _ in range(3))
    since(slow, seconds=70)
    since(stuck, minutes=16)
    html = page.get("/dailies/").content.decode()
    assert "usually 28 s" in card(html, fresh)
    assert 'data-pace=""' in card(html, fresh)
    assert 'data-pace="slow"' in card(html, slow)
    assert 'data-pace="stuck"' in card(html, stuck)
    assert f"/dailies/assets/{stuck.pk}/again/" in card(html, stuck)


def test_what_is_stuck_can_be_registered_again_and_what_is_not_cannot(team: Team, page: Client) -> None:
    asset = make_asset(team, state="processing")
    assert "moved on" in act(page, asset, "again")
    since(asset, minutes=16)
    assert "registered anew" in act(page, asset, "again")
    asset.refresh_from_db()
    assert (asset.state, asset.provider_id) == ("queued", "")


# --- failures --------------------------------------------------------------------------------------------------------
def test_a_dismissed_failure_leaves_the_board_but_not_the_library_and_comes_back_when_it_fails_again(
    team: Team, page: Client
) -> None:
    asset = make_asset(team, state="failed", name="Tram at night")
    assert "off the board" in act(page, asset, "dismiss")
    assert "Tram at night" not in page.get("/dailies/").content.decode()
    assert team.assets.live().filter(pk=asset.pk).exists()
    asset.refresh_from_db()
    assert asset.events.first().note == {"said": "Took its failure off the board"}
    assert registering.register_again(asset, None)
    assert asset.move("processing")
    assert asset.move("failed", reason="again")
    assert "Tram at night" in page.get("/dailies/").content.decode()


def test_a_dismissed_card_leaves_other_open_boards_too(team: Team, page: Client) -> None:
    asset = make_asset(team, state="failed")
    team.refresh_from_db()
    before = team.revision
    act(page, asset, "dismiss")
    html = page.get(f"/dailies/live/?v={before}&page=board").content.decode()
    assert "data-gone" in card(html, asset)


def test_only_a_failure_can_be_dismissed(team: Team, page: Client) -> None:
    asset = make_asset(team, state="active")
    assert "moved on" in act(page, asset, "dismiss")
    asset.refresh_from_db()
    assert asset.dismissed_at is None


def test_retry_all_sends_what_is_shown_as_failed_and_leaves_the_dismissed_alone(team: Team, page: Client) -> None:
    failed, expired, dismissed, trashed, fine = (
        make_asset(team, state=state) for state in ("failed", "expired", "failed", "failed", "active")
    )
    rejected = make_asset(team, state="rejected")
    assert "Retry all 4" in page.get("/dailies/").content.decode()
    act(page, dismissed, "dismiss")
    Asset.objects.filter(pk=trashed.pk).update(trashed_at=timezone.now())
    response = page.post("/dailies/assets/retry/", headers=HTMX)
    rejected.refresh_from_db()
    assert rejected.state == "rejected", "what we would not send is not among what failed"
    assert "2 are on the way again" in response.headers["HX-Trigger"]
    states = dict(Asset.objects.values_list("pk", "state"))
    assert [states[a.pk] for a in (failed, expired, dismissed, trashed, fine)] == [
        "queued",
        "queued",
        "failed",
        "failed",
        "active",
    ]
    event = expired.events.order_by("-id").first()
    assert (event.from_state, event.to_state) == ("expired", "queued")
    assert event.note == {"previous_provider_id": expired.provider_id}


def test_retry_all_sends_each_from_what_is_left_of_it_and_leaves_what_has_nothing(team: Team, page: Client) -> None:
    picture = {"content_type": "image/png", "width": 1280, "height": 720, "byte_size": 1000}
    kept = make_asset(team, state="expired", file="kept.png", **picture)
    linked, gone = make_asset(team, state="expired"), make_asset(team, state="failed")
    Asset.objects.filter(pk=gone.pk).update(source_url="", sends_copy=True)
    response = page.post("/dailies/assets/retry/", headers=HTMX)
    assert "2 are on the way again. 1 cannot be sent: no link" in response.headers["HX-Trigger"]
    assert dict(Asset.objects.values_list("pk", "state")) == {
        kept.pk: "queued",
        linked.pk: "queued",
        gone.pk: "failed",
    }
    assert [Asset.objects.get(pk=each.pk).sends_copy for each in (kept, linked)] == [True, False]
    response = page.post("/dailies/assets/retry/", headers=HTMX)
    assert "are on the way" not in response.headers["HX-Trigger"]
    assert not gone.events.filter(to_state="queued").exclude(from_state="").exists()


def test_retrying_a_thousand_failures_costs_a_bounded_number_of_queries(team: Team) -> None:
    for _ in range(3):
        make_asset(team, state="failed")
    with CaptureQueriesContext(database) as few:
        assert retry_failed(team, None) == (3, 0)
    for _ in range(30):
        make_asset(team, state="failed")
    with CaptureQueriesContext(database) as many:
        assert retry_failed(team, None) == (30, 0)
    assert len(many) == len(few)


def test_a_new_source_keeps_the_identity_and_forgets_the_old_file(
    team: Team, page: Client, django_capture_on_commit_callbacks: Callable
) -> None:
    asset = make_asset(team, state="failed", name="Harbour", sha256="ab" * 32, width=640, height=360)
    with django_capture_on_commit_callbacks():
        assert "new source" in act(page, asset, "source", url="https://b.example/harbour.png")
    asset.refresh_from_db()
    assert (asset.state, asset.name, asset.provider_id) == ("queued", "Harbour", "")
    assert asset.source_hash == hash_of("https://b.example/harbour.png")
    original = Original.objects.get(pk=asset.pk)
    assert (original.state, original.sha256, original.width) == ("copying", "", None)
    assert original.source_url == "https://b.example/harbour.png"
    assert original.due_at
    note = asset.events.order_by("-id").first().note
    assert note["source"] == "https://b.example/harbour.png"


def test_a_source_that_will_not_do_is_refused_in_plain_words(team: Team, page: Client) -> None:
    asset, other = make_asset(team, state="failed"), make_asset(team, name="Quay")
    assert "must begin with http" in act(page, asset, "source", url="harbour.png")
    assert "has this one already: Quay" in act(page, asset, "source", url=other.source_url)
    asset.refresh_from_db()
    assert asset.state == "failed"


@pytest.mark.parametrize("what", ["again", "source", "dismiss"])
def test_viewers_and_strangers_may_do_nothing(
    team: Team, viewer: User, stranger: User, client_of: Callable[[User], Client], what: str
) -> None:
    asset = make_asset(team, state="failed")
    assert client_of(viewer).post(f"/dailies/assets/{asset.pk}/{what}/").status_code == 403
    assert client_of(stranger).post(f"/others/assets/{asset.pk}/{what}/").status_code == 404 or what == "source"
    asset.refresh_from_db()
    assert (asset.state, asset.dismissed_at) == ("failed", None)


def test_without_scripts_the_answer_is_a_message_on_the_board(team: Team, page: Client) -> None:
    asset = make_asset(team, state="failed", name="Quay")
    response = page.post(f"/dailies/assets/{asset.pk}/dismiss/", follow=True)
    assert response.redirect_chain[-1][0] == "/dailies/"
    assert "Quay is off the board" in response.content.decode()


# --- what the page says by itself ------------------------------------------------------------------------------------
def test_the_poll_counts_what_the_tab_shows(team: Team, page: Client) -> None:
    make_asset(team, state="processing")
    make_asset(team, state="failed")
    html = page.get("/dailies/generate/").content.decode()
    assert 'data-in-flight="1"' in html
    assert 'data-attention="1"' in html
    assert "favicon-attention" in html


def poll(client: Client, before: int, at: float, **more: str) -> str:
    query = {"v": str(before), "page": "studio", "at": str(int(at * 1000))} | more
    return client.get("/dailies/live/", query).content.decode()


def test_a_toast_links_to_what_just_became_active_on_any_page(team: Team, page: Client) -> None:
    old = make_asset(team, name="Old one")
    Asset.objects.filter(pk=old.pk).update(active_at=timezone.now() - timedelta(minutes=1))
    asset = make_asset(team, state="processing", name="Courier")
    team.refresh_from_db()
    before, at = team.revision, time.time()
    assert asset.move("active", active_at=timezone.now())
    html = poll(page, before, at)
    assert f'<a href="/dailies/assets/{asset.pk}/">Courier</a> is Active' in html
    assert f'data-pick-also="{asset.pk} "' in html
    assert "Old one" not in html
    assert "</a> is Active" not in poll(page, before, at, page="asset", **{"for": str(asset.pk)})
    assert "is Active" not in poll(page, before, time.time() + 1)


def test_many_that_became_active_are_one_toast(team: Team, page: Client) -> None:
    assets = [make_asset(team, state="processing") for _ in range(5)]
    team.refresh_from_db()
    before, at = team.revision, time.time()
    for asset in assets:
        asset.move("active", active_at=timezone.now())
    html = poll(page, before, at)
    assert ">5</a> became Active" in html
    assert "Pick all" in html


@pytest.mark.parametrize("at", ["", "soon", "9" * 30, "-4"])
def test_a_poll_that_does_not_say_when_gets_no_toast(team: Team, page: Client, at: str) -> None:
    make_asset(team, state="processing").move("active", active_at=timezone.now())
    assert 'id="arrivals"' not in page.get("/dailies/live/", {"v": "0", "page": "board", "at": at}).content.decode()


def test_what_we_would_not_send_says_why_and_can_be_registered_anyway(team: Team, page: Client) -> None:
    asset = make_asset(team, state="rejected")
    Asset.objects.filter(pk=asset.pk).update(reason="The width is 100 px; the least is 300 px.")
    shown = card(page.get("/dailies/").content.decode(), asset)
    assert "The width is 100 px" in shown
    assert "Register anyway" in shown
    assert "provider’s words" not in shown
    page.post(f"/dailies/assets/{asset.pk}/retry/", headers=HTMX)
    asset.refresh_from_db()
    assert asset.state == "queued"

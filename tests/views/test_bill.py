"""The price on the button, the question above the team's limit, and budgets beside the button."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from assets_app.models import Connection, Event, Generation, Membership, SpendingLimit, Team

from .scene import make_asset, make_generation

pytestmark = pytest.mark.django_db

PAGE = "/dailies/generate/"
CHECK = "/dailies/generate/check/"
HTMX = {"HX-Request": "true"}
BOTH = pytest.mark.parametrize("headers", [HTMX, {}], ids=["in the page", "without JavaScript"])


@pytest.fixture
def ana(editor, client_of) -> Client:
    Connection.objects.update(is_sandbox=False, credits=5000)
    return client_of(editor)


@pytest.fixture
def asks_above_500(team: Team) -> Team:
    Team.objects.filter(pk=team.pk).update(confirm_above=500)
    return team


def a_form(**changes: Any) -> dict[str, Any]:
    """Four takes at 144 credits each, unless it is changed."""
    return {
        "click": str(uuid.uuid4()),
        "model": "seedance-2",
        "shown_model": "seedance-2",
        "prompt": "A lighthouse at dawn",
        "duration": "8",
        "resolution": "720p",
        "aspect_ratio": "16:9",
        "generate_audio": "on",
        "takes": "4",
        **changes,
    }


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def button(answer: Any) -> str:
    found = re.search(r'id="studio-generate".*?generate-words">(.*?)</span>', text(answer))
    return found[1] if found else ""


# --- on the button ---------------------------------------------------------------------------------------------------
def test_the_price_is_that_of_all_takes(team, ana):
    assert button(ana.post(CHECK, a_form(), headers=HTMX)) == "Generate 4 · about 576 credits"
    assert button(ana.post(CHECK, a_form(takes="1"), headers=HTMX)) == "Generate · about 144 credits"
    assert "4,424 left after" in text(ana.post(CHECK, a_form(), headers=HTMX))


def test_it_is_learnt_and_says_on_what_it_rests(team, ana):
    first = text(ana.post(CHECK, a_form(), headers=HTMX))
    assert "Price list of 2026-09, not checked against a bill" in first
    for _ in range(3):
        make_generation(team, price_key="720p", asked_seconds=8, credit_cost=160)
    learnt = ana.post(CHECK, a_form(), headers=HTMX)
    assert button(learnt) == "Generate 4 · 640 credits"
    assert "From your last 3<" in text(learnt)


def test_a_range_multiplies_both_its_ends(team, ana):
    film = make_asset(team, "video", seconds=3.0)
    answer = ana.post(CHECK, a_form(takes="2", reference=[f"reference_video:asset:{film.pk}"]), headers=HTMX)
    assert "about 288–576 credits" in button(answer)


def test_where_nothing_is_known_it_says_so(team, ana, monkeypatch):
    monkeypatch.setattr("assets_app.money.prices.quote", lambda *_args, **_named: None)
    answer = ana.post(CHECK, a_form(), headers=HTMX)
    assert button(answer) == "Generate 4 · price not known"
    assert "No price is known for Seedance 2.0" in text(answer)


def test_generate_writes_down_what_is_needed_to_learn(team, ana):
    ana.post(PAGE, a_form(), headers=HTMX)
    assert set(Generation.objects.values_list("price_key", "asked_seconds", "estimate_high", "spend")) == {
        ("720p", 8, 144, 144)
    }
    assert Generation.objects.count() == 4


# --- the question ----------------------------------------------------------------------------------------------------
@BOTH
def test_above_the_teams_limit_it_asks_and_starts_nothing(asks_above_500, ana, headers):
    answer = ana.post(PAGE, a_form(prompt="My very own words"), headers=headers)
    assert not Generation.objects.exists()
    assert "Yes, spend 576 credits" in text(answer)
    assert "Your team asks above 500." in text(answer)
    assert button(answer) == ""
    question = answer.content.decode().partition('id="studio-ask"')[2]
    first, second = question.index('id="studio-yes"'), question.index("Not now")
    assert first < second < question.index("Don’t ask me again")  # one Tab from the question leads to the yes
    if not headers:
        assert "My very own words" in text(answer)
        assert 'value="4"' in text(answer)


@BOTH
def test_a_yes_starts_it(asks_above_500, ana, headers):
    form = a_form()
    ana.post(PAGE, form, headers=headers)
    ana.post(PAGE, form | {"asked": "1", "confirmed": "576"}, headers=headers)
    assert Generation.objects.count() == 4
    assert Membership.objects.get(user__username="edda").asks_first


def test_up_to_the_limit_nobody_is_asked(asks_above_500, ana):
    ana.post(PAGE, a_form(takes="3"), headers=HTMX)
    assert Generation.objects.count() == 3


@pytest.mark.parametrize("confirmed", ["575", "", "-576", "576.5", "many", "٥٧٦", "unknown", "9" * 5000])
def test_a_yes_to_less_or_to_nonsense_is_asked_again(asks_above_500, ana, confirmed):
    answer = ana.post(PAGE, a_form(confirmed=confirmed), headers=HTMX)
    assert "Yes, spend 576 credits" in text(answer)
    assert not Generation.objects.exists()


def test_a_price_that_rose_meanwhile_is_asked_for_anew(asks_above_500, team, ana):
    form = a_form()
    ana.post(PAGE, form, headers=HTMX)
    for _ in range(3):
        make_generation(team, price_key="720p", asked_seconds=8, credit_cost=160)
    answer = ana.post(PAGE, form | {"confirmed": "576"}, headers=HTMX)
    assert "Yes, spend 640 credits" in text(answer)
    assert Generation.objects.count() == 3


def test_what_has_no_known_price_is_asked_about_too(asks_above_500, ana, monkeypatch):
    monkeypatch.setattr("assets_app.money.prices.quote", lambda *_args, **_named: None)
    form = a_form()
    answer = ana.post(PAGE, form, headers=HTMX)
    assert "Yes, whatever it costs" in text(answer)
    ana.post(PAGE, form | {"confirmed": "100000"}, headers=HTMX)
    assert not Generation.objects.exists()
    ana.post(PAGE, form | {"confirmed": "unknown"}, headers=HTMX)
    assert Generation.objects.count() == 4


def test_the_question_stays_while_the_page_checks_by_itself_and_goes_with_not_now(asks_above_500, ana):
    assert "Yes, spend 576" in text(ana.post(CHECK, a_form(asked="1"), headers=HTMX))
    assert 'name="stop_asking" checked' in text(ana.post(CHECK, a_form(asked="1", stop_asking="on"), headers=HTMX))
    assert "Yes, spend" not in text(ana.post(CHECK, a_form(asked="1", do="unask"), headers=HTMX))
    assert "Yes, spend" not in text(ana.post(CHECK, a_form(asked="1", takes="1"), headers=HTMX))
    assert "Yes, spend" not in text(ana.post(CHECK, a_form(), headers=HTMX))


def test_who_says_so_is_not_asked_again_until_they_say_otherwise(asks_above_500, ana):
    ana.post(PAGE, a_form(confirmed="576", stop_asking="on"), headers=HTMX)
    ana.post(PAGE, a_form(), headers=HTMX)
    assert Generation.objects.count() == 8
    page = text(ana.get("/account/"))
    assert "Generate does not ask you above 500 credits" in page
    answer = ana.post("/dailies/budgets/asking/", {"asks": "yes", "next": "/account/"})
    assert answer.url == "/account/"
    assert "Yes, spend" in text(ana.post(PAGE, a_form(), headers=HTMX))


def test_a_tick_without_a_yes_changes_nothing(asks_above_500, ana):
    ana.post(PAGE, a_form(stop_asking="on"), headers=HTMX)
    assert Membership.objects.get(user__username="edda").asks_first


def test_it_sends_nobody_to_another_site(asks_above_500, ana):
    answer = ana.post("/dailies/budgets/asking/", {"asks": "no", "next": "https://evil.example/"})
    assert answer.url == "/dailies/budgets/"


@BOTH
def test_making_one_again_asks_too(asks_above_500, team, ana, headers):
    Team.objects.update(confirm_above=100)
    failed = make_generation(team, "failed", reason="No available capacity for model")
    answer = ana.post(f"/dailies/videos/{failed.pk}/again/", headers=headers)
    assert Generation.objects.count() == 1
    assert f"/dailies/generate/?from={failed.pk}" in (answer.headers.get("HX-Redirect") or answer.url)


# --- budgets ---------------------------------------------------------------------------------------------------------
@BOTH
def test_a_hard_budget_blocks_all_takes_says_who_can_raise_it_and_keeps_what_was_typed(
    team, admin, editor, ana, headers
):
    SpendingLimit.objects.create(team=team, user=editor, period="day", stop_at=500)
    answer = ana.post(PAGE, a_form(prompt="My very own words"), headers=headers)
    assert not Generation.objects.exists()
    said = text(answer)
    assert "up to 576 credits; the budget has 500 left (edda: 0 of 500 credits today). ada can raise it." in said
    assert 'aria-disabled="true"' in said
    if not headers:
        assert "My very own words" in said


def test_budgets_are_shown_beside_the_button_before_anything_is_pressed(team, editor, ana):
    SpendingLimit.objects.create(team=team, user=editor, period="day", stop_at=500)
    make_generation(team, by=editor)
    page = text(ana.get(PAGE))
    assert "edda: 144 of 500 credits today" in page


def test_a_soft_budget_warns_and_lets_it_through(team, editor, ana):
    SpendingLimit.objects.create(team=team, period="month", warn_at=500)
    assert "This would go above the 500" in text(ana.post(CHECK, a_form(), headers=HTMX))
    assert "This would go above" not in text(ana.post(CHECK, a_form(takes="1"), headers=HTMX))
    ana.post(PAGE, a_form(), headers=HTMX)
    assert Generation.objects.count() == 4
    assert "That is above the 500" in text(ana.post(CHECK, a_form(takes="1"), headers=HTMX))


def test_a_budget_comes_before_the_question(asks_above_500, team, ana):
    SpendingLimit.objects.create(team=team, period="day", stop_at=10)
    answer = text(ana.post(PAGE, a_form(), headers=HTMX))
    assert "the budget has 10 left" in answer
    assert "Yes, spend" not in answer


def test_making_one_again_over_budget_leads_to_the_composer_which_says_why(team, ana):
    failed = make_generation(team, "failed", reason="No available capacity for model")
    SpendingLimit.objects.create(team=team, period="day", stop_at=10)
    answer = ana.post(f"/dailies/videos/{failed.pk}/again/", follow=True)
    assert Generation.objects.count() == 1
    assert "the budget has 10 left" in text(answer)


# --- what is left ----------------------------------------------------------------------------------------------------
def noted_as_sent(film: Generation, asked: timedelta) -> None:
    """Its job was noted so long before, or after, the balance was asked for."""
    event = Event.objects.create(team=film.team, generation=film, from_state="queued", to_state="submitted")
    Connection.objects.update(asked_at=event.at + asked)


def left(answer: Any) -> str:
    found = re.search(r"<span[^>]*>([^<]*(?:left after|may not be enough))</span>", text(answer))
    return found[1] if found else ""


def ask(client: Client, **changes: Any) -> str:
    return left(client.post(CHECK, a_form(takes="1", **changes), headers=HTMX))


def test_what_is_pressed_and_not_sent_is_not_there_any_more(team, ana):
    Connection.objects.update(asked_at=timezone.now())
    assert ask(ana) == "4,856 left after"
    make_generation(team, "queued")
    assert ask(ana) == "4,712 left after"


@pytest.mark.parametrize(
    ("asked", "words"),
    [(timedelta(seconds=1), "4,856 left after"), (timedelta(seconds=-1), "at least 4,712 left after")],
    ids=["the balance came after it was sent", "before"],
)
def test_what_is_sent_counts_unless_the_balance_surely_contains_it(team, ana, asked, words):
    noted_as_sent(make_generation(team, "processing"), asked)
    assert ask(ana) == words


def test_what_may_never_have_arrived_leaves_at_least_so_much(team, ana):
    Connection.objects.update(asked_at=timezone.now())
    make_generation(team, "unconfirmed")
    assert ask(ana) == "at least 4,712 left after"


def test_while_the_balance_is_asked_for_or_a_price_is_unknown_it_is_about_so_much(team, ana):
    assert ask(ana) == "about 4,856 left after"
    Connection.objects.update(asked_at=timezone.now())
    film = make_generation(team, "queued")
    Generation.objects.filter(pk=film.pk).update(estimate_low=None, estimate_high=None, spend=0)
    assert ask(ana) == "about 4,856 left after"


def test_what_is_held_is_said_where_it_makes_the_credits_too_few(team, ana):
    Connection.objects.update(asked_at=timezone.now(), credits=200)
    make_generation(team, "queued")
    assert ask(ana) == "200 credits, 144 of them held, may not be enough"


def test_nothing_is_said_to_be_left_under_a_button_that_is_off(team, ana):
    Connection.objects.update(asked_at=timezone.now())
    assert ask(ana, prompt="") == ""


def test_an_admin_is_not_told_of_himself_as_of_somebody_else(team, admin, client_of):
    SpendingLimit.objects.create(team=team, period="day", stop_at=50)
    assert "You can raise it." in text(client_of(admin).post(CHECK, a_form(), headers=HTMX))


def test_an_admin_is_told_before_the_press_that_it_needs_his_approval(team, admin, client_of):
    SpendingLimit.objects.create(team=team, period="day", stop_at=5000)
    page = text(
        client_of(admin).post(
            CHECK, a_form(model="kling-3.0", shown_model="kling-3.0", duration="5", mode="pro"), headers=HTMX
        )
    )
    assert "You are asked to approve it before it is sent." in page

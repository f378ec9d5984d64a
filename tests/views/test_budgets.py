"""The page of budgets, the limit above which Generate asks, and the balance in the frame."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ

from assets_app.models import Connection, Event, Generation, SpendingLimit, Team

from .scene import make_generation, make_user

pytestmark = pytest.mark.django_db

PAGE = "/dailies/budgets/"
ADD = "/dailies/budgets/add/"


@pytest.fixture
def ada(admin, client_of) -> Client:
    return client_of(admin)


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def a_budget(**changes: Any) -> dict[str, Any]:
    return {"user": "", "period": "day", "warn_at": "400", "stop_at": "500", **changes}


# --- setting them ----------------------------------------------------------------------------------------------------
def test_an_admin_sets_one_for_the_team_and_one_for_a_member(team, editor, ada):
    ada.post(ADD, a_budget())
    ada.post(ADD, a_budget(user=editor.pk, period="week", warn_at="", stop_at="50"))
    assert set(SpendingLimit.objects.values_list("team", "user", "period", "warn_at", "stop_at")) == {
        (team.pk, None, "day", 400, 500),
        (team.pk, editor.pk, "week", None, 50),
    }
    page = text(ada.get(PAGE))
    assert "The team" in page
    assert "edda" in page
    assert "0 of 50 credits this week" in page


def test_each_change_is_on_record_in_words(team, editor, ada):
    ada.post(ADD, a_budget(user=editor.pk))
    limit = SpendingLimit.objects.get()
    ada.post(f"{PAGE}{limit.pk}/", {f"{limit.pk}-warn_at": "", f"{limit.pk}-stop_at": "9000"})
    ada.post(f"{PAGE}{limit.pk}/remove/")
    assert not SpendingLimit.objects.exists()
    assert [event.actor.username for event in Event.objects.filter(subject="team")] == ["ada"] * 3
    told = text(ada.get("/dailies/activity/"))
    assert "Set the budget of edda: warns above 400 and stops at 500, in credits a day" in told
    assert "Set the budget of edda: stops at 9,000, in credits a day" in told
    assert "Took away the budget of edda" in told


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"warn_at": "", "stop_at": ""}, "Give at least one of the two"),
        ({"warn_at": "500"}, "A warning above 500 would never come: it stops at 500"),
        ({"stop_at": "-1"}, "Stop at: 0 or more credits"),
        ({"stop_at": "lots"}, "Stop at: a whole number of credits"),
        ({"stop_at": str(2**40)}, "Stop at: at most 2,147,483,647 credits"),
        ({"period": "year"}, "Select a valid choice"),
        ({"user": "999999"}, "Select a valid choice"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_typed_is_lost(team, ada, changes, words):
    answer = ada.post(ADD, a_budget(**changes))
    assert words in text(answer)
    assert not SpendingLimit.objects.exists()
    if "stop_at" in changes:
        assert f'value="{changes["stop_at"]}"' in text(answer) or not changes["stop_at"]


def test_somebody_who_is_no_member_can_have_no_budget_here(team, stranger, ada):
    assert "Select a valid choice" in text(ada.post(ADD, a_budget(user=stranger.pk)))


def test_a_second_one_for_the_same_stretch_is_refused_with_the_way_out(team, ada):
    ada.post(ADD, a_budget())
    assert "Change that one" in text(ada.post(ADD, a_budget(stop_at="900")))
    assert SpendingLimit.objects.get().stop_at == 500


def test_a_bad_change_says_so_beside_its_budget_and_keeps_the_old_one(team, ada):
    ada.post(ADD, a_budget())
    limit = SpendingLimit.objects.get()
    answer = text(ada.post(f"{PAGE}{limit.pk}/", {f"{limit.pk}-warn_at": "700", f"{limit.pk}-stop_at": "600"}))
    assert "would never come" in answer
    assert 'value="700"' in answer
    limit.refresh_from_db()
    assert limit.stop_at == 500


def test_another_teams_budget_is_not_there(team, stranger, ada):
    theirs = SpendingLimit.objects.create(team=Team.objects.get(slug="others"), period="day", stop_at=5)
    assert ada.post(f"{PAGE}{theirs.pk}/", {f"{theirs.pk}-stop_at": "9"}).status_code == 404
    ada.post(f"{PAGE}{theirs.pk}/remove/")
    assert SpendingLimit.objects.filter(pk=theirs.pk, stop_at=5).exists()


def test_everybody_sees_them_but_only_admins_get_fields(team, viewer, client_of, ada):
    ada.post(ADD, a_budget())
    page = text(client_of(viewer).get(PAGE))
    assert "Warns above 400, stops at 500" in page
    assert 'name="stop_at"' not in page


def test_queries_do_not_grow_with_budgets(team, ada):
    def queries() -> int:
        with CaptureQueriesContext(database) as captured:
            assert ada.get(PAGE).status_code == 200
        return len(captured)

    ada.post(ADD, a_budget())
    few = queries()
    for number in range(6):
        SpendingLimit.objects.create(team=team, user=make_user(f"p{number}", team), period="day", stop_at=9)
    assert queries() == few


def test_what_is_spent_arrives_live_and_leaves_the_fields_alone(team, editor, ada):
    ada.post(ADD, a_budget())
    make_generation(team, by=editor)
    news = text(ada.get("/dailies/live/?v=0&page=budgets"))
    assert "144 of 500 credits today" in news
    assert 'name="stop_at"' not in news


# --- above what it asks ----------------------------------------------------------------------------------------------
def test_the_limit_above_which_it_asks_is_a_setting(team, ada):
    ada.post("/dailies/settings/asking/", {"confirm_above": "750"})
    assert Team.objects.get(pk=team.pk).confirm_above == 750
    ada.post("/dailies/settings/asking/", {"confirm_above": ""})
    assert Team.objects.get(pk=team.pk).confirm_above is None
    told = text(ada.get("/dailies/activity/"))
    assert "Generate asks above: 750" in told
    assert "Generate asks above: never" in told


def test_a_limit_that_is_none_is_refused(team, ada):
    answer = text(ada.post("/dailies/settings/asking/", {"confirm_above": "-5"}))
    assert "0 or more credits" in answer
    assert Team.objects.get(pk=team.pk).confirm_above is None


# --- the balance -----------------------------------------------------------------------------------------------------
def test_the_balance_is_on_every_page_with_when_it_was_asked(team, ada):
    Connection.objects.update(credits=4321, asked_at=timezone.now() - timedelta(minutes=3))
    for page in ("/dailies/", "/dailies/assets/", "/dailies/generate/", "/dailies/videos/", PAGE):
        shown = text(ada.get(page))
        assert "4,321" in shown
        assert "asked <time" in shown
        assert "3 min ago" in shown


def test_it_is_low_when_there_is_less_than_was_spent_in_a_day(team, editor, ada):
    Connection.objects.update(credits=200)
    make_generation(team, by=editor)
    make_generation(team, "failed", by=editor, credit_cost=900)
    assert "meter-low" not in text(ada.get("/dailies/"))
    make_generation(team, by=editor)
    assert "meter-low" in text(ada.get("/dailies/"))
    Connection.objects.update(credits=0)
    assert "meter-none" in text(ada.get("/dailies/"))


def test_a_press_only_makes_the_question_due(team, editor, client_of, django_capture_on_commit_callbacks):
    Connection.objects.update(asked_at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        answer = client_of(editor).post("/dailies/balance/", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert Connection.objects.get().asked_at is None
    assert OrmQ.objects.exists()


def test_while_the_connection_is_broken_it_says_so(team, editor, client_of):
    Connection.objects.update(asked_at=timezone.now(), problem="down", problem_since=timezone.now())
    answer = client_of(editor).post("/dailies/balance/", follow=True)
    assert "the balance comes when that is over" in text(answer)
    assert Connection.objects.get().asked_at


def test_what_runs_without_a_known_price_is_said_where_it_is_not_counted(team, client_of, admin):
    SpendingLimit.objects.create(team=team, period="day", stop_at=500)
    ada = client_of(admin)
    assert "of unknown price" not in ada.get("/dailies/budgets/").content.decode()
    film = make_generation(team, "processing")
    Generation.objects.filter(pk=film.pk).update(estimate_low=None, estimate_high=None, spend=0)
    assert (
        "1 of unknown price is under way and counts once it is billed." in ada.get("/dailies/budgets/").content.decode()
    )

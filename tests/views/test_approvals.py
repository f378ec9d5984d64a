"""A press that nobody knows the price of, from the button to the admin's answer."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from assets_app.models import Connection, Generation, HandPrice, SpendingLimit
from assets_app.money import limits

pytestmark = pytest.mark.django_db

PAGE = "/dailies/generate/"
BUDGETS = "/dailies/budgets/"
HTMX = {"HX-Request": "true"}
BOTH = pytest.mark.parametrize("headers", [HTMX, {}], ids=["in the page", "without JavaScript"])


@pytest.fixture(autouse=True)
def budget(team) -> SpendingLimit:
    Connection.objects.update(is_sandbox=False, credits=5000)
    return SpendingLimit.objects.create(team=team, period="day", stop_at=500)


@pytest.fixture
def edda(admin, editor, client_of) -> Client:
    return client_of(editor)


@pytest.fixture
def ada(admin, client_of) -> Client:
    return client_of(admin)


def a_form(**changes: Any) -> dict[str, Any]:
    return {
        "click": str(uuid.uuid4()),
        "model": "kling-3.0",
        "shown_model": "kling-3.0",
        "prompt": "Rain on a tin roof",
        "duration": "5",
        "mode": "pro",
        "aspect_ratio": "16:9",
        "takes": "2",
        **changes,
    }


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", strip_tags(answer.content.decode()))


def waiting() -> uuid.UUID:
    return Generation.objects.filter(state="approval").values_list("click", flat=True)[0]


def answer(client: Client, verb: str, **given: str) -> Any:
    return client.post(f"{BUDGETS}waiting/{waiting()}/{verb}/", given, follow=True)


@BOTH
def test_an_editors_press_is_kept_and_says_whom_it_waits_for(edda, headers):
    said = words(edda.post(f"{PAGE}check/", a_form(), headers=headers))
    assert "Generate 2 · price not known" in said
    assert "No price is known for Kling 3.0, so it cannot be checked against the budget." in said
    assert "It needs approval from ada before it is sent." in said
    assert "can raise it" not in said
    sent = edda.post(PAGE, a_form(), headers=headers, follow=True)
    told = sent.headers.get("HX-Trigger", "") + sent.headers.get("HX-Trigger-After-Settle", "") + words(sent)
    assert "It needs approval from ada: no price is known for it." in told
    assert set(Generation.objects.values_list("state", "spend", "due_at")) == {("approval", 0, None)}


def test_an_admin_sees_it_on_the_board_on_the_page_of_budgets_and_in_its_menu(edda, ada):
    edda.post(PAGE, a_form())
    for page in ("/dailies/", BUDGETS):
        said = words(ada.get(page))
        assert "Waiting for your approval" in said
        assert "Rain on a tin roof" in said
        assert "Kling 3.0 · 2 takes" in said
        assert "Duration 5 s" in said
        assert "2 to look at" in said
    assert "Waiting for your approval" not in text(edda.get("/dailies/"))


def test_it_comes_and_goes_on_live_pages(edda, ada):
    for page in ("board", "budgets"):
        edda.post(PAGE, a_form())
        click = waiting()
        assert f'data-approval="{click}"' in text(ada.get(f"/dailies/live/?v=0&page={page}"))
        assert "data-approval" not in text(edda.get(f"/dailies/live/?v=0&page={page}"))
        answer(ada, "no")
        assert f'<div id="approval-{click}" data-gone></div>' in text(ada.get(f"/dailies/live/?v=0&page={page}"))


def test_yes_sends_it_and_goes_back_to_where_it_was_said(edda, ada):
    edda.post(PAGE, a_form())
    said = answer(ada, "yes", shown_price="unknown", next="/dailies/")
    assert said.redirect_chain[-1][0] == "/dailies/"
    assert "2 takes approved, on their way." in words(said)
    assert set(Generation.objects.values_list("state", flat=True)) == {"queued"}


def test_no_says_why_to_whoever_pressed(edda, ada):
    edda.post(PAGE, a_form(takes="1"))
    assert "1 take declined. Nothing was sent or charged." in words(answer(ada, "no", why="Use Seedance for this."))
    film = Generation.objects.get()
    assert "ada declined it: Use Seedance for this. It was never sent" in words(edda.get(f"/dailies/videos/{film.pk}/"))


def test_a_price_lets_it_through_and_counts_for_the_next_of_its_kind(team, edda, ada):
    edda.post(PAGE, a_form())
    assert "2 takes approved" in words(answer(ada, "price", credits="60", unit="clip"))
    assert limits.standings(team)[0].used == 120
    price = HandPrice.objects.get()
    assert (price.model, price.seconds, price.set_by.username) == ("kling-3.0", 5, "ada")
    said = words(edda.post(f"{PAGE}check/", a_form(), headers=HTMX))
    assert "Generate 2 · about 120 credits" in said
    assert "Set by ada, not checked against a bill" in said
    assert "price not known" in words(edda.post(f"{PAGE}check/", a_form(duration="10"), headers=HTMX))
    assert "Set a price by hand: Kling 3.0 (5 s) counts as 60 credits a clip until it is billed" in words(
        ada.get("/dailies/activity/")
    )


def test_a_price_that_does_not_fit_is_kept_and_it_still_waits(edda, ada):
    edda.post(PAGE, a_form())
    said = words(answer(ada, "price", credits="300", unit="clip"))
    assert "It still needs approval. This takes up to 600 credits; the budget has 500 left" in said
    assert set(Generation.objects.values_list("state", flat=True)) == {"approval"}


@pytest.mark.parametrize(("amount", "why"), [("", "how many?"), ("lots", "a number"), ("0", "more than 0")])
def test_a_price_that_is_none_is_refused_beside_its_field(edda, ada, amount, why):
    edda.post(PAGE, a_form())
    said = text(answer(ada, "price", credits=amount, unit="clip"))
    assert f"Credits: {why}" in said
    assert not amount or f'value="{amount}"' in said
    assert set(Generation.objects.values_list("state", flat=True)) == {"approval"}


def test_a_price_that_somebody_else_set_meanwhile_is_told_and_stays(team, edda, ada):
    edda.post(PAGE, a_form())
    HandPrice.objects.create(team=team, model="kling-3.0", resolution="", seconds=5, credits=40, unit="clip")
    assert "Its price has changed. Check it, then approve it." in words(answer(ada, "price", credits="1", unit="clip"))
    assert [price.amount for price in HandPrice.objects.all()] == ["40"]
    assert set(Generation.objects.values_list("state", flat=True)) == {"approval"}


def test_what_was_settled_meanwhile_is_said(edda, ada):
    edda.post(PAGE, a_form(takes="1"))
    click = waiting()
    edda.post(f"/dailies/videos/{Generation.objects.get().pk}/cancel/")
    for verb in ("yes", "no", "price"):
        said = ada.post(f"{BUDGETS}waiting/{click}/{verb}/", {"shown_price": "unknown", "credits": "5"}, follow=True)
        assert "It no longer needs approval" in words(said)
    assert Generation.objects.get().state == "cancelled"


def test_its_page_says_what_it_waits_for_and_its_maker_may_cancel(edda, ada):
    edda.post(PAGE, a_form(takes="1"))
    address = f"/dailies/videos/{Generation.objects.get().pk}/"
    said = words(edda.get(address))
    assert "It needs approval from ada before it is sent." in said
    assert "Cancel, nothing is charged" in said
    assert "Approve ·" not in said
    assert "Approve · price not known" in words(ada.get(address))


@BOTH
def test_an_admin_is_told_and_can_let_their_own_press_through_in_the_same_step(ada, headers):
    form = a_form()
    said = words(ada.post(PAGE, form, headers=headers))
    assert "No price is known for Kling 3.0, so it cannot be checked against the budget" in said
    assert "Approve it this once?" in said
    assert "Don’t ask me again" not in said
    assert not Generation.objects.exists()
    ada.post(PAGE, form | {"asked": "1", "confirmed": "unknown"}, headers=headers)
    assert set(Generation.objects.values_list("state", flat=True)) == {"queued"}


def test_an_editors_yes_of_their_own_lets_nothing_through(edda):
    edda.post(PAGE, a_form(confirmed="unknown"))
    assert set(Generation.objects.values_list("state", flat=True)) == {"approval"}


def test_where_nothing_is_left_it_is_off_and_a_price_is_no_way_out(team, edda, budget):
    SpendingLimit.objects.update(stop_at=0)
    said = words(edda.post(PAGE, a_form(), headers=HTMX))
    assert "The budget is used up" in said
    assert not Generation.objects.exists()


def test_models_without_a_price_are_marked_where_they_are_chosen(team, ada):
    page = text(ada.get(PAGE))
    assert ">Kling 3.0 · price not known</option>" in page
    assert ">Seedance 2.0</option>" in page
    HandPrice.objects.create(team=team, model="kling-3.0", credits=60)
    assert ">Kling 3.0</option>" in text(ada.get(PAGE))
    assert "price not known" in words(ada.get("/dailies/help/"))


def test_the_pages_take_as_many_queries_for_many_presses_as_for_few(edda, ada):
    def queries(page: str) -> int:
        with CaptureQueriesContext(database) as captured:
            assert ada.get(page).status_code == 200
        return len(captured)

    edda.post(PAGE, a_form())
    ada.get("/dailies/")
    few = [queries(page) for page in ("/dailies/", BUDGETS)]
    for number in range(4):
        edda.post(PAGE, a_form(takes=str(number + 1), duration=str(number + 5)))
    assert [queries(page) for page in ("/dailies/", BUDGETS)] == few

"""Several takes at one press, drafts, and what a take comes of."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from assets_app.models import Generation, NewReference
from assets_app.money.ordering import Order, start
from assets_app.views.takes import Take, shape_of

from .scene import PARAMS, make_asset, make_generation, make_team, make_video
from .test_studio import CHECK, HTMX, PAGE, a_form, of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(editor, client_of) -> Client:
    return client_of(editor)


def made() -> list[Generation]:
    return list(Generation.objects.order_by("-created_at", "-id"))


def press(client: Client, **changes: Any) -> Any:
    return client.post(PAGE, a_form(**changes), headers=HTMX)


# --- what a card says of one ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("width", "height", "shape"),
    [(1280, 720, "16:9"), (566, 756, "3:4"), (720, 1284, "9:16"), (1000, 317, "1000 × 317")],
)
def test_a_film_is_of_the_shape_people_know_it_by(width, height, shape):
    assert shape_of(width, height) == shape


def test_a_card_says_what_is_known_and_no_more(team):
    left_open = make_generation(team, params={"aspect_ratio": "adaptive", "duration": 8})
    assert Take(left_open).facts == ["Seedance 2.0", "adaptive"]
    make_video(left_open, width=566, height=756)
    assert Take(left_open).facts == ["Seedance 2.0", "566 × 756", "3:4"]
    assert Take(make_generation(team, params={"resolution": "768p"})).facts == ["Seedance 2.0", "768p"]


def test_what_is_being_saved_is_not_completed_for_those_who_wait_for_it(team, ana):
    film = make_generation(team)
    make_video(film, "copying")
    strip = ana.get(PAGE).content.decode().partition('id="takes"')[2].partition("takes-nothing")[0]
    assert "Saving" in strip
    assert "Completed" not in strip
    assert 'data-status="completed"' in strip


# --- takes -----------------------------------------------------------------------------------------------------------
def test_one_press_makes_as_many_takes_as_were_asked_for(team, ana):
    press(ana, takes="3")
    assert [(each.take, each.prompt, each.state) for each in made()] == [
        (number, "A lighthouse at dawn", "queued") for number in (1, 2, 3)
    ]
    assert len({each.click for each in made()}) == 1
    assert len({each.idempotency_key for each in made()}) == 3


def test_a_form_that_says_nothing_of_takes_makes_one(team, ana):
    press(ana)
    assert [each.take for each in made()] == [1]


def test_each_take_has_a_seed_of_its_own_when_one_was_given(team, ana):
    press(ana, takes="3", seed="41")
    assert [each.params["seed"] for each in made()] == [41, 42, 43]


def test_takes_without_a_seed_have_none(team, ana):
    press(ana, takes="2")
    assert all("seed" not in each.params for each in made())


def test_after_the_highest_seed_of_a_model_comes_its_lowest(team):
    order = Order(uuid.uuid4(), "happyhorse-1.1", "A lighthouse", {"seed": 2147483646}, takes=3)
    assert [each.params["seed"] for each in start(team, None, order)] == [2147483646, 2147483647, 0]


@pytest.mark.parametrize(
    ("takes", "words"), [("9", "1 to 8"), ("0", "1 to 8"), ("two", "whole number"), ("-1", "1 to 8")]
)
def test_an_impossible_number_of_takes_is_refused_and_nothing_typed_is_lost(team, ana, takes, words):
    answer = ana.post(PAGE, a_form(takes=takes, prompt="Words I would hate to lose"))
    assert words in answer.content.decode()
    assert "Words I would hate to lose" in answer.content.decode()
    assert not made()


# --- once ------------------------------------------------------------------------------------------------------------
def test_the_same_press_again_is_the_same_set(team, ana):
    form = a_form(takes="3", seed="5")
    for _ in range(3):  # a double click, the back button, a retry after an answer that was lost
        assert ana.post(PAGE, form, headers=HTMX).status_code == 200
    assert len(made()) == 3


def test_the_same_press_with_another_number_of_takes_is_asked_about(team, ana):
    form = a_form(takes="2")
    ana.post(PAGE, form, headers=HTMX)
    for headers in (HTMX, {}):
        page = ana.post(PAGE, form | {"takes": "4"}, headers=headers).content.decode()
        bill = page[page.index('id="studio-bill"') : page.index('id="studio-generate"')]
        assert "sent before you changed it" in bill  # right above the button it speaks of
        assert page.count("sent before you changed it") == 1
    assert len(made()) == 2


def test_a_take_in_the_strip_has_as_many_lines_in_every_state(team, ana):
    failed = make_generation(team, "failed", reason="No available capacity for model")
    for film in (failed, make_generation(team), make_generation(team, "processing")):
        page = ana.get(PAGE).content.decode()
        take = page[page.index(f'id="takes-{film.pk}"') :].partition("</article>")[0]
        assert take.count('class="take-line') == 2
    lost = make_generation(team)
    make_video(lost, "lost")
    page = ana.get(PAGE).content.decode()
    assert "Not saved" in page[page.index(f'id="takes-{lost.pk}"') :].partition("</article>")[0]


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_send_the_same_press_at_once_make_one_set(team):
    order = Order(uuid.uuid4(), "seedance-2", "A lighthouse", PARAMS, takes=4)
    ready, sets = threading.Barrier(4, timeout=180), []

    def send() -> None:
        ready.wait()
        sets.append([each.pk for each in start(team, None, order)])
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sets) == 4
    assert {tuple(each) for each in sets} == {tuple(each.pk for each in made())}


# --- drafts ----------------------------------------------------------------------------------------------------------
def test_a_draft_is_sent_cheap_and_remembers_what_it_stands_for(team, ana):
    image = make_asset(team)
    press(ana, draft="on", resolution="1080p", seed="3", reference=[of(image)], takes="2")
    for number, each in enumerate(made()):
        assert (each.model, each.params["resolution"], each.params["seed"]) == ("seedance-2-mini", "480p", 3 + number)
        assert each.is_draft
        assert each.draft_of
        assert each.draft_of["model"] == "seedance-2"
        assert each.draft_of["params"]["resolution"] == "1080p"
        assert (each.estimate_low, each.estimate_high) == (32, 32)
        assert each.references.get().asset == image


def test_the_page_says_what_a_draft_is_sent_as(team, ana):
    answer = ana.post(CHECK, a_form(draft="on"), headers=HTMX).content.decode()
    assert "Seedance 2.0 Mini, 480p" in answer
    assert "seedance-2-mini" in answer  # the request as code is the one that is sent
    assert "Sent as" not in ana.post(CHECK, a_form(), headers=HTMX).content.decode()


def test_a_draft_pressed_twice_is_one_draft(team, ana):
    form = a_form(draft="on")
    ana.post(PAGE, form, headers=HTMX)
    ana.post(PAGE, form, headers=HTMX)
    assert len(made()) == 1
    answer = ana.post(PAGE, {**form, "draft": ""}, headers=HTMX)
    assert "sent before you changed it" in answer.content.decode()


def test_editing_a_draft_opens_what_it_stands_for(team, ana):
    press(ana, draft="on", resolution="1080p")
    page = ana.get(f"{PAGE}?from={made()[0].pk}")
    form = page.context["form"]
    assert (form.model.id, form.params["resolution"], form.is_draft) == ("seedance-2", "1080p", True)


# --- where it comes from ---------------------------------------------------------------------------------------------
def test_what_is_edited_is_remembered_as_the_parent(team, ana):
    parent = make_generation(team, prompt="The one before")
    form = ana.get(f"{PAGE}?from={parent.pk}").context["form"]
    assert (str(form.data["made_from"]), form.data["origin"]) == (str(parent.pk), "edit")
    press(ana, made_from=str(parent.pk), origin="edit")
    child = made()[0]
    assert (child.made_from, child.origin) == (parent, "edit")
    parent.refresh_from_db()
    assert parent.revision == child.revision  # its page shows what came of it


@pytest.mark.parametrize("origin", ["retry", "nonsense", ""])
def test_an_origin_that_is_nobodys_to_claim_is_left_out(team, ana, origin):
    press(ana, made_from=str(make_generation(team).pk), origin=origin)
    assert (made()[0].made_from, made()[0].origin) == (None, "")


def test_another_teams_film_is_nobodys_parent(team, ana):
    foreign = make_generation(make_team("rivals"), prompt="Their secret")
    answer = press(ana, made_from=str(foreign.pk), origin="edit")
    assert "Their secret" not in answer.content.decode()
    assert Generation.objects.get(team=team).made_from is None


def test_a_change_of_model_keeps_takes_draft_and_parent(team, ana):
    parent = make_generation(team)
    form = a_form(model="seedance-2.5", takes="4", draft="on", made_from=str(parent.pk), origin="edit")
    after = ana.post(CHECK, form, headers=HTMX).context["form"]
    assert (after.takes, after.is_draft, after.data["made_from"]) == (4, True, str(parent.pk))


def test_a_small_button_keeps_takes_and_draft(team, ana):
    image = make_asset(team)
    after = ana.post(CHECK, a_form(takes="4", draft="on", do=f"add:{image.pk}"), headers=HTMX).context["form"]
    assert (after.takes, after.is_draft) == (4, True)


def test_the_shot_after_begins_with_the_frame_and_room_for_new_words(team, ana):
    old = make_asset(team)
    before = make_generation(
        team, references=[NewReference("reference_image", "image", old)], prompt="Told", params=PARAMS | {"duration": 5}
    )
    frame = make_asset(team)
    form = ana.get(f"{PAGE}?from={before.pk}&then={frame.pk}").context["form"]
    assert [(each.slot, each.asset) for each in form.references] == [("start_image", frame)]
    assert (form.params["duration"], form.params["aspect_ratio"], form.text) == (5, "adaptive", "")
    assert (str(form.data["made_from"]), form.data["origin"]) == (str(before.pk), "next")


def test_another_teams_picture_begins_nothing(team, ana):
    foreign = make_asset(make_team("rivals"), name="Secret")
    before = make_generation(team)
    form = ana.get(f"{PAGE}?from={before.pk}&then={foreign.pk}").context["form"]
    assert form.references == []

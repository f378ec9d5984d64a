"""Prices by hand, where budgets are: set, shown with who and when, changed, taken away."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags

from assets_app.models import HandPrice, Team

pytestmark = pytest.mark.django_db

PAGE = "/dailies/budgets/"
ADD = f"{PAGE}prices/add/"


@pytest.fixture
def ada(admin, client_of) -> Client:
    return client_of(admin)


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", strip_tags(answer.content.decode()))


def a_price(**changes: Any) -> dict[str, Any]:
    return {"model": "veo-3.1", "resolution": "", "seconds": "", "credits": "40", "unit": "clip", **changes}


def test_an_admin_sets_one_and_everybody_sees_who_did(ada, viewer, client_of):
    ada.post(ADD, a_price(credits="1.5", unit="second", resolution="720p"))
    said = words(client_of(viewer).get(PAGE))
    assert "720p 1.5 credits a second, set by ada" in said
    assert "Set the price" not in said


def test_the_same_kind_again_replaces_it(ada):
    ada.post(ADD, a_price())
    ada.post(ADD, a_price(credits="50"))
    ada.post(ADD, a_price(credits="60", seconds="8"))
    assert list(HandPrice.objects.values_list("seconds", "credits")) == [(0, Decimal(50)), (8, Decimal(60))]


def test_it_can_be_changed_and_taken_away_and_both_are_on_record(ada):
    ada.post(ADD, a_price())
    price = HandPrice.objects.get()
    ada.post(f"{PAGE}prices/{price.pk}/", {f"price-{price.pk}-credits": "7", f"price-{price.pk}-unit": "second"})
    price.refresh_from_db()
    assert price.amount_words == "7 credits a second"
    ada.post(f"{PAGE}prices/{price.pk}/remove/")
    assert not HandPrice.objects.exists()
    told = words(ada.get("/dailies/activity/"))
    assert "Set a price by hand: Veo 3.1 counts as 7 credits a second until it is billed" in told
    assert "Took away the price by hand of Veo 3.1: 7 credits a second" in told


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"credits": ""}, "Credits: how many?"),
        ({"credits": "-1"}, "Credits: more than 0."),
        ({"credits": "1e9"}, "Credits: at most 9,999,999.99."),
        ({"credits": "NaN"}, "Credits: a number, such as 40 or 1.5."),
        ({"credits": "1.555"}, "Credits: at most two decimal places."),
        ({"model": "no-such-model"}, "Select a valid choice"),
        ({"resolution": "4k"}, "Veo 3.1 does not make 4k: one of 720p, 1080p, or any."),
        ({"seconds": "0"}, "Length: 1 second or more."),
        ({"seconds": "soon"}, "Length: a whole number of seconds, or nothing."),
        ({"unit": "second", "seconds": "8"}, "A price a second holds for any length."),
        ({"model": "midjourney-video", "unit": "second"}, "takes no length, so seconds cannot be counted"),
        ({"unit": "week"}, "Select a valid choice"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_typed_is_lost(ada, changes, why):
    answer = ada.post(ADD, a_price(**changes))
    assert why in words(answer)
    assert not HandPrice.objects.exists()
    typed = changes.get("credits", "40")
    assert not typed or f'value="{typed}"' in answer.content.decode()


def test_a_bad_change_says_so_beside_its_price_and_keeps_the_old_one(ada):
    ada.post(ADD, a_price())
    price = HandPrice.objects.get()
    answer = ada.post(
        f"{PAGE}prices/{price.pk}/", {f"price-{price.pk}-credits": "-7", f"price-{price.pk}-unit": "clip"}
    )
    assert "Credits: more than 0." in words(answer)
    assert HandPrice.objects.get().credits == 40


def test_an_older_page_does_not_undo_what_another_admin_set(ada):
    ada.post(ADD, a_price())
    price = HandPrice.objects.get()
    shown = {f"price-{price.pk}-shown": '{"credits": "40", "unit": "clip"}', f"price-{price.pk}-unit": "clip"}
    ada.post(f"{PAGE}prices/{price.pk}/", shown | {f"price-{price.pk}-credits": "70"})
    answer = ada.post(f"{PAGE}prices/{price.pk}/", shown | {f"price-{price.pk}-credits": "55"})
    assert answer.status_code == 409
    assert "ada changed this to “70”" in words(answer)
    assert HandPrice.objects.get().credits == 70


def test_another_teams_price_is_not_there(ada, stranger):
    theirs = HandPrice.objects.create(team=Team.objects.get(slug="others"), model="veo-3.1", credits=5)
    assert ada.post(f"{PAGE}prices/{theirs.pk}/", {f"price-{theirs.pk}-credits": "9"}).status_code == 404
    ada.post(f"{PAGE}prices/{theirs.pk}/remove/")
    assert HandPrice.objects.filter(credits=5).exists()


def test_the_form_opens_with_the_model_that_the_studio_names(ada):
    assert '<option value="veo-3.1" selected>' in ada.get(f"{PAGE}?model=veo-3.1").content.decode()

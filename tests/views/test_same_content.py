"""Where people meet a file that the library has already: on its card, its page, and among the references."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from assets_app.models import Asset, Original, Team

from .scene import make_asset
from .test_composing import checked, sent_back
from .test_studio import CHECK, HTMX, a_form, of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(editor, client_of) -> Client:
    return client_of(editor)


@pytest.fixture
def twins(team: Team) -> tuple[Asset, Asset]:
    """The older, and the newer, which is linked to it."""
    older, newer = make_asset(team, name="Courier", sha256="ab" * 32), make_asset(team, name="8f3a", sha256="ab" * 32)
    Original.objects.filter(pk=newer.pk).update(same_as=older)
    return older, Asset.objects.select_related("original").get(pk=newer.pk)


def test_its_card_and_its_page_say_which_one_it_is(ana, twins):
    older, newer = twins
    board = ana.get("/dailies/").content.decode()
    assert board.count("The same file as") == 1
    page = ana.get(f"/dailies/assets/{newer.pk}/").content.decode()
    assert f'<a href="/dailies/assets/{older.pk}/">Courier</a>, which is in the library already' in page
    assert "Put this one into the trash" in page
    assert "which is in the library already" not in ana.get(f"/dailies/assets/{older.pk}/").content.decode()


def test_one_press_puts_the_newer_into_the_trash_and_leads_to_the_older(ana, twins):
    older, newer = twins
    back = f"/dailies/assets/{older.pk}/"
    answer = ana.post("/dailies/assets/do/trash/", {"asset": newer.pk, "back": back})
    assert answer.url == back
    assert not Asset.objects.get(pk=newer.pk).is_live


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["in the page", "without JavaScript"])
def test_among_the_references_one_press_uses_the_older_in_its_place(team, ana, twins, headers: dict[str, str]):
    older, newer = twins
    others = [of(make_asset(team)), of(newer), of(make_asset(team))]
    answer = ana.post(CHECK, a_form(*others, prompt="@8f3a waits", do="look"), headers=headers)
    assert "The same file as Courier, in the library already" in answer.content.decode()
    form = checked(ana, sent_back(answer.context["form"], do="older:1"))
    assert [each.asset for each in form.references][1] == older
    assert not [problem for problem in form.refusals if problem.code.startswith("mention")]


def test_a_press_for_what_has_no_older_one_does_nothing(team, ana):
    image = make_asset(team)
    assert [each.asset for each in checked(ana, a_form(of(image), do="older:0")).references] == [image]


def test_a_page_of_twins_costs_as_many_queries_as_one(team, ana, twins, django_assert_max_num_queries: Any):
    older, _newer = twins
    for _ in range(12):
        more = make_asset(team, sha256="ab" * 32)
        Original.objects.filter(pk=more.pk).update(same_as=older)
    ana.get("/dailies/")
    with django_assert_max_num_queries(30):
        assert ana.get("/dailies/").content.decode().count("The same file as") == 13

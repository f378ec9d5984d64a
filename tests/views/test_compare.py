"""Films side by side: which, and what the table says of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assets_app.models import Generation, NewReference
from assets_app.views.compare import compare_address

from .scene import PARAMS, make_asset, make_generation, make_team, make_video

pytestmark = pytest.mark.django_db

COMPARE = "/dailies/videos/compare/"


@pytest.fixture
def ana(editor, client_of) -> Client:
    return client_of(editor)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def film(team, **columns: Any) -> Generation:
    made = make_generation(team, **columns)
    make_video(made)
    return made


def rows(answer: Any, *, same: bool = False) -> dict[str, list[Any]]:
    return {row.label: list(row.cells) for row in answer.context["rows"] if row.is_same is same}


@pytest.mark.parametrize("number", [2, 3, 4])
def test_two_to_four_films_stand_in_the_order_asked_for(team, ana, number):
    films = [film(team, prompt=f"prompt {n}") for n in range(number)]
    answer = ana.get(compare_address(team, reversed(films)))
    assert [side.take.generation for side in answer.context["sides"]] == films[::-1]
    assert text(answer).count("<video") == number


def test_what_differs_is_in_the_table_and_what_is_the_same_is_folded(team, ana):
    one = film(team, prompt="A boat at dawn", params=PARAMS | {"resolution": "720p", "seed": 7})
    other = film(
        team, prompt="A boat at dusk", params=PARAMS | {"resolution": "1080p"}, model="seedance-2-fast", rating=4
    )
    answer = ana.get(compare_address(team, [one, other]))
    differing = rows(answer)
    assert differing["Resolution"] == ["720p", "1080p"]
    assert differing["Seed"] == ["7", ""]
    assert differing["Rating"] == ["", "4 of 5"]
    assert len(set(differing["Model"])) == 2
    assert "A boat at <mark>dawn</mark>" in text(answer)
    assert {"Duration", "Cost", "Length", "State"} <= set(rows(answer, same=True))


def test_the_same_references_in_another_order_differ(team, ana):
    first, second = make_asset(team), make_asset(team)
    given = [
        [NewReference("reference_image", "image", asset) for asset in order]
        for order in ((first, second), (second, first))
    ]
    answer = ana.get(compare_address(team, [film(team, references=each) for each in given]))
    assert [[token for token, _ in cell] for cell in rows(answer)["References"]] == [["[Image1]", "[Image2]"]] * 2
    same = ana.get(compare_address(team, [film(team, references=given[0]) for _ in range(2)]))
    assert "References" in rows(same, same=True)


def test_a_film_that_is_not_there_yet_says_so_and_keeps_its_place(team, ana):
    answer = ana.get(compare_address(team, [film(team), make_generation(team, "processing")]))
    assert text(answer).count("<video") == 1
    assert "There is no film to play yet" in text(answer)
    assert rows(answer)["State"] == ["Completed", "Processing"]


def test_a_model_that_left_the_catalogue_can_still_be_compared(team, ana):
    references = [NewReference("reference_image", "image", make_asset(team))]
    gone = film(team, references=references)
    Generation.objects.filter(pk=gone.pk).update(model="gone-1", params={"old_knob": [1, 2], "duration": 5})
    differing = rows(ana.get(compare_address(team, [gone, film(team)])))
    assert "gone-1" in differing["Model"][0]
    assert differing["Old knob"] == ["1; 2", ""]


def test_more_than_four_are_too_many_and_it_says_so(team, ana):
    films = [film(team) for _ in range(6)]
    query = "&".join(f"film={each.pk}" for each in films)
    answer = ana.get(f"{COMPARE}?{query}")
    assert len(answer.context["sides"]) == 4
    assert "2 more are left out" in text(answer)


@pytest.mark.parametrize("query", ["", "film=nonsense", "film=00000000-0000-4000-8000-000000000000"])
def test_with_fewer_than_two_it_says_what_to_do(team, ana, query):
    one = film(team)
    page = text(ana.get(f"{COMPARE}?film={one.pk}&film={one.pk}&{query}"))
    assert "Choose two to four films" in page
    assert ("not here any more" in page) is bool(query)


def test_other_teams_films_and_those_in_the_trash_are_left_out(team, ana):
    other = film(make_team("others"), prompt="their secret")
    trashed = film(team, prompt="thrown away")
    Generation.objects.filter(pk=trashed.pk).update(trashed_at=timezone.now())
    answer = ana.get(compare_address(team, [film(team), film(team), other, trashed]))
    assert len(answer.context["sides"]) == 2
    assert "2 films are not here any more" in text(answer)
    assert "their secret" not in text(answer)


def test_one_can_be_taken_out_while_two_are_left(team, ana):
    films = [film(team) for _ in range(3)]
    sides = ana.get(compare_address(team, films)).context["sides"]
    assert sides[0].without == compare_address(team, films[1:])
    assert {side.without for side in ana.get(sides[0].without).context["sides"]} == {""}


def test_only_the_pips_rate_and_they_show_what_stands_there(team, ana):
    """A button that rates 5 of 5 by another name would overwrite a rating unseen."""
    one, other = film(team), film(team)
    one.rate(None, 3)
    page = text(ana.get(compare_address(team, [one, other])))
    rating = page.partition(f'action="/dailies/videos/{one.pk}/rate/"')[2].partition("</form>")[0]
    assert "3 of 5</span>" in rating
    assert page.count(f'action="/dailies/videos/{one.pk}/rate/"') == 1
    assert ">Pick<" not in page


def test_a_films_page_leads_to_the_comparison_of_its_takes(team, ana):
    one, two = (film(team) for _ in range(2))
    assert "Compare the takes" not in text(ana.get(f"/dailies/videos/{one.pk}/"))
    Generation.objects.filter(pk=two.pk).update(click=one.click, take=2)
    page = ana.get(f"/dailies/videos/{two.pk}/")
    assert page.context["other_takes"] == compare_address(team, [one, two])


def test_the_table_hears_of_what_is_said_of_its_films(team, ana, editor):
    one, two, elsewhere = (film(team) for _ in range(3))
    team.refresh_from_db()
    since = team.revision
    elsewhere.rate(editor, 1)
    address = f"/dailies/live/?v={since}&page=compare&for={one.pk}+{two.pk}"
    assert 'id="compare-table"' not in text(ana.get(address))
    one.rate(editor, 4)
    answer = text(ana.get(address))
    assert 'id="compare-table"' in answer
    assert "4 of 5" in answer
    assert "<video" not in answer
    assert ana.get(f"/dailies/live/?v={since}&page=compare&for=nonsense").status_code == 200


def test_queries_do_not_grow_with_the_films(team, ana):
    def queries(number: int) -> int:
        references = [NewReference("reference_image", "image", make_asset(team)) for _ in range(number)]
        films = [film(team, references=references) for _ in range(number)]
        with CaptureQueriesContext(connection) as captured:
            ana.get(compare_address(team, films))
        return len(captured)

    assert queries(4) == queries(2)


def test_takes_of_one_press_say_which_they_are_and_that_nothing_differs(team, ana):
    first, second = film(team), film(team)
    Generation.objects.filter(pk=second.pk).update(click=first.click, take=2)
    answer = ana.get(compare_address(team, [first, second]))
    assert [side.name for side in answer.context["sides"]] == ["Take 1", "Take 2"]
    assert "the very same request" in text(answer)
    assert "the very same request" not in text(ana.get(compare_address(team, [first, film(team, prompt="A fox")])))

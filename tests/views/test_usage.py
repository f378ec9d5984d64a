"""The usage page and its table to take away."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assets_app.models import NewReference

from .scene import make_asset, make_generation

pytestmark = pytest.mark.django_db
PAGE = "/dailies/usage/"


@pytest.fixture
def client(client_of, viewer):
    return client_of(viewer)


def shown(client: Client, period: str = "") -> str:
    return client.get(PAGE, {"period": period}).content.decode()


def rows_of(client: Client, period: str = "") -> list[dict[str, str]]:
    answer = client.get(f"{PAGE}export/", {"period": period})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_it_says_what_was_spent_what_is_held_and_what_was_free(client, team):
    make_generation(team)
    make_generation(team, "processing", due_at=timezone.now())
    make_generation(team, "failed", credit_cost=144)
    context = client.get(PAGE).context
    assert context["total"].credits == 288
    assert context["held"].credits == 144
    assert context["total"].free == 1
    assert "for 1 film, 144 of them held" in shown(client)


def test_moments_in_the_table_are_dates_to_a_spreadsheet(client, team, time_machine):
    time_machine.move_to("2026-11-20T09:05:07.25Z", tick=False)
    make_generation(team)
    assert [row["Asked for (UTC)"] for row in rows_of(client)] == ["2026-11-20 09:05:07"]


def test_before_anything_was_made_it_says_so(client, team):
    assert "Nothing was generated in this time" in shown(client)


@pytest.mark.parametrize("period", ["", "0", "-7", "8", "2026-13", "2026-1", "9999-99", "٧", "x" * 200, "2026-00"])
def test_a_period_that_makes_no_sense_is_the_last_thirty_days(client, period):
    assert client.get(PAGE, {"period": period}).context["period"].label == "Last 30 days"


def test_a_month_is_looked_at_whole(client, team, time_machine):
    time_machine.move_to("2026-09-30T23:59:00Z", tick=False)
    make_generation(team, spend=9)
    time_machine.move_to("2026-10-01T00:01:00Z", tick=False)
    make_generation(team, spend=10)
    time_machine.move_to("2026-11-20T12:00:00Z", tick=False)
    context = client.get(PAGE, {"period": "2026-09"}).context
    assert context["period"].label == "September 2026"
    assert context["total"].credits == 9
    assert [month.value for month in context["months"]] == ["2026-11", "2026-10", "2026-09"]
    assert len(context["chart"].bars) == 30


def test_a_person_leads_to_their_videos_and_an_asset_to_its_page(client, team, editor):
    anna = make_asset(team, name="Anna")
    make_generation(team, by=editor, references=[NewReference("reference_image", "image", asset=anna)])
    page = shown(client)
    assert f"/dailies/videos/?person={editor.pk}" in page
    assert f"/dailies/assets/{anna.pk}/" in page


def test_a_model_that_left_the_catalogue_is_called_by_its_id(client, team):
    make_generation(team, model="seedance-0")
    assert "seedance-0" in shown(client)


def test_the_page_asks_no_more_the_more_was_made(client, team, editor):
    make_generation(team, by=editor, references=[NewReference("reference_image", "image", asset=make_asset(team))])
    shown(client)

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            shown(client)
        return len(caught)

    before = queries()
    for number in range(6):
        asset = make_asset(team)
        make_generation(
            team, model=f"model-{number}", references=[NewReference("reference_image", "image", asset=asset)]
        )
    assert queries() == before


# --- to take away ----------------------------------------------------------------------------------------------------
def test_the_table_has_every_generation_with_what_it_counts_for(client, team, editor):
    anna = make_asset(team, name="Anna")
    made = make_generation(team, by=editor, references=[NewReference("reference_image", "image", asset=anna)] * 2)
    make_generation(team, "failed", credit_cost=144)
    first, second = rows_of(client)
    assert (first["Who"], first["Model"], first["Counts for"], first["Assets"]) == (
        "edda",
        "Seedance 2.0",
        "144",
        "Anna",
    )
    assert first["Id"] == str(made.pk)
    assert (second["State"], second["Charged by the provider"], second["Counts for"]) == ("Failed", "144", "0")


def test_what_people_typed_is_no_formula(client, team):
    make_generation(team, prompt='=HYPERLINK("http://evil.example","look")')
    assert rows_of(client)[0]["Prompt"].startswith("'=")


def test_the_table_is_read_in_pieces_and_complete(client, team, monkeypatch):
    monkeypatch.setattr("assets_app.views.usage.AT_A_TIME", 2)
    made = [make_generation(team) for _ in range(5)]
    assert [row["Id"] for row in rows_of(client)] == [str(each.pk) for each in made]


def test_nothing_of_another_team_is_in_it(client, stranger):
    make_generation(stranger.memberships.get().team)
    assert rows_of(client) == []

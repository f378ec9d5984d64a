"""The sums of a page are of one moment, also while films finish between its queries."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from assets_app.models import Generation
from assets_app.models.reading import one_reading
from assets_app.money import sums
from assets_app.views import usage
from tests.views.scene import make_generation

pytestmark = pytest.mark.django_db(transaction=True)


def elsewhere(act: Callable[[], Any]) -> None:
    """Done by another process meanwhile, as far as the database can tell."""

    def with_a_connection_of_its_own() -> None:
        try:
            act()
        finally:
            connection.close()

    other = threading.Thread(target=with_a_connection_of_its_own)
    other.start()
    other.join(60)
    assert not other.is_alive()


def finish_all() -> None:
    Generation.objects.update(state="completed", due_at=None, spend=44)


def test_the_head_of_the_usage_page_its_held_and_its_tables_agree_while_films_finish(
    team, viewer, client_of, monkeypatch
):
    for _ in range(2):
        make_generation(team, "processing", due_at=timezone.now())
    held_by = sums.held_by

    def after_they_finished(*asked: Any) -> sums.Cost:
        elsewhere(finish_all)
        return held_by(*asked)

    monkeypatch.setattr(sums, "held_by", after_they_finished)
    context = client_of(viewer).get("/dailies/usage/").context
    figures = [context["total"], context["held"], *(row.cost for row in (*context["models"], *context["people"]))]
    assert {(cost.credits, cost.held) for cost in figures} == {(288, 288)}
    assert Generation.objects.filter(state="completed").count() == 2


def test_the_lines_of_the_table_are_of_one_moment_while_films_finish(team, viewer, client_of, monkeypatch):
    for _ in range(2):
        make_generation(team, "processing", due_at=timezone.now())
    monkeypatch.setattr(usage, "AT_A_TIME", 1)
    as_row = usage._as_row

    def and_then_they_finish(film: Generation) -> list[str]:
        elsewhere(finish_all)
        return as_row(film)

    monkeypatch.setattr(usage, "_as_row", and_then_they_finish)
    answer = client_of(viewer).get("/dailies/usage/export/")
    lines = csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig")))
    assert [line["Counts for"] for line in lines] == ["144", "144"]
    assert Generation.objects.filter(state="completed").count() == 2


def test_who_writes_does_not_wait_for_a_reading_and_the_next_reading_sees_it(team):
    make_generation(team, "processing", due_at=timezone.now())
    with one_reading():
        assert sums.held_by(team).held == 144
        elsewhere(finish_all)
        assert sums.held_by(team).held == 144
    assert sums.held_by(team).held == 0


def test_what_is_written_after_a_reading_takes_the_lock_as_ever(team):
    mode = getattr(connection, "transaction_mode", None)
    with one_reading():
        sums.held_by(team)
    assert getattr(connection, "transaction_mode", None) == mode
    make_generation(team)

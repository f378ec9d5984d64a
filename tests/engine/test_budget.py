"""The budget is planned so that the provider never has to refuse."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from assets_app.engine import budget
from assets_app.models import Budget

NOW = 1_800_000_000.0


class TestAnyWayOfAsking(TestCase):
    @settings(max_examples=60, deadline=None)
    @given(
        per_minute=st.sampled_from([1, 7, 30, 60, 500, 1000]),
        asks=st.lists(st.tuples(st.floats(0, 3), st.integers(1, 40)), min_size=1, max_size=120),
    )
    def test_no_minute_ever_sees_more_requests_than_the_limit(self, per_minute, asks):
        Budget.objects.all().delete()
        at, sent = NOW, []
        for pause, wanted in asks:
            at += pause
            sent += [at] * budget.take("key", wanted, per_minute, now=at)
        assert all(sum(1 for other in sent if moment - 60 < other <= moment) <= per_minute for moment in sent)


@pytest.mark.django_db
class TestTheBudget:
    def test_is_used_almost_whole_by_somebody_who_keeps_asking(self):
        minutes = 2
        sent = sum(budget.take("key", 10, 500, now=NOW + tick / 20) for tick in range(20 * 60 * minutes))
        assert 0.96 * 500 * minutes <= sent <= 500 * minutes

    def test_says_how_long_until_the_next(self):
        while budget.take("key", 1, 60, now=NOW):
            pass
        wait = budget.seconds_until_free("key", now=NOW)
        assert wait > 0
        assert budget.take("key", 1, 60, now=NOW + wait) == 1

    def test_a_refusal_blocks_the_whole_key_and_a_shorter_one_does_not_end_it_early(self):
        budget.block("key", 30, now=NOW)
        budget.block("key", 5, now=NOW)
        assert budget.take("key", 1, 500, now=NOW + 29) == 0
        assert budget.take("key", 1, 500, now=NOW + 31) == 1

    def test_another_key_is_not_touched(self):
        budget.block("key", 30, now=NOW)
        assert budget.take("other", 1, 500, now=NOW) == 1


@pytest.mark.django_db(transaction=True)
def test_many_askers_at_once_share_one_budget():
    granted: list[int] = []

    def ask() -> None:
        granted.append(sum(budget.take("key", 3, 600, now=NOW) for _ in range(10)))
        connection.close()

    askers = [threading.Thread(target=ask) for _ in range(6)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert sum(granted) <= budget.Pace.of(600).burst

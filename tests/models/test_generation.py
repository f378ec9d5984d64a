"""Writing a generation down: once for each press of the button, and never half."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import IntegrityError

from assets_app.models import Generation, NewReference, Team
from assets_app.money.ordering import Order, start


def order(**changes: Any) -> Order:
    return Order(**{"click": uuid.uuid4(), "model": "seedance-2", "prompt": "A quiet sea", "params": {}} | changes)


def test_the_same_click_is_the_same_generation(team: Team) -> None:
    click = uuid.uuid4()
    assert start(team, None, order(click=click)) == start(team, None, order(click=click))
    assert Generation.objects.count() == 1


def test_what_the_database_refuses_for_another_reason_is_not_taken_for_a_second_click(team: Team) -> None:
    nothing = NewReference("start_image", "image")
    with pytest.raises(IntegrityError):
        start(team, None, order(references=[nothing]))
    assert not Generation.objects.exists()

"""What a killed process held is free at once for those who see that it is gone, what the living hold stays theirs."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import models
from django_q.models import OrmQ

from assets_app.engine import bereavement, wake
from assets_app.models import Asset, Lease, holding
from assets_app.models.due import Due

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def deaths(monkeypatch: pytest.MonkeyPatch) -> set[uuid.UUID]:
    """The tokens whose holders are known to be dead."""
    dead: set[uuid.UUID] = set()
    monkeypatch.setattr(holding, "is_of_the_dead", dead.__contains__)
    return dead


def claimed(asset: Asset) -> uuid.UUID:
    token, rows = Asset.objects.claim([asset.pk], 15)
    assert rows == [asset]
    return token


def test_the_claims_of_the_dead_end_and_those_of_the_living_do_not(
    new_asset: Callable[[], Asset], deaths: set[uuid.UUID]
) -> None:
    bereft, kept = new_asset(), new_asset()
    deaths.add(claimed(bereft))
    claimed(kept)
    OrmQ.objects.all().delete()
    bereavement.free_what_the_dead_hold()
    assert set(Asset.objects.due()) == {bereft}
    assert OrmQ.objects.count() == 2  # both lanes are woken


def test_nobody_is_woken_when_nobody_died(new_asset: Callable[[], Asset]) -> None:
    claimed(new_asset())
    OrmQ.objects.all().delete()
    bereavement.free_what_the_dead_hold()
    assert not Asset.objects.due().exists()
    assert not OrmQ.objects.exists()


def test_a_row_tells_as_before_what_was_done_under_the_claim(
    new_asset: Callable[[], Asset], deaths: set[uuid.UUID]
) -> None:
    asset = new_asset()
    deaths.add(claimed(asset))
    before: dict[str, Any] = {**Asset.objects.filter(pk=asset.pk).values().get()}
    bereavement.free_what_the_dead_hold()
    after: dict[str, Any] = {**Asset.objects.filter(pk=asset.pk).values().get()}
    assert {name for name in after if after[name] != before[name]} == {"claimed_until"}


def test_a_lane_of_the_dead_is_free_and_can_be_woken(deaths: set[uuid.UUID]) -> None:
    dead, living = holding.token(), holding.token()
    assert Lease.take("provider", dead)
    assert not Lease.take("provider", living)
    deaths.add(dead)
    assert not Lease.is_held("provider")
    wake("provider")
    assert OrmQ.objects.count() == 1
    assert Lease.take("provider", living)
    assert Lease.is_held("provider")


def test_a_lease_that_was_given_back_meanwhile_is_not_touched(deaths: set[uuid.UUID]) -> None:
    deaths.add(dead := holding.token())
    Lease.take("provider", dead)
    Lease.give_back("provider", dead)
    assert Lease.let_go_of_the_dead() == []


def test_every_kind_of_row_that_can_be_claimed_is_looked_through() -> None:
    assert _below(Due) == {*bereavement.CLAIMED}


def _below(model: type[models.Model]) -> set[type[models.Model]]:
    children = model.__subclasses__()
    return {child for child in children if not child._meta.abstract}.union(*map(_below, children))

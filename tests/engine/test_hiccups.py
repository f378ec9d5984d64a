"""A database that is locked or away for a moment costs a second: no answer of the provider, no attempt, no minute."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DataError, InterfaceError, OperationalError

from assets_app.engine import hiccups
from assets_app.engine.provider import ProviderLane
from assets_app.engine.runner import Runner
from assets_app.engine.steps import STEPS
from assets_app.models import Asset, Generation, Lease

pytestmark = pytest.mark.django_db(transaction=True)

TROUBLE = [OperationalError("database is locked"), InterfaceError("connection already closed")]


@pytest.fixture(autouse=True)
def no_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hiccups, "AGAIN_SECONDS", 0.0)


def troubled(times: int, error: Exception, act: Callable[..., Any]) -> Callable[..., Any]:
    """`act`, which the database refuses so many times first."""
    left = [error] * times

    def try_to_act(*arguments: Any, **options: Any) -> Any:
        if left:
            raise left.pop()
        return act(*arguments, **options)

    return try_to_act


@pytest.mark.parametrize("error", TROUBLE)
def test_an_answer_is_kept_until_it_can_be_written_down(
    new_generation: Callable[[], Generation], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    film = new_generation()
    submit = STEPS["submit"]
    monkeypatch.setattr(submit, "settle", troubled(3, error, submit.settle))
    Runner(ProviderLane()).run(5, stopping=lambda: Generation.objects.filter(job_id__gt="").exists())
    film.refresh_from_db()
    assert film.job_id
    assert not film.events.filter(to_state="unconfirmed").exists()


@pytest.mark.parametrize("error", TROUBLE)
@pytest.mark.parametrize("what", ["_rows_for", "_connections_with_work"])
def test_looking_for_due_rows_is_tried_again_at_once_and_the_team_is_not_put_off(
    new_asset: Callable[[], Asset], monkeypatch: pytest.MonkeyPatch, error: Exception, what: str
) -> None:
    asset = new_asset()
    due_at = asset.due_at
    lane = ProviderLane()
    put_off: list[object] = []
    monkeypatch.setattr(lane.standing, "postpone", lambda *how: put_off.append(how))
    monkeypatch.setattr(lane, what, troubled(2, error, getattr(lane, what)))
    Runner(lane).run(20, stopping=lambda: Asset.objects.filter(state="active").exists())
    asset.refresh_from_db()
    assert (asset.state, asset.last_error, put_off) == ("active", "", [])
    assert asset.due_at != due_at


def test_a_lane_is_given_back_when_the_database_is_there_again(
    new_asset: Callable[[], Asset], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Lease, "give_back", troubled(2, TROUBLE[0], Lease.give_back))
    Runner(ProviderLane()).run(0.1)
    assert not Lease.is_held("provider")


def test_what_the_database_will_never_take_is_a_mistake_of_ours(
    new_asset: Callable[[], Asset], monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = new_asset()
    register = STEPS["register"]
    monkeypatch.setattr(register, "settle", troubled(1, DataError("value too long"), register.settle))
    Runner(ProviderLane()).run(5, stopping=lambda: Asset.objects.exclude(last_error="").exists())
    asset.refresh_from_db()
    assert "Castboard's own fault" in asset.last_error


def test_patience_ends() -> None:
    def refuse() -> None:
        raise TROUBLE[0]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(hiccups, "PATIENCE_SECONDS", 0.0)
        with pytest.raises(OperationalError):
            hiccups.patiently(refuse)

"""The sandbox goes on when the clock of its machine is set back."""

from __future__ import annotations

from assets_app.sandbox.clockwork import NeverBack


def test_its_time_goes_on_from_where_it_was_when_the_machine_s_is_set_back() -> None:
    machine = iter([1000.0, 1001.0, 501.0, 503.0, 400.0, 401.5])
    clock = NeverBack(lambda: next(machine))
    assert [clock() for _ in range(6)] == [1000.0, 1001.0, 1001.0, 1003.0, 1003.0, 1004.5]


def test_its_time_follows_the_machine_s_when_that_is_set_ahead() -> None:
    machine = iter([1000.0, 87_400.0])
    clock = NeverBack(lambda: next(machine))
    assert [clock(), clock()] == [1000.0, 87_400.0]

"""The decisions, without a process or a clock."""

from __future__ import annotations

from assets_app.supervisor.patience import MOST_FAILED_STARTS, STEADY_SECONDS, Pulse, Restarts


def test_the_pause_grows_from_half_a_second_to_five() -> None:
    restarts = Restarts()
    assert [restarts.pause_after(0.1, -9) for _ in range(7)] == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0]


def test_a_steady_run_makes_the_next_pause_short_again() -> None:
    restarts = Restarts()
    for _ in range(3):
        restarts.pause_after(0.1, -9)
    assert restarts.pause_after(STEADY_SECONDS, 1) == 0.5


def test_a_child_that_was_never_steady_is_given_up_after_some_failed_starts() -> None:
    restarts = Restarts()
    pauses = [restarts.pause_after(0.1, 1) for _ in range(MOST_FAILED_STARTS)]
    assert pauses[-1] is None
    assert None not in pauses[:-1]


def test_a_child_that_is_killed_again_and_again_is_never_given_up() -> None:
    restarts = Restarts()
    assert None not in [restarts.pause_after(0.1, -9) for _ in range(100)]


def test_a_child_that_once_ran_well_is_never_given_up() -> None:
    restarts = Restarts()
    restarts.pause_after(STEADY_SECONDS, 1)
    assert None not in [restarts.pause_after(0.1, 1) for _ in range(100)]


def test_a_pulse_that_beats_has_not_stopped() -> None:
    pulse = Pulse(60)
    assert not any(pulse.has_stopped(beat, started=0, now=beat * 59) for beat in range(1, 20))


def test_a_pulse_that_stays_the_same_for_longer_than_the_patience_has_stopped() -> None:
    pulse = Pulse(60)
    assert not pulse.has_stopped("beat", started=0, now=0)
    assert not pulse.has_stopped("beat", started=0, now=60)
    assert pulse.has_stopped("beat", started=0, now=60.1)


def test_the_silence_is_counted_from_the_start_of_the_run() -> None:
    pulse = Pulse(60)
    pulse.has_stopped(None, started=0, now=0)
    assert not pulse.has_stopped(None, started=100, now=130)
    assert pulse.has_stopped(None, started=100, now=161)


def test_a_silence_with_a_known_reason_does_not_count() -> None:
    pulse = Pulse(60)
    pulse.has_stopped("beat", started=0, now=0)
    pulse.start_over(300)
    assert not pulse.has_stopped("beat", started=0, now=359)
    assert pulse.has_stopped("beat", started=0, now=361)

"""The state machines are data, and data that contradicts itself is refused when it is read."""

from __future__ import annotations

import pytest

from assets_app.engine.steps import STEPS
from assets_app.models.states import ASSET, GENERATION, OWN_COPY, BadMachine, ForbiddenMove, Machine, State


def state(value: str, *leads_to: str, step: str | None = None) -> State:
    return State(value, value.title(), "idle", "ready", leads_to, step)


def test_a_state_that_leads_to_an_unknown_one_is_refused():
    with pytest.raises(BadMachine, match="leads to c"):
        Machine("m", state("a", "c", step="go"))


def test_a_state_that_cannot_be_reached_is_refused():
    with pytest.raises(BadMachine, match="b cannot be reached"):
        Machine("m", state("a"), state("b"))


def test_a_step_that_cannot_get_anywhere_is_refused():
    with pytest.raises(BadMachine, match="leads nowhere"):
        Machine("m", state("a", step="go"))


def test_a_state_declared_twice_is_refused():
    with pytest.raises(BadMachine, match="twice"):
        Machine("m", state("a", "a"), state("a"))


def test_a_move_that_is_not_declared_is_refused():
    with pytest.raises(ForbiddenMove):
        ASSET.check_move("rejected", "active")


def test_every_state_that_is_not_final_has_a_step_that_somebody_wrote():
    for machine in (ASSET, GENERATION):
        assert all(state.step in STEPS for state in machine.values() if not state.is_final)


def test_what_has_been_sent_can_never_go_back_to_being_sent_anew():
    """From “submitted” or “unconfirmed” no way leads to “queued”, where a job would be created."""
    reached, frontier = set(), ["submitted", "unconfirmed"]
    while frontier:
        for target in GENERATION[frontier.pop()].leads_to:
            if target not in reached:
                reached.add(target)
                frontier.append(target)
    assert "queued" not in reached
    assert "waiting" not in reached


def test_every_status_says_its_word_and_belongs_to_a_group():
    for machine in (ASSET, GENERATION, OWN_COPY):
        for status in machine.values():
            assert status.label
            assert status.value in machine.in_group(status.group)

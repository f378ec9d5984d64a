"""The lives of an asset, a generation and our own copy of a file, as data.

Each machine is checked when this module is imported, so a state that leads nowhere, cannot be reached or has no step
to leave it never gets as far as a test. Labels, tones and groups live here too: one badge renders them everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Tone = Literal["busy", "good", "bad", "idle"]
Group = Literal["attention", "processing", "ready"]


class BadMachine(Exception):
    """A state machine that contradicts itself."""


class ForbiddenMove(Exception):
    """A move that the machine does not allow: a mistake in our code, never in a person's input."""


@dataclass(frozen=True)
class State:
    """One state: what people read, how it is coloured, where it may lead, and which engine step carries it on."""

    value: str
    label: str
    tone: Tone
    group: Group
    leads_to: tuple[str, ...] = ()
    step: str | None = None
    upkeep: str | None = None
    """The step that a row at rest is due for now and then; it is not under way for that."""

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens unless a person asks for it."""
        return self.step is None


class Machine(Mapping[str, State]):
    """States by value, checked to be one connected, leavable whole."""

    def __init__(self, name: str, *states: State) -> None:
        self.name = name
        self.initial = states[0].value
        self._states = {state.value: state for state in states}
        self._check(states)

    def _check(self, states: tuple[State, ...]) -> None:
        if len(self._states) != len(states):
            raise BadMachine(f"{self.name}: a state is declared twice")
        for state in states:
            for target in state.leads_to:
                if target not in self._states:
                    raise BadMachine(f"{self.name}: {state.value} leads to {target}, which is not declared")
            if state.step and not state.leads_to:
                raise BadMachine(f"{self.name}: {state.value} has a step but leads nowhere")
        reached, frontier = {self.initial}, [self.initial]
        while frontier:
            for target in self._states[frontier.pop()].leads_to:
                if target not in reached:
                    reached.add(target)
                    frontier.append(target)
        if lost := set(self._states) - reached:
            raise BadMachine(f"{self.name}: {', '.join(sorted(lost))} cannot be reached from {self.initial}")

    def __getitem__(self, value: str) -> State:
        return self._states[value]

    def __iter__(self) -> Iterator[str]:
        return iter(self._states)

    def __len__(self) -> int:
        return len(self._states)

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(state.value, state.label) for state in self.values()]

    def in_group(self, *groups: Group) -> list[str]:
        return [state.value for state in self.values() if state.group in groups]

    def with_step(self, *steps: str) -> list[str]:
        return [state.value for state in self.values() if state.step in steps or state.upkeep in steps]

    def check_move(self, origin: str, target: str) -> None:
        if target not in self._states[origin].leads_to:
            raise ForbiddenMove(f"{self.name}: {origin} does not lead to {target}")


ASSET = Machine(
    "asset",
    State("checking", "Checking", "idle", "processing", ("queued", "rejected"), step="check"),
    State("rejected", "Not sent", "bad", "attention", ("queued",)),
    State("queued", "Queued", "idle", "processing", ("processing", "failed"), step="register"),
    State("processing", "Processing", "busy", "processing", ("active", "failed", "expired", "queued"), step="watch"),
    State("active", "Active", "good", "ready", ("expired", "queued"), upkeep="verify"),
    State("failed", "Failed", "bad", "attention", ("queued", "active"), upkeep="ask_once_more"),
    State("expired", "Expired", "bad", "attention", ("queued",)),
)

GENERATION = Machine(
    "generation",
    # Nobody knows its price, so a budget cannot count it: nothing happens until an admin says so (money/approving.py).
    State("approval", "Needs approval", "idle", "attention", ("waiting", "queued", "cancelled")),
    State("waiting", "Waiting for assets", "idle", "processing", ("queued", "failed", "cancelled"), step="gather"),
    State(
        "queued",
        "Queued",
        "idle",
        "processing",
        ("submitted", "unconfirmed", "waiting", "failed", "cancelled"),
        step="submit",
    ),
    State("unconfirmed", "Unconfirmed", "busy", "attention", ("submitted", "failed"), step="confirm"),
    State(
        "submitted",
        "Submitted",
        "busy",
        "processing",
        ("processing", "completed", "failed", "cancelled"),
        step="follow",
    ),
    State("processing", "Processing", "busy", "processing", ("completed", "failed", "cancelled"), step="follow"),
    # While its film is not saved, the provider is asked now and then where it is.
    State("completed", "Completed", "good", "ready", upkeep="locate"),
    # The provider may have finished it after all, as its list of jobs shows later.
    State("failed", "Failed", "bad", "attention", ("completed",), upkeep="retry"),
    State("cancelled", "Cancelled", "idle", "attention", ("completed",)),
)

OWN_COPY = Machine(
    "own copy",
    State("copying", "Saving our copy", "busy", "processing", ("saved", "lost"), step="copy"),
    # Its file may be found missing: fetched again, or given up.
    State("saved", "Saved", "good", "ready", ("copying", "lost")),
    # Looked for now and then; saved at once if it is there after all.
    State("lost", "Not saved", "bad", "attention", ("copying", "saved")),
)

CANDIDATE = Machine(
    "candidate",
    State(
        "looking",
        "Looking",
        "busy",
        "processing",
        ("ready", "refused", "unreachable", "unchecked", "known"),
        step="look",
    ),
    State("ready", "Ready", "good", "ready", ("refused", "known", "looking")),
    State("unchecked", "Not checked by us", "idle", "ready", ("known", "looking")),
    State("refused", "Would be refused", "bad", "attention", ("ready", "known", "looking")),
    State("unreachable", "Unreachable", "bad", "attention", ("known", "looking")),
    State("known", "In the library", "idle", "ready", ("looking",)),
)

"""When to start again, when to give up, and when silence means death: decisions only, no process and no clock."""

from __future__ import annotations

from dataclasses import dataclass, field

STEADY_SECONDS = 10.0
SHORTEST_PAUSE = 0.5
LONGEST_PAUSE = 5.0
MOST_FAILED_STARTS = 4


@dataclass
class Restarts:
    """How often one child has died young."""

    was_steady: bool = False
    died_young: int = 0
    failed_starts: int = 0

    def pause_after(self, lived: float, exit_code: int) -> float | None:
        """Seconds to wait before the next start, or None when another start would fail like the others.

        A child that once ran well is always started again: whatever ails it now (a database that restarts) can pass.
        So is one that was killed, which a negative exit code says: that was not its own doing.
        """
        if lived >= STEADY_SECONDS:
            self.was_steady = True
            self.died_young = 0
        self.died_young += 1
        self.failed_starts += exit_code >= 0
        if self.failed_starts >= MOST_FAILED_STARTS and not self.was_steady:
            return None
        return min(SHORTEST_PAUSE * 2 ** min(self.died_young - 1, 8), LONGEST_PAUSE)


@dataclass
class Pulse:
    """Whether signs of life still come, by the observer's clock: a laptop that slept is not taken for dead."""

    patience: float
    _seen: object = field(default=None, init=False)
    _since: float = field(default=float("-inf"), init=False)

    def has_stopped(self, sign: object, *, started: float, now: float) -> bool:
        """True when `sign` (any value that changes with each beat) has stayed the same for too long since the start."""
        if sign != self._seen:
            self._seen, self._since = sign, now
        return now - max(self._since, started) > self.patience

    def start_over(self, now: float) -> None:
        """Count from now: there was a reason for the silence."""
        self._since = now

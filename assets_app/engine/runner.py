"""The loop: claim what is due, let threads do the waiting, write each outcome in one short transaction.

A lane knows what its rows need; the runner knows threads, time and handing over. Any number of runners may run at
once, for rows are claimed; the lease only keeps them from doing the same looking twice.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from django.db import close_old_connections

from assets_app.engine import hiccups
from assets_app.engine.hiccups import HICCUPS, patiently
from assets_app.engine.waking import wake
from assets_app.models import Lease, holding

log = logging.getLogger(__name__)

# A claim outlives several renewals; a row whose worker died is free again after this, where nobody sees it die.
CLAIM_SECONDS = 20.0
RENEWAL_SECONDS = Lease.SECONDS / 4
LONGEST_NAP_SECONDS = 0.25
# Answers that come so soon after one another are written down together, and their rows' successors claimed together.
TOGETHER_SECONDS = 0.02
WORTH_STAYING_FOR_SECONDS = 10.0
WORTH_NOTICING_SECONDS = 1.0  # by which the clock is set


@dataclass(frozen=True)
class Work:
    """One call for a thread: no database in it. `rows` are the claimed rows it is about, if any."""

    call: Callable[[], Any]
    subject: Any


@dataclass(frozen=True)
class Done:
    """What a thread brought back: an answer, or the exception it ended with."""

    subject: Any
    answer: Any = None
    error: BaseException | None = None


class Lane(Protocol):
    """What a runner needs to know of a kind of work."""

    name: str
    threads: int
    # Calls under way at most, those that wait for a thread included.
    most_under_way: int
    # How much room it waits for before it claims more: a batch where calls are short, 1 where one may take minutes.
    least_room: int
    # Whether another runner may start while this one waits for its last answers: right where calls are short.
    hands_over_early: bool

    def launch(self, room: int) -> list[Work]:
        """Claim up to `room` calls' worth of due rows and say what to call."""

    def settle(self, done: Sequence[Done]) -> None:
        """Write down outcomes. Must not raise for one bad row."""

    def renew(self, subjects: Sequence[Any]) -> None:
        """Keep the claims on the rows of calls that are still under way."""

    def seconds_until_due(self) -> float | None:
        """How long until something can be launched; None when nothing is waiting."""


class WatchedClock:
    """The machine's clock beside the one that nobody can set."""

    def __init__(self) -> None:
        self.ahead_by = self._ahead_by()

    def was_set(self) -> bool:
        """Whether it has been since we looked last."""
        before, self.ahead_by = self.ahead_by, self._ahead_by()
        return abs(self.ahead_by - before) > WORTH_NOTICING_SECONDS

    def _ahead_by(self) -> float:
        return time.time() - time.monotonic()


class Runner:
    """Runs one lane for some seconds."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.holder = holding.token()

    def run(self, seconds: float, *, stopping: Callable[[], bool] = lambda: False) -> bool:
        """Work until the time is up, nothing is due soon, or `stopping()`. True when more is waiting, so that the
        caller hands over.

        False at once when another runner has the lane.
        """
        if not Lease.take(self.lane.name, self.holder):
            return False
        pool = ThreadPoolExecutor(self.lane.threads, thread_name_prefix=self.lane.name)
        under_way: dict[Future, Work] = {}
        try:
            self._loop(pool, under_way, time.monotonic() + seconds, stopping)
        finally:
            # Others may go on while we wait for our last answers: one call that hangs must not hold up every row. But
            # each runner keeps a worker, so a lane whose calls take minutes waits for its own.
            if not self.lane.hands_over_early:
                self._finish(under_way, keep_lease=True)
            patiently(lambda: Lease.give_back(self.lane.name, self.holder))
        waiting = patiently(self.lane.seconds_until_due)
        if under_way:
            if waiting is not None:
                wake(self.lane.name)
            self._finish(under_way)
            waiting = patiently(self.lane.seconds_until_due)  # the last answers may have made their rows due soon
        pool.shutdown()
        return waiting is not None and waiting < WORTH_STAYING_FOR_SECONDS

    def run_until_idle(self, rounds: int = 100) -> int:
        """Do what is due right now on this thread, round after round, until a round finds nothing. Returns the calls
        made.

        For tests and for `manage.py`: errors of our own making propagate.
        """
        calls = 0
        for _ in range(rounds):
            launched = self.lane.launch(self.lane.threads)
            if not launched:
                break
            calls += len(launched)
            self.lane.settle([_carry_out(work) for work in launched])
        return calls

    def _loop(
        self, pool: ThreadPoolExecutor, under_way: dict[Future, Work], end: float, stopping: Callable[[], bool]
    ) -> None:
        self._renew_at = time.monotonic() + RENEWAL_SECONDS
        self._clock = WatchedClock()
        is_troubled = False
        while time.monotonic() < end and not stopping():
            try:
                goes_on = self._round(pool, under_way)
            except HICCUPS as error:
                if not is_troubled:
                    hiccups.say(error)
                is_troubled = True
                hiccups.recover()
            else:
                is_troubled = False
                if not goes_on:
                    return

    def _round(self, pool: ThreadPoolExecutor, under_way: dict[Future, Work]) -> bool:
        """Launch what is due, and wait for answers or for the next row. False when there is nothing to stay for."""
        now = time.monotonic()
        if now >= self._renew_at or self._clock.was_set():  # ahead: our own claims look as if they had run out
            if not Lease.take(self.lane.name, self.holder):
                return False
            self._renew_at = now + RENEWAL_SECONDS
            self._renew(under_way)
            close_old_connections()
        room = self.lane.most_under_way - len(under_way)
        has_room = room >= self.lane.least_room or not under_way
        launched = self.lane.launch(room) if has_room else []
        for work in launched:
            under_way[pool.submit(_carry_out, work)] = work
        if under_way:
            self._collect(under_way, timeout=0.02 if launched else self._nap(has_room))
            return True
        pause = self.lane.seconds_until_due()
        if pause is None or pause > WORTH_STAYING_FOR_SECONDS:
            return False
        time.sleep(min(max(pause, 0.005), LONGEST_NAP_SECONDS))
        return True

    def _finish(self, under_way: dict[Future, Work], *, keep_lease: bool = False) -> None:
        while under_way:
            self._collect(under_way, timeout=RENEWAL_SECONDS)
            patiently(partial(self._renew, under_way))
            if keep_lease:
                patiently(partial(Lease.take, self.lane.name, self.holder))

    def _renew(self, under_way: dict[Future, Work]) -> None:
        if under_way:
            self.lane.renew([work.subject for work in under_way.values()])

    def _nap(self, has_room: bool) -> float:
        """How long to wait for an answer before looking for new work; without room for any, only an answer helps."""
        pause = self.lane.seconds_until_due() if has_room else None
        return LONGEST_NAP_SECONDS if pause is None else min(max(pause, 0.005), LONGEST_NAP_SECONDS)

    def _collect(self, under_way: dict[Future, Work], timeout: float | None) -> None:
        if wait(under_way, timeout=timeout, return_when=FIRST_COMPLETED).done:
            finished = wait(under_way, timeout=TOGETHER_SECONDS).done
            for future in finished:
                del under_way[future]
            self.lane.settle([future.result() for future in finished])


def _carry_out(work: Work) -> Done:
    try:
        return Done(work.subject, answer=work.call())
    except Exception as error:  # noqa: BLE001 - whatever a thread dies of must reach the row it was about
        return Done(work.subject, error=error)

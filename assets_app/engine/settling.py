"""What came back of the provider lane's calls: outcomes written down, whose fault a failure is, who waits how long."""

from __future__ import annotations

import logging
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from django.db import close_old_connections
from django.utils import timezone

from assets_app.apiframe.errors import ApiframeError, InsufficientCredits, RateLimited
from assets_app.engine import accounts, budget, hiccups
from assets_app.engine.hiccups import HICCUPS, patiently
from assets_app.engine.lost import give_up_on
from assets_app.engine.outcomes import Later, backoff, in_seconds
from assets_app.engine.runner import Done
from assets_app.engine.step import Step
from assets_app.engine.steps import STEPS
from assets_app.engine.waking import FILES, wake
from assets_app.models import Asset, Connection, Generation

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True)
class Single:
    """One claimed row, its step and whose account it is on."""

    connection: Connection
    step: Step
    row: Any


@dataclass(frozen=True)
class Batch:
    """Claimed generations that one list of jobs answers for."""

    connection: Connection
    rows: list[Generation]


@dataclass(frozen=True)
class Question:
    """GET /v2/me, and when it was asked."""

    connection: Connection
    at: datetime = field(default_factory=timezone.now)


@dataclass(frozen=True)
class PriceQuestion:
    """GET /v2/models."""

    connection: Connection


@dataclass
class Standing:
    """What a lane remembers of its connections from one round to the next. `strict` lets mistakes of ours propagate:
    for tests. `not_before` are moments of the clock that nobody can set.
    """

    strict: bool = False
    not_before: dict[str, float] = field(default_factory=dict)
    suspects: set[uuid.UUID] = field(default_factory=set)
    unanswered: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    being_asked: set[int] = field(default_factory=set)
    unlisted: set[uuid.UUID] = field(default_factory=set)
    under_way: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def safely(self, connection: Connection, act: Callable[[], T]) -> T | None:
        """Whatever goes wrong over one connection must not stop the others."""
        try:
            return act()
        except HICCUPS as error:
            if self.strict:
                raise
            hiccups.say(error)
            self.not_before[connection.fingerprint] = time.monotonic() + hiccups.AGAIN_SECONDS
            close_old_connections()
            return None
        except Exception:
            if self.strict:
                raise
            log.exception("%s: a mistake of ours; it is left alone for a minute", connection)
            self.not_before[connection.fingerprint] = time.monotonic() + 60
            self.postpone(connection, in_seconds(60))
            Connection.objects.filter(pk=connection.pk).exclude(problem="").update(probe_at=in_seconds(60))
            Connection.objects.filter(pk=connection.pk, problem="").update(asked_at=timezone.now())
            return None

    def postpone(self, connection: Connection, until: datetime) -> None:
        """Nothing of this team can go on before then; its rows wait, with their states and attempts as they are."""
        for model in (Asset, Generation):
            model.objects.filter(team_id=connection.team_id, claim=None, due_at__lt=until).update(due_at=until)

    def own_fault(self, step: Step, row: Any, error: BaseException) -> None:
        """A mistake of ours must not stop the others, nor come back for ever."""
        log.error("%s %s could not be settled", type(row).__name__, row.pk, exc_info=error)
        words = f"Castboard's own fault: {type(error).__name__}. The log of the worker has the details."
        if row.attempts >= step.max_attempts and "failed" in row.status.leads_to:
            if isinstance(row, Generation) and row.sent_at:
                give_up_on(row, words)
            else:
                row.move("failed", reason=words)
        else:
            row.release(due_at=in_seconds(backoff(row.attempts, cap=600)), attempts=row.attempts, last_error=words)


class Settling:
    """Writes down what a round of calls brought."""

    def __init__(self, standing: Standing) -> None:
        self.standing = standing

    def settle(self, done: Sequence[Done]) -> None:
        waiting: list[tuple[Any, Later]] = []
        for item in done:
            self.standing.under_way[item.subject.connection.pk] -= 1
            try:
                waiting += patiently(partial(self._settle, item))
            except HICCUPS:
                if self.standing.strict:
                    raise
                log.exception("An answer could not be written down; the claims on its rows run out")
        try:
            patiently(partial(release_together, waiting))
        except Exception:
            if self.standing.strict:
                raise
            log.exception("%d rows could not be let go together; their claims run out", len(waiting))

    def _settle(self, item: Done) -> list[tuple[Any, Later]]:
        match item.subject:
            case Batch(connection, rows):
                return self._settle_batch(connection, rows, item)
            case Single(connection, step, row):
                return self._settle_row(connection, step, row, item.answer, item.error)
            case PriceQuestion(connection):
                self.standing.safely(connection, partial(self._settle_prices, connection, item))
            case Question(connection, at):
                self.standing.safely(connection, partial(self._settle_question, connection, at, item))
        return []

    def _settle_question(self, connection: Connection, at: datetime, item: Done) -> None:
        self.standing.being_asked.discard(connection.pk)
        if item.error is None:
            self.standing.unanswered.pop(connection.pk, None)
            accounts.heard(connection, item.answer, at)
        elif isinstance(item.error, RateLimited):
            self._obey(connection, item.error)
        elif isinstance(item.error, ApiframeError):
            self.standing.unanswered[connection.pk] += 1
            passing = item.error.retryable and not connection.problem and self.standing.unanswered[connection.pk] < 2
            Connection.objects.filter(pk=connection.pk).update(asked_at=timezone.now())
            if passing:
                self.standing.suspects.add(connection.team_id)  # one bad answer is a hiccup, two in a row are an outage
            else:
                accounts.put_up(connection, item.error)
        elif self.standing.strict:
            raise item.error
        else:
            log.error("Asking about the account failed", exc_info=item.error)
            Connection.objects.filter(pk=connection.pk).update(asked_at=timezone.now())

    def _settle_prices(self, connection: Connection, item: Done) -> None:
        """Without an answer the old prices stand; whether the provider is there, GET /v2/me tells."""
        if item.error is None:
            accounts.heard_prices(connection, item.answer)
        elif isinstance(item.error, RateLimited):
            self._obey(connection, item.error)
        elif not isinstance(item.error, ApiframeError) and self.standing.strict:
            raise item.error
        else:
            log.info("%s: the list of models did not come: %s", connection, item.error)

    def _settle_batch(self, connection: Connection, rows: list[Generation], item: Done) -> list[tuple[Any, Later]]:
        waiting: list[tuple[Any, Later]] = []
        if isinstance(item.error, ApiframeError) and not isinstance(item.error, RateLimited):
            # A list that fails must not hide films that can be read singly.
            self.standing.unlisted.update(row.pk for row in rows)
        for row in rows:
            if item.error is None and row.job_id not in item.answer:
                self.standing.unlisted.add(row.pk)
                waiting.append((row, Later(0.0)))
                continue
            answer = item.answer[row.job_id] if item.error is None else None
            waiting += self._settle_row(connection, STEPS["follow"], row, answer, item.error)
        return waiting

    def _settle_row(
        self, connection: Connection, step: Step, row: Any, answer: Any, error: BaseException | None
    ) -> list[tuple[Any, Later]]:
        try:
            if isinstance(error, ApiframeError):
                later = self._settle_failure(connection, step, row, error)
            elif error:
                raise error  # noqa: TRY301 - a mistake of ours on a thread is treated like one here
            else:
                later = step.settle(row, answer)
                self._follow_up(connection, row)
        except HICCUPS:
            raise
        except Exception as mistake:
            if self.standing.strict:
                raise
            self.standing.own_fault(step, row, mistake)
            return []
        return [(row, later)] if later else []

    def _settle_failure(self, connection: Connection, step: Step, row: Any, error: ApiframeError) -> Later | None:
        if isinstance(error, RateLimited):
            self._not_its_fault(step, row, error, self._obey(connection, error))
            return None
        if isinstance(error, InsufficientCredits):
            accounts.cannot_pay(connection, error)
            # It goes on when there are more credits (`accounts.heard`); cheaper ones need not wait for it.
            until = in_seconds(accounts.TRY_PAYING_AGAIN_SECONDS)
            self._not_its_fault(step, row, error, until, accounts.words_for_want_of_credits(error))
            return None
        if accounts.could_be_the_connection(error):
            self.standing.suspects.add(connection.team_id)
        return step.failed(row, error)

    def _not_its_fault(self, step: Step, row: Any, error: ApiframeError, until: datetime, words: str = "") -> None:
        if not step.put_back(row, error):
            return
        row.release(due_at=until, attempts=max(0, row.attempts - 1), last_error=words or error.message)

    def _obey(self, connection: Connection, error: RateLimited) -> datetime:
        seconds = error.retry_after or 1.0
        until = in_seconds(seconds)
        if self.standing.not_before.get(connection.fingerprint, 0.0) >= time.monotonic() + seconds - 1:
            return until  # said already, by another answer of the same moment
        budget.block(connection.fingerprint, seconds)
        self.standing.not_before[connection.fingerprint] = time.monotonic() + seconds
        log.warning("%s: too many requests; nothing leaves for %.0f s", connection, seconds)
        for sharing in Connection.objects.filter(fingerprint=connection.fingerprint).select_related("team"):
            self.standing.postpone(sharing, until)
            if seconds >= accounts.WORTH_TELLING_SECONDS:
                accounts.asked_to_wait(sharing, error, until)
        return until

    def _follow_up(self, connection: Connection, row: Any) -> None:
        """What a settled row means for others: the balance has changed, or there is a film to fetch."""
        if not isinstance(row, Generation) or row.claim is not None:
            return
        if row.state in ("submitted", "completed", "failed"):
            Connection.objects.filter(pk=connection.pk).update(asked_at=None)
        if row.state == "completed":
            wake(FILES)


def release_together(waiting: Iterable[tuple[Any, Later]]) -> None:
    """Let go of rows that stay where they are: one UPDATE for all that wait equally long without an error."""
    alike: dict[tuple[Any, float], list[Any]] = defaultdict(list)
    for row, later in waiting:
        if later.error:
            row.release(due_at=in_seconds(later.seconds), attempts=row.attempts, last_error=later.error[:2000])
        else:
            alike[type(row), round(later.seconds, 1)].append(row)
    for (model, seconds), rows in alike.items():
        model.objects.filter(pk__in=[row.pk for row in rows], claim__in={row.claim for row in rows}).update(
            claim=None, claimed_until=None, attempts=0, last_error="", due_at=in_seconds(seconds)
        )

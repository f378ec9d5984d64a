"""The provider lane: every call about assets, jobs and accounts, within each key's budget."""

from __future__ import annotations

import logging
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from django.db.models import Min, Q
from django.utils import timezone

from assets_app.apiframe.client import Client
from assets_app.apiframe.errors import ApiframeError, InsufficientCredits, RateLimited
from assets_app.engine import accounts, budget
from assets_app.engine.outcomes import Later, backoff, in_seconds
from assets_app.engine.runner import CLAIM_SECONDS, Done, Work
from assets_app.engine.steps import STEPS, Follow, Step
from assets_app.engine.waking import FILES, PROVIDER, wake
from assets_app.models import Asset, Connection, Generation
from assets_app.models.sealing import Unreadable
from assets_app.models.states import ASSET, GENERATION

log = logging.getLogger(__name__)
T = TypeVar("T")

CROWDED_SECONDS = 10.0  # how long after other connections last had work their part of the threads is kept free
ROWS_PER_JOB_LIST = 100
TOGETHER_SECONDS = 0.5  # one list of jobs answers for many rows, so those almost due come along
# When both wait, so many new assets are registered for each look at one in progress: a big paste gets through, and
# still nobody's badge stands still meanwhile.
REGISTRATIONS_PER_LOOK = 4


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
    """GET /v2/me."""

    connection: Connection


class ProviderLane:
    """Claims within the budget, oldest due first; outcomes that change nothing are written in one UPDATE."""

    name = PROVIDER
    hands_over_early = True

    def __init__(
        self, *, threads: int = 16, make_client: Callable[[str, str], Client] = Client, strict: bool = False
    ) -> None:
        self.threads = threads
        self.most_under_way = threads * 3
        self.strict = strict  # let our own mistakes propagate: for tests
        self._make_client = make_client
        self._clients: dict[str, Client] = {}
        self._not_before: dict[str, float] = {}
        self._suspects: set[uuid.UUID] = set()
        self._unanswered: dict[int, int] = defaultdict(int)
        self._being_asked: set[int] = set()
        self._unlisted: set[uuid.UUID] = set()
        self._turn = 0
        self._nothing_before = 0.0
        self._registrations_since_look = 0
        self._under_way: dict[int, int] = defaultdict(int)
        self._crowded_until = 0.0

    # --- launching -----------------------------------------------------------------------------------------------

    def launch(self, room: int) -> list[Work]:
        launched: list[Work] = []
        connections = self._connections_with_work()
        for connection in connections:
            space = min(room - len(launched), self._share_of(connection, len(connections)))
            if space <= 0:
                continue
            works = self._safely(connection, partial(self._launch_for, connection, space)) or []
            self._under_way[connection.pk] += len(works)
            launched += works
        held = [self._not_before.get(connection.fingerprint, 0.0) for connection in connections]
        self._nothing_before = min(held, default=0.0)
        return launched

    def _share_of(self, connection: Connection, connections: int) -> int:
        """How many more calls a connection may have under way. Alone it may have them all; beside others only a part of
        the threads, so that a provider that hangs holds up nobody but its own team.
        """
        if connections > 1:
            self._crowded_until = time.monotonic() + CROWDED_SECONDS
        if time.monotonic() >= self._crowded_until:
            return self.threads * 3
        return max(1, self.threads // max(2, connections)) - self._under_way[connection.pk]

    def _safely(self, connection: Connection, act: Callable[[], T]) -> T | None:
        """Whatever goes wrong over one connection must not stop the others."""
        try:
            return act()
        except Exception:
            if self.strict:
                raise
            log.exception("%s: a mistake of ours; it is left alone for a minute", connection)
            self._not_before[connection.fingerprint] = time.time() + 60
            self._postpone(connection, in_seconds(60))
            Connection.objects.filter(pk=connection.pk).exclude(problem="").update(probe_at=in_seconds(60))
            Connection.objects.filter(pk=connection.pk, problem="").update(asked_at=timezone.now())
            return None

    def seconds_until_due(self) -> float | None:
        now = timezone.now()
        moments: list[datetime | None] = []
        for model in (Asset, Generation):
            connected = model.objects.filter(due_at__isnull=False, team__connection__isnull=False)
            moments.append(connected.filter(claim=None).aggregate(at=Min("due_at"))["at"])
            moments.append(connected.exclude(claim=None).aggregate(at=Min("claimed_until"))["at"])
        not_asked = Connection.objects.exclude(pk__in=self._being_asked)
        moments.append(not_asked.exclude(problem="").aggregate(at=Min("probe_at"))["at"])
        if self._suspects or not_asked.filter(asked_at=None, problem="").exists():
            moments.append(now)
        waits = [(moment - now).total_seconds() for moment in moments if moment]
        return max(0.0, self._nothing_before - time.time(), min(waits)) if waits else None

    def _connections_with_work(self) -> list[Connection]:
        now = timezone.now()
        teams: set[uuid.UUID] = set()
        for model in (Asset, Generation):
            teams.update(model.objects.due().order_by().values_list("team_id", flat=True).distinct())
        wanted = Q(team_id__in=teams | self._suspects) | Q(asked_at=None) | (~Q(problem="") & Q(probe_at__lte=now))
        connections = list(Connection.objects.filter(wanted).select_related("team").order_by("pk"))
        # Another team is first each time, so that none lives on what the others leave.
        self._turn += 1
        start = self._turn % len(connections) if connections else 0
        return connections[start:] + connections[:start]

    def _launch_for(self, connection: Connection, room: int) -> list[Work]:
        try:
            client = self._client(connection)
        except Unreadable as error:
            until = in_seconds(accounts.ASK_AGAIN_SECONDS[Connection.Problem.KEY_UNREADABLE])
            connection.notice(Connection.Problem.KEY_UNREADABLE, str(error), until)
            self._postpone(connection, until)
            return []
        except ApiframeError as error:  # what is stored can be no key
            accounts.put_up(connection, error)
            self._postpone(connection, connection.probe_at or in_seconds(30))
            return []
        if self._not_before.get(connection.fingerprint, 0.0) > time.time():
            return []
        self._not_before.pop(connection.fingerprint, None)
        works = self._ask_about(connection, client)
        if connection.stops_everything:
            self._postpone(connection, connection.probe_at or in_seconds(1))
        else:
            works += self._rows_for(connection, client, room - len(works))
        return works

    def _ask_about(self, connection: Connection, client: Client) -> list[Work]:
        due = connection.team_id in self._suspects or accounts.is_worth_asking(connection)
        if not due or connection.pk in self._being_asked or not self._granted(connection, 1):
            return []
        self._suspects.discard(connection.team_id)
        self._being_asked.add(connection.pk)
        return [Work(client.me, Question(connection))]

    def _rows_for(self, connection: Connection, client: Client, room: int) -> list[Work]:
        if room <= 0:
            return []
        generations = self._due_generations(connection)
        self._prepare_all(STEPS["gather"], Generation, generations["gather"])
        urgent = [("confirm", pk) for pk in generations["confirm"]] + [("submit", pk) for pk in generations["submit"]]
        lists, singly = self._split(generations["follow"])
        self._prepare_all(STEPS["check"], Asset, self._due_assets(connection, "check", room))
        looks = [(step, pk) for step in ("watch", "verify") for pk in self._due_assets(connection, step, room)]
        registrations = self._due_assets(connection, "register", room)
        wanted = len(urgent) + len(lists) + len(singly) + len(looks) + len(registrations)
        if not wanted:
            return []
        left = self._granted(connection, min(wanted, room))
        works: list[Work] = []
        for chunk in lists[:left]:
            works += self._follow_together(connection, client, chunk)
        left -= min(left, len(lists))
        chosen = urgent[:left]
        left -= len(chosen)
        chosen += [("follow", pk) for pk in singly[:left]]
        left -= min(left, len(singly))
        chosen += self._share(left, registrations, looks)
        for name in ("confirm", "submit", "follow", "register", "watch", "verify"):
            model = Asset if name in ("register", "watch", "verify") else Generation
            claimed = self._prepare_all(STEPS[name], model, [pk for step, pk in chosen if step == name])
            works += [self._work(connection, client, STEPS[name], row) for row in claimed]
        return works

    def _due_generations(self, connection: Connection) -> dict[str, list[uuid.UUID]]:
        found: dict[str, list[uuid.UUID]] = defaultdict(list)
        rows = (
            Generation.objects.due(within=TOGETHER_SECONDS)
            .filter(team_id=connection.team_id)
            .order_by("due_at", "created_at")
        )
        for pk, state in rows.values_list("pk", "state")[:1000]:
            step = GENERATION[state].step
            if step:
                found[step].append(pk)
        return found

    def _split(self, follow: list[uuid.UUID]) -> tuple[list[list[uuid.UUID]], list[uuid.UUID]]:
        """Generations to read through the list of jobs, and those to read one by one: a single one, and those the
        list left out.
        """
        listed = [pk for pk in follow if pk not in self._unlisted]
        singly = [pk for pk in follow if pk in self._unlisted]
        if len(listed) == 1:
            return [], singly + listed
        return [listed[at : at + ROWS_PER_JOB_LIST] for at in range(0, len(listed), ROWS_PER_JOB_LIST)], singly

    def _due_assets(self, connection: Connection, step: str, room: int) -> list[uuid.UUID]:
        due = Asset.objects.due().filter(team_id=connection.team_id, state__in=ASSET.with_step(step))
        return list(due.order_by("due_at", "created_at").values_list("pk", flat=True)[:room])

    def _share(
        self, left: int, registrations: list[uuid.UUID], looks: list[tuple[str, uuid.UUID]]
    ) -> list[tuple[str, uuid.UUID]]:
        """Divide what is left between new assets and those to look at; what one side cannot use the other gets."""
        chosen: list[tuple[str, uuid.UUID]] = []
        new, old = iter([("register", pk) for pk in registrations]), iter(looks)
        while len(chosen) < left:
            looks_turn = self._registrations_since_look >= REGISTRATIONS_PER_LOOK
            found = next(old, None) or next(new, None) if looks_turn else next(new, None) or next(old, None)
            if found is None:
                break
            chosen.append(found)
            self._registrations_since_look = self._registrations_since_look + 1 if found[0] == "register" else 0
        return chosen

    def _prepare_all(self, step: Step, model: Any, ids: list[uuid.UUID]) -> list[Any]:
        """Claim the rows and get them ready; those that need no call after all drop out."""
        if not ids:
            return []
        _token, rows = model.objects.claim(ids, CLAIM_SECONDS, within=TOGETHER_SECONDS)
        ready = []
        for row in rows:
            try:
                if step.prepare(row):
                    ready.append(row)
            except Exception as error:
                if self.strict:
                    raise
                self._own_fault(step, row, error)
        return ready

    def _work(self, connection: Connection, client: Client, step: Step, row: Any) -> Work:
        return Work(lambda: step.call(client, row), Single(connection, step, row))

    def _follow_together(self, connection: Connection, client: Client, ids: list[uuid.UUID]) -> list[Work]:
        rows = self._prepare_all(STEPS["follow"], Generation, ids)
        return [Work(lambda: Follow.read_all(client), Batch(connection, rows))] if rows else []

    def _granted(self, connection: Connection, wanted: int) -> int:
        granted = budget.take(connection.fingerprint, wanted, connection.requests_per_minute)
        if granted < wanted:
            self._not_before[connection.fingerprint] = time.time() + budget.seconds_until_free(connection.fingerprint)
        return granted

    def _client(self, connection: Connection) -> Client:
        client = self._clients.get(connection.fingerprint)
        if client is None:
            client = self._clients[connection.fingerprint] = self._make_client(connection.base_url, connection.api_key)
        return client

    def _postpone(self, connection: Connection, until: datetime) -> None:
        """Nothing of this team can go on before then; its rows wait, with their states and attempts as they are."""
        for model in (Asset, Generation):
            model.objects.filter(team_id=connection.team_id, claim=None, due_at__lt=until).update(due_at=until)

    def renew(self, subjects: Sequence[Any]) -> None:
        rows = [subject.row for subject in subjects if isinstance(subject, Single)]
        rows += [row for subject in subjects if isinstance(subject, Batch) for row in subject.rows]
        for model in (Asset, Generation):
            if tokens := {row.claim for row in rows if isinstance(row, model)}:
                model.objects.filter(claim__in=tokens).update(claimed_until=in_seconds(CLAIM_SECONDS))

    # --- settling ------------------------------------------------------------------------------------------------

    def settle(self, done: Sequence[Done]) -> None:
        waiting: list[tuple[Any, Later]] = []
        for item in done:
            self._under_way[item.subject.connection.pk] -= 1
            match item.subject:
                case Question(connection):
                    self._safely(connection, partial(self._settle_question, connection, item))
                case Batch(connection, rows):
                    waiting += self._settle_batch(connection, rows, item)
                case Single(connection, step, row):
                    waiting += self._settle_row(connection, step, row, item.answer, item.error)
        try:
            release_together(waiting)
        except Exception:
            if self.strict:
                raise
            log.exception("%d rows could not be let go together; their claims run out", len(waiting))

    def _settle_question(self, connection: Connection, item: Done) -> None:
        self._being_asked.discard(connection.pk)
        if item.error is None:
            self._unanswered.pop(connection.pk, None)
            accounts.heard(connection, item.answer)
        elif isinstance(item.error, RateLimited):
            self._obey(connection, item.error)
        elif isinstance(item.error, ApiframeError):
            self._unanswered[connection.pk] += 1
            passing = item.error.retryable and not connection.problem and self._unanswered[connection.pk] < 2
            Connection.objects.filter(pk=connection.pk).update(asked_at=timezone.now())
            if passing:
                self._suspects.add(connection.team_id)  # one bad answer is a hiccup, two in a row are an outage
            else:
                accounts.put_up(connection, item.error)
        elif self.strict:
            raise item.error
        else:
            log.error("Asking about the account failed", exc_info=item.error)
            Connection.objects.filter(pk=connection.pk).update(asked_at=timezone.now())

    def _settle_batch(self, connection: Connection, rows: list[Generation], item: Done) -> list[tuple[Any, Later]]:
        waiting: list[tuple[Any, Later]] = []
        if isinstance(item.error, ApiframeError) and not isinstance(item.error, RateLimited):
            self._unlisted.update(
                row.pk for row in rows
            )  # a list that fails must not hide films that can be read singly
        for row in rows:
            if item.error is None and row.job_id not in item.answer:
                self._unlisted.add(row.pk)
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
        except Exception as mistake:
            if self.strict:
                raise
            self._own_fault(step, row, mistake)
            return []
        return [(row, later)] if later else []

    def _settle_failure(self, connection: Connection, step: Step, row: Any, error: ApiframeError) -> Later | None:
        if isinstance(error, RateLimited):
            self._not_its_fault(step, row, error, self._obey(connection, error))
            return None
        if isinstance(error, InsufficientCredits):
            accounts.cannot_pay(connection, error)
            # It goes on when there are more credits (`accounts.heard`); cheaper ones need not wait for it.
            self._not_its_fault(step, row, error, in_seconds(accounts.TRY_PAYING_AGAIN_SECONDS))
            return None
        if accounts.could_be_the_connection(error):
            self._suspects.add(connection.team_id)
        return step.failed(row, error)

    def _not_its_fault(self, step: Step, row: Any, error: ApiframeError, until: datetime) -> None:
        step.put_back(row, error)
        row.release(due_at=until, attempts=max(0, row.attempts - 1), last_error=error.message)

    def _obey(self, connection: Connection, error: RateLimited) -> datetime:
        seconds = error.retry_after or 1.0
        until = in_seconds(seconds)
        if self._not_before.get(connection.fingerprint, 0.0) >= time.time() + seconds - 1:
            return until  # said already, by another answer of the same moment
        self._not_before[connection.fingerprint] = budget.block(connection.fingerprint, seconds)
        log.warning("%s: too many requests; nothing leaves for %.0f s", connection, seconds)
        for sharing in Connection.objects.filter(fingerprint=connection.fingerprint):
            self._postpone(sharing, until)
        return until

    def _follow_up(self, connection: Connection, row: Any) -> None:
        """What a settled row means for others: the balance has changed, or there is a film to fetch."""
        if not isinstance(row, Generation) or row.claim is not None:
            return
        if row.state in ("submitted", "completed", "failed"):
            Connection.objects.filter(pk=connection.pk).update(asked_at=None)
        if row.state == "completed":
            wake(FILES)

    def _own_fault(self, step: Step, row: Any, error: BaseException) -> None:
        """A mistake of ours must not stop the others, nor come back for ever."""
        log.error("%s %s could not be settled", type(row).__name__, row.pk, exc_info=error)
        words = f"Castboard's own fault: {type(error).__name__}. The log of the worker has the details."
        if row.attempts >= step.max_attempts and "failed" in row.status.leads_to:
            row.move("failed", reason=words)
        else:
            row.release(due_at=in_seconds(backoff(row.attempts, cap=600)), attempts=row.attempts, last_error=words)


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

"""The provider lane: every call about assets, jobs and accounts, within each key's budget."""

from __future__ import annotations

import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Min, Q
from django.utils import timezone

from assets_app.apiframe.client import Client
from assets_app.apiframe.errors import ApiframeError
from assets_app.engine import accounts, budget
from assets_app.engine.film_steps import Follow
from assets_app.engine.hiccups import HICCUPS
from assets_app.engine.outcomes import in_seconds
from assets_app.engine.runner import CLAIM_SECONDS, Work
from assets_app.engine.settling import Batch, PriceQuestion, Question, Settling, Single, Standing
from assets_app.engine.step import Step
from assets_app.engine.steps import STEPS
from assets_app.engine.waking import PROVIDER
from assets_app.models import Asset, Connection, Generation
from assets_app.models.sealing import Unreadable
from assets_app.models.states import ASSET, GENERATION

CROWDED_SECONDS = 10.0  # how long after other connections last had work their part of the threads is kept free
ROWS_PER_JOB_LIST = 100
TOGETHER_SECONDS = 0.5  # one list of jobs answers for many rows, so those almost due come along
# When both wait, so many new assets are registered for each look at one in progress: a big paste gets through, and
# still nobody's badge stands still meanwhile.
REGISTRATIONS_PER_LOOK = 4
LOOKS = ("watch", "verify", "ask_once_more")  # the steps that read an asset


class ProviderLane:
    """Claims within the budget, oldest due first; outcomes that change nothing are written in one UPDATE."""

    name = PROVIDER
    hands_over_early = True

    def __init__(
        self, *, threads: int = 16, make_client: Callable[[str, str], Client] = Client, strict: bool = False
    ) -> None:
        self.threads = threads
        self.most_under_way = threads * 3
        self.least_room = threads
        self.standing = Standing(strict=strict)
        self.settle = Settling(self.standing).settle
        self._make_client = make_client
        self._clients: dict[str, Client] = {}
        self._turn = 0
        self._nothing_before = 0.0
        self._registrations_since_look = 0
        self._crowded_until = 0.0

    # --- launching -----------------------------------------------------------------------------------------------

    def launch(self, room: int) -> list[Work]:
        launched: list[Work] = []
        connections = self._connections_with_work()
        for connection in connections:
            space = min(room - len(launched), self._share_of(connection, len(connections)))
            if space <= 0:
                continue
            works = self.standing.safely(connection, partial(self._launch_for, connection, space)) or []
            self.standing.under_way[connection.pk] += len(works)
            launched += works
        held = [self.standing.not_before.get(connection.fingerprint, 0.0) for connection in connections]
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
        return max(1, self.threads // max(2, connections)) - self.standing.under_way[connection.pk]

    def seconds_until_due(self) -> float | None:
        now = timezone.now()
        moments: list[datetime | None] = []
        for model in (Asset, Generation):
            connected = model.objects.filter(due_at__isnull=False, team__connection__isnull=False)
            moments.append(connected.filter(claim=None).aggregate(at=Min("due_at"))["at"])
            moments.append(connected.exclude(claim=None).aggregate(at=Min("claimed_until"))["at"])
        not_asked = Connection.objects.exclude(pk__in=self.standing.being_asked)
        moments.append(not_asked.exclude(problem="").aggregate(at=Min("probe_at"))["at"])
        if self.standing.suspects or not_asked.filter(asked_at=None, problem="").exists():
            moments.append(now)
        waits = [(moment - now).total_seconds() for moment in moments if moment]
        return max(0.0, self._nothing_before - time.monotonic(), min(waits)) if waits else None

    def _connections_with_work(self) -> list[Connection]:
        now = timezone.now()
        teams: set[uuid.UUID] = set()
        for model in (Asset, Generation):
            teams.update(model.objects.due().order_by().values_list("team_id", flat=True).distinct())
        concerned = teams | self.standing.suspects
        wanted = Q(team_id__in=concerned) | Q(asked_at=None) | (~Q(problem="") & Q(probe_at__lte=now))
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
            self.standing.postpone(connection, until)
            return []
        except ApiframeError as error:  # what is stored can be no key
            accounts.put_up(connection, error)
            self.standing.postpone(connection, connection.probe_at or in_seconds(30))
            return []
        if self.standing.not_before.get(connection.fingerprint, 0.0) > time.monotonic():
            return []
        self.standing.not_before.pop(connection.fingerprint, None)
        works = self._ask_about(connection, client) + self._ask_for_prices(connection, client)
        if connection.stops_everything:
            self.standing.postpone(connection, connection.probe_at or in_seconds(1))
        else:
            works += self._rows_for(connection, client, room - len(works))
        return works

    def _ask_about(self, connection: Connection, client: Client) -> list[Work]:
        due = connection.team_id in self.standing.suspects or accounts.is_worth_asking(connection)
        if not due or connection.pk in self.standing.being_asked or not self._granted(connection, 1):
            return []
        self.standing.suspects.discard(connection.team_id)
        self.standing.being_asked.add(connection.pk)
        return [Work(client.me, Question(connection))]

    def _ask_for_prices(self, connection: Connection, client: Client) -> list[Work]:
        """Now and then, when the connection is looked at anyway."""
        if not accounts.takes_on_prices(connection) or not self._granted(connection, 1):
            return []
        return [Work(partial(client.models, "video"), PriceQuestion(connection))]

    def _rows_for(self, connection: Connection, client: Client, room: int) -> list[Work]:
        if room <= 0:
            return []
        generations = self._due_generations(connection)
        self._prepare_all(connection, STEPS["retry"], Generation, generations["retry"])
        self._prepare_all(connection, STEPS["gather"], Generation, generations["gather"])
        urgent = [("confirm", pk) for pk in generations["confirm"]] + [("submit", pk) for pk in generations["submit"]]
        lists, singly = self._split(generations["follow"])
        self._prepare_all(connection, STEPS["check"], Asset, self._due_assets(connection, "check", room))
        looks = [(step, pk) for step in LOOKS for pk in self._due_assets(connection, step, room)]
        registrations = self._due_assets(connection, "register", room)
        unsaved = generations["locate"]
        wanted = len(urgent) + len(lists) + len(singly) + len(unsaved) + len(looks) + len(registrations)
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
        chosen += [("locate", pk) for pk in unsaved[:left]]
        left -= min(left, len(unsaved))
        chosen += self._share(left, registrations, looks)
        for name in ("confirm", "submit", "follow", "locate", "register", *LOOKS):
            model = Asset if name in ("register", *LOOKS) else Generation
            claimed = self._prepare_all(connection, STEPS[name], model, [pk for step, pk in chosen if step == name])
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
            step = GENERATION[state].step or GENERATION[state].upkeep
            if step:
                found[step].append(pk)
        return found

    def _split(self, follow: list[uuid.UUID]) -> tuple[list[list[uuid.UUID]], list[uuid.UUID]]:
        """Generations to read through the list of jobs, and those to read one by one: a single one, and those the
        list left out.
        """
        listed = [pk for pk in follow if pk not in self.standing.unlisted]
        singly = [pk for pk in follow if pk in self.standing.unlisted]
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

    def _prepare_all(self, connection: Connection, step: Step, model: Any, ids: list[uuid.UUID]) -> list[Any]:
        """Claim the rows and get them ready to be asked about with this connection's key; those that need no call after
        all drop out.
        """
        if not ids:
            return []
        _token, rows = model.objects.claim(ids, CLAIM_SECONDS, within=TOGETHER_SECONDS)
        ready = []
        for row in rows:
            row.asked_with, row.seconds_between_looks = connection.fingerprint, connection.seconds_between_looks
            try:
                if step.prepare(row):
                    ready.append(row)
            except HICCUPS:
                raise
            except Exception as error:
                if self.standing.strict:
                    raise
                self.standing.own_fault(step, row, error)
        return ready

    def _work(self, connection: Connection, client: Client, step: Step, row: Any) -> Work:
        return Work(lambda: step.call(client, row), Single(connection, step, row))

    def _follow_together(self, connection: Connection, client: Client, ids: list[uuid.UUID]) -> list[Work]:
        rows = self._prepare_all(connection, STEPS["follow"], Generation, ids)
        return [Work(lambda: Follow.read_all(client), Batch(connection, rows))] if rows else []

    def _granted(self, connection: Connection, wanted: int) -> int:
        granted = budget.take(connection.fingerprint, wanted, connection.requests_per_minute)
        if granted < wanted:
            free_in = budget.seconds_until_free(connection.fingerprint)
            self.standing.not_before[connection.fingerprint] = time.monotonic() + free_in
        return granted

    def _client(self, connection: Connection) -> Client:
        client = self._clients.get(connection.fingerprint)
        if client is None:
            client = self._clients[connection.fingerprint] = self._make_client(connection.base_url, connection.api_key)
        return client

    def renew(self, subjects: Sequence[Any]) -> None:
        rows = [subject.row for subject in subjects if isinstance(subject, Single)]
        rows += [row for subject in subjects if isinstance(subject, Batch) for row in subject.rows]
        for model in (Asset, Generation):
            if tokens := {row.claim for row in rows if isinstance(row, model)}:
                model.objects.filter(claim__in=tokens).update(claimed_until=in_seconds(CLAIM_SECONDS))

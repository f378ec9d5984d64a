"""A cancel between any two steps of the engine: what says cancelled is never sent, what says too late really was."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from assets_app.apiframe.errors import ApiframeError, BadRequest, Conflict, InsufficientCredits, RateLimited, TimedOut
from assets_app.apiframe.results import JobAccepted, JobStatus
from assets_app.engine.provider import ProviderLane
from assets_app.engine.runner import Runner
from assets_app.engine.settling import Settling, Standing
from assets_app.engine.steps import STEPS
from assets_app.models import Asset, Cancel, Connection, Generation, NewReference, Team
from tests.engine.conftest import wait_until
from tests.views.scene import make_asset, make_generation

pytestmark = pytest.mark.django_db(transaction=True)

ANSWERS: dict[str, ApiframeError | None] = {
    "takes it": None,
    "asks to wait": RateLimited("Slow down.", status=429, retry_after=1.0),
    "wants credits": InsufficientCredits("Insufficient credits", status=402, required=16, available=3),
    "refuses it": BadRequest("Validation failed", status=400),
    "is out of reach": TimedOut("No connection in time."),
    "never answers": TimedOut("No answer in time.", maybe_done=True),
    "knows the key": Conflict("In progress", status=409),
}
TAKEN = {"takes it"}
MAY_HAVE_TAKEN = {"never answers", "knows the key"}


@dataclass
class Provider:
    """Counts what reaches it. Once it took a film, or might have, its list of jobs stays silent."""

    answer: ApiframeError | None
    sent: int = 0

    def submit(self, _row: Generation) -> JobAccepted:
        self.sent += 1
        if self.answer:
            raise self.answer
        return JobAccepted(job_id=f"job-{uuid.uuid4()}", status=JobStatus.QUEUED, raw_status="QUEUED")


@dataclass
class Person:
    """Read the film's page at first, and presses Cancel before the engine's n-th statement."""

    film: Generation
    by: User
    presses_at: int
    statements: int = 0
    outcome: Cancel | None = None
    sent_when_pressed: int = -1
    provider: Provider = field(default_factory=lambda: Provider(None))

    def __call__(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        """Stands between the engine and the database, outside of transactions: in one, nobody else gets between."""
        if not connection.in_atomic_block:
            self.may_press()
        return execute(sql, *rest)

    def may_press(self) -> None:
        if self.outcome is None:
            if self.statements == self.presses_at:
                self.press()
            self.statements += 1

    def press(self) -> None:
        self.outcome = Cancel.OVER  # the statements of the press itself are not counted
        self.sent_when_pressed = self.provider.sent
        self.outcome = self.film.cancel(self.by)


def rounds_of_the_engine(person: Person, standing: Standing) -> None:
    """From waiting for its asset to the end of the first submit, and once more: what came back is sent again."""
    team_connection = Connection.objects.get()
    for step_name in ("gather", "submit", "submit"):
        Generation.objects.filter(due_at__isnull=False, claim=None).update(due_at=timezone.now())
        state = {"gather": "waiting", "submit": "queued"}[step_name]
        ids = list(Generation.objects.due().filter(state=state).values_list("pk", flat=True))
        step = STEPS[step_name]
        for row in Generation.objects.claim(ids, 20)[1] if ids else []:
            if not step.prepare(row):
                continue
            answer, error = None, None
            try:
                person.may_press()  # before it arrives
                answer = person.provider.submit(row)
            except ApiframeError as why:
                error = why
            person.may_press()  # before its answer is written down
            Settling(standing)._settle_row(team_connection, step, row, answer, error)


@pytest.fixture
def active(team: Team) -> Asset:
    asset = make_asset(team)
    Asset.objects.update(verified_at=timezone.now())
    return asset


def scenario(team: Team, asset: Asset, editor: User, answer: str, presses_at: int) -> Person:
    Generation.objects.all().delete()
    Connection.objects.update(problem="")
    film = make_generation(team, "queued", references=[NewReference("reference_image", "image", asset=asset)])
    Generation.objects.update(state="waiting")
    film.refresh_from_db()
    person = Person(film, editor, presses_at)
    person.provider = Provider(ANSWERS[answer])
    with connection.execute_wrapper(person):
        rounds_of_the_engine(person, Standing(strict=True))
    return person


def check(person: Person, answer: str) -> None:
    film, provider = Generation.objects.get(), person.provider
    came_after = provider.sent - person.sent_when_pressed
    told = f"{answer}, pressed before statement {person.presses_at}: {person.outcome}, {film.state}"
    match person.outcome:
        case Cancel.DONE:
            assert film.state == "cancelled", told
            assert came_after == 0, told
            assert film.sent_at is None, told
        case Cancel.ASKED if answer in TAKEN:
            assert film.state == "submitted", told
        case Cancel.ASKED if answer in MAY_HAVE_TAKEN:
            assert film.state == "unconfirmed", told
        case Cancel.ASKED:
            assert film.state == "cancelled", told
            assert came_after <= 1, told  # the one that was being sent, and was not taken
        case Cancel.UNKNOWN:
            assert answer in MAY_HAVE_TAKEN, told
            assert (film.state, came_after) == ("unconfirmed", 0), told
        case Cancel.TOO_LATE:
            assert answer in TAKEN, told
            assert film.job_id, told
        case Cancel.OVER:
            assert film.state == "failed", told
        case _:
            pytest.fail(told)
    if person.outcome in (Cancel.ASKED, Cancel.UNKNOWN):
        assert (film.cancel_asked_by, film.events.filter(actor=person.by).exists()) == (person.by, True), told


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_cancel_before_any_statement_of_the_engine_says_what_comes_true(answer, team, active, editor):
    seen: set[Cancel] = set()
    at = 0
    while True:
        person = scenario(team, active, editor, answer, presses_at=at)
        if person.outcome is None:
            break
        check(person, answer)
        seen.add(person.outcome)
        at += 1
    assert at > 10
    assert {Cancel.DONE, Cancel.ASKED} <= seen


@pytest.mark.parametrize("claimed", [True, False], ids=["claimed meanwhile", "let go meanwhile"])
def test_a_film_whose_claim_changed_since_the_page_was_made_is_cancelled_all_the_same(claimed, team, editor):
    film = make_generation(team, "queued")
    (by_the_engine,) = Generation.objects.claim([film.pk], 20)[1]
    seen = film if claimed else Generation.objects.get()
    if not claimed:
        by_the_engine.release(due_at=timezone.now())
    assert seen.cancel(editor) is Cancel.DONE
    assert Generation.objects.get().state == "cancelled"


def test_a_second_press_says_the_same_and_keeps_whose_wish_it_was_first(team, editor, admin):
    film = make_generation(team, "queued")
    Generation.objects.update(sent_at=timezone.now())
    assert [film.cancel(editor), film.cancel(admin)] == [Cancel.ASKED, Cancel.ASKED]
    assert Generation.objects.get().cancel_asked_by == editor
    assert film.events.filter(actor=editor).count() == 1
    assert not film.events.filter(actor=admin).exists()


def test_cancelled_twice_is_cancelled(team, editor):
    film = make_generation(team, "queued")
    assert [film.cancel(editor), film.cancel(editor)] == [Cancel.DONE, Cancel.DONE]


def test_what_was_taken_tells_in_its_history_that_somebody_had_asked(team, editor, active):
    film = make_generation(team, "queued")
    (row,) = Generation.objects.claim([film.pk], 20)[1]
    assert STEPS["submit"].prepare(row)
    assert film.cancel(editor) is Cancel.ASKED
    STEPS["submit"].settle(row, Provider(None).submit(row))
    assert "the provider took it" in film.events.get(to_state="submitted").reason


def test_presses_while_an_engine_really_runs_come_true(team, sandbox, editor, new_generation):
    """With threads of their own, so that the databases' own locks decide."""
    stop = threading.Event()

    def run() -> None:
        while not stop.is_set():
            Runner(ProviderLane(threads=4)).run(seconds=1, stopping=stop.is_set)
        connection.close()

    engine = threading.Thread(target=run)
    outcomes: dict[uuid.UUID, Cancel] = {}
    with ExitStack() as stack:
        stack.callback(engine.join)
        stack.callback(stop.set)
        engine.start()
        for number in range(10):
            film = new_generation(prompt=f"A lighthouse {number}")
            if number % 2:
                wait_until(
                    lambda pk=film.pk: Generation.objects.filter(pk=pk).exclude(claim=None, sent_at=None).exists()
                )
            outcomes[film.pk] = film.cancel(editor)
        ended = Generation.objects.filter(state__in=["cancelled", "completed"])
        wait_until(lambda: ended.count() == 10)
    jobs = sandbox.stats()["jobs_per_idempotency_key"]
    for film in Generation.objects.all():
        was_sent = jobs.get(str(film.pk), 0)
        assert was_sent == (film.state == "completed")
        if outcomes[film.pk] is Cancel.DONE:
            assert film.state == "cancelled"
        if outcomes[film.pk] is Cancel.TOO_LATE:
            assert was_sent

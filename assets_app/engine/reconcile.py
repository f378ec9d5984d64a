"""Comparing the provider's list of jobs with ours, page by page, from the newest back to where it was compared before.

Each page is written down when it is done, so a worker that dies costs one page, and a page that is read twice changes
nothing the second time. It shares the key's budget with everything else, and stops rather than wait long for it.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from assets_app.apiframe.client import Client
from assets_app.apiframe.errors import ApiframeError, BadRequest, NotFound, RateLimited
from assets_app.apiframe.results import Job, JobPage, JobStatus
from assets_app.engine import budget, differences
from assets_app.engine.finding import CLOCKS_DIFFER_BY, echoes, is_all_older
from assets_app.engine.outcomes import backoff, in_seconds
from assets_app.engine.runner import CLAIM_SECONDS
from assets_app.engine.step import words_of
from assets_app.models import Comparison, Connection, Discrepancy, Generation, Team
from assets_app.models.sealing import Unreadable
from assets_app.models.states import GENERATION

log = logging.getLogger(__name__)
T = TypeVar("T")

REACHES_BACK = timedelta(days=7)
LOOKS_TWICE_WITHIN = timedelta(hours=48)  # a film may be lost, or a charge changed, after its job was compared
MOST_PAGES = 20
MOST_PAGES_OF_ALL = 2000
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
LIST_MAY_LAG = timedelta(minutes=15)  # a job of this age need not be listed yet
MOST_READ_SINGLY = 100  # in one go; jobs beyond are listed without their prompt
LONGEST_WAIT_FOR_BUDGET = 5.0
AFTER_TROUBLE = 600.0
TRIES = 6
UNDER_WAY = [state.value for state in GENERATION.values() if not state.is_final and state.value != "unconfirmed"]


class OutOfTime(Exception):
    """The budget has nothing left soon enough, or somebody else goes on with this comparison."""


def ask(team: Team, *, all_of_it: bool = False) -> bool:
    """Have the team's comparison begin now, as far back as usual or to the first job there is; False when one is under
    way.
    """
    row, _made = Comparison.objects.get_or_create(team=team)
    if row.is_under_way:
        return False
    with transaction.atomic():
        team.next_revision()
        anew = {"began_at": None, "cursor": "", "pages": 0} if all_of_it else {}
        Comparison.objects.filter(pk=row.pk).update(
            due_at=timezone.now(), attempts=0, last_error="", reads_all=all_of_it, **anew
        )
        transaction.on_commit(send)
    return True


def send() -> None:
    """Have a worker look for comparisons that are due. Lost, the schedule finds them."""
    from django_q.tasks import async_task

    try:
        async_task("assets_app.tasks.reconcile", task_name="reconcile")
    except Exception as error:  # noqa: BLE001 - whatever a broker of any make raises, the row is written
        log.warning("No worker could be told to compare jobs (%s); the schedule will", type(error).__name__)


def run_due(seconds: float, *, make_client: Callable[[str, str], Client] = Client) -> bool:
    """Go on with every comparison that is due, for so many seconds. True when some are left that may go on at once."""
    end = time.monotonic() + seconds
    _make_missing()
    for pk in list(Comparison.objects.due().order_by("due_at").values_list("pk", flat=True)):
        if time.monotonic() >= end:
            return True
        compare(pk, end=end, make_client=make_client)
    return Comparison.objects.due().exists()


def _make_missing() -> None:
    for team in Team.objects.filter(connection__isnull=False, comparison=None):
        row, made = Comparison.objects.get_or_create(team=team)
        if made:
            Comparison.objects.filter(pk=row.pk).update(due_at=row.next_night())


def compare(
    pk: int,
    *,
    end: float | None = None,
    make_client: Callable[[str, str], Client] = Client,
    page_size: int = 100,
    most_pages: int = MOST_PAGES,
) -> None:
    """Go on with one team's comparison until it is done or the monotonic clock says `end`."""
    _token, rows = Comparison.objects.claim([pk], CLAIM_SECONDS)  # type: ignore[list-item]
    for row in rows:
        connection = Connection.objects.select_related("team").filter(team_id=row.team_id).first()
        if connection is None:
            row.release(due_at=row.next_night())
            continue
        if connection.stops_everything:
            row.release(due_at=in_seconds(AFTER_TROUBLE), last_error="The connection to the provider is not well.")
            continue
        try:
            with make_client(connection.base_url, connection.api_key) as client:
                reading = Reading(row, connection, client, end, page_size, most_pages)
                reading.go_on()
        except OutOfTime:
            row.release(due_at=in_seconds(1))
        except Unreadable as error:
            row.release(due_at=in_seconds(AFTER_TROUBLE), last_error=str(error))
        except ApiframeError as error:
            _try_again(row, connection, error)
        except Exception:
            log.exception("%s: a mistake of ours; the other teams go on", row)
            _put_off(row, AFTER_TROUBLE, "Castboard's own fault. The log of the worker has the details.")


def _try_again(row: Comparison, connection: Connection, error: ApiframeError) -> None:
    if isinstance(error, RateLimited):
        budget.block(connection.fingerprint, error.retry_after or 1.0)
    if isinstance(error, BadRequest):
        Comparison.objects.filter(pk=row.pk, claim=row.claim).update(cursor="", pages=0, jobs=0, began_at=None)
    wait = max(backoff(row.attempts, cap=AFTER_TROUBLE), error.retry_after or 0)
    _put_off(row, wait, words_of(error))


def _put_off(row: Comparison, seconds: float, why: str) -> None:
    until = in_seconds(seconds) if row.attempts < TRIES else row.next_night()
    row.release(due_at=until, attempts=row.attempts if row.attempts < TRIES else 0, last_error=why)
    with transaction.atomic():
        row.team.next_revision()  # the page says what went wrong


class Reading:
    """One go at a team's list of jobs."""

    def __init__(
        self,
        row: Comparison,
        connection: Connection,
        client: Client,
        end: float | None,
        page_size: int,
        most_pages: int,
    ) -> None:
        self.row = row
        self.connection = connection
        self.team = connection.team
        self.client = client
        self.end = end
        self.page_size = page_size
        self.most_pages = most_pages
        self.read_singly = 0

    def go_on(self) -> None:
        """Page by page to the end. Raises OutOfTime and ApiframeError; what was done is written down."""
        if self.row.began_at is None or self.row.fingerprint != self.connection.fingerprint:
            self._begin()
        while True:
            cursor = self.row.cursor or None
            page = self._asked(partial(self.client.list_jobs, self.page_size, cursor))
            reached = self.row.reaches_to is not None and is_all_older(page, self.row.reaches_to)
            if not reached:
                self._settle(page.jobs)
            if self._turn(page, reached=reached):
                return

    def _begin(self) -> None:
        now = timezone.now()
        differences.close_what_is_settled(self.team, before=now)
        same_list = self.row.fingerprint == self.connection.fingerprint
        before = self.row.compared_until if same_list else None
        reaches_to = max(now - REACHES_BACK, before - LOOKS_TWICE_WITHIN) if before else now - REACHES_BACK
        if self.row.reads_all:
            reaches_to = BEGINNING
        self._write(
            began_at=now,
            fingerprint=self.connection.fingerprint,
            compared_until=before,
            reaches_to=reaches_to,
            cursor="",
            pages=0,
            jobs=0,
            newest=None,
            unfinished=None,
            unreadable=0,
            oldest=None,
        )

    def _turn(self, page: JobPage, *, reached: bool) -> bool:
        """Write the page down as done. True when it was the last: it leads nowhere, or it lies before all that is
        compared. One old job among newer ones says nothing about those after it.
        """
        made = [job.created_at for job in page.jobs if job.created_at]
        row = self.row
        pages = row.pages + 1
        newest = max(filter(None, [row.newest, *made]), default=None)
        jobs = row.jobs + (0 if reached else len(page.jobs))
        oldest = max(made, default=row.oldest)
        unreadable = row.unreadable + page.unreadable
        read = {"pages": pages, "jobs": jobs, "newest": newest, "oldest": oldest, "unreadable": unreadable}
        is_end = reached or not page.has_more
        if not is_end and pages < (MOST_PAGES_OF_ALL if row.reads_all else self.most_pages):
            self._write(cursor=page.next_cursor or "", attempts=0, **read)
            return False
        covers_from = None
        if not unreadable:  # which may have been any
            covers_from = row.reaches_to if is_end else oldest
        not_covered = self._look_for_ours(covers_from)
        until = row.unfinished or newest or row.compared_until
        with transaction.atomic():
            self.team.next_revision()
            self._write(
                compared_until=until and min(until, timezone.now()),  # the provider's clock may be wrong
                finished_at=timezone.now(),
                jobs_compared=jobs,
                is_whole=is_end,
                **read,
                covers_from=covers_from,
                not_covered=not_covered,
                began_at=None,
                cursor="",
                reads_all=False,
            )
        row.release(due_at=row.next_night())
        return True

    # --- ours that it does not list ----------------------------------------------------------------------------------
    def _look_for_ours(self, covers_from: datetime | None) -> int:
        """Put before the admins what counts here and was not listed, as far back as the list was read whole; each is
        asked about by name first, up to so many. Returns how many of ours no reading said anything about.
        """
        counted = self.team.generations.counted_jobs()
        began_at = self.row.began_at or timezone.now()
        if covers_from is None:
            return counted.count()
        of_this_key = Q(sent_with__in=("", self.connection.fingerprint))
        in_reach = Q(sent_at__gte=covers_from + CLOCKS_DIFFER_BY, sent_at__lte=began_at - LIST_MAY_LAG)
        unlisted = counted.filter(of_this_key & in_reach).filter(Q(listed_at=None) | Q(listed_at__lt=began_at))
        ids = list(unlisted.order_by("sent_at").values_list("pk", flat=True))
        asked, known = self._asked_by_name(ids)
        differences.list_unlisted(self.team, [pk for pk in ids if pk not in known], asked, covers_from)
        not_compared = Q(listed_at=None) & ~Q(discrepancies__kind=Discrepancy.Kind.NOT_LISTED)
        settled_by_now = Q(sent_at__gt=began_at - LIST_MAY_LAG)
        return counted.filter(not_compared).exclude(settled_by_now).count()

    def _asked_by_name(self, ids: Sequence[uuid.UUID]) -> tuple[set[uuid.UUID], set[uuid.UUID]]:
        """Which of these the provider was asked about by name, and which it knows, for a list may leave out what is
        there. Ends early rather than hold up everything else.
        """
        asked: set[uuid.UUID] = set()
        known: set[uuid.UUID] = set()
        for film in Generation.objects.filter(pk__in=ids[:MOST_READ_SINGLY]).select_related("team").order_by("sent_at"):
            try:
                job = self._asked(partial(self.client.get_job, film.job_id))
            except NotFound:
                asked.add(film.pk)
            except OutOfTime:
                break
            else:
                known.add(film.pk)
                Generation.objects.filter(pk=film.pk).update(listed_at=self.row.began_at)
                differences.settle_listed(self.team, [film.job_id])
                if job.status.is_final:
                    differences.settle(film, job)
        return asked, known

    def _write(self, **columns: object) -> None:
        mine = Comparison.objects.filter(pk=self.row.pk, claim=self.row.claim)
        if not mine.update(claimed_until=in_seconds(CLAIM_SECONDS), **columns):
            raise OutOfTime
        for name, value in columns.items():
            setattr(self.row, name, value)

    def _asked(self, call: Callable[[], T]) -> T:
        """The answer, when the key's budget lets the question leave soon."""
        give_up = time.monotonic() + LONGEST_WAIT_FOR_BUDGET
        while not budget.take(self.connection.fingerprint, 1, self.connection.requests_per_minute):
            wait = budget.seconds_until_free(self.connection.fingerprint)
            if time.monotonic() + wait > give_up:
                raise OutOfTime
            time.sleep(max(0.005, wait))
        if self.end is not None and time.monotonic() >= self.end:
            raise OutOfTime
        return call()

    # --- what a page says ----------------------------------------------------------------------------------------
    def _settle(self, jobs: Sequence[Job]) -> None:
        # Before looking which jobs are known: one that was on its way to us is then either here or there.
        on_their_way = self._without_a_job(UNDER_WAY)
        rows = Generation.objects.filter(job_id__in=[job.id for job in jobs]).select_related("team")
        known = {generation.job_id: generation for generation in rows}
        self._note_listed(known)
        given_up = self._without_a_job(["failed", "unconfirmed"])
        listed = set(
            self.team.discrepancies.filter(
                kind=Discrepancy.Kind.UNKNOWN_JOB, job_id__in=[job.id for job in jobs]
            ).values_list("job_id", flat=True)
        )
        for job in jobs:
            ours = known.get(job.id)
            if not job.status.is_final:
                self._goes_on(job)
                if ours and ours.team_id == self.team.pk:
                    differences.note_unfinished(ours, job)
            elif ours:
                if ours.team_id == self.team.pk:
                    differences.settle(ours, job)
            elif any(_may_be(generation, job) for generation in on_their_way):
                self._goes_on(job)
            elif job.id not in listed:
                self._settle_unknown(job, [each for each in given_up if _may_be(each, job)])

    def _note_listed(self, known: dict[str, Generation]) -> None:
        ids = [generation.pk for generation in known.values()]
        Generation.objects.filter(pk__in=ids).update(listed_at=self.row.began_at)
        differences.settle_listed(self.team, list(known))

    def _goes_on(self, job: Job) -> None:
        """It will be compared next time."""
        made = [moment for moment in (self.row.unfinished, job.created_at) if moment]
        if made and min(made) != self.row.unfinished:
            self._write(unfinished=min(made))

    def _settle_unknown(self, job: Job, given_up: list[Generation]) -> None:
        """A job that no generation has: of one that we lost sight of, or of another client with the same key. Failed,
        it cost nothing, and nobody needs to know.
        """
        if job.status is not JobStatus.COMPLETED and not given_up:
            return
        job = self._with_input(job)
        for generation in given_up:
            if not generation.job_id and echoes(job, generation.request or {}):
                generation.job_id = job.id  # of two equal takes each has its own
                if generation.team_id == self.team.pk:
                    differences.adopt(generation, job)
                return
        if job.status is JobStatus.COMPLETED:
            differences.list_unknown(self.team, job)

    def _with_input(self, job: Job) -> Job:
        """The list leaves it out (FACTS §3)."""
        if self.read_singly >= MOST_READ_SINGLY:
            return job
        self.read_singly += 1
        try:
            return self._asked(partial(self.client.get_job, job.id))
        except NotFound:
            return job

    def _without_a_job(self, states: list[str]) -> list[Generation]:
        """Sent with this very key, by whichever team, and never heard of since."""
        since = (self.row.reaches_to or timezone.now()) - CLOCKS_DIFFER_BY
        sent = Generation.objects.filter(sent_with=self.connection.fingerprint, job_id="", sent_at__gte=since)
        return list(sent.filter(state__in=states).select_related("team").order_by("sent_at")[:MOST_READ_SINGLY])


def _may_be(generation: Generation, job: Job) -> bool:
    """Whether the job may be what was sent for this one: the same model, and not made before."""
    if generation.model != job.model or generation.sent_at is None:
        return False
    return job.created_at is None or job.created_at >= generation.sent_at - CLOCKS_DIFFER_BY

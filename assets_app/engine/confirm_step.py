"""What became of a generation that was sent and got no answer: the provider's list of jobs says, and at last a person.

That it never ran is never concluded: a list may be minutes behind, and a key may be forgotten (the promise of FACTS §2
was read, not measured: FACTS §9). So its sum stays held until the job is found, or somebody says what became of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from assets_app.apiframe.client import Client
from assets_app.apiframe.errors import ApiframeError, BadRequest, NotFound
from assets_app.apiframe.results import JobAccepted
from assets_app.engine import budget
from assets_app.engine.film_steps import CONFLICT, OTHER_KEY, accepted, fingerprint_of, keep_name, sent_with_this_key
from assets_app.engine.finding import Search, find_job, is_equal
from assets_app.engine.lost import give_up_on
from assets_app.engine.outcomes import Later, age, backoff
from assets_app.engine.step import Step, words_of
from assets_app.models import Connection, Generation
from assets_app.models.due import Due
from assets_app.models.generation import GenerationQuerySet

# So long, and so many looks, a list is silent before the same key is sent again. The looks alone take as long: a clock
# that jumps does not shorten it.
SILENT_FOR = timedelta(minutes=5)
SILENT_LOOKS = 8
MOST_REPLAYS = 12
LOOKS_FOR = timedelta(days=30)
NOT_THERE = "The provider's list of jobs does not have it so far."
TOO_LONG = "The provider's list of jobs is too long to tell."
TWIN = "The job that was found is that of an equal film."
RIVALS = "The job that was found may be that of an equal film."
NOBODY_KNOWS = (
    "We could not find out whether the provider ever made this film. "
    "Look into its own list of jobs before you make it again: it may have been charged."
)


class Confirm(Step):
    """An unconfirmed generation is looked for in the provider's list of jobs. When that has been silent for minutes,
    the same key is sent again, right after one more look, where that is sure to be no second job.
    """

    max_attempts = 100_000  # a mistake of ours over it ends nothing either
    least_looks = 100

    def prepare(self, row: Generation) -> bool:
        row.jobs_of_others = frozenset(jobs_of_others(row))
        # With another key the same Idempotency-Key could be another account's, and this a second job.
        row.is_same_account = sent_with_this_key(row)
        self.mind_the_clock(row)
        row.rivals = self.rivals_of(row)
        row.is_to_be_replayed = self.may_be_replayed(row) and self.write_replay_down(row)
        return True

    def mind_the_clock(self, row: Generation) -> None:
        """Once the same key could be forgotten it is never sent again, also when the clock is set back after that. What
        was sent in the future was sent before now, at a time that nobody knows.
        """
        if row.may_be_replayed or row.replays >= MOST_REPLAYS:
            return
        row.replays = MOST_REPLAYS
        row.sent_at = min(row.sent_at or row.created_at, timezone.now())
        mine(row).update(replays=row.replays, sent_at=row.sent_at)

    def may_be_replayed(self, row: Generation) -> bool:
        last_sent = row.replayed_at or row.sent_at
        has_been_silent = last_sent is not None and age(last_sent) >= SILENT_FOR.total_seconds()
        return self.its_key_will_tell(row) and has_been_silent and row.attempts > SILENT_LOOKS

    def its_key_will_tell(self, row: Generation) -> bool:
        """Whether to send it again is still to come, which leads to its own job and to no other's."""
        is_wanted = row.key_known_at is None and row.replays < MOST_REPLAYS and row.cancel_asked_at is None
        return is_wanted and row.is_same_account and row.may_be_replayed

    def rivals_of(self, row: Generation) -> int:
        """How many equal ones have no answer either. Whoever takes another's job leaves it without one for good, so the
        list is believed only as far as it has one for each, as long as the key can tell them apart.
        """
        return len(rivals_of(row)) if self.its_key_will_tell(row) else 0

    def write_replay_down(self, row: Generation) -> bool:
        """Before it is sent: from then on the list may be behind again. False for one that somebody asked to cancel."""
        still_wanted = mine(row).filter(cancel_asked_at=None)
        return bool(still_wanted.update(replays=F("replays") + 1, replayed_at=timezone.now()))

    def take_replay_back(self, row: Generation) -> None:
        """The key was not sent again after all, or surely not taken."""
        mine(row).update(replays=row.replays, replayed_at=row.replayed_at)

    def call(self, client: Client, row: Generation) -> JobAccepted | Search:
        found = find_job(client, row, row.jobs_of_others, row.rivals)
        if found.job or not found.complete or not row.is_to_be_replayed:
            return found
        row.was_replayed = True
        return client.generate_video(row.request or {}, row.idempotency_key)

    def settle(self, row: Generation, answer: JobAccepted | Search) -> Later | None:
        if isinstance(answer, JobAccepted):
            return self.found(row, answer.job_id)
        budget.charge(row.team.connection, answer.requests - 1)  # one was planned for
        if row.is_to_be_replayed:
            self.take_replay_back(row)
        if answer.job:
            return self.found(row, answer.job.id)
        return self.look_on(row, _why(row, answer))

    def found(self, row: Generation, job_id: str) -> Later | None:
        with transaction.atomic():
            row.team.next_revision()  # of two equal films that find the same job at once, the first has it
            if Generation.objects.filter(job_id=job_id).exclude(pk=row.pk).exists():
                if row.was_replayed:  # its own key led to it: no further replay would say anything else
                    mine(row).update(key_known_at=timezone.now())
                return Later(self.wait(row), error=TWIN)
            if not row.was_replayed and self.rivals_of(row) > row.rivals:  # sent while the list was read
                return Later(self.wait(row), error=RIVALS)
            is_taken = accepted(row, job_id)
        if row.was_replayed and not is_taken:
            keep_name(row, job_id)
        return None

    def look_on(self, row: Generation, why: str) -> Later | None:
        if age(row.state_since) < LOOKS_FOR.total_seconds() or row.attempts < self.least_looks:
            return Later(self.wait(row), error=why)
        give_up_on(row, NOBODY_KNOWS)
        return None

    def failed(self, row: Generation, error: ApiframeError) -> Later | None:
        """None of it says that the first request never arrived. Nor does a 400 to the replay: the body may be looked at
        before the key is, and an asset in it may have died since. (FACTS §4 tells of the 400 to a first request.)
        """
        if row.is_to_be_replayed and not row.was_replayed:
            self.take_replay_back(row)
        elif row.was_replayed and error.status == CONFLICT:
            mine(row).update(key_known_at=timezone.now())
        elif row.was_replayed and isinstance(error, BadRequest | NotFound):
            mine(row).update(replays=MOST_REPLAYS)
        elif row.was_replayed and error.maybe_done:
            row.attempts = 0  # the list may be behind again, so its silence counts from here
        elif row.was_replayed:
            self.take_replay_back(row)
        return self.look_on(row, words_of(error))

    def put_back(self, row: Generation, error: ApiframeError) -> bool:
        if row.is_to_be_replayed:
            self.take_replay_back(row)
        return True

    def wait(self, row: Due) -> float:
        """Rarer the longer nothing was found: after an hour every quarter of one, after a day every hour."""
        since = age(row.state_since)  # type: ignore[attr-defined]
        return backoff(row.attempts, cap=120.0 if since < 3600 else 900.0 if since < 86_400 else 3600.0)


def _why(row: Generation, search: Search) -> str:
    if not row.is_same_account:
        return OTHER_KEY
    return NOT_THERE if search.complete else TOO_LONG


def mine(row: Generation) -> GenerationQuerySet:
    return Generation.objects.filter(pk=row.pk, claim=row.claim)


def rivals_of(generation: Generation) -> list[Generation]:
    """Those who asked for the same with the same key, and were not told of a job."""
    teams = Connection.objects.filter(fingerprint=fingerprint_of(generation)).values("team_id")
    sent = Generation.objects.filter(team_id__in=teams, state__in=["queued", "unconfirmed"], job_id="")
    others = sent.filter(model=generation.model, sent_at__isnull=False).exclude(pk=generation.pk)[:1000]
    return [other for other in others if is_equal(other.request or {}, generation.request or {})]


def jobs_of_others(generation: Generation) -> Iterator[str]:
    """The latest jobs of all teams that share the key: none of them is what became of this one."""
    sharing = Connection.objects.filter(fingerprint=fingerprint_of(generation))
    for team_id in sharing.values_list("team_id", flat=True):
        others = Generation.objects.filter(team_id=team_id).exclude(pk=generation.pk).exclude(job_id="")
        yield from others.order_by("-created_at", "-id").values_list("job_id", flat=True)[:1000]

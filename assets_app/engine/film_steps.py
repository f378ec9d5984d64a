"""What one generation does next, from waiting for its assets to the end of its job."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from assets_app.apiframe.catalogue import UnknownModel
from assets_app.apiframe.client import Client
from assets_app.apiframe.errors import ApiframeError, NotFound
from assets_app.apiframe.results import Job, JobAccepted, JobStatus
from assets_app.engine import retrying
from assets_app.engine.asking import ask_first_about
from assets_app.engine.completing import complete
from assets_app.engine.doubting import turn_down
from assets_app.engine.lost import give_up_on
from assets_app.engine.outcomes import Later, goes_on_for_ever, in_seconds, look_again
from assets_app.engine.step import Step, is_quoted, words_of
from assets_app.models import Asset, Connection, Generation, Team
from assets_app.models.cancelling import CAME_TOO_LATE
from assets_app.origin import absolute

log = logging.getLogger(__name__)

RENDERING_FOR_EVER = timedelta(days=7).total_seconds()
KNOWN_JOB_STATUSES = {status.value for status in JobStatus}
CONFLICT = 409  # in whatever words: this key came before
NOBODY_SAYS = "The provider was never heard to finish it. Its own list of jobs says what became of it, and its cost."
OTHER_KEY = "It was sent with another key than the present one, and goes on when that one is back."


def assets_of(generation: Generation) -> list[Asset]:
    return [reference.asset for reference in generation.references.select_related("asset") if reference.asset]


def may_be_used(asset: Asset) -> bool:
    return asset.state == "active" and asset.is_fresh


class Gather(Step):
    """A waiting generation goes on when all its assets are Active, by the provider's word of the last hour. Nothing to
    ask the provider here: those not heard of for longer become due to be verified.
    """

    def prepare(self, row: Generation) -> bool:
        assets = assets_of(row)
        lost = [asset for asset in assets if asset.status.group == "attention"]
        if lost:
            names = ", ".join(f"“{asset.name}”" for asset in lost)
            row.move("failed", reason=f"Never sent, nothing charged: {names} did not become Active.")
        elif all(may_be_used(asset) for asset in assets):
            row.move("queued")
        else:
            stale = [asset.pk for asset in assets if asset.state == "active" and not asset.is_fresh]
            ask_first_about(stale)
            row.release(due_at=in_seconds(look_again(row.state_since, at_least=1.0)))
        return False


class Submit(Step):
    """A queued generation is sent: written down first, so that whatever happens next, it is never sent as a second
    job.
    """

    def prepare(self, row: Generation) -> bool:
        if row.sent_at is not None:
            # A worker died between sending and hearing back. What it sent may be running, and charged for.
            row.move("unconfirmed", reason="The answer to our request was lost.")
            return False
        if not all(may_be_used(asset) for asset in assets_of(row)):
            row.move("waiting", request=None)  # never sent so far: an asset registered anew will have another id
            return False
        if not self.write_request(row):  # anew each time: an asset may have another id than when it was put off
            return False
        return self.write_down(row)

    def write_down(self, row: Generation) -> bool:
        """That it is sent now, and with which key. False when it is not to be: cancelled, or with a key that the team
        exchanged a moment ago. Whoever exchanges a key or deletes a team holds its lock, and looks for what was sent.
        """
        with transaction.atomic():
            Team.objects.select_for_update().filter(pk=row.team_id).first()
            if row.asked_with not in ("", fingerprint_of(row)):
                row.release(due_at=timezone.now())
                return False
            row.sent_at, row.sent_with = timezone.now(), fingerprint_of(row)
            mine = Generation.objects.filter(pk=row.pk, claim=row.claim, state="queued", cancel_asked_at=None)
            return bool(mine.update(request=row.request, sent_at=row.sent_at, sent_with=row.sent_with))

    def write_request(self, row: Generation) -> bool:
        """False for one that cannot be asked for any more, because the catalogue changed while it waited."""
        try:
            row.request = row.build_request(webhook_url_of(row))
        except (UnknownModel, ValueError) as why:
            row.move(
                "failed", reason=f"Never sent, nothing charged: the model is not offered like this any more. {why}"
            )
            return False
        return True

    def call(self, client: Client, row: Generation) -> JobAccepted:
        return client.generate_video(row.request or {}, row.idempotency_key)

    def settle(self, row: Generation, answer: JobAccepted) -> None:
        try:
            is_kept = accepted(row, answer.job_id)
        except Exception:
            log.critical("Paid, id not stored: film %s is job %s at the provider", row.pk, answer.job_id)
            raise
        if not is_kept:
            keep_name(row, answer.job_id)

    def failed(self, row: Generation, error: ApiframeError) -> Later | None:
        if error.maybe_done or error.status == CONFLICT:
            known = timezone.now() if error.status == CONFLICT else None
            row.move("unconfirmed", reason=words_of(error), due_at=in_seconds(self.wait(row)), key_known_at=known)
            return None
        return super().failed(row, error) if self.put_back(row, error) else None

    def give_up(self, row: Generation, error: ApiframeError) -> None:
        turn_down(row, words_of(error), is_quote=is_quoted(error))

    def put_back(self, row: Generation, error: ApiframeError) -> bool:
        return error.maybe_done or row.come_back()


def accepted(row: Generation, job_id: str) -> bool:
    """The provider has it, as this job. False when somebody else moved the row first."""
    found = {"job_id": job_id, "due_at": in_seconds(row.seconds_between_looks), "note": {"job_id": job_id}}
    return row.move("submitted", expecting={"cancel_asked_at": None}, **found) or row.move(
        "submitted", reason=CAME_TOO_LATE, **found
    )


def keep_name(row: Generation, job_id: str) -> None:
    """Somebody else has the row by now; whatever they make of it, what was paid for must not lose its name."""
    log.error("Film %s was moved while the provider took it as job %s", row.pk, job_id)
    with transaction.atomic():
        now = Generation.objects.filter(pk=row.pk).first()
        if now is None or now.job_id == job_id:
            return
        now = now.locked()
        if not now.job_id:
            Generation.objects.filter(pk=row.pk).update(job_id=job_id)
        now.say(None, f"The provider took it as job {job_id}, which was paid for, when it was out of our hands already")


def fingerprint_of(generation: Generation) -> str:
    """Which key and provider its team talks with now."""
    return Connection.objects.values_list("fingerprint", flat=True).get(team_id=generation.team_id)


def sent_with_this_key(generation: Generation) -> bool:
    """Whether the key that it is asked about with is the one that it was sent with."""
    return generation.sent_with in ("", generation.asked_with or fingerprint_of(generation))


class Follow(Step):
    """A submitted generation is read until its job ends: every few seconds, and at once when a webhook came. A finished
    film has been paid for, so this gives up last of all, and what it gives up counts on.
    """

    max_attempts = 600  # two days at the longest wait
    longest_wait = 300.0
    believed_after = 12  # not even a 404 is believed at once

    def call(self, client: Client, row: Generation) -> Job:
        return client.get_job(row.job_id)

    def settle(self, row: Generation, answer: Job) -> Later | None:
        match answer.status:
            case JobStatus.COMPLETED:
                complete(row, answer)
            case JobStatus.FAILED:
                words = answer.error or "The provider gave no reason."
                turn_down(
                    row,
                    words,
                    is_quote=bool(answer.error),
                    provider_answer=dict(answer.raw),
                    credit_cost=answer.credit_cost,
                    due_at=timezone.now() if retrying.is_worth_it(row, words) else None,
                )
            case JobStatus.CANCELLED:
                row.move("cancelled", reason="Cancelled by the provider.", provider_answer=dict(answer.raw))
            case JobStatus.PROCESSING if row.state == "submitted":
                row.move("processing", progress=answer.progress, due_at=in_seconds(row.seconds_between_looks))
            case _ if goes_on_for_ever(row, RENDERING_FOR_EVER, since=row.created_at):
                words = f"After a week the provider still says “{answer.raw_status}”."
                give_up_on(row, words, provider_answer=dict(answer.raw))
            case _:
                self._note_progress(row, answer)
                return Later(look_again(row.state_since, at_least=row.seconds_between_looks))
        return None

    def _note_progress(self, row: Generation, job: Job) -> None:
        if job.raw_status not in KNOWN_JOB_STATUSES and row.provider_answer != job.raw:
            Generation.objects.filter(pk=row.pk, claim=row.claim).update(provider_answer=dict(job.raw))
        if job.progress is None or job.progress == row.progress:
            return
        with transaction.atomic():
            revision = Team(pk=row.team_id).next_revision()
            Generation.objects.filter(pk=row.pk, claim=row.claim).update(progress=job.progress, revision=revision)

    def failed(self, row: Generation, error: ApiframeError) -> Later | None:
        if isinstance(error, NotFound) and row.attempts < self.max_attempts and not sent_with_this_key(row):
            return Later(self.wait(row), error=OTHER_KEY)  # that another account does not know it says nothing
        if row.attempts < self.believed_after:
            return Later(self.wait(row), error=words_of(error))
        return super().failed(row, error)

    def give_up(self, row: Generation, error: ApiframeError) -> None:
        give_up_on(row, f"{NOBODY_SAYS} The last answer was: {words_of(error)}")

    @staticmethod
    def read_all(client: Client) -> dict[str, Job]:
        """The newest hundred jobs by id, in one request."""
        return {job.id: job for job in client.list_jobs(limit=100).jobs}


class Retry(Step):
    """A film that failed because the provider had no room is asked for again; the failed row is due until that is
    written down. Nothing to ask the provider here.
    """

    max_attempts = 5

    def prepare(self, row: Generation) -> bool:
        words = ""
        if row.attempts <= self.max_attempts:
            words = retrying.try_again(row)
        row.release(due_at=None, last_error=words)
        return False


def webhook_url_of(generation: Generation) -> str | None:
    """Where the provider may nudge us; None unless we are told our own public address and the team wants it."""
    if not settings.PUBLIC_URL or not generation.team.connection.webhooks:
        return None
    return absolute(None, reverse("webhook-apiframe", args=[generation.webhook_token]))

"""What one row does next: each state's step, from our row to the provider and back.

`prepare` and `settle` touch our database and run on the engine's own thread; `call` talks to the provider and runs on
a pool thread without a database. A step that is refused for good ends its row with the provider's words; one that
merely failed comes back later.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any, BinaryIO, ClassVar, cast

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from assets_app.apiframe.client import Client
from assets_app.apiframe.errors import ApiframeError, BadRequest, Conflict, NotFound
from assets_app.apiframe.results import AssetCreated, AssetStatus, Job, JobAccepted, JobStatus, ProviderAsset, Upload
from assets_app.engine.outcomes import Later, age, backoff, in_seconds, look_again
from assets_app.judging import facts_of, problems_with, refusal
from assets_app.models import Asset, Generation, Original, Team, Video
from assets_app.models.asset import FileToSend
from assets_app.models.due import Due
from assets_app.models.states import ASSET, GENERATION

SECONDS_BETWEEN_LOOKS = 0.5
NEW_ASSETS_MAY_BE_UNKNOWN_FOR = 30.0
PROCESSING_FOR_EVER = timedelta(hours=24).total_seconds()
KNOWN_ASSET_STATUSES = {status.value.lower() for status in AssetStatus}


class Step:
    """One step of one state. The defaults suit a step that may simply be tried again."""

    max_attempts: ClassVar[int] = 12
    longest_wait: ClassVar[float] = 120.0

    def prepare(self, row: Any) -> bool:
        """Get ready on our side. False: there is nothing to send, the row has been moved or let go."""
        return True

    def call(self, client: Client, row: Any) -> Any:
        """Ask the provider. Raises ApiframeError."""
        raise NotImplementedError

    def settle(self, row: Any, answer: Any) -> Later | None:
        """Write down what came of it; Later when the row stays where it is."""
        raise NotImplementedError

    def failed(self, row: Any, error: ApiframeError) -> Later | None:
        """The call failed and the provider as a whole is well: again later, or the end of this row."""
        if isinstance(error, BadRequest | NotFound | Conflict) or row.attempts >= self.max_attempts:
            return self.give_up(row, error)
        return Later(self.wait(row), error=words_of(error))

    def put_back(self, row: Any, error: ApiframeError) -> None:
        """The call failed for a reason that has nothing to do with this row. Undo what `prepare` wrote, if the
        provider cannot have it.
        """

    def give_up(self, row: Any, error: ApiframeError) -> Later | None:
        row.move("failed", reason=words_of(error))
        return None

    def wait(self, row: Due) -> float:
        return backoff(row.attempts, cap=self.longest_wait)


def words_of(error: ApiframeError) -> str:
    """The provider's words, with its complaints about single fields; they are explained when shown."""
    details = "; ".join(f"{path}: {', '.join(said)}" for path, said in getattr(error, "details", {}).items())
    return f"{error.message} ({details})" if details else error.message


class Check(Step):
    """An uploaded file is not sent before we have looked into it. Nothing to ask the provider."""

    def prepare(self, row: Asset) -> bool:
        original = Original.objects.get(pk=row.pk)
        if original.in_flight:
            row.release(due_at=in_seconds(look_again(row.state_since, at_least=0.5)))
        elif not original.is_saved:
            row.move("rejected", reason=original.reason)
        else:
            media_type = original.media_type
            problems = problems_with(facts_of(original), media_type, is_upload=True)
            if said := refusal(problems):
                row.move("rejected", reason=said, media_type=media_type)
            else:
                row.move("queued", media_type=media_type)
        return False


class Register(Step):
    """A queued asset is created with the provider. Our own copy, where that is what is registered, is uploaded first,
    as a request of its own: the provider keeps uploads for about an hour (FACTS §5), so one that was sent before a
    worker died is used or, when it is too old, sent again.
    """

    longest_upload = timedelta(minutes=45)

    def prepare(self, row: Asset) -> bool:
        if row.needs_upload:
            original = Original.objects.get(pk=row.pk)
            if not original.file:
                row.move("failed", reason="Our own copy of the file is gone, and there is no source to fetch it from.")
                return False
            row.to_send = FileToSend(str(original.file.name), original.content_type)
        return True

    def call(self, client: Client, row: Asset) -> AssetCreated | Upload:
        if row.to_send is None:
            return client.create_asset(row.upload_url if row.sends_copy else row.source_url, row.media_type)
        with default_storage.open(row.to_send.name) as file:
            return client.upload(cast("BinaryIO", file), PurePosixPath(row.to_send.name).name, row.to_send.content_type)

    def settle(self, row: Asset, answer: AssetCreated | Upload) -> Later | None:
        if isinstance(answer, Upload):
            until = min(filter(None, [answer.expires_at, timezone.now() + self.longest_upload]))
            mine = Asset.objects.filter(pk=row.pk, claim=row.claim)
            mine.update(upload_url=answer.url, upload_until=until)
            return Later(0)
        row.move(
            "processing",
            provider_id=answer.asset_id,
            provider_answer={},
            due_at=in_seconds(SECONDS_BETWEEN_LOOKS),
            note={"provider_id": answer.asset_id},
            upload_url="",
            upload_until=None,
        )
        return None


class Watch(Step):
    """A processing asset is read until it is Active or Failed."""

    def call(self, client: Client, row: Asset) -> ProviderAsset:
        return client.get_asset(row.provider_id)

    def settle(self, row: Asset, answer: ProviderAsset) -> Later | None:
        if answer.status is AssetStatus.ACTIVE:
            row.move(
                "active",
                provider_answer=dict(answer.raw),
                active_at=timezone.now(),
                took_seconds=age(row.state_since),
            )
        elif answer.status is AssetStatus.FAILED:
            words = answer.error_message or "The provider gave no reason."
            row.move("failed", reason=words, provider_answer=dict(answer.raw))
        elif age(row.state_since) > PROCESSING_FOR_EVER:
            row.move("failed", reason="Still processing after 24 hours.", provider_answer=dict(answer.raw))
        else:
            self._remember_the_unknown(row, answer)
            return Later(look_again(row.state_since, at_least=SECONDS_BETWEEN_LOOKS))
        return None

    def _remember_the_unknown(self, row: Asset, answer: ProviderAsset) -> None:
        if answer.raw_status.lower() not in KNOWN_ASSET_STATUSES and row.provider_answer != answer.raw:
            Asset.objects.filter(pk=row.pk, claim=row.claim).update(provider_answer=dict(answer.raw))

    def failed(self, row: Asset, error: ApiframeError) -> Later | None:
        if isinstance(error, NotFound) and age(row.state_since) < NEW_ASSETS_MAY_BE_UNKNOWN_FOR:
            return Later(self.wait(row), error=words_of(error))
        return super().failed(row, error)

    def give_up(self, row: Asset, error: ApiframeError) -> None:
        row.move("expired" if isinstance(error, NotFound) else "failed", reason=words_of(error))


class Gather(Step):
    """A waiting generation goes on when all its assets are Active. Nothing to ask the provider."""

    def prepare(self, row: Generation) -> bool:
        assets = [reference.asset for reference in row.references.select_related("asset") if reference.asset]
        lost = [asset for asset in assets if asset.status.group == "attention"]
        if lost:
            names = ", ".join(f"“{asset.name}”" for asset in lost)
            row.move("failed", reason=f"Never sent, nothing charged: {names} did not become Active.")
        elif all(asset.state == "active" for asset in assets):
            row.move("queued")
        else:
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
        if row.request is None:
            assets = [reference.asset for reference in row.references.select_related("asset") if reference.asset]
            if any(asset.state != "active" for asset in assets):
                row.move("waiting")
                return False
            row.request = row.build_request(webhook_url_of(row))
        row.sent_at = timezone.now()
        mine = Generation.objects.filter(pk=row.pk, claim=row.claim)
        return bool(mine.update(request=row.request, sent_at=row.sent_at))

    def call(self, client: Client, row: Generation) -> JobAccepted:
        return client.generate_video(row.request or {}, row.idempotency_key)

    def settle(self, row: Generation, answer: JobAccepted) -> None:
        row.move("submitted", job_id=answer.job_id, due_at=in_seconds(1), note={"job_id": answer.job_id})

    def failed(self, row: Generation, error: ApiframeError) -> Later | None:
        if error.maybe_done or isinstance(error, Conflict):
            row.move("unconfirmed", reason=words_of(error), due_at=in_seconds(self.wait(row)))
            return None
        self.put_back(row, error)
        return super().failed(row, error)

    def put_back(self, row: Generation, error: ApiframeError) -> None:
        if not error.maybe_done:
            Generation.objects.filter(pk=row.pk, claim=row.claim).update(sent_at=None)


class Confirm(Step):
    """An unconfirmed generation finds out what became of it: the same key again while that is safe, else the
    provider's list of jobs.
    """

    max_attempts = 40
    replays = 12

    def call(self, client: Client, row: Generation) -> JobAccepted | Job | None:
        if row.may_be_replayed and row.attempts <= self.replays:
            return client.generate_video(row.request or {}, row.idempotency_key)
        return find_job(client, row)

    def settle(self, row: Generation, answer: JobAccepted | Job | None) -> None:
        job_id = answer.job_id if isinstance(answer, JobAccepted) else answer.id if answer else ""
        if job_id and not Generation.objects.filter(team_id=row.team_id, job_id=job_id).exclude(pk=row.pk).exists():
            row.move("submitted", job_id=job_id, due_at=in_seconds(1), note={"job_id": job_id})
        else:
            row.move(
                "failed", reason="The provider has no such job: our request never arrived, and nothing was charged."
            )

    def failed(self, row: Generation, error: ApiframeError) -> Later | None:
        if isinstance(error, Conflict) and row.attempts <= self.replays:
            Generation.objects.filter(pk=row.pk, claim=row.claim).update(attempts=self.replays)  # the list will tell
            row.attempts = self.replays
            return Later(1, error=words_of(error))
        return super().failed(row, error)


def find_job(client: Client, generation: Generation, *, pages: int = 5, candidates: int = 20) -> Job | None:
    """The job whose echoed input is our request, among those made since it was sent; None when there is none.

    The list leaves `input` out, single jobs have it (FACTS §3). Bounded in pages and candidates read.
    """
    earliest = (generation.sent_at or generation.created_at) - timedelta(minutes=5)
    cursor: str | None = None
    left = candidates
    for _ in range(pages):
        page = client.list_jobs(limit=100, cursor=cursor)
        for listed in page.jobs:
            if listed.created_at and listed.created_at < earliest:
                return None
            if listed.model != generation.model or not left:
                continue
            left -= 1
            job = client.get_job(listed.id)
            if echoes(job, generation.request or {}):
                return job
        cursor = page.next_cursor
        if not page.has_more or not cursor:
            return None
    return None


def echoes(job: Job, request: dict[str, Any]) -> bool:
    """Whether the job's input says what our request said; the provider may add to it."""
    said = job.input or {}
    return all(said.get(key) == value for key, value in request.items() if not key.startswith("webhook"))


class Follow(Step):
    """A submitted generation is read until its job ends. A finished film has been paid for, so this gives up last of
    all.
    """

    max_attempts = 600  # two days at the longest wait
    longest_wait = 300.0

    def call(self, client: Client, row: Generation) -> Job:
        return client.get_job(row.job_id)

    def settle(self, row: Generation, answer: Job) -> Later | None:
        match answer.status:
            case JobStatus.COMPLETED:
                self._complete(row, answer)
            case JobStatus.FAILED:
                words = answer.error or "The provider gave no reason."
                row.move("failed", reason=words, provider_answer=dict(answer.raw), credit_cost=answer.credit_cost)
            case JobStatus.CANCELLED:
                row.move("cancelled", reason="Cancelled by the provider.", provider_answer=dict(answer.raw))
            case JobStatus.PROCESSING if row.state == "submitted":
                row.move("processing", progress=answer.progress, due_at=in_seconds(1))
            case _:
                self._note_progress(row, answer)
                return Later(look_again(row.state_since, at_least=1.0))
        return None

    def _complete(self, row: Generation, job: Job) -> None:
        url = job.result_urls[0] if job.result_urls else ""
        with transaction.atomic():
            moved = row.move(
                "completed",
                progress=100,
                credit_cost=job.credit_cost,
                completed_at=job.completed_at or timezone.now(),
                provider_answer=dict(job.raw),
            )
            if moved and url:
                Video.objects.create(
                    generation=row, team_id=row.team_id, source_url=url, state="copying", due_at=timezone.now()
                )
            elif moved:
                words = "The provider reports the film as finished but gave no address for it."
                Video.objects.create(generation=row, team_id=row.team_id, source_url="", state="lost", reason=words)

    def _note_progress(self, row: Generation, job: Job) -> None:
        if job.progress is None or job.progress == row.progress:
            return
        with transaction.atomic():
            revision = Team(pk=row.team_id).next_revision()
            Generation.objects.filter(pk=row.pk, claim=row.claim).update(progress=job.progress, revision=revision)

    def failed(self, row: Generation, error: ApiframeError) -> Later | None:
        if row.attempts < 12:
            return Later(self.wait(row), error=words_of(error))  # not even a 404 is believed at once
        return super().failed(row, error)

    @staticmethod
    def read_all(client: Client) -> dict[str, Job]:
        """The newest hundred jobs by id, in one request."""
        return {job.id: job for job in client.list_jobs(limit=100).jobs}


def webhook_url_of(generation: Generation) -> str | None:
    """Where the provider may nudge us; None unless we are told our own public address and the team wants it."""
    if not settings.PUBLIC_URL or not generation.team.connection.webhooks:
        return None
    return settings.PUBLIC_URL + reverse("webhook-apiframe", args=[generation.webhook_token])


STEPS: dict[str, Step] = {
    "check": Check(),
    "register": Register(),
    "watch": Watch(),
    "gather": Gather(),
    "submit": Submit(),
    "confirm": Confirm(),
    "follow": Follow(),
}

for _machine in (ASSET, GENERATION):
    for _state in _machine.values():
        if _state.step and _state.step not in STEPS:
            raise LookupError(f"{_machine.name}: {_state.value} needs the step {_state.step}, which nobody wrote")

"""What one row does next: each state's step, from our row to the provider and back.

`prepare` and `settle` touch our database and run on the engine's own thread; `call` talks to the provider and runs on
a pool thread without a database. A step that is refused for good ends its row with the provider's words; one that
merely failed comes back later.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any, BinaryIO, ClassVar, cast

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from assets_app.apiframe.catalogue import UnknownModel
from assets_app.apiframe.client import Client
from assets_app.apiframe.errors import ApiframeError, BadRequest, Conflict, NotFound
from assets_app.apiframe.results import AssetCreated, AssetStatus, Job, JobAccepted, JobStatus, ProviderAsset, Upload
from assets_app.engine import budget, retrying
from assets_app.engine.completing import complete
from assets_app.engine.finding import Search, find_job
from assets_app.engine.outcomes import Later, age, backoff, in_seconds, look_again
from assets_app.judging import facts_of, problems_with, refusal
from assets_app.models import Asset, Connection, Generation, MadeBy, Original, Team
from assets_app.models.asset import FileToSend
from assets_app.models.due import Due
from assets_app.models.states import ASSET, GENERATION

SECONDS_BETWEEN_LOOKS = 0.5
NEW_ASSETS_MAY_BE_UNKNOWN_FOR = 30.0
PROCESSING_FOR_EVER = timedelta(hours=24).total_seconds()
RENDERING_FOR_EVER = timedelta(days=7).total_seconds()
KNOWN_JOB_STATUSES = {status.value for status in JobStatus}
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
            # A film was judged when somebody asked for it as a reference, and may be tried all the same.
            if row.made_by != MadeBy.FILM and (said := refusal(problems)):
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
            note={"provider_id": answer.asset_id} | _instead_of(row.previous_provider_id),
            previous_provider_id="",
            upload_url="",
            upload_until=None,
        )
        return None


def _instead_of(provider_id: str) -> dict[str, str]:
    return {"previous_provider_id": provider_id} if provider_id else {}


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
                verified_at=timezone.now(),
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


class Verify(Step):
    """An Active asset that nobody has asked about for long is read once more. What the provider does not have any more,
    or not Active, is registered again; a provider that does not answer proves nothing, and the asset stays as it is.
    """

    believed_after = 2  # a single 404 may be a hiccup

    def call(self, client: Client, row: Asset) -> ProviderAsset:
        return client.get_asset(row.provider_id)

    def settle(self, row: Asset, answer: ProviderAsset) -> None:
        is_lost = answer.status is not AssetStatus.ACTIVE and answer.raw_status.lower() in KNOWN_ASSET_STATUSES
        if is_lost:
            words = answer.error_message or answer.raw_status
            row.renew(f"The provider’s copy is not Active any more: {words}")
        else:
            Asset.objects.filter(pk=row.pk, claim=row.claim).update(verified_at=timezone.now())
            row.release(due_at=None)

    def failed(self, row: Asset, error: ApiframeError) -> Later | None:
        if isinstance(error, NotFound) and row.attempts < self.believed_after:
            return Later(1, error=words_of(error))
        return super().failed(row, error)

    def give_up(self, row: Asset, error: ApiframeError) -> None:
        if isinstance(error, NotFound):
            row.renew(words_of(error))
        else:
            row.release(due_at=None, last_error=words_of(error))


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
            Asset.objects.filter(pk__in=stale, state="active", due_at=None).update(due_at=timezone.now())
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
        row.sent_at, row.sent_with = timezone.now(), fingerprint_of(row)
        mine = Generation.objects.filter(pk=row.pk, claim=row.claim)
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
        if not row.move("submitted", job_id=answer.job_id, due_at=in_seconds(1), note={"job_id": answer.job_id}):
            # Somebody else has the row by now; whatever they make of it, the job's name must not be lost.
            Generation.objects.filter(pk=row.pk, job_id="").update(job_id=answer.job_id)

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

    def prepare(self, row: Generation) -> bool:
        row.jobs_of_others = frozenset(jobs_of_others(row))
        # With another key the same Idempotency-Key could be another account's, and this a second job.
        row.is_same_account = row.sent_with in ("", fingerprint_of(row))
        return True

    def call(self, client: Client, row: Generation) -> JobAccepted | Search:
        if row.is_same_account and row.may_be_replayed and row.attempts <= self.replays:
            return client.generate_video(row.request or {}, row.idempotency_key)
        return find_job(client, row, row.jobs_of_others)

    def settle(self, row: Generation, answer: JobAccepted | Search) -> Later | None:
        if isinstance(answer, JobAccepted):
            job_id = answer.job_id
        else:
            budget.charge(row.team.connection, answer.requests - 1)  # one was planned for
            job_id = answer.job.id if answer.job else ""
            if job_id and Generation.objects.filter(job_id=job_id).exclude(pk=row.pk).exists():
                return Later(self.wait(row), error="The job that was found is that of an equal film.")  # found just now
        if job_id:
            row.move("submitted", job_id=job_id, due_at=in_seconds(1), note={"job_id": job_id})
        elif isinstance(answer, Search) and answer.complete and row.is_same_account:
            row.move(
                "failed", reason="The provider has no such job: our request never arrived, and nothing was charged."
            )
        elif row.attempts < self.max_attempts:
            return Later(self.wait(row), error="The provider's list of jobs is too long to tell.")
        else:
            row.move("failed", reason=NOBODY_KNOWS)
        return None

    def failed(self, row: Generation, error: ApiframeError) -> Later | None:
        if isinstance(error, Conflict) and row.attempts <= self.replays:
            Generation.objects.filter(pk=row.pk, claim=row.claim).update(attempts=self.replays)  # the list will tell
            row.attempts = self.replays
            return Later(1, error=words_of(error))
        return super().failed(row, error)

    def give_up(self, row: Generation, error: ApiframeError) -> None:
        if isinstance(error, BadRequest) and row.is_same_account:
            row.move("failed", reason=words_of(error))  # refused now, so it was never taken
        else:
            row.move("failed", reason=f"{NOBODY_KNOWS} The last answer was: {words_of(error)}")


def jobs_of_others(generation: Generation) -> Iterator[str]:
    """The latest jobs of all teams that share the key: none of them is what became of this one."""
    sharing = Connection.objects.filter(fingerprint=fingerprint_of(generation))
    for team_id in sharing.values_list("team_id", flat=True):
        others = Generation.objects.filter(team_id=team_id).exclude(pk=generation.pk).exclude(job_id="")
        yield from others.order_by("-created_at", "-id").values_list("job_id", flat=True)[:1000]


NOBODY_KNOWS = (
    "We could not find out whether the provider ever made this film. "
    "Look into its own list of jobs before you make it again: it may have been charged."
)


def fingerprint_of(generation: Generation) -> str:
    """Which key and provider its team talks with now."""
    return Connection.objects.values_list("fingerprint", flat=True).get(team_id=generation.team_id)


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
                complete(row, answer)
            case JobStatus.FAILED:
                words = answer.error or "The provider gave no reason."
                row.move(
                    "failed",
                    reason=words,
                    provider_answer=dict(answer.raw),
                    credit_cost=answer.credit_cost,
                    due_at=timezone.now() if retrying.is_worth_it(row, words) else None,
                )
            case JobStatus.CANCELLED:
                row.move("cancelled", reason="Cancelled by the provider.", provider_answer=dict(answer.raw))
            case JobStatus.PROCESSING if row.state == "submitted":
                row.move("processing", progress=answer.progress, due_at=in_seconds(1))
            case _ if age(row.created_at) > RENDERING_FOR_EVER:
                words = f"After a week the provider still says “{answer.raw_status}”."
                row.move("failed", reason=words, provider_answer=dict(answer.raw))
            case _:
                self._note_progress(row, answer)
                return Later(look_again(row.state_since, at_least=1.0))
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
        if row.attempts < 12:
            return Later(self.wait(row), error=words_of(error))  # not even a 404 is believed at once
        return super().failed(row, error)

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
    return settings.PUBLIC_URL + reverse("webhook-apiframe", args=[generation.webhook_token])


STEPS: dict[str, Step] = {
    "check": Check(),
    "register": Register(),
    "watch": Watch(),
    "verify": Verify(),
    "gather": Gather(),
    "submit": Submit(),
    "confirm": Confirm(),
    "follow": Follow(),
    "retry": Retry(),
}

for _machine in (ASSET, GENERATION):
    for _state in _machine.values():
        for _step in filter(None, (_state.step, _state.upkeep)):
            if _step not in STEPS:
                raise LookupError(f"{_machine.name}: {_state.value} needs the step {_step}, which nobody wrote")

"""What one asset does next, from its check to the provider's word that it is Active, and that it still is."""

from __future__ import annotations

from datetime import timedelta
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from django.core.files.storage import default_storage
from django.utils import timezone

from assets_app.apiframe.client import Client
from assets_app.apiframe.errors import ApiframeError, NotFound
from assets_app.apiframe.results import AssetCreated, AssetStatus, ProviderAsset, Upload
from assets_app.engine.missing import GONE, MEDIA_AWAY, look_after, media_are_away
from assets_app.engine.outcomes import Later, age, goes_on_for_ever, in_seconds, look_again
from assets_app.engine.step import Step, is_quoted, words_of
from assets_app.engine.waking import FILES, wake
from assets_app.models import Asset, MadeBy, Original, registering, sameness
from assets_app.models.asset import UPLOAD_KEPT_FOR
from assets_app.models.judging import facts_as_sent, is_yet_to_be_converted, problems_with, refusal

SECONDS_BETWEEN_LOOKS = 0.5
NEW_ASSETS_MAY_BE_UNKNOWN_FOR = 6  # looks, half a minute with the waits between them
PROCESSING_FOR_EVER = timedelta(hours=24).total_seconds()
ASKED_ONCE_MORE_AFTER = timedelta(hours=6).total_seconds()
CONVERTED = "It is converted into a file that the provider takes."
KNOWN_ASSET_STATUSES = {status.value.lower() for status in AssetStatus}


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
            problems = problems_with(facts_as_sent(original), media_type, is_upload=True)
            # A film was judged when somebody asked for it as a reference, and may be tried all the same.
            if row.made_by != MadeBy.FILM and (said := refusal(problems)):
                said = f"{original.why_not_converted} {said}".lstrip()
                row.move("rejected", reason=said, media_type=media_type)
            else:
                row.move("queued", media_type=media_type)
        return False


class Register(Step):
    """A queued asset is created with the provider. Our own copy, where that is what is registered, is uploaded first,
    as a request of its own: the provider keeps uploads for about an hour (FACTS §5), so one that was sent before a
    worker died is used or, when it is too old, sent again.
    """

    def prepare(self, row: Asset) -> bool:
        if self._shares_the_registration_of_the_same(row):
            return False
        if row.needs_upload:
            original = Original.objects.get(pk=row.pk)
            if is_yet_to_be_converted(original):
                return self._wait_for_conversion(row, original)
            if not original.has_file_to_send:
                row.move("failed", reason="Our own copy of the file is gone, and there is no source to fetch it from.")
                return False
            if not default_storage.exists(original.to_send.name):
                return self._wait_for_file(row, original)
            row.to_send = original.to_send
        return True

    def _wait_for_conversion(self, row: Asset, original: Original) -> bool:
        """What is to be sent is made first: of the file of a link, or of one that came before files were converted."""
        if original.is_saved:
            original.move("copying", reason=CONVERTED)
            wake(FILES)
        if original.state == "lost":
            row.move("failed", reason=original.reason)
        else:
            row.release(due_at=in_seconds(look_again(row.state_since, at_least=0.5)), last_error=CONVERTED)
        return False

    def _wait_for_file(self, row: Asset, original: Original) -> bool:
        """Its file is missing: it goes on when that is back."""
        look_after(original)
        if media_are_away():
            row.release(due_at=in_seconds(self.longest_wait), last_error=MEDIA_AWAY)
        elif original.state == "copying":
            row.release(due_at=in_seconds(look_again(row.state_since, at_least=1.0)), last_error=original.reason)
        else:
            row.move("failed", reason=GONE)
        return False

    def _shares_the_registration_of_the_same(self, row: Asset) -> bool:
        """Whether the provider has this very content from us already. Only where we know it before we send: nothing
        waits for our own copy of a link. One that was given up, or that a person sends once more, is sent.
        """
        if row.previous_provider_id:
            return False
        provider_id, name = sameness.registration_of_same(row)
        if not provider_id:
            return False
        note = {"provider_id": provider_id, "same_as": name}
        row.move("processing", provider_id=provider_id, provider_answer={}, due_at=timezone.now(), note=note)
        return True

    def call(self, client: Client, row: Asset) -> AssetCreated | Upload:
        if row.to_send is None:
            return client.create_asset(row.upload_url if row.sends_copy else row.source_url, row.media_type)
        with default_storage.open(row.to_send.name) as file:
            return client.upload(cast("BinaryIO", file), PurePosixPath(row.to_send.name).name, row.to_send.content_type)

    def settle(self, row: Asset, answer: AssetCreated | Upload) -> Later | None:
        if isinstance(answer, Upload):
            until = min(filter(None, [answer.expires_at, timezone.now() + UPLOAD_KEPT_FOR]))
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
            row.move("failed", reason=words, is_quote=bool(answer.error_message), provider_answer=dict(answer.raw))
        elif goes_on_for_ever(row, PROCESSING_FOR_EVER):
            row.move(
                "failed",
                reason="Still processing after 24 hours.",
                provider_answer=dict(answer.raw),
                due_at=in_seconds(ASKED_ONCE_MORE_AFTER),
            )
        else:
            self._remember_the_unknown(row, answer)
            return Later(look_again(row.state_since, at_least=SECONDS_BETWEEN_LOOKS))
        return None

    def _remember_the_unknown(self, row: Asset, answer: ProviderAsset) -> None:
        if answer.raw_status.lower() not in KNOWN_ASSET_STATUSES and row.provider_answer != answer.raw:
            Asset.objects.filter(pk=row.pk, claim=row.claim).update(provider_answer=dict(answer.raw))

    def failed(self, row: Asset, error: ApiframeError) -> Later | None:
        if isinstance(error, NotFound) and row.attempts < NEW_ASSETS_MAY_BE_UNKNOWN_FOR:
            return Later(self.wait(row), error=words_of(error))
        return super().failed(row, error)

    def give_up(self, row: Asset, error: ApiframeError) -> None:
        state = "expired" if isinstance(error, NotFound) else "failed"
        row.move(state, reason=words_of(error), is_quote=is_quoted(error))


class AskOnceMore(Step):
    """An asset that was given up because it took too long may have become Active since. Anything else leaves it
    failed, and is not asked about again.
    """

    def call(self, client: Client, row: Asset) -> ProviderAsset:
        return client.get_asset(row.provider_id)

    def settle(self, row: Asset, answer: ProviderAsset) -> None:
        if answer.status is AssetStatus.ACTIVE:
            now = timezone.now()
            row.move("active", provider_answer=dict(answer.raw), active_at=now, verified_at=now)
        else:
            row.release(due_at=None)

    def give_up(self, row: Asset, error: ApiframeError) -> None:
        row.release(due_at=None, last_error=words_of(error))


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
            registering.renew(row, f"The provider’s copy is not Active any more: {words}")
        else:
            Asset.objects.filter(pk=row.pk, claim=row.claim).update(verified_at=timezone.now())
            row.release(due_at=None)

    def failed(self, row: Asset, error: ApiframeError) -> Later | None:
        if isinstance(error, NotFound) and row.attempts < self.believed_after:
            return Later(1, error=words_of(error))
        return super().failed(row, error)

    def give_up(self, row: Asset, error: ApiframeError) -> None:
        if isinstance(error, NotFound):
            registering.renew(row, words_of(error))
        else:
            row.release(due_at=None, last_error=words_of(error))

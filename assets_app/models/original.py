"""Our own copy of what an asset was made from, and of what may become one."""

from __future__ import annotations

from typing import Any

from django.core.files.storage import default_storage
from django.db import models, transaction
from django.utils import timezone

from assets_app.models.asset import Asset, FileToSend
from assets_app.models.own_copy import OwnCopy

# A copy of which nothing is known yet.
FORGOTTEN: dict[str, Any] = {
    "claim": None,
    "claimed_until": None,
    "attempts": 0,
    "last_error": "",
    "reason": "",
    "file": "",
    "poster": "",
    "clip": "",
    "sent_file": "",
    "sent_facts": {},
    "sha256": "",
    "content_type": "",
    "byte_size": None,
    "width": None,
    "height": None,
    "seconds": None,
    "fps": None,
    "has_audio": None,
    "decoder_deaths": 0,
    "same_as": None,
}

NO_ROOM_FOR_IT = "The team’s media take all the room there is for them, so no copy of the file is kept, only a preview."

FORMAT_NAMES = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "video/mp4": "MP4",
    "audio/wav": "WAV",
    "audio/mpeg": "MP3",
}


class SourceCopy(OwnCopy):
    """Our own copy of what an asset is, or may be, made from. Without a source it is a file that somebody gave us."""

    clip = models.FileField(max_length=300, blank=True, help_text="The first seconds of a video, small and silent.")

    class Meta(OwnCopy.Meta):
        abstract = True

    @property
    def is_upload(self) -> bool:
        """It came to us as a file, or was cut out of one here: there is no address to fetch it from again."""
        return not self.source_url


class Original(SourceCopy):
    """Our own copy of what an asset was made from: the preview people pick by, and the way back when the provider
    forgets.
    """

    asset = models.OneToOneField(Asset, on_delete=models.CASCADE, primary_key=True, related_name="original")
    cut = models.JSONField(
        null=True, blank=True, help_text="What part of the file of the asset it is cut from it is to be."
    )

    same_as = models.ForeignKey(
        Asset,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="The oldest asset of the team with this very content, where that is another one.",
    )

    sent_file = models.FileField(
        max_length=300, blank=True, help_text="What the provider is sent where it does not take the file itself."
    )
    sent_facts = models.JSONField(
        default=dict, blank=True, help_text="Those of what is sent that differ; or {“problem”: why none could be made}."
    )

    # Put here by the files lane while it has the row; not stored.
    parents_file: str = ""
    is_to_be_sent: bool = False

    class Meta(SourceCopy.Meta):
        abstract = False
        indexes = [
            *SourceCopy.Meta.indexes,
            models.Index(fields=["team", "sha256"], name="original_content"),
        ]

    @classmethod
    def of(cls, asset: Asset) -> Original:
        return cls(
            asset=asset,
            team_id=asset.team_id,
            source_url=asset.source_url,
            state=cls.machine.initial,
            due_at=asset.due_at,
        )

    def owner_of_event(self) -> dict[str, Any]:
        return {"asset_id": self.asset_id, "subject": "copy"}

    def touch_parent(self, revision: int) -> None:
        Asset.objects.filter(pk=self.asset_id).update(revision=revision)

    def move(self, to: str, **changes: Any) -> bool:
        """A saved file tells facts that its asset is found by; and an asset that waits for its file's check need not
        wait any longer.
        """
        with transaction.atomic():
            moved = super().move(to, **changes)
            if moved and to == "saved":
                from assets_app.models.sameness import link_same

                Asset.objects.filter(pk=self.asset_id).make_findable()
                link_same(self, Asset.objects.values_list("revision", flat=True).get(pk=self.asset_id))
            if moved:
                Asset.objects.filter(pk=self.asset_id, state="checking", claim=None).update(due_at=timezone.now())
        return moved

    def start_over(self, url: str) -> None:
        """Forget the file we have and fetch what is at `url`. A fetch under way loses its claim, hence its say."""
        gone = self.file_names
        Original.objects.filter(pk=self.pk).update(
            **FORGOTTEN, source_url=url, state=self.machine.initial, state_since=timezone.now(), due_at=timezone.now()
        )

        def delete() -> None:
            for name in gone:
                default_storage.delete(name)

        transaction.on_commit(delete)

    @property
    def folder(self) -> str:
        return f"{self.team_id}/originals/{self.asset_id}"

    @property
    def older_twin(self) -> Asset | None:
        """The asset of the library that has the same content and was there before, registered as the same type."""
        older = self.same_as
        return older if older and older.is_live and older.media_type == self.asset.media_type else None

    @property
    def has_file_to_send(self) -> bool:
        return bool(self.sent_file or self.file)

    @property
    def to_send(self) -> FileToSend:
        if self.sent_file:
            return FileToSend(str(self.sent_file.name), self.sent_facts["content_type"])
        return FileToSend(str(self.file.name), self.content_type)

    @property
    def sent_as(self) -> str:
        """ "JPEG": what it is sent as; "" where that is what it is."""
        return FORMAT_NAMES.get(self.sent_facts.get("content_type", ""), "") if self.sent_file else ""

    @property
    def why_not_converted(self) -> str:
        return str(self.sent_facts.get("problem", ""))

    @property
    def is_to_be_cut(self) -> bool:
        return self.cut is not None and not self.file

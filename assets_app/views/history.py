"""What happened to an asset or a film, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from assets_app.apiframe.reasons import read
from assets_app.models import Asset, Event, Generation
from assets_app.models.quoting import QUOTE

# What each move means to people, by subject and target; the first line whose origin fits ("" fits any).
Story = Mapping[tuple[str, str], tuple[tuple[str, str], ...]]
OF_ASSETS: Story = {
    ("", "queued"): (
        ("failed", "Asked to register it again"),
        ("expired", "Asked to register it again"),
        ("active", "Asked to register it again"),
        ("processing", "Back in the queue, to be registered once more"),
        ("checking", "The file is fit to be sent"),
        ("rejected", "Asked to register it anyway"),
        ("", "Registered it here"),
    ),
    ("", "checking"): (("", "Uploaded the file, which is looked into first"),),
    ("", "rejected"): (("", "Not sent: the provider would refuse it"),),
    ("", "processing"): (("", "Sent to the provider, which is looking at it"),),
    ("", "active"): (("", "Active: ready to be used"),),
    ("", "failed"): (("", "The provider did not take it"),),
    ("", "expired"): (("", "The provider does not know it any more"),),
    ("copy", "copying"): (("", "Fetching our own copy again"),),
    ("copy", "saved"): (("", "Saved our own copy"),),
    ("copy", "lost"): (("", "Could not fetch a copy of our own"),),
}
OF_FILMS: Story = {
    ("", "approval"): (("", "Asked for; no price is known, so an admin has to approve it"),),
    ("", "waiting"): (
        ("approval", "Let through; waits until its assets are Active"),
        ("queued", "Went back to wait: an asset was not Active any more"),
        ("", "Asked for; waits until its assets are Active"),
    ),
    ("", "queued"): (
        ("approval", "Let through"),
        ("waiting", "All its assets are Active"),
        ("", "Asked for"),
    ),
    ("", "unconfirmed"): (("", "Sent once, but no answer came back: asking the provider what became of it"),),
    ("", "submitted"): (
        ("unconfirmed", "Found at the provider: it had arrived after all"),
        ("", "Sent to the provider, which accepted it"),
    ),
    ("", "processing"): (("", "The provider began to render"),),
    ("", "completed"): (
        ("failed", "Found finished at the provider after all"),
        ("cancelled", "Found finished at the provider after all"),
        ("", "The film is finished"),
    ),
    ("", "failed"): (("", "Failed"),),
    ("", "cancelled"): (("", "Cancelled"),),
    ("copy", "copying"): (("lost", "Trying again to save our copy"), ("", "Saving our copy")),
    ("copy", "saved"): (("", "Our copy is saved"),),
    ("copy", "lost"): (("", "Our copy could not be saved"),),
}


@dataclass(frozen=True)
class Line:
    """One line of the history: what happened, and the plain reason where there is one to tell."""

    story: ClassVar[Story]
    explained: ClassVar[tuple[str, ...]]
    """The states whose reason is put into plain words."""

    event: Event

    @property
    def words(self) -> str:
        event = self.event
        if said := event.note.get("said"):
            return str(said)
        told = self.story.get((event.subject, event.to_state), ())
        return next((words for origin, words in told if origin in ("", event.from_state)), event.to_state)

    @property
    def because(self) -> str:
        if self.event.to_state in self.explained and not self.event.subject:
            return read(self.event.reason, is_quote=bool(self.event.note.get(QUOTE))).plain
        return self.event.reason


class AssetLine(Line):
    story = OF_ASSETS
    explained = ("failed", "expired")

    @property
    def words(self) -> str:
        event, asset = self.event, self.event.asset
        is_first = (event.subject, event.from_state, event.to_state) == ("", "", "checking")
        if is_first and asset and asset.made_by:
            return f"{asset.made_words}, which is looked into first"
        return super().words


class FilmLine(Line):
    story = OF_FILMS
    explained = ("failed",)

    @property
    def because(self) -> str:
        return super().because if self.event.reason else ""


def history_of(asset: Asset) -> list[AssetLine]:
    """Newest first."""
    return [AssetLine(event) for event in asset.events.select_related("actor").order_by("-id")]


def history_of_film(generation: Generation) -> list[FilmLine]:
    """Newest first."""
    return [FilmLine(event) for event in generation.events.select_related("actor").order_by("-id")]

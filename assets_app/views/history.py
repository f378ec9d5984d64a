"""An asset's events in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from assets_app.apiframe.reasons import explain
from assets_app.models import Asset, Event

# What each move means to people, by subject and target; the first line whose origin fits ("" fits any).
STORY: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {
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


@dataclass(frozen=True)
class Line:
    """One line of the history: what happened, and the plain reason where there is one to tell."""

    event: Event

    @property
    def words(self) -> str:
        event = self.event
        if said := event.note.get("said"):
            return str(said)
        told = STORY.get((event.subject, event.to_state), ())
        return next((words for origin, words in told if origin in ("", event.from_state)), event.to_state)

    @property
    def because(self) -> str:
        if self.event.to_state in ("failed", "expired") and not self.event.subject:
            return explain(self.event.reason).plain
        return self.event.reason


def history_of(asset: Asset) -> list[Line]:
    """Newest first."""
    return [Line(event) for event in asset.events.select_related("actor").order_by("-id")]

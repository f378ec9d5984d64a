"""How a generation is shown: what it cost, whether we have saved it, what it is called, what happened to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils import timezone

from assets_app.apiframe import catalogue, reasons
from assets_app.apiframe.reasons import Reason
from assets_app.models import Event, Generation, Team, Video
from assets_app.models.generation import GenerationQuerySet
from assets_app.models.states import State, Tone


def takes_of(team: Team) -> GenerationQuerySet:
    """The team's generations with all that a card shows, newest first; those in the trash too, for their pages say so
    and live pages must let them go.
    """
    return Generation.objects.filter(team=team).select_related("created_by", "video").order_by("-created_at", "-id")


@dataclass(frozen=True)
class Keeping:
    """Whether we have our own copy of a film: in words, and as one of the badge's shapes."""

    tone: Tone
    words: str


@dataclass(frozen=True)
class Take:
    """One generation as its card and its page show it. `place` tells apart the same one in two lists of a page."""

    generation: Generation
    is_sandbox: bool = False
    place: Literal["videos", "takes"] = "videos"
    is_listed: bool = True

    @property
    def status(self) -> State:
        return self.generation.status

    @property
    def element_id(self) -> str:
        return f"{self.place}-{self.generation.pk}"

    @property
    def order(self) -> int:
        """Newest first, in milliseconds since the epoch."""
        return int(self.generation.created_at.timestamp() * 1000)

    @property
    def video(self) -> Video | None:
        return getattr(self.generation, "video", None)

    @property
    def film(self) -> Video | None:
        """Our copy, once there is a file to play."""
        return self.video if self.video and self.video.is_saved else None

    @property
    def model_label(self) -> str:
        try:
            return catalogue.load().get(self.generation.model).label
        except catalogue.UnknownModel:
            return self.generation.model

    @property
    def seconds(self) -> float | None:
        """Length of the film we have; None while there is none."""
        return self.film.seconds if self.film else None

    @property
    def is_rendering(self) -> bool:
        return self.generation.in_flight

    @property
    def percent(self) -> int | None:
        """How much is rendered; None when nobody says."""
        return self.generation.progress if self.generation.state == "processing" else None

    # --- money -------------------------------------------------------------------------------------------------------
    @property
    def cost(self) -> str:
        """What it counts for: held while it runs, then what it cost. A failed job's `creditCost` is no spend: the
        credits come back (FACTS §3).
        """
        generation = self.generation
        match generation.state:
            case "completed" if generation.credit_cost is not None:
                return self._credits(generation.credit_cost)
            case "completed":  # the provider did not say; what was held still counts
                return f"about {self._credits(generation.spend)}" if generation.spend else ""
            case "failed" | "cancelled":
                return "refunded" if generation.job_id else "not charged"
        return f"held {self._credits(generation.spend)}" if generation.spend else ""

    def _credits(self, number: int) -> str:
        return f"{number:,} {'sandbox ' if self.is_sandbox else ''}credit{'' if number == 1 else 's'}"

    # --- our copy ----------------------------------------------------------------------------------------------------
    @property
    def keeping(self) -> Keeping | None:
        """None before there is a film to keep."""
        if self.video is None:
            return None
        match self.video.state:
            case "saved":
                return Keeping("good", "Saved")
            case "copying":
                left = self.hours_left
                return Keeping("busy", f"Saving… provider link dies in {left}" if left else "Saving…")
        return Keeping("bad", "Not saved")

    @property
    def may_be_made_again(self) -> bool:
        """Whether the same request has a fair chance as it stands: the moment was bad, not what was asked for."""
        return self.generation.state == "failed" and self.reason.klass == "capacity"

    @property
    def may_be_saved_again(self) -> bool:
        """Whether the provider's copy may still be there."""
        if self.video is None or self.video.state != "lost" or not self.video.source_url:
            return False
        return self.video.dies_at is None or self.video.dies_at > timezone.now()

    @property
    def hours_left(self) -> str:
        """How long the provider's copy may still live."""
        return hours_left(self.video.dies_at) if self.video else ""

    @property
    def reason(self) -> Reason:
        """Why it failed, in plain words."""
        return reasons.explain(self.generation.reason)


def hours_left(until: datetime | None) -> str:
    """ "23 h", "40 min", or "" when the time has passed or nobody knows it."""
    seconds = (until - timezone.now()).total_seconds() if until else 0
    if seconds <= 0:
        return ""
    return f"{seconds // 3600:.0f} h" if seconds >= 3600 else f"{seconds // 60 + 1:.0f} min"


# What each move means to the person who asked for the film; the first line whose origin fits.
STORY: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("", "waiting"): (
        ("queued", "Went back to wait: an asset was not Active any more"),
        ("", "Asked for; waits until its assets are Active"),
    ),
    ("", "queued"): (("waiting", "All its assets are Active"), ("", "Asked for")),
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
    """One line of the history."""

    event: Event

    @property
    def words(self) -> str:
        if said := self.event.note.get("said"):
            return str(said)
        told = STORY.get((self.event.subject, self.event.to_state), ())
        return next((words for origin, words in told if origin in ("", self.event.from_state)), self.event.to_state)

    @property
    def because(self) -> str:
        """The plain reason, where there is one to tell."""
        if not self.event.reason:
            return ""
        if self.event.to_state == "failed" and not self.event.subject:
            return reasons.explain(self.event.reason).plain
        return self.event.reason


def history_of(generation: Generation) -> list[Line]:
    """Newest first."""
    return [Line(event) for event in generation.events.select_related("actor").order_by("-id")]

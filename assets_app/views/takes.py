"""How a generation is shown: what it cost, whether we have saved it, what it is called, what happened to it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from django.utils import timezone

from assets_app.apiframe import catalogue
from assets_app.apiframe.reasons import Reason
from assets_app.engine.lost import is_asked_about
from assets_app.films.pace import FilmPace, film_pace_of
from assets_app.models import Generation, Origin, Team, Video
from assets_app.models.generation import GenerationQuerySet, retries_of_all
from assets_app.models.states import ASSET, State, Tone
from assets_app.money.words import in_credits
from assets_app.views import price_tags
from assets_app.views.price_tags import Tags

if TYPE_CHECKING:
    from assets_app.views.fixes import Refused

LEFT_OPEN = ("", "adaptive", "auto")  # what models call a shape that follows from the references
KNOWN_SHAPES = ("16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9", "9:21", "5:4", "4:5", "2:1", "1:2")
SOON = timedelta(seconds=10)
SAVING = State("completed", "Saving", "busy", "processing")
NOBODY_HEARD = ("given_up", "never_ran")  # of a film whose end the provider never told


def takes_of(team: Team) -> GenerationQuerySet:
    """The team's generations with all that a card shows, newest first; those in the trash too, for their pages say so
    and live pages must let them go.
    """
    generations = Generation.objects.filter(team=team).with_what_came_of_it()
    return generations.select_related("created_by", "video").order_by("-created_at", "-id")


@dataclass(frozen=True)
class Keeping:
    """Whether we have our own copy of a film: in words, and as one of the badge's shapes."""

    tone: Tone
    words: str


@dataclass(frozen=True)
class Take:
    """One generation as its card and its page show it. `place` tells apart the same one in two lists of a page,
    `refused` says why it failed where a list tells that.
    """

    generation: Generation
    is_sandbox: bool = False
    place: Literal["videos", "takes"] = "videos"
    is_listed: bool = True
    refused: Refused | None = None

    @property
    def status(self) -> State:
        """That of the generation, until its film is being saved: it is not there to be seen before that is done."""
        is_being_saved = self.video is not None and self.video.state == "copying"
        return SAVING if is_being_saved and self.generation.state == "completed" else self.generation.status

    @property
    def element_id(self) -> str:
        return f"{self.place}-{self.generation.pk}"

    @property
    def order(self) -> int:
        """Newest first, in microseconds since the epoch: by so much the takes of one press follow each other."""
        at = self.generation.created_at
        return int(at.timestamp()) * 1_000_000 + at.microsecond

    @property
    def video(self) -> Video | None:
        return getattr(self.generation, "video", None)

    @property
    def film(self) -> Video | None:
        """Our copy, once there is a file to play."""
        return self.video if self.video and self.video.is_saved else None

    @property
    def model_label(self) -> str:
        return _label_of(self.generation.model)

    @property
    def facts(self) -> list[str]:
        """Model, resolution and shape, as far as they are known."""
        return [fact for fact in (self.model_label, self.resolution, self.shape) if fact]

    @property
    def resolution(self) -> str:
        """As it was asked for; else the size of the film that came; "" while neither is known."""
        return self.generation.params.get("resolution") or self.size

    @property
    def size(self) -> str:
        film = self.film
        return f"{film.width} × {film.height}" if film and film.width and film.height else ""

    @property
    def shape(self) -> str:
        """As it was asked for; that of the film where it was left open; "" while nobody knows."""
        asked = self.generation.params.get("aspect_ratio") or ""
        is_open = asked in LEFT_OPEN
        return shape_of(self.film.width, self.film.height) if is_open and self.size else asked  # type: ignore[union-attr,arg-type]

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

    # --- how long it takes -------------------------------------------------------------------------------------------
    @property
    def is_with_provider(self) -> bool:
        return self.generation.state in ("submitted", "processing")

    @cached_property
    def pace(self) -> FilmPace:
        return film_pace_of(self.generation)

    @property
    def _sent_at(self) -> datetime:
        return self.generation.sent_at or self.generation.created_at

    @property
    def pace_word(self) -> str:
        return self.pace.word((timezone.now() - self._sent_at).total_seconds())

    @property
    def slow_at(self) -> int:
        """When it begins to be slow, in milliseconds since the epoch."""
        return int((self._sent_at.timestamp() + self.pace.slow) * 1000)

    @property
    def stuck_at(self) -> int:
        return int((self._sent_at.timestamp() + self.pace.stuck) * 1000)

    # --- what can be made of it --------------------------------------------------------------------------------------
    @property
    def may_be_cancelled(self) -> bool:
        return self.generation.may_be_cancelled

    @property
    def may_be_continued(self) -> bool:
        """Whether there is, or will be, a film to take a frame from and to use as a reference."""
        return self.video is not None and self.video.state != "lost"

    @property
    def may_be_made_final(self) -> bool:
        return self.generation.is_draft and self.generation.state == "completed" and self.final_id is None

    @property
    def final_id(self) -> UUID | None:
        """The final that a draft has already."""
        return self.generation.final_id if self.generation.is_draft else None

    @property
    def final_words(self) -> str:
        """ "Seedance 2.0, 1080p": what a draft stands for."""
        stands_for = self.generation.draft_of or {}
        label = _label_of(stands_for.get("model", self.generation.model))
        resolution = stands_for.get("params", {}).get("resolution")
        return f"{label}, {resolution}" if resolution else label

    @property
    def came_to_nothing(self) -> bool:
        return self.generation.state in ("failed", "cancelled")

    @property
    def is_one_of_several(self) -> bool:
        """Whether it surely is: the first of a set does not know by itself whether more follow."""
        return self.generation.take > 1

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
            case "failed" if generation.spend:  # nobody knows what became of it
                return f"may have cost {self._credits(generation.spend)}"
            case "failed" | "cancelled":
                return self.why_free
        return f"held {self._credits(generation.spend)}" if generation.spend else ""

    @property
    def why_free(self) -> str:
        """What is known of one that counts nothing: never taken, failed by the provider, or said so by somebody."""
        generation = self.generation
        if generation.sent_at is None and not generation.job_id:
            return "not charged"
        if generation.job_id and generation.state == "failed" and self.reason.code not in NOBODY_HEARD:
            return "refunded"
        return "counts 0 credits"

    @property
    def is_asked_about(self) -> bool:
        return is_asked_about(self.generation)

    @property
    def is_being_sent(self) -> bool:
        return self.generation.state == "queued" and self.generation.sent_at is not None

    def _credits(self, number: int) -> str:
        return in_credits(number, is_sandbox=self.is_sandbox)

    @property
    def tags(self) -> Tags:
        """What a press of its buttons costs; for lists they are put on all at once."""
        if not hasattr(self.generation, "tags"):
            price_tags.put_on([self.generation], self.generation.team)
        return self.generation.tags

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
                if self.is_missing:
                    return Keeping("busy", "File missing; fetching it again")
                return Keeping("busy", f"Saving… provider link expires in {left}" if left else "Saving…")
        return Keeping("bad", "File missing" if self.is_missing else "Not saved")

    @property
    def may_be_made_again(self) -> bool:
        """Whether the same request has a fair chance as it stands: the moment was bad, not what was asked for. Not
        while it is due to be tried again by itself.
        """
        is_over = self.generation.state == "failed" and self.generation.due_at is None
        return is_over and self.retry is None and (self.reason.fix == "again" or self._is_not_stopped_any_more)

    @property
    def _is_not_stopped_any_more(self) -> bool:
        """It was stopped by an asset that did not become Active, and may be used by now."""
        references = self.generation.references.filter(asset__state__in=ASSET.in_group("attention"))
        return self.reason.code == "asset_failed" and not references.exists()

    @property
    def retry(self) -> Generation | None:
        """The one that is, or was, asked for by itself because this one failed; None when it was called off."""
        if self.generation.state != "failed":
            return None
        if not hasattr(self.generation, "retries"):
            self.generation.retries = list(retries_of_all().filter(made_from=self.generation))
        return self.generation.retries[0] if self.generation.retries else None

    @property
    def is_retry_to_come(self) -> bool:
        return self.retry is not None and is_to_come(self.retry)

    @property
    def is_to_come(self) -> bool:
        """Whether it waits for its time: it is a try by itself, and not sent yet."""
        return is_to_come(self.generation)

    @property
    def may_be_saved_again(self) -> bool:
        """Whether there is anything to ask the provider for. Whether it still has the film, only asking tells."""
        if self.video is None or self.video.state != "lost" or self.generation.purged_at:
            return False
        return bool(self.video.source_url or self.generation.job_id)

    @property
    def is_missing(self) -> bool:
        """Whether we had the film, and its file is not there any more."""
        return self.video is not None and not self.video.is_saved and bool(self.video.file)

    @property
    def was_deleted_there(self) -> bool:
        """Whether the provider itself said so, when it was last asked."""
        return self.generation.provider_answer.get("expired") is True

    @property
    def next_try(self) -> datetime | None:
        """When our copy is tried to be had again by itself."""
        if self.video is None or self.video.is_saved:
            return None
        looked_for = self.generation.due_at if self.generation.state == "completed" else None
        return self.video.due_at or looked_for

    @property
    def raw_result(self) -> str:
        """What the provider gave for a film, as it came, where we could make nothing of it; "" where we could."""
        if self.video is None or self.video.source_url:
            return ""
        return json.dumps(self.generation.provider_answer.get("result"), indent=2, ensure_ascii=False)

    @property
    def hours_left(self) -> str:
        """How long the provider's copy may still live."""
        return hours_left(self.video.dies_at) if self.video else ""

    @property
    def reason(self) -> Reason:
        """Why it failed, in plain words."""
        return self.generation.why


def _label_of(model_id: str) -> str:
    try:
        return catalogue.load().get(model_id).label
    except catalogue.UnknownModel:
        return f"{model_id} (not offered any more)"


def is_to_come(generation: Generation) -> bool:
    is_ours = generation.state in ("waiting", "queued") and generation.sent_at is None
    due_at = generation.due_at if generation.origin == Origin.RETRY and is_ours else None
    return due_at is not None and due_at > timezone.now() + SOON


def shape_of(width: int, height: int) -> str:
    """The ratio people know it by where it is one within two percent, "16:9"; else the size itself."""
    for name in KNOWN_SHAPES:
        across, down = map(int, name.split(":"))
        if abs(width * down / (height * across) - 1) < 0.02:
            return name
    return f"{width} × {height}"


def hours_left(until: datetime | None) -> str:
    """ "23 h", "40 min", or "" when the time has passed or nobody knows it."""
    seconds = (until - timezone.now()).total_seconds() if until else 0
    if seconds <= 0:
        return ""
    return f"{seconds // 3600:.0f} h" if seconds >= 3600 else f"{seconds // 60 + 1:.0f} min"

"""Assets made of a film: the film itself, and its last frame. Here only rows are written; the engine makes the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from assets_app.apiframe.model_facts import Problem
from assets_app.models import Asset, Event, Generation, MadeBy, MediaType, Original, Video, registering
from assets_app.models.asset import hash_of
from assets_app.models.judging import facts_of, problems_with

if TYPE_CHECKING:
    from django.contrib.auth.models import User

WORDS_IN_NAME = 60
MEDIA_TYPES = {MadeBy.FILM: MediaType.VIDEO, MadeBy.LAST_FRAME: MediaType.IMAGE}


class CannotMake(Exception):
    """Why nothing can be made of a film, in words for the person who asked."""


def make(generation: Generation, made_by: MadeBy, actor: User | None) -> Asset:
    """The asset that this film, or its last frame, is: the one made before, if it is of use, else a new one on its way
    into the library. Raises CannotMake. Wakes nobody: see `engine.wake`.

    However often it is asked for, and by however many at once, there is one.
    """
    video = Video.objects.filter(pk=generation.pk).first()
    if generation.state != "completed" or video is None:
        raise CannotMake("The film is not finished yet.")
    if video.state == "lost" and not may_have_frame_elsewhere(generation, made_by):
        raise CannotMake("Our copy of the film is lost. Save it again first.")
    with transaction.atomic():
        revision = generation.team.next_revision()  # whose lock makes two presses at once come one after the other
        known = _of_use(generation, made_by)
        if known is None:
            return _write_down(generation, made_by, actor, revision)
    if known.status.group == "attention":
        registering.register_again(known, actor)
    return known


def may_have_frame_elsewhere(generation: Generation, made_by: MadeBy) -> bool:
    return made_by == MadeBy.LAST_FRAME and bool(generation.last_frame_url)


def problems_as_reference(video: Video) -> list[Problem]:
    """What the provider would refuse, or may refuse, of this film as a reference."""
    return problems_with(facts_of(video), MediaType.VIDEO, is_upload=True)


def _of_use(generation: Generation, made_by: MadeBy) -> Asset | None:
    """Made before, and not in the trash. One of which no file could be made is of no use."""
    made = Asset.objects.live().filter(made_from=generation, made_by=made_by).select_related("original")
    return next(
        (asset for asset in made.order_by("number") if asset.original.is_saved or asset.status.group != "attention"),
        None,
    )


def _write_down(generation: Generation, made_by: MadeBy, actor: User | None, revision: int) -> Asset:
    now = timezone.now()
    asset = Asset(
        team_id=generation.team_id,
        created_by_id=actor.pk if actor else None,
        name=name_of(generation, made_by),
        media_type=MEDIA_TYPES[made_by],
        source_hash=hash_of(f"{made_by}:{generation.pk}"),
        sends_copy=True,
        made_from=generation,
        made_by=made_by,
        state="checking",
        due_at=now,
        revision=revision,
    )
    asset.save(force_insert=True)
    Original.objects.create(asset=asset, team_id=generation.team_id, state=Original.machine.initial, due_at=now)
    Event.objects.create(team_id=generation.team_id, actor_id=asset.created_by_id, asset=asset, to_state=asset.state)
    Generation.objects.filter(pk=generation.pk).update(revision=revision)  # its page says what was made of it
    return asset


def name_of(generation: Generation, made_by: MadeBy) -> str:
    """ "Last frame: A lighthouse at dawn", with the number of a take that is not the first."""
    words = " ".join(generation.prompt.replace("@", "").split())  # a name may be mentioned itself
    if len(words) > WORDS_IN_NAME:
        words = words[:WORDS_IN_NAME].rsplit(" ", 1)[0] + "…"
    take = f", take {generation.take}" if generation.take > 1 else ""
    return f"{'Last frame' if made_by == MadeBy.LAST_FRAME else 'Film'}: {words}{take}"

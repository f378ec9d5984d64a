"""Films that were sent and of which nobody knows what became: their credits count on, and people are asked.

That a job failed, or never was, only the provider can say. Without its word a film that was sent may have been charged
(FACTS §0.8), so it counts what was held for it until the provider is heard, or a person has looked.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from assets_app.models import Discrepancy, Event, Generation, Team
from assets_app.models.states import GENERATION

if TYPE_CHECKING:
    from django.contrib.auth.models import User

FOLLOWED = GENERATION.with_step("confirm", "follow")
ASKED_AFTER = timedelta(days=1)  # the provider's list of jobs is not behind for so long
IT_RAN = "Said to have run, by somebody who looked at the provider."
IT_RAN_AS = "Found by somebody who looked at the provider."
IT_NEVER_RAN = "Said never to have run, by somebody who looked at the provider."


def at_the_provider(team: Team) -> QuerySet[Generation]:
    """What was sent and has not been heard to end; one that is being sent this moment is among it."""
    return team.generations.filter(
        Q(state__in=FOLLOWED) | Q(state="queued", sent_at__isnull=False), due_at__isnull=False
    )


def is_at_the_provider(generation: Generation) -> bool:
    return generation.state in FOLLOWED or (generation.state == "queued" and generation.sent_at is not None)


# --- what a person knows ---------------------------------------------------------------------------------------------
def asked_about(team: Team) -> QuerySet[Generation]:
    """Films that a person is asked about: did they run? The oldest first."""
    unconfirmed = team.generations.filter(state="unconfirmed", due_at__isnull=False)
    return unconfirmed.filter(state_since__lt=timezone.now() - ASKED_AFTER).order_by("state_since")


def is_asked_about(generation: Generation) -> bool:
    return generation.state == "unconfirmed" and generation.state_since < timezone.now() - ASKED_AFTER


def say_it_ran(generation: Generation, by: User, job_id: str = "") -> bool:
    """A person found it at the provider: it is followed as that job, or counts what was held for it. False when it is
    known by now what became of it, or the job is another film's.
    """
    with transaction.atomic():
        now = generation.locked()
        if now.state != "unconfirmed":
            return False
        if not job_id:
            return give_up_on(now, IT_RAN, actor=by)
        if Generation.objects.filter(job_id=job_id).exists():
            return False
        return now.move("submitted", actor=by, reason=IT_RAN_AS, job_id=job_id, note={"job_id": job_id})


def say_it_never_ran(generation: Generation, by: User) -> bool:
    """A person looked at the provider: it is not there, and nothing is held for it any more. Should its job be found
    all the same, it is this film's. False when it is known by now what became of it.
    """
    with transaction.atomic():
        now = generation.locked()
        return now.state == "unconfirmed" and now.move("failed", actor=by, reason=IT_NEVER_RAN)


# --- giving up -------------------------------------------------------------------------------------------------------
def give_up_on_all(films: Iterable[Generation], why: str, actor: User | None) -> None:
    """Whoever has claimed them: an answer that comes later still names their jobs."""
    for film in films:
        with transaction.atomic():
            now = film.locked()
            if is_at_the_provider(now):
                give_up_on(now, why, actor=actor)


def give_up_on(generation: Generation, why: str, *, actor: User | None = None, **changes: Any) -> bool:
    """End it as failed, with what was held for it still counted, and put it before the admins. False when somebody
    else moved it first.
    """
    counted = generation.spend
    with transaction.atomic():
        if not generation.move("failed", reason=why, actor=actor, spend=counted, **changes):
            return False
        facts = {"film": generation.prompt[:200], "model": generation.model, "credits": counted, "why": why}
        job_id = generation.job_id or generation.idempotency_key
        Discrepancy.objects.update_or_create(
            team_id=generation.team_id,
            kind=Discrepancy.Kind.GIVEN_UP,
            job_id=job_id,
            defaults={
                "generation": generation,
                "facts": facts,
                "found_at": timezone.now(),
                "settled_at": None,
                "settled_by": None,
            },
        )
        Event.about_team(generation.team, actor, "given-up", job=job_id, **facts)
    return True

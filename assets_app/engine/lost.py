"""Films that were sent and can be asked about no more: their credits count on, and an admin is told.

That a job failed, or never was, only the provider can say. Without its word a film that was sent may have been charged
(FACTS §0.8), so it counts what was held for it until the provider is heard, or an admin has looked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from assets_app.models import Discrepancy, Event, Generation, Team
from assets_app.models.states import GENERATION

if TYPE_CHECKING:
    from django.contrib.auth.models import User

FOLLOWED = GENERATION.with_step("confirm", "follow")


def at_the_provider(team: Team) -> QuerySet[Generation]:
    """What was sent and has not been heard to end; one that is being sent this moment is among it."""
    sent = Q(state__in=FOLLOWED) | Q(state="queued", sent_at__isnull=False)
    return team.generations.filter(sent, due_at__isnull=False)


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

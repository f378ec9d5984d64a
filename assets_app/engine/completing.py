"""The end of a job that the provider finished: the generation is completed, and its film is to be saved."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from assets_app.apiframe.results import Job
from assets_app.engine.locating import DELETED_THERE, NO_ADDRESS, have_located
from assets_app.models import Generation, Video


def complete(generation: Generation, job: Job, *, reason: str = "") -> bool:
    """Move it to completed, with what the provider charged; False when somebody else moved it first."""
    with transaction.atomic():
        moved = generation.move(
            "completed",
            reason=reason,
            progress=100,
            credit_cost=job.credit_cost,
            completed_at=not_to_come(job.completed_at),
            provider_answer=dict(job.raw),
        )
        if moved:
            keep_film(generation, job)
    return moved


def not_to_come(moment: datetime | None) -> datetime:
    """A moment by the provider's clock, which may be wrong; now when it gave none."""
    now = timezone.now()
    return min(moment or now, now)


def keep_film(generation: Generation, job: Job) -> Video:
    """Have the job's film saved. Its address may come later than the word that it is finished."""
    video = Video(generation=generation, team_id=generation.team_id, source_url=job.result_url or "")
    video.state = "copying"
    if job.expired:
        video.state, video.reason = "lost", DELETED_THERE
    elif job.result_url:
        video.due_at = timezone.now()
    else:
        video.last_error = NO_ADDRESS
        have_located(video)
    video.save(force_insert=True)
    return video

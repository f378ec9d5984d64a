"""Where a finished film is that we could not save yet: its job is read again now and then, for the address may come
later than the word “completed”, or be another one by then.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from assets_app.apiframe.client import Client
from assets_app.apiframe.errors import ApiframeError
from assets_app.apiframe.results import Job, JobStatus
from assets_app.engine.outcomes import Later, age, in_seconds
from assets_app.engine.step import Step, words_of
from assets_app.engine.waking import FILES, wake
from assets_app.models import Generation, Team, Video
from assets_app.models.generation import LONGEST_RESULT_LIFETIME, RESULT_LIFETIME

if TYPE_CHECKING:
    from django.contrib.auth.models import User

NO_ADDRESS = "The provider reports the film as finished but gave no address for it."
DELETED_THERE = "The provider has deleted the film."
FOUND = "The provider says where it is now."
FIRST_LOOK_SECONDS = 20.0
SHORTEST_WAIT, LONGEST_WAIT = 5.0, 3600.0
RARELY = timedelta(days=1).total_seconds()
ADDRESS_EXPECTED_SECONDS = 600.0  # after that, “Saving” would promise too much


def have_located(video: Video, seconds: float = FIRST_LOOK_SECONDS) -> None:
    """Have the film's job read again soon, unless that is planned."""
    jobs = Generation.objects.filter(pk=video.generation_id, state="completed", due_at=None).exclude(job_id="")
    jobs.update(due_at=in_seconds(seconds))


def save_anew(generation: Generation, actor: User) -> bool:
    """Fetch a film that was given up once more, and have its job read for where it is now. False when somebody else
    was faster.
    """
    with transaction.atomic():
        if not generation.video.move("copying", actor=actor):
            return False
        jobs = Generation.objects.filter(pk=generation.pk, state="completed", claim=None).exclude(job_id="")
        jobs.update(due_at=timezone.now())
    return True


class Locate(Step):
    """A completed generation whose film is not saved: often at first, once a day when the shortest promise of the
    provider is over (FACTS §0.2), and never again after the longest.
    """

    def prepare(self, row: Generation) -> bool:
        if _unsaved(row) is None:
            row.release(due_at=None)
            return False
        return True

    def call(self, client: Client, row: Generation) -> Job:
        return client.get_job(row.job_id)

    def settle(self, row: Generation, answer: Job) -> Later | None:
        video = _unsaved(row)
        if video is None or answer.status is not JobStatus.COMPLETED:
            return self._later(row)
        with transaction.atomic():
            revision = Team(pk=row.team_id).next_revision()
            Generation.objects.filter(pk=row.pk).update(provider_answer=dict(answer.raw), revision=revision)
        if answer.expired:
            if video.state == "copying":
                video.move("lost", reason=DELETED_THERE)
            row.release(due_at=None)
            return None
        if answer.result_url:
            _fetch_from(video, answer.result_url)
        elif video.state == "copying" and not video.source_url and age(video.state_since) > ADDRESS_EXPECTED_SECONDS:
            video.move("lost", reason=NO_ADDRESS)
        return self._later(row)

    def failed(self, row: Generation, error: ApiframeError) -> Later | None:
        """A job that cannot be read, or is not known any more, says nothing about the file."""
        return self._later(row, error=words_of(error))

    def _later(self, row: Generation, error: str = "") -> Later | None:
        since = age(row.completed_at or row.state_since)
        if since > LONGEST_RESULT_LIFETIME.total_seconds():
            row.release(due_at=None, last_error=error)
            return None
        if since > RESULT_LIFETIME.total_seconds():
            return Later(RARELY, error=error)
        return Later(min(max(since / 4, SHORTEST_WAIT), LONGEST_WAIT), error=error)


def _unsaved(row: Generation) -> Video | None:
    """Our copy, while there is something to look for: not what was deleted for good."""
    if row.purged_at:
        return None
    return Video.objects.filter(pk=row.pk).exclude(state="saved").first()


def _fetch_from(video: Video, url: str) -> None:
    """Have it fetched from there: patiently from a new address, once more from one that gave nothing."""
    if url != video.source_url and video.state == "lost":
        video.move("copying", reason=FOUND, source_url=url)
    elif url != video.source_url:
        Video.objects.filter(pk=video.pk, state="copying").update(source_url=url)
        Video.objects.filter(pk=video.pk, state="copying", claim=None).update(due_at=timezone.now())
    elif video.state == "lost":
        Video.objects.filter(pk=video.pk, state="lost", claim=None).update(due_at=timezone.now())
    wake(FILES)

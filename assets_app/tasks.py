"""What django-q2 runs: thin, and safe to run twice or never, for rows hold the truth.

Why the cluster is set as it is (`Q_CLUSTER`): django-q2 delivers at least once and does not count a worker's death,
so a message is acknowledged whatever comes of it and our rows do the retrying (max_attempts 1, ack_failures). A
message's retry clock runs while it waits in a cluster's memory, hence the short queue and the long retry. Results are
not kept (save_limit -1), they would only be read back row by row. Its status goes to a cache in memory, for it is
written twice a second.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from assets_app import mail
from assets_app.engine import wake, wake_if_overdue
from assets_app.engine.accounts import ask_for_balances
from assets_app.engine.sweep import sweep, sweep_clips
from assets_app.engine.waking import FILES, PROVIDER
from assets_app.models import Clock, GuessLimit, Heartbeat, Mail

SEND_MAIL_SECONDS = RECONCILE_SECONDS = CHECK_MEDIA_SECONDS = 20  # at a time, for it takes one of the few workers
FAILURES_KEPT = timedelta(days=7)


def run_lane(lane: str) -> None:
    """Run one engine lane for some seconds, then hand over to the next message."""
    from assets_app.engine.runner import Lane, Runner

    runner_lane: Lane
    if lane == FILES:
        from assets_app.engine.files import FilesLane

        runner_lane = FilesLane()
    else:
        from assets_app.engine.provider import ProviderLane

        runner_lane = ProviderLane()
    Heartbeat.beat()
    if Runner(runner_lane).run(settings.ENGINE_RUN_SECONDS):
        wake(lane)


def tick() -> None:
    """Once a minute: a sign of life, a look for rows that nobody was woken for, mail that is due, the balances
    of quiet teams, a few steps through the library, a few clips that old films lack, and a look at the directory of the
    media.
    """
    from assets_app.engine.media_check import watch_over_directory

    Heartbeat.beat()
    wake_if_overdue()
    if Mail.objects.due().exists():
        mail.wake()
    watch_over_directory()
    if ask_for_balances():
        wake(PROVIDER)
    sweep()
    sweep_clips()


def send_mail() -> None:
    """Mails that are due, then over to the next message: it takes one of the few workers."""
    if mail.send_due(SEND_MAIL_SECONDS):
        mail.wake()


def beat() -> None:
    """A sign of life, from inside a worker."""
    Heartbeat.beat()


def prune() -> None:
    """Clear away what nobody else does: django-q2's old failures, halves of files whose worker was killed, sessions
    that are over, old counts of guesses, and accounts of people who never joined a team.
    """
    from django.core.management import call_command
    from django_q.models import Task

    from assets_app.accounts import forget_who_never_joined
    from assets_app.engine.storing import incoming_directory
    from assets_app.media.archive import remove_abandoned
    from assets_app.models.candidate import forget_old_candidates

    if Clock.steady_for() >= Clock.LONG_ENOUGH:  # else nothing that has just begun may look old
        remove_abandoned(incoming_directory())
    forget_old_candidates()
    call_command("clearsessions")
    GuessLimit.forget_old()
    mail.forget_given_up()
    forget_who_never_joined()
    Task.objects.filter(success=False, stopped__lt=timezone.now() - FAILURES_KEPT).delete()


def purge_trash() -> None:
    """Delete for good what has been in the trash for thirty days: a batch, and at once another while there is more."""
    from django_q.tasks import async_task

    from assets_app.films.trash import purge_old as purge_old_films
    from assets_app.library.trash import purge_old

    if purge_old() + purge_old_films():
        async_task("assets_app.tasks.purge_trash", task_name="purge trash")


def find_again(tag: int) -> None:
    """Assets whose tag has a new name, when they are many."""
    from assets_app.library.changes import find_again

    find_again(tag)


def reconcile() -> None:
    """Go on comparing the provider's lists of jobs with ours: each team's at night, or when an admin asks."""
    from assets_app.engine.reconcile import run_due, send

    if run_due(RECONCILE_SECONDS):
        send()


def check_media() -> None:
    """Go on looking whether the files of all rows are there: each night, and when their directory was begun anew."""
    from django_q.tasks import async_task

    from assets_app.engine.media_check import run_due

    if run_due(CHECK_MEDIA_SECONDS):
        async_task("assets_app.tasks.check_media", task_name="check media")

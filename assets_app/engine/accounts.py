"""A connection's health: whose fault a failure is, the banner that says so, and the balance."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from assets_app.apiframe.errors import (
    ApiframeError,
    Blocked,
    Forbidden,
    InsufficientCredits,
    RateLimited,
    Unauthorized,
)
from assets_app.apiframe.results import Me
from assets_app.engine.outcomes import in_seconds
from assets_app.models import Asset, Connection, Generation

log = logging.getLogger(__name__)

ASK_AGAIN_SECONDS = {
    Connection.Problem.KEY_REFUSED: 30.0,
    Connection.Problem.BLOCKED: 60.0,
    Connection.Problem.NO_CREDITS: 30.0,
    Connection.Problem.DOWN: 5.0,
    Connection.Problem.KEY_UNREADABLE: 60.0,
}
BALANCE_IS_OLD_AFTER = timedelta(seconds=60)
SAME_SUSPICION_FOR = timedelta(seconds=3)


def could_be_the_connection(error: ApiframeError) -> bool:
    """Whether the fault may lie with the key or with the provider as a whole, so that GET /v2/me should be asked."""
    return isinstance(error, Unauthorized | Forbidden | Blocked) or (
        error.retryable and not isinstance(error, RateLimited)
    )


def problem_of(error: ApiframeError) -> Connection.Problem:
    if isinstance(error, Unauthorized | Forbidden):
        return Connection.Problem.KEY_REFUSED
    if isinstance(error, Blocked):
        return Connection.Problem.BLOCKED
    if isinstance(error, InsufficientCredits):
        return Connection.Problem.NO_CREDITS
    return Connection.Problem.DOWN


def put_up(connection: Connection, error: ApiframeError) -> None:
    """Tell everybody what is wrong, and ask again in a while."""
    problem = problem_of(error)
    if problem != connection.problem:
        log.warning("%s: %s", connection, problem.label)
    connection.notice(problem, error.message, in_seconds(ASK_AGAIN_SECONDS[problem]))


def is_worth_asking(connection: Connection) -> bool:
    """Whether GET /v2/me is due: to see if a problem is over, or for a balance that has grown old."""
    now = timezone.now()
    if connection.problem:
        return connection.probe_at is None or connection.probe_at <= now
    return connection.asked_at is None or connection.asked_at <= now - BALANCE_IS_OLD_AFTER


def heard(connection: Connection, me: Me) -> None:
    """GET /v2/me answered: the provider is there and takes the key. Note the balance and let rows go on if that was
    the trouble.
    """
    changed = connection.credits != me.credits
    Connection.objects.filter(pk=connection.pk).update(
        credits=me.credits, plan=me.plan or "", account_name=me.team_name or "", asked_at=timezone.now()
    )
    if changed:
        connection.team.next_revision()
    needed = connection.credits_needed if connection.problem == Connection.Problem.NO_CREDITS else 0
    if needed and (me.credits or 0) < needed:
        connection.notice(
            connection.problem, connection.problem_words, in_seconds(ASK_AGAIN_SECONDS[connection.Problem.NO_CREDITS])
        )
    elif connection.all_is_well():
        log.info("%s: all is well again", connection)
        forgive(connection)


def forgive(connection: Connection) -> None:
    """After an outage every row of the team starts afresh and at once: what failed was not its fault."""
    for model in (Asset, Generation):
        tried = Q(attempts__gt=0) | ~Q(last_error="")
        model.objects.filter(tried, team_id=connection.team_id, claim=None, due_at__isnull=False).update(
            attempts=0, last_error="", due_at=timezone.now()
        )

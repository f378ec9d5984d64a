"""A connection's health: whose fault a failure is, the banner that says so, and the balance."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from assets_app.apiframe import catalogue
from assets_app.apiframe.errors import (
    ApiframeError,
    Blocked,
    Forbidden,
    InsufficientCredits,
    RateLimited,
    Unauthorized,
)
from assets_app.apiframe.results import Me, ModelEntry
from assets_app.engine.outcomes import in_seconds
from assets_app.models import Asset, Connection, Generation, Team, registering
from assets_app.models.asset import FRESH_FOR
from assets_app.models.states import GENERATION

log = logging.getLogger(__name__)

ASK_AGAIN_SECONDS = {
    Connection.Problem.KEY_REFUSED: 30.0,
    Connection.Problem.BLOCKED: 60.0,
    Connection.Problem.NO_CREDITS: 30.0,
    Connection.Problem.DOWN: 5.0,
    Connection.Problem.KEY_UNREADABLE: 60.0,
}
WORTH_TELLING_SECONDS = 15.0  # a Retry-After from here on puts up the banner
TRY_PAYING_AGAIN_SECONDS = 600.0
LARGEST_NEED = 2**31 - 1
BALANCE_IS_OLD_AFTER = timedelta(seconds=60)
PRICES_ARE_OLD_AFTER = timedelta(hours=6)
ASK_FOR_PRICES_AGAIN_AFTER = timedelta(minutes=10)  # where that was not answered
BALANCE_IS_STALE_AFTER = timedelta(minutes=10)  # in a team that has nothing to do


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


def ask_for_balances(*teams: Team) -> bool:
    """Make GET /v2/me due for these teams; without any, for those whose balance was never heard or has grown
    stale in quiet times. Whether there were some: the budget is minded when it is sent.
    """
    unheard = Q(asked_at=None) | Q(asked_at__lte=timezone.now() - BALANCE_IS_STALE_AFTER)
    stale = Q(team__in=teams) if teams else unheard
    return bool(Connection.objects.filter(stale, problem="").update(asked_at=None))


def takes_on_prices(connection: Connection) -> bool:
    """Whether it is for us to ask what the models cost now, which is then written down as asked: one of several
    processes does. Whatever becomes of it, nothing waits for the answer.
    """
    now = timezone.now()
    heard_at = connection.prices_heard_at if connection.prices_heard_with == connection.fingerprint else None
    if connection.problem or (heard_at and heard_at > now - PRICES_ARE_OLD_AFTER):
        return False
    unasked = Q(prices_asked_at=None) | Q(prices_asked_at__lte=now - ASK_FOR_PRICES_AGAIN_AFTER)
    asked_in_the_future = Q(prices_asked_at__gt=now)  # the clock was set back
    mine = Connection.objects.filter(unasked | asked_in_the_future, pk=connection.pk)
    return bool(mine.update(prices_asked_at=now))


def heard_prices(connection: Connection, entries: Iterable[ModelEntry]) -> None:
    """GET /v2/models answered: keep what it says that films of the models we know cost."""
    known = catalogue.load().models
    given = {
        entry.id: entry.price_range.as_json for entry in entries if entry.price_range is not None and entry.id in known
    }
    answered = Connection.objects.filter(pk=connection.pk, fingerprint=connection.fingerprint)
    heard = {"prices_heard_at": timezone.now(), "prices_heard_with": connection.fingerprint}
    is_news = given != connection.price_list or connection.prices_heard_with != connection.fingerprint
    if answered.update(price_list=given, **heard) and is_news:
        connection.team.next_revision()


def cannot_pay(connection: Connection, error: InsufficientCredits) -> None:
    """A submit was refused for lack of credits: the banner says what it needs. Smaller films are still tried."""
    needed = min(max(error.required or 0, 0), LARGEST_NEED)
    Connection.objects.filter(pk=connection.pk).update(credits_needed=needed, asked_at=None)
    connection.credits_needed = needed
    put_up(connection, error)


def words_for_want_of_credits(error: InsufficientCredits) -> str:
    """What is said on the page of the very film that could not be paid."""
    if error.required is None or error.available is None:
        return "There were too few credits for it."
    return f"It needs {error.required:,} credits, and there were {error.available:,}."


def asked_to_wait(connection: Connection, error: RateLimited, until: datetime) -> None:
    """The provider wants nothing to be asked for so long that people notice. Another problem that is up stays up: it
    is asked about when the time is over.
    """
    if connection.problem in (Connection.Problem.NONE, Connection.Problem.ASKED_TO_WAIT):
        connection.notice(Connection.Problem.ASKED_TO_WAIT, error.message, until)


def heard(connection: Connection, me: Me, at: datetime | None = None) -> None:
    """GET /v2/me, asked `at` that moment, has answered: the provider is there and takes the key. Note the balance, and
    let rows go on if that was the trouble.
    """
    before = connection.credits
    answered = Connection.objects.filter(pk=connection.pk, fingerprint=connection.fingerprint)
    if not answered.update(
        credits=me.credits,
        plan=(me.plan or "")[:100],
        account_name=(me.team_name or "")[:200],
        asked_at=at
        or timezone.now(),  # from when the balance is: what is sent while it is on its way need not be in it
    ):
        return  # the key was exchanged meanwhile, and this is about the old one
    connection.credits = me.credits
    _recognise(connection, me)
    if me.credits != before or connection.asked_at is None:  # somebody waits to see that it was asked for
        connection.team.next_revision()
    if connection.problem == Connection.Problem.NO_CREDITS and not _can_pay_now(connection, before):
        until = in_seconds(ASK_AGAIN_SECONDS[Connection.Problem.NO_CREDITS])
        connection.notice(connection.problem, connection.problem_words, until)
    elif connection.all_is_well():
        log.info("%s: all is well again", connection)
        forgive(connection)


def account_of(me: Me) -> str:
    """What tells accounts apart; "" when the provider did not say."""
    return (me.team_id or "")[:200]


def _recognise(connection: Connection, me: Me) -> None:
    """The first answer to a new key says whether it opens the same account as the one before."""
    account, before = account_of(me), connection.account_id
    if not account or (account, connection.fingerprint) == (before, connection.account_heard_with):
        return
    if before == account:
        _carry_over(connection)
    elif before:
        log.warning("%s: another account than before; what was registered with that one is asked about", connection)
        ask_about_all_assets(connection.team)
    Connection.objects.filter(pk=connection.pk).update(account_id=account, account_heard_with=connection.fingerprint)
    connection.account_id, connection.account_heard_with = account, connection.fingerprint


def _carry_over(connection: Connection) -> None:
    """What was sent with the account's old key is as good as sent with its new one: it is followed, compared, and its
    price learnt from. What may have to be sent again is not: an Idempotency-Key may hold for one API key only.
    """
    sent = Generation.objects.filter(team_id=connection.team_id, sent_with=connection.account_heard_with)
    again = Q(state__in=GENERATION.with_step("submit", "confirm"))
    sent.exclude(again).exclude(sent_with="").update(sent_with=connection.fingerprint)


def ask_about_all_assets(team: Team) -> None:
    """Another account knows none of them (FACTS §5): each is asked about, and registered again under its identity. None
    is used before that. Those being processed are registered again at once.
    """
    now = timezone.now()
    with transaction.atomic():
        team.next_revision()
        team.assets.filter(state="active").update(verified_at=now - FRESH_FOR)
        team.assets.live().filter(state="active", due_at=None).update(due_at=now)
        team.assets.filter(state="queued").update(upload_until=None)
        for asset in team.assets.filter(state="processing"):
            registering.renew(asset, "The team uses another account of the provider now.")


def _can_pay_now(connection: Connection, before: int | None) -> bool:
    """Whether what waits for credits may try again: there are more than before, enough, or nothing waits any more."""
    balance = connection.credits or 0
    if balance > (before or 0) or balance >= connection.credits_needed:
        return True
    waiting = Generation.objects.filter(team_id=connection.team_id, state__in=GENERATION.with_step("submit"))
    return not waiting.exists()


def forgive(connection: Connection) -> None:
    """After an outage every row of the team starts afresh and at once: what failed was not its fault."""
    for model in (Asset, Generation):
        tried = Q(attempts__gt=0) | ~Q(last_error="")
        model.objects.filter(tried, team_id=connection.team_id, claim=None, due_at__isnull=False).update(
            attempts=0, last_error="", due_at=timezone.now()
        )

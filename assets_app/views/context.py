"""What every page's frame needs: the team, its connection and what is in flight."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, QuerySet, Sum, Value
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from assets_app.apiframe.uploads import LARGEST_UPLOAD
from assets_app.engine.accounts import ASK_AGAIN_SECONDS
from assets_app.engine.lost import asked_about
from assets_app.engine.missing import media_are_away
from assets_app.middleware import page_at_hand
from assets_app.models import Asset, Candidate, Connection, Discrepancy, Team
from assets_app.models.media_use import MediaUse
from assets_app.models.states import ASSET, GENERATION
from assets_app.money.approving import waiting_for
from assets_app.views.outages import disk_is_full

IN_FLIGHT_ASSETS = [state.value for state in ASSET.values() if not state.is_final]
IN_FLIGHT_GENERATIONS = [state.value for state in GENERATION.values() if not state.is_final]

LATELY = timedelta(hours=24)

# A page tells of so many that need a person, and no more.
MOST_TOLD = 999


@dataclass(frozen=True)
class Pulse:
    """How much is under way and what needs a person, as counted at `now` (milliseconds since the epoch, for the page's
    clock).
    """

    assets: int
    generations: int
    attention: int
    asked_about: int
    candidates: int
    spent_lately: int
    """Credits of the last 24 hours, which says whether the balance is low."""
    now: int

    @classmethod
    def of(cls, team: Team) -> Pulse:
        """One query: five counts, each on an index that holds few matching rows or ending where nobody counts on, and
        a day's sum.
        """
        attention = team.assets.needing_attention().order_by().values("pk")[:MOST_TOLD]
        # What is under way is due: said so, the index of the few due rows is used, not a walk through all there are.
        assets, generations = (rows.filter(due_at__isnull=False) for rows in (team.assets, team.generations))
        counts: dict[str, int] = dict(
            counted("assets", assets.filter(state__in=IN_FLIGHT_ASSETS)).union(
                counted("generations", generations.filter(state__in=IN_FLIGHT_GENERATIONS)),
                counted("asked about", asked_about(team)),
                counted("candidates", Candidate.objects.filter(team=team, state="looking")),
                counted("attention", Asset.objects.filter(pk__in=attention)),
                _summed("spent", team.generations.filter(created_at__gte=timezone.now() - LATELY, spend__gt=0)),
                all=True,
            )
        )
        return cls(
            assets=counts.get("assets", 0),
            generations=counts.get("generations", 0),
            attention=counts.get("attention", 0) + counts.get("asked about", 0),
            asked_about=counts.get("asked about", 0),
            candidates=counts.get("candidates", 0),
            spent_lately=counts.get("spent", 0),
            now=int(time.time() * 1000),
        )

    @property
    def in_flight(self) -> int:
        return self.assets + self.generations

    @property
    def is_busy(self) -> bool:
        return self.in_flight + self.candidates > 0


def counted(what: str, rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    """One row, `what` and how many there are, for a union with others."""
    return rows.order_by().values_list(Value(what)).annotate(number=Count("pk"))


def _summed(what: str, generations: QuerySet[Any]) -> QuerySet[Any, Any]:
    return generations.order_by().values_list(Value(what)).annotate(number=Sum("spend"))


@dataclass(frozen=True)
class Notice:
    """A problem of the connection as people read it: what is wrong, and what follows from it."""

    what: str
    so: str
    again: str = ""
    """When it is looked into again."""
    holds: bool = True
    """Whether all that is under way waits for it to end."""


def _again(problem: Connection.Problem) -> str:
    """ "asked again every 5 seconds"."""
    seconds = ASK_AGAIN_SECONDS[problem]
    return "asked again every minute" if seconds == 60 else f"asked again every {seconds:.0f} seconds"


PROBLEMS = {
    Connection.Problem.KEY_REFUSED: Notice(
        "The provider refuses this team’s API key.",
        "Everything waits where it is, and goes on as soon as an admin pastes a valid key in Settings.",
        again=_again(Connection.Problem.KEY_REFUSED),
    ),
    Connection.Problem.BLOCKED: Notice(
        "The provider’s gate refuses requests from this server.",
        "It is the network, not the key. We keep asking; if it lasts, show the provider the words below.",
        again=_again(Connection.Problem.BLOCKED),
    ),
    Connection.Problem.NO_CREDITS: Notice(
        "The team’s credits are used up.",
        "Assets still register, and videos that there are credits for are made. The others start by themselves once "
        "there are enough.",
        again=_again(Connection.Problem.NO_CREDITS),
        holds=False,
    ),
    Connection.Problem.DOWN: Notice(
        "The provider does not answer.",
        "Nothing is lost and there is nothing to do: everything goes on by itself when it is back.",
        again=_again(Connection.Problem.DOWN),
    ),
    Connection.Problem.ASKED_TO_WAIT: Notice(
        "The provider asked us to wait.",
        "Nothing is lost and there is nothing to do: everything goes on by itself then.",
    ),
    Connection.Problem.KEY_UNREADABLE: Notice(
        "The stored API key cannot be read.",
        "SECRET_KEY was changed. An admin can paste the API key again in Settings, or bring the old SECRET_KEY back.",
        again=_again(Connection.Problem.KEY_UNREADABLE),
    ),
}


def shell(request: HttpRequest) -> dict[str, Any]:
    """The team at hand, its connection and its pulse; nothing on pages outside a team. Gathered once a request, however
    many templates an answer is made of.
    """
    team: Team | None = getattr(request, "team", None)
    if team is None:
        return {}
    if not hasattr(request, "shell"):
        request.shell = _gathered(request, team)  # type: ignore[attr-defined]
    return request.shell  # type: ignore[attr-defined]


def _gathered(request: HttpRequest, team: Team) -> dict[str, Any]:
    connection: Connection | None = getattr(team, "connection", None)
    return {
        "team": team,
        "page_at_hand": page_at_hand(request),
        "membership": request.membership,  # type: ignore[attr-defined]
        "connection": connection,
        "problem": PROBLEMS.get(Connection.Problem(connection.problem)) if connection else None,
        "media_away": media_are_away(),
        "upload_limits": LARGEST_UPLOAD,
        "differences_waiting": SimpleLazyObject(lambda: Discrepancy.waiting_for(request.membership)),  # type: ignore[attr-defined]
        "asked_about": SimpleLazyObject(lambda: asked_about(team).first()),
        "approvals_waiting": SimpleLazyObject(lambda: waiting_for(request.membership)),  # type: ignore[attr-defined]
        "disk_is_full": disk_is_full,  # asked for admins only
        "media_use": SimpleLazyObject(lambda: MediaUse.shown_for(team.pk)),  # for those who may add something
        "pulse": SimpleLazyObject(lambda: Pulse.of(team)),
    }

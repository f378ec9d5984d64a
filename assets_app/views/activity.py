"""Everything that happened in a team: who or what did it, to what, and why; as a page and as a table to take away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from assets_app.days import midnight
from assets_app.middleware import TeamRequest
from assets_app.models import Event, Team
from assets_app.templatetags.castboard import person
from assets_app.views import history, spreadsheet, team_history

ON_A_PAGE = 60
AT_A_TIME = 1000
CASTBOARD = "castboard"  # in the address, for what nobody asked for
KINDS = {"asset": "Assets", "video": "Videos", "copy": "Our copies", "team": "The team"}
OF_KIND = {
    "asset": Q(asset__isnull=False) & ~Q(subject=Event.COPY),
    "video": Q(generation__isnull=False) & ~Q(subject=Event.COPY),
    "copy": Q(subject=Event.COPY),
    "team": Q(subject=Event.TEAM),
}
COLUMNS = ["When (UTC)", "Who", "What", "Kind", "About", "Id", "From", "To", "Reason"]


@dataclass(frozen=True)
class Filter:
    """Which events are looked at. It lives in the address; what cannot be understood there is left out."""

    who: str = ""
    kind: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def from_address(cls, query: QueryDict) -> Filter:
        who, kind = query.get("who", ""), query.get("kind", "")
        return cls(
            who=who if who == CASTBOARD or (who.isascii() and who.isdecimal() and len(who) < 10) else "",
            kind=kind if kind in KINDS else "",
            since=_date(query.get("since", "")),
            until=_date(query.get("until", "")),
        )

    def as_address(self, **changes: str) -> str:
        given = {"who": self.who, "kind": self.kind, "since": self.since or "", "until": self.until or ""} | changes
        return urlencode({name: value for name, value in given.items() if value})

    @property
    def is_set(self) -> bool:
        return self != Filter()

    def of(self, team: Team) -> QuerySet[Event]:
        """Newest first, with all that a line shows."""
        events = Event.objects.filter(team=team)
        if self.who:
            events = events.filter(actor=None if self.who == CASTBOARD else int(self.who))
        if self.kind:
            events = events.filter(OF_KIND[self.kind])
        if self.since:
            events = events.filter(at__gte=midnight(self.since))
        if self.until:
            events = events.filter(at__lte=timezone.make_aware(datetime.combine(self.until, time.max)))
        return events.select_related("actor", "asset", "generation").order_by("-at", "-id")


@dataclass(frozen=True)
class Line:
    """One event in words, and what it was about."""

    event: Event
    team: Team

    @property
    def words(self) -> str:
        if self.event.subject == Event.TEAM:
            return team_history.words_of(self.event)
        return self._told.words

    @property
    def because(self) -> str:
        return "" if self.event.subject == Event.TEAM else self._told.because

    @property
    def _told(self) -> history.Line:
        return history.FilmLine(self.event) if self.event.generation_id else history.AssetLine(self.event)

    @property
    def kind(self) -> str:
        if self.event.subject in KINDS:
            return self.event.subject
        return "video" if self.event.generation_id else "asset"

    @property
    def about(self) -> str:
        if self.event.generation:
            return self.event.generation.prompt
        return self.event.asset.name if self.event.asset else self.team.name

    @property
    def address(self) -> str:
        if self.event.generation_id:
            return reverse("video", args=[self.team.slug, self.event.generation_id])
        return reverse("asset", args=[self.team.slug, self.event.asset_id]) if self.event.asset_id else ""

    def as_row(self) -> list[str]:
        event = self.event
        return [
            spreadsheet.moment(event.at),
            person(event.actor) if event.actor else "Castboard",
            self.words,
            KINDS[self.kind],
            self.about,
            str(event.generation_id or event.asset_id or ""),
            "" if event.subject == Event.TEAM else event.from_state,
            "" if event.subject == Event.TEAM else event.to_state,
            event.reason,
        ]


@require_safe
def activity(request: TeamRequest) -> HttpResponse:
    chosen = Filter.from_address(request.GET)
    events = chosen.of(request.team)
    page = list(_older_than(request.GET.get("before", ""), events, request.team)[: ON_A_PAGE + 1])
    shown = page[:ON_A_PAGE]
    context = {
        "chosen": chosen,
        "lines": [Line(event, request.team) for event in shown],
        "older": chosen.as_address(before=str(shown[-1].pk)) if len(page) > ON_A_PAGE else "",
        "newest": "before" in request.GET and chosen.as_address(),
        "kinds": KINDS.items(),
        "people": _people(request.team, chosen.who),
        "export": chosen.as_address(),
        "place": "activity",
        "live_page": "activity",
    }
    return render(request, "activity/activity.html", context)


@require_safe
def export(request: TeamRequest) -> HttpResponseBase:
    """The chosen events as CSV: a team's whole history need not fit into memory."""
    rows = (Line(event, request.team).as_row() for event in _all(Filter.from_address(request.GET), request.team))
    name = f"{slugify(request.team.slug)}-activity-{timezone.now():%Y-%m-%d}.csv"
    return spreadsheet.download(name, COLUMNS, rows)


def _all(chosen: Filter, team: Team) -> Iterator[Event]:
    """In pieces, each with all that its lines name."""
    before = ""
    while page := list(_older_than(before, chosen.of(team), team)[:AT_A_TIME]):
        yield from page
        before = str(page[-1].pk)


def _older_than(before: str, events: QuerySet[Event], team: Team) -> QuerySet[Event]:
    """What comes after the event `before` in the list: by key, so that page 10,000 costs what the first one costs."""
    if not (before.isascii() and before.isdecimal() and len(before) < 19):
        return events
    at = Event.objects.filter(team=team, pk=int(before)).values_list("at", flat=True).first()
    if at is None:
        return events
    return events.filter(at__lte=at).filter(Q(at__lt=at) | Q(pk__lt=int(before)))


def _people(team: Team, chosen: str) -> list[tuple[str, str]]:
    """Whom to filter by: the members, and whoever is chosen already although they have left."""
    wanted = Q(memberships__team=team)
    if chosen.isdecimal():
        wanted |= Q(pk=int(chosen), pk__in=Event.objects.filter(team=team, actor=int(chosen)).values("actor")[:1])
    users = User.objects.filter(wanted).distinct().order_by("first_name", "username")
    return [(str(user.pk), person(user)) for user in users] + [(CASTBOARD, "Castboard itself")]


def _date(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:  # well formed, but no such day
        return None

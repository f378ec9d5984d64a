"""The board: paste links on top, and below, live, what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from assets_app import engine
from assets_app.forms.candidates import look
from assets_app.forms.registering import Paste
from assets_app.library.pace import paces_of
from assets_app.middleware import TeamRequest
from assets_app.models import Asset, Generation, Team
from assets_app.models.asset import AssetQuerySet
from assets_app.models.registering import RETRIED
from assets_app.models.states import ASSET, Group
from assets_app.models.waiting import TooMuchWaits
from assets_app.totals import Total
from assets_app.views.access import editors_only
from assets_app.views.candidates import changed_candidates, panel, panel_context
from assets_app.views.cards import Card, assets_of, on_board
from assets_app.views.context import counted
from assets_app.views.live import MANY, live_page
from assets_app.views.waiting_presses import asked_of, changed_approvals

# Cards per group: what fits on a screen. The library has the rest.
CAPS: dict[Group, int] = {"processing": 24, "attention": 24, "ready": 48}
COUNTED = 1_000  # of each state: nobody counts on, and a team may have failed by the ten thousand
FEW: dict[Group, int] = {"attention": 3}  # shown of a group that unfolds
JUST_NOW = timedelta(hours=24)
FILMS_FAILED = "films failed"  # beside the states of assets, what is counted for the board


@dataclass(frozen=True)
class Section:
    """One group of the board: its newest cards and how many there are in all."""

    group: Group
    title: str
    nothing: str
    shape: str
    counts: Mapping[str, int]
    cards: Sequence[Card] = ()

    @property
    def total(self) -> int:
        return sum(self.counts.get(state, 0) for state in ASSET.in_group(self.group))

    @property
    def told(self) -> Total:
        return self._told(ASSET.in_group(self.group))

    @property
    def retried(self) -> Total:
        """How many of them "retry all" would send."""
        return self._told(RETRIED if self.group == "attention" else ())

    @property
    def films_failed(self) -> Total:
        """How many of the films asked for in the last 24 hours failed; their own pages say why."""
        return self._told([FILMS_FAILED] if self.group == "attention" else ())

    def _told(self, states: Iterable[str]) -> Total:
        numbers = [self.counts.get(state, 0) for state in states]
        return Total(sum(min(number, COUNTED) for number in numbers), is_exact=max(numbers, default=0) <= COUNTED)

    @property
    def cap(self) -> int:
        return CAPS[self.group]

    @property
    def few(self) -> int:
        return FEW.get(self.group, 0)

    @property
    def has_more(self) -> bool:
        return self.total > self.cap


SECTIONS: tuple[tuple[Group, str, str, str], ...] = (
    # Above what is under way, which may be long; it is folded to a few rows, and not seen while it is empty.
    ("attention", "Needs attention", "Nothing needs you.", "rows"),
    ("processing", "Processing", "Nothing is on its way.", "rows"),
    ("ready", "Ready", "Nothing became Active in the last 24 hours.", "tiles"),
)


@require_safe
def board(request: TeamRequest) -> HttpResponse:
    return _page(request, Paste(request.team, {"urls": request.GET.get("urls", "")}))


@require_POST
@editors_only
def check(request: TeamRequest) -> HttpResponse:
    """What Register would do with the lines as they stand."""
    return render(request, "board/_lines.html", {"paste": Paste(request.team, request.POST), "is_check": True})


@require_POST
@editors_only
def add(request: TeamRequest) -> HttpResponse:
    """Register what is new. Lines that need a look come back with their reasons, and nothing that was typed is lost."""
    paste = Paste(request.team, request.POST)
    registered = paste.register(request.user)
    if registered:
        engine.wake()
    left = Paste(request.team, request.POST.dict() | {"urls": paste.left_over})
    context = {"paste": left, "outcome": paste, "registered": len(registered)}
    if request.headers.get("HX-Request"):
        return trigger_client_event(render(request, "board/_paste.html", context), "castboard:changed", {})
    if registered and len(registered) == paste.count:
        messages.success(request, f"Registered {len(registered):,}.")
        return redirect("board", request.team.slug)
    return _page(request, left, context)


@require_POST
@editors_only
def look_first(request: TeamRequest) -> HttpResponse:
    """Take a paste onto the list of what is checked before it is registered. Lines that are no links stay in the box
    with their reasons, and all of them when the list would get too long.
    """
    paste = Paste(request.team, request.POST)
    try:
        if look(paste, request.membership.user):
            engine.wake()
        left = Paste(request.team, request.POST.dict() | {"urls": paste.not_looked_at})
        said: dict[str, Any] = {"looked": paste}
    except TooMuchWaits as error:
        left, said = paste, {"refused": str(error)}
    if not request.headers.get("HX-Request"):
        return _page(request, left, said) if left.text else redirect("board", request.team.slug)
    answer = render(request, "board/_paste.html", {"paste": left} | said)
    answer.content += panel(request, is_oob=True).encode()
    return trigger_client_event(answer, "castboard:changed", {})


def _page(request: TeamRequest, paste: Paste, extra: dict[str, Any] | None = None) -> HttpResponse:
    sections = sections_of(request.team)
    is_first_time = not any(section.total for section in sections) and not request.team.assets.exists()
    context = {
        "place": "board",
        "live_page": "board",
        "paste": paste,
        "sections": sections,
        "samples": _samples(request.team) if is_first_time else [],
        "is_first_time": is_first_time,
        "approvals": asked_of(request),
        **(panel_context(request) if request.membership.may_edit else {}),
    }
    return render(request, "board/board.html", context | (extra or {}))


@live_page("board")
def changes(request: TeamRequest, since: int) -> SafeString:
    """The changed cards and the groups' counts; whole groups when too much changed to place it card by card."""
    looked_at = changed_candidates(request, since) if request.membership.may_edit else SafeString()
    looked_at += changed_approvals(request, since)
    changed = list(assets_of(request.team).filter(revision__gt=since).order_by("revision")[: MANY + 1])
    if len(changed) > MANY:
        return looked_at + render_to_string("board/_sections.html", {"sections": sections_of(request.team)}, request)
    counts = counts_of(request.team)
    context = {
        "sections": [Section(*words, counts) for words in SECTIONS],
        "cards": [on_board(asset, paces_of(request.team)) for asset in changed],
    }
    return looked_at + render_to_string("board/_changes.html", context, request)


def sections_of(team: Team) -> list[Section]:
    counts = counts_of(team)
    return [Section(*words, counts, _cards(team, words[0], counts)) for words in SECTIONS]


def counts_of(team: Team) -> dict[str, int]:
    """How many assets that the board shows are in each state, and how many films failed lately; one more than COUNTED
    where there are more. One query, whose parts walk an index each and end there.
    """
    failed = team.generations.live().filter(state="failed", created_at__gte=timezone.now() - JUST_NOW)
    films = Generation.objects.filter(pk__in=failed.order_by().values("pk")[: COUNTED + 1])
    shown = {
        state: _shown(team.assets.live(), group).filter(state=state).order_by().values("pk")[: COUNTED + 1]
        for group in CAPS
        for state in ASSET.in_group(group)
    }
    counts = [counted(state, Asset.objects.filter(pk__in=some)) for state, some in shown.items()]
    return dict(counted(FILMS_FAILED, films).union(*counts, all=True))


def _shown(assets: AssetQuerySet, group: Group) -> AssetQuerySet:
    assets = assets.in_groups(group)
    if group == "ready":
        return assets.filter(state_since__gte=timezone.now() - JUST_NOW)
    return assets.needing_attention() if group == "attention" else assets


def _cards(team: Team, group: Group, counts: Mapping[str, int]) -> list[Card]:
    """State by state, those that hold any: with several at once SQLite walks through all assets of the team."""
    cap, rows = CAPS[group], _shown(assets_of(team).live(), group)
    by = ("number",) if group == "processing" else ("state_since", "pk")
    order = [f"-{name}" for name in by]
    states = (state for state in ASSET.in_group(group) if counts.get(state))
    newest = [asset for state in states for asset in rows.filter(state=state).order_by(*order)[:cap]]
    newest.sort(key=attrgetter(*by), reverse=True)
    paces = paces_of(team)
    return [on_board(asset, paces) for asset in newest[:cap]]


def _samples(team: Team) -> list[dict[str, str | bool]]:
    """What a newcomer may try at once: the sandbox brings its own media."""
    connection = getattr(team, "connection", None)
    if connection is None or not connection.is_sandbox:
        return []
    from assets_app.sandbox import samples

    return samples.urls(connection.base_url)

"""Where the provider's list of jobs and ours differed, and what an admin does about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from assets_app.addresses import read_moment, whole_number
from assets_app.apiframe import catalogue
from assets_app.apiframe.errors import UnexpectedAnswer
from assets_app.apiframe.results import Job
from assets_app.engine import differences, reconcile
from assets_app.middleware import TeamRequest
from assets_app.models import Comparison, Discrepancy, Team
from assets_app.money.words import in_credits
from assets_app.templatetags.castboard import person
from assets_app.views import spreadsheet
from assets_app.views.access import admins_only

MOST_SHOWN = 50
MOST_SETTLED = 20
AT_A_TIME = 500
Kind = Discrepancy.Kind


@dataclass(frozen=True)
class Line:
    """One difference in words."""

    found: Discrepancy

    @property
    def facts(self) -> dict[str, Any]:
        return self.found.facts

    @property
    def model(self) -> str:
        return catalogue.label_of(str(self.facts.get("model") or "")) or "unknown model"

    @property
    def made_at(self) -> datetime | None:
        try:
            return read_moment(str(self.facts.get("made_at") or ""))
        except ValueError:
            return None

    @property
    def about(self) -> str:
        return str(self.facts.get("film") or "") or "Prompt not known"

    @property
    def address(self) -> str:
        """The film's page, where it is ours."""
        film = self.found.generation_id
        return reverse("video", args=[self.found.team.slug, film]) if film else ""

    @property
    def words(self) -> str:
        """What differed, and what was done."""
        facts = self.facts
        match self.found.kind:
            case Kind.UNKNOWN_JOB:
                return f"{_credits(facts.get('credits'))}, made with this team’s key, but not here."
            case Kind.UNSAVED_RESULT:
                return "The provider still had this film, and we had no copy of it. It is being saved."
            case Kind.OTHER_CHARGE:
                return f"The provider charged {_credits(facts.get('theirs'))}; we had {facts.get('ours')}. Corrected."
            case Kind.NOT_LISTED:
                asked = " and does not know its id" if facts.get("was_asked") else ""
                counted = _credits(facts.get("credits"))
                read = f"The provider’s list, read from {self._looked_from}, has no such job{asked}."
                return f"It counts {counted} here. {read}"
            case Kind.GIVEN_UP:
                why = facts.get("why") or "It was sent, and the provider can no longer be asked about it."
                counted = _credits(facts.get("credits"))
                return f"{why} It counts {counted} until the provider’s list, or you, say otherwise."
        if facts.get("goes_on"):
            return f"We have it as finished; the provider still says “{facts.get('theirs')}”. Nothing was changed."
        if facts.get("ours") == "completed":
            return "The provider calls it failed, which costs nothing. We keep the film and count 0."
        return (
            f"We had given it up as {facts.get('ours')}; the provider finished it, for "
            f"{_credits(facts.get('credits'))}. It is a film of yours now."
        )

    @property
    def _looked_from(self) -> str:
        try:
            at = read_moment(str(self.facts.get("looked_from") or ""))
        except ValueError:
            at = None
        return f"{at:%-d %B %Y} on" if at and at.year > reconcile.BEGINNING.year else "its beginning"

    @property
    def may_be_written_off(self) -> bool:
        film = self.found.generation
        if film is None or film.spend <= 0:
            return False
        return self.found.kind == Kind.NOT_LISTED or (self.found.kind == Kind.GIVEN_UP and film.state == "failed")

    @cached_property
    def may_be_taken_in(self) -> bool:
        if self.found.kind != Kind.UNKNOWN_JOB:
            return False
        try:
            return differences.may_be_taken_in(Job.from_json(self.facts.get("job")))
        except UnexpectedAnswer:
            return False


def _credits(number: object) -> str:
    if not isinstance(number, int):
        return "an unknown charge"
    return in_credits(number)


def context_of(team: Team) -> dict[str, Any]:
    """What the section shows: a few queries, whatever there is."""
    found = team.discrepancies.select_related("team", "settled_by", "generation")
    unsettled = found.filter(settled_at=None)
    shown = list(unsettled.order_by("-found_at", "-id")[:MOST_SHOWN])
    return {
        "comparison": Comparison.objects.filter(team=team).first(),
        "differences": [Line(each) for each in shown],
        "differences_open": unsettled.count() if len(shown) == MOST_SHOWN else len(shown),
        "differences_newest": max((each.pk for each in shown), default=0),
        "differences_settled": [
            Line(each) for each in found.filter(settled_at__isnull=False).order_by("-settled_at")[:MOST_SETTLED]
        ],
    }


# --- to take away ----------------------------------------------------------------------------------------------------
COLUMNS = [
    "Found (UTC)",
    "What",
    "In words",
    "Film",
    "Model",
    "Made (UTC)",
    "Credits",
    "Settled (UTC)",
    "By",
    "Why",
    "Job",
    "Film’s id",
]


@require_safe
@admins_only
def export(request: TeamRequest) -> HttpResponseBase:
    """All differences as CSV, open ones and settled ones, newest first."""
    name = f"{slugify(request.team.slug)}-differences-{timezone.now():%Y-%m-%d}.csv"
    return spreadsheet.download(name, COLUMNS, (_as_row(line) for line in _all(request.team)))


def _all(team: Team) -> Iterator[Line]:
    """In pieces, each with all that its lines name."""
    found = team.discrepancies.select_related("team", "settled_by", "generation").order_by("-id")
    before = None
    while page := list((found.filter(pk__lt=before) if before else found)[:AT_A_TIME]):
        yield from (Line(each) for each in page)
        before = page[-1].pk


def _as_row(line: Line) -> list[str]:
    found, credit = line.found, line.facts.get("credits", line.facts.get("theirs"))
    return [
        spreadsheet.moment(found.found_at),
        found.get_kind_display(),
        line.words,
        line.about,
        line.model,
        spreadsheet.moment(line.made_at) if line.made_at else "",
        str(credit) if isinstance(credit, int) else "",
        spreadsheet.moment(found.settled_at) if found.settled_at else "",
        person(found.settled_by) if found.settled_by else "",
        found.why,
        found.job_id,
        str(found.generation_id or ""),
    ]


# --- what an admin does ----------------------------------------------------------------------------------------------
@require_POST
@admins_only
def compare(request: TeamRequest) -> HttpResponse:
    """Begin a comparison now."""
    if not getattr(request.team, "connection", None):
        messages.error(request, "There is nothing to compare with: connect the team to the provider in Settings.")
    elif reconcile.ask(request.team, all_of_it=bool(request.POST.get("all"))):
        messages.success(request, "The provider’s list of jobs is being compared with ours.")
    else:
        messages.info(request, "That is being done right now.")
    return _back(request)


@require_POST
@admins_only
def take_in(request: TeamRequest, pk: int) -> HttpResponse:
    """Make a job that is not ours one of the team's films."""
    found = get_object_or_404(request.team.discrepancies.select_related("team"), pk=pk)
    if made := differences.take_in(found, request.membership.user):
        messages.success(request, "Imported. Its film is being saved, and its cost counts on the day it was made.")
        return redirect("video", request.team.slug, made.pk)
    messages.info(request, "That job was imported before, or made no film.")
    return _back(request)


@require_POST
@admins_only
def write_off(request: TeamRequest, pk: int) -> HttpResponse:
    """Have a film that was given up count nothing, for the provider’s own list says so."""
    found = get_object_or_404(request.team.discrepancies.select_related("generation__team"), pk=pk)
    if found.generation and differences.write_off(found.generation, request.membership.user):
        messages.success(request, "It counts 0 credits now.")
    else:
        messages.info(request, "It counts 0 credits already, or was made after all.")
    return _back(request)


@require_POST
@admins_only
def dismiss(request: TeamRequest) -> HttpResponse:
    """Close those named, or all up to the newest that the page showed: what came later has been seen by nobody."""
    if newest := whole_number(request.POST.get("up_to", "")):
        unsettled = request.team.discrepancies.filter(settled_at=None, pk__lte=newest)
        ids = list(unsettled.values_list("pk", flat=True))
    else:
        ids = [whole_number(text) for text in request.POST.getlist("difference")[:MOST_SHOWN]]
    number = differences.dismiss(request.team, ids, request.membership.user, request.POST.get("why", ""))
    messages.success(request, f"{number:,} dismissed." if number else "There was nothing left to dismiss.")
    return _back(request)


def _back(request: TeamRequest) -> HttpResponse:
    return redirect(f"{reverse('usage', args=[request.team.slug])}#differences")

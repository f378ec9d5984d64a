"""The list of links that are checked before anything is sent: it fills in while we look, and keeps until decided."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from assets_app import engine
from assets_app.engine.looking import verdict
from assets_app.forms.candidates import CandidateList, GivenToAll
from assets_app.forms.paste import LONGEST_NAME
from assets_app.middleware import TeamRequest
from assets_app.models import Candidate, MediaType, keep_unsent, register_candidates
from assets_app.models.words import printable
from assets_app.views.access import editors_only
from assets_app.views.answers import said
from assets_app.views.live import MANY

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@require_POST
@editors_only
def register(request: TeamRequest) -> HttpResponse:
    """Register what is fit and what is wanted all the same, and give it all the same tags, collection and kind."""
    form = GivenToAll(request.POST)
    if not form.is_valid():
        return _answer(request, form=form)
    found = CandidateList(request.team, _user(request))
    linked = f" In the library already: {found.in_library}." if found.in_library else ""
    there = found.linked
    assets = register_candidates(request.team, _user(request))
    form.give(request.team, _user(request), assets)
    form.give(request.team, _user(request), there)
    if there and form.in_words:
        linked += f" {'They were' if len(there) > 1 else 'It was'} given the same."
    if not assets:
        return _answer(request, f"Nothing{' else' if linked else ''} in the list is ready yet.{linked}", form)
    engine.wake()
    return _answer(request, f"Registered {len(assets):,}.{linked}", form.as_new())


@require_POST
@editors_only
def set_type(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """A person knows better what it is; what we know of the file is judged anew."""
    candidate, wanted = _candidate(request, pk), request.POST.get("type", "")
    if wanted in MediaType.values and wanted != candidate.wanted_type:
        candidate.wanted_type = wanted
        _change(candidate, wanted_type=wanted, is_corrected=True)
        if candidate.was_seen and candidate.state in ("ready", "refused"):
            state, changes = verdict(candidate)
            if state == candidate.state:
                _change(candidate, **changes)
            elif state in candidate.status.leads_to:
                candidate.move(state, **changes)
    return _answer(request)


@require_POST
@editors_only
def set_name(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """What it is to be called in the library; without a name it keeps the one it has."""
    candidate = _candidate(request, pk)
    name = printable(" ".join(request.POST.get("name", "").split()))[:LONGEST_NAME].strip()
    if name and name != candidate.name and candidate.state != "known":
        candidate.name = name
        _change(candidate, name=name)
    if not request.headers.get("HX-Request"):
        return _answer(request)
    return render(request, "board/_candidate.html", {"candidate": candidate})


@require_POST
@editors_only
def anyway(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Register it whatever we found; once more takes that back."""
    candidate = _candidate(request, pk)
    _change(candidate, anyway=not candidate.anyway)
    return _answer(request)


@require_POST
@editors_only
def look_again(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    candidate = _candidate(request, pk)
    if "looking" in candidate.status.leads_to and candidate.move("looking", anyway=False, warning=""):
        engine.wake()
    return _answer(request)


@require_POST
@editors_only
def choose_part(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """On to choosing a part of what is refused as a whole; the whole goes to the library for that, unsent."""
    candidate = _candidate(request, pk)
    asset = keep_unsent(candidate, _user(request)) if candidate.may_be_cut else None
    if asset is None:
        return said(request, "There is no file of it to cut.", "board", request.team.slug, is_problem=True)
    return redirect("asset-cut", request.team.slug, asset.pk)


@require_POST
@editors_only
def drop(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    Candidate.objects.filter(pk=_candidate(request, pk).pk).throw_away()
    return _answer(request)


@require_POST
@editors_only
def clear(request: TeamRequest) -> HttpResponse:
    CandidateList(request.team, _user(request)).all.throw_away()  # type: ignore[attr-defined]
    return _answer(request)


def changed_candidates(request: TeamRequest, since: int) -> SafeString:
    """For the board's poll: the rows that changed and what stands above them; all of it when too much changed."""
    found = CandidateList(request.team, _user(request))
    changed = list(found.all.filter(revision__gt=since).select_related("known_as__original")[: MANY + 1])
    if not changed:
        return SafeString()
    if len(changed) > MANY:
        return panel(request)
    context = {"candidates": found, "changed": changed}
    return render_to_string("board/_candidate_changes.html", context, request)


def _change(candidate: Candidate, **columns: Any) -> None:
    revision = candidate.team.next_revision()
    Candidate.objects.filter(pk=candidate.pk).update(revision=revision, **columns)


def _candidate(request: TeamRequest, pk: uuid.UUID) -> Candidate:
    return get_object_or_404(Candidate, team=request.team, created_by=_user(request), pk=pk)


def _user(request: TeamRequest) -> User:
    return request.user  # type: ignore[return-value]


def _answer(request: TeamRequest, said: str = "", form: GivenToAll | None = None) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        if said or form:
            problems = [problem for found in form.errors.values() for problem in found] if form else []
            messages.info(request, said or " ".join(map(str, problems)))
        return redirect("board", request.team.slug)
    answer = HttpResponse(panel(request, form=form))
    if said:
        answer = trigger_client_event(answer, "castboard:toast", {"text": said})
        answer = trigger_client_event(answer, "castboard:changed", {})
    return answer


def panel(request: TeamRequest, *, form: GivenToAll | None = None, is_oob: bool = False) -> SafeString:
    return render_to_string("board/_candidates.html", panel_context(request, form) | {"oob": is_oob}, request)


def panel_context(request: TeamRequest, form: GivenToAll | None = None) -> dict[str, Any]:
    return {
        "candidates": CandidateList(request.team, _user(request)),
        "given": form or GivenToAll(),
    }

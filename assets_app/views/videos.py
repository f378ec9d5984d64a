"""The team's films: all of them, what is done with one, and the files we keep."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from assets_app import engine
from assets_app.forms.studio import StudioForm
from assets_app.media.ranges import ranged_response
from assets_app.middleware import TeamRequest
from assets_app.models import Generation
from assets_app.models.states import GENERATION
from assets_app.moments import read_moment
from assets_app.money import asking
from assets_app.money.limits import OverBudget
from assets_app.views.access import editors_only
from assets_app.views.live import MANY, live_page
from assets_app.views.one_film import film_of, is_sandbox
from assets_app.views.takes import Take, takes_of

PAGE_SIZE = 24
POSTER_TYPE = "image/webp"  # what media.archive makes
FILTERS = {
    "working": ("In progress", [state.value for state in GENERATION.values() if not state.is_final]),
    "ready": ("Ready", GENERATION.in_group("ready")),
    "attention": (
        "Failed or cancelled",
        [s.value for s in GENERATION.values() if s.is_final and s.group == "attention"],
    ),
}


# --- all films -------------------------------------------------------------------------------------------------------
@require_safe
def videos(request: TeamRequest) -> HttpResponse:
    """`/<team>/videos/`, newest first; `?status=` one of FILTERS, `?before=` a place in the list."""
    chosen = request.GET.get("status", "") if request.GET.get("status") in FILTERS else ""
    every = takes_of(request.team)
    matching = every.filter(state__in=FILTERS[chosen][1]) if chosen else every
    total = matching.count()
    page = list(_after(matching, request.GET.get("before", ""))[: PAGE_SIZE + 1])
    shown, has_more = page[:PAGE_SIZE], len(page) > PAGE_SIZE
    context = {
        "takes": [Take(each, is_sandbox(request)) for each in shown],
        "next_place": _place(shown[-1]) if has_more else "",
        "total": total,
        "is_first_page": "before" not in request.GET,
        "status": chosen,
        "filters": [(value, label) for value, (label, _states) in FILTERS.items()],
        "place": "videos",
        "live_page": "videos",
        "live_for": chosen,
    }
    return render(request, "videos/_more.html" if request.htmx else "videos/videos.html", context)  # type: ignore[attr-defined]


def _place(generation: Generation) -> str:
    """Where a list goes on: after this one."""
    return f"{generation.created_at.isoformat()}~{generation.pk}"


def _after(matching: Any, place: str) -> Any:
    """The rows behind `place`; all of them when it makes no sense."""
    moment, _, key = place.partition("~")
    try:
        created_at, last = read_moment(moment), uuid.UUID(key)
    except ValueError:
        return matching
    return matching.filter(Q(created_at__lt=created_at) | Q(created_at=created_at, pk__lt=last))


@live_page("videos")
def changed_videos(request: TeamRequest, since: int) -> str:
    """The cards of the films that changed; those the page's filter leaves out are only renewed where they are shown."""
    chosen = FILTERS.get(request.GET.get("for", ""))
    changed = takes_of(request.team).filter(revision__gt=since)[:MANY]
    takes = [Take(each, is_sandbox(request), is_listed=not chosen or each.state in chosen[1]) for each in changed]
    return render_to_string("videos/_changes.html", {"takes": takes}, request)


# --- what is done with one -------------------------------------------------------------------------------------------
@require_POST
@editors_only
def cancel(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Call it off while it is still ours; say so when it is not."""
    if film_of(request, pk).cancel(request.user):  # type: ignore[arg-type]
        messages.success(request, "Cancelled before it was sent. Nothing was charged.")
    else:
        messages.error(request, "Too late: it is with the provider already, which knows no way to cancel.")
    return redirect("video", request.team.slug, pk)


@require_POST
@editors_only
def make_again(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """The very same request once more, for one that failed through nobody's fault. Where that cannot be, the form.

    The click follows from what failed: however often and by whomever it is pressed, one is made.
    """
    failed = film_of(request, pk)
    if not Take(failed).may_be_made_again:
        return redirect("video", request.team.slug, pk)
    click = uuid.uuid5(failed.pk, "again")
    if made := Generation.objects.filter(team=request.team, click=click).first():
        return _go_to(request, reverse("video", args=[request.team.slug, made.pk]))
    form = StudioForm.of_generation(request.team, failed, click=click)
    composer = f"{reverse('studio', args=[request.team.slug])}?from={failed.pk}"
    if form.refusals or form.notes or asking.must_ask(request.membership, form.order().most):
        return _go_to(request, composer)
    try:
        again, *_ = form.start(request.user)  # type: ignore[arg-type]
    except OverBudget:  # the composer says why
        return _go_to(request, composer)
    engine.wake("provider")
    if request.htmx:  # type: ignore[attr-defined]
        return trigger_client_event(HttpResponse(status=204), "castboard:changed", {})
    return redirect("video", request.team.slug, again.pk)


def _go_to(request: TeamRequest, address: str) -> HttpResponse:
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)  # type: ignore[attr-defined]


@require_POST
@editors_only
def save_again(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Try once more to fetch our own copy from the provider."""
    take = Take(film_of(request, pk))
    if take.video and take.may_be_saved_again and take.video.move("copying", actor=request.user):  # type: ignore[arg-type]
        engine.wake("files")
    else:
        messages.error(request, "There is nothing left to save: the provider's copy is gone.")
    return redirect("video", request.team.slug, pk)


# --- its files -------------------------------------------------------------------------------------------------------
@require_safe
def file(request: TeamRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Our copy, for the player: in parts, so that seeking works."""
    return _film_file(request, pk)


@require_safe
def download(request: TeamRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Our copy, for keeping."""
    return _film_file(request, pk, as_attachment=True)


def _film_file(request: TeamRequest, pk: uuid.UUID, *, as_attachment: bool = False) -> HttpResponseBase:
    take = Take(film_of(request, pk))
    if take.film is None:
        raise Http404
    return ranged_response(
        request,
        _opened(take.film.file),
        take.film.content_type,
        filename=take.file_name,
        etag=take.film.sha256,
        as_attachment=as_attachment,
    )


@require_safe
def poster(request: TeamRequest, pk: uuid.UUID) -> HttpResponseBase:
    found = Take(film_of(request, pk)).film
    if found is None or not found.poster:
        raise Http404
    return ranged_response(request, _opened(found.poster), POSTER_TYPE, etag=f"{found.sha256}-poster")


def _opened(stored: FieldFile) -> Any:
    """The stored file, open. A row without its file, after a bad restore say, is a 404 and not a crash."""
    try:
        return stored.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error

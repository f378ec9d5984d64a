"""Links by which outsiders watch one film: made and taken back by the team, opened by anybody."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any, cast

from allauth.core.ratelimit import consume_or_429
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from assets_app.engine.missing import look_after
from assets_app.films import naming
from assets_app.middleware import TeamRequest
from assets_app.models import Generation, Share, share
from assets_app.origin import absolute
from assets_app.views.access import editors_only
from assets_app.views.film_files import POSTER_TYPE
from assets_app.views.one_film import film_of
from assets_app.views.served import served
from assets_app.views.takes import Take

LASTS = {"1": "1 day", "7": "7 days", "30": "30 days"}
WITH_PROMPT = "{date}_{prompt}"  # a name that tells nothing of the team


class ShareForm(forms.Form):
    days = forms.ChoiceField(choices=list(LASTS.items()), initial="7", label="It works for")
    shows_prompt = forms.BooleanField(required=False, label="Show the prompt")


# --- the team's side -------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Link:
    """A share as the film's page lists it, with the address to send."""

    share: Share
    address: str


def shares_of(request: TeamRequest, film: Generation) -> dict[str, Any]:
    """What the section of links shows. Only for those who may make some: a link lets outsiders in."""
    if not request.membership.may_edit:
        return {}
    open_ones = Share.objects.open().filter(generation=film).select_related("created_by")
    return {
        "links": [Link(each, _address(request, each)) for each in open_ones],
        "share_form": ShareForm(auto_id="share-%s"),
    }


def _address(request: HttpRequest, made: Share) -> str:
    return absolute(request, reverse("share", args=[made.token]))


@require_POST
@editors_only
def create(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    film, form = film_of(request, pk), ShareForm(request.POST)
    if Take(film).film is None:
        return _answer(request, film, "There is no film to share yet: wait until our copy is saved.", is_problem=True)
    if not form.is_valid():
        return _answer(request, film, "Choose how long the link works: 1, 7 or 30 days.", is_problem=True)
    lasting = timedelta(days=int(form.cleaned_data["days"]))
    share(film, cast("User", request.user), lasting, shows_prompt=form.cleaned_data["shows_prompt"])
    return _answer(request, film, "The link is made. Copy it below Share.")


@require_POST
@editors_only
def revoke(request: TeamRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Share.objects.select_related("generation__team"), pk=pk, generation__team=request.team)
    found.revoke(cast("User", request.user))
    if request.POST.get("back") == "members":
        messages.success(request, "The link does not work any more.")
        return redirect(f"{reverse('members', args=[request.team.slug])}#film-links")
    return _answer(request, found.generation, "The link does not work any more.")


def _answer(request: TeamRequest, film: Generation, said: str, *, is_problem: bool = False) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        (messages.error if is_problem else messages.success)(request, said)
        return redirect(f"{reverse('video', args=[request.team.slug, film.pk])}#film-shares")
    answer = render(request, "videos/_shares.html", {"take": Take(film), **shares_of(request, film), "is_new": True})
    trigger_client_event(answer, "castboard:toast", {"text": said, "tone": "error" if is_problem else ""})
    return trigger_client_event(answer, "castboard:changed", {})


# --- what a link opens -----------------------------------------------------------------------------------------------
def _by_link(view: Callable[[HttpRequest, Share], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For anybody with a link that works. One that ended, one taken back and one that never was look the same. Search
    engines are told to stay away, and no address that is followed from here hears of the link. So many a minute from
    one address (settings.ACCOUNT_RATE_LIMITS): a player asks for a film in many parts, a crawler for more.
    """

    def _shown(request: HttpRequest, token: str) -> HttpResponseBase:
        found = Share.objects.behind(token)
        with suppress(Http404):  # the file is gone, after a bad restore say
            if found:
                return view(request, found)
        return render(request, "share/over.html", status=404)

    @login_not_required
    @require_safe
    @wraps(view)
    def opened(request: HttpRequest, token: str) -> HttpResponseBase:
        refused = consume_or_429(request, action="share", limit_get=True)
        response: HttpResponseBase = refused or _shown(request, token)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        # Kept nowhere, or asked for anew each time: what was taken back is gone.
        response["Cache-Control"] = "private, no-cache" if response.has_header("ETag") else "private, no-store"
        return response

    return opened


@_by_link
def page(request: HttpRequest, found: Share) -> HttpResponseBase:
    found.note_opening()
    if not look_after(found.generation.video):
        return render(request, "share/away.html", status=503)
    film = Take(found.generation).film
    return render(request, "share/film.html", {"share": found, "film": film, "prompt": _prompt(found)})


@_by_link
def file(request: HttpRequest, found: Share) -> HttpResponseBase:
    return _sent(request, found)


@_by_link
def download(request: HttpRequest, found: Share) -> HttpResponseBase:
    return _sent(request, found, as_attachment=True)


@_by_link
def poster(request: HttpRequest, found: Share) -> HttpResponseBase:
    video = found.generation.video
    return served(request, video.poster, POSTER_TYPE, "", f"{video.sha256}-poster")


def _prompt(found: Share) -> str:
    return found.generation.prompt if found.shows_prompt else ""


def _sent(request: HttpRequest, found: Share, *, as_attachment: bool = False) -> HttpResponseBase:
    """Our copy. Its name says nothing of the prompt unless the link may show it."""
    video = found.generation.video
    name = naming.file_name(found.generation, WITH_PROMPT) if found.shows_prompt else f"film-{video.sha256[:8]}.mp4"
    return served(request, video.file, video.content_type, name, video.sha256, as_attachment=as_attachment)

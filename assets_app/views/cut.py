"""Choosing the part of a picture, video or sound that is kept: a page of its own, on the way from wherever the whole
would not do, and back there with the part in its place.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from assets_app import engine
from assets_app.addresses import uuid_or_none
from assets_app.apiframe.model_facts import MediaFacts
from assets_app.cuts import Cut
from assets_app.forms import mending, opening
from assets_app.forms.cut import FREE, CutForm, Fit
from assets_app.middleware import TeamRequest
from assets_app.models import Asset, Generation, add_cut
from assets_app.models.cutting import why_not_cut
from assets_app.models.judging import facts_of
from assets_app.models.original import SourceCopy
from assets_app.views.access import editors_only
from assets_app.views.cards import assets_of
from assets_app.views.shown_files import ShownFile
from assets_app.views.studio import composed

OURS = "cut-"


@dataclass(frozen=True)
class Whole:
    """What is cut, wherever it is kept; `back` is the page it is from."""

    name: str
    media_type: str
    copy: SourceCopy | None
    why_not: str
    shown: ShownFile
    back: str
    make: Callable[[Cut, str], Asset]
    """Writes the part down under that name."""

    @property
    def facts(self) -> MediaFacts:
        if self.copy is None:
            return MediaFacts(media_type=self.media_type)
        return facts_of(self.copy)

    @property
    def file(self) -> str:
        """What a player plays whole: what a browser cannot play shows itself as that."""
        return self.shown.file or self.shown.original

    @property
    def poster(self) -> str:
        return self.shown.poster

    @property
    def picture(self) -> str:
        """What a browser can show of a picture: those of phones and of scanners only as our still of them."""
        return self.shown.picture


@require_http_methods(["GET", "HEAD", "POST"])
@editors_only
def cut_asset(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """`/<team>/assets/<id>/cut/`: GET, or POST with all that the composer says, shows the page; with `cut-do` it is
    `cut`, `look` (says what it comes to), `shape:<ratio>` or `back`. `?model=` and `?most=` (seconds) say what the part
    has to fit, `?film=` which refused film it is for.
    """
    asset = get_object_or_404(assets_of(request.team).filter(purged_at=None), pk=pk)
    user, team = cast("User", request.user), request.team
    whole = Whole(
        name=asset.name,
        media_type=asset.media_type,
        copy=asset.original,
        why_not=why_not_cut(asset),
        shown=ShownFile.of(team.slug, pk, asset.original),
        back=reverse("asset", args=[team.slug, pk]),
        make=lambda cut, name: add_cut(asset, user, cut, name=name),
    )
    return _answer(request, whole, asset)


def _answer(request: TeamRequest, whole: Whole, asset: Asset | None = None) -> HttpResponse:
    action = request.POST.get(f"{OURS}do", "")
    if action == "back" and "click" in request.POST:
        return _composer(request, [])
    form = _form(request, whole, action)
    why_not = whole.why_not or ("" if form.measured else "We could not measure it, so no part of it can be chosen.")
    if action == "look" and request.headers.get("HX-Request"):
        return render(request, "cut/_verdict.html", {"form": form})
    if action == "cut" and not why_not and form.is_valid():
        part = whole.make(form.cut, form.name_for(whole.name))
        engine.wake()
        return _on_with(request, part, asset)
    context = {
        "whole": whole,
        "form": form,
        "why_not": why_not,
        "carried": _carried(request),
        "film": _film(request),
        "shape": action.removeprefix("shape:") if action.startswith("shape:") else FREE,
        "was_checked": action in ("cut", "look"),
        "place": "assets",
    }
    return render(request, "cut/cut.html", context, status=409 if action == "cut" and why_not else 200)


def _form(request: TeamRequest, whole: Whole, action: str) -> CutForm:
    fit = Fit.of(whole.media_type, request.GET.get("model", ""), _seconds(request.GET.get("most", "")))
    if not action:
        return CutForm.suggested(whole.facts, fit)
    form = CutForm(whole.facts, fit, request.POST)
    return form.shaped(action.removeprefix("shape:")) if action.startswith("shape:") else form


def _seconds(text: str) -> float | None:
    """None for what is no sensible number of them."""
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if 0 < seconds < 86_400 else None


# --- where it goes on ------------------------------------------------------------------------------------------------
def _on_with(request: TeamRequest, part: Asset, parent: Asset | None) -> HttpResponse:
    """Back to what it was cut for, with the part in the place of the whole; else to the part's own page."""
    if "click" in request.POST and parent:
        return _composer(request, [(parent, part)])
    if film := _film(request):
        asked = urlencode({"from": film.pk, "part": part.pk})
        return redirect(f"{reverse('studio', args=[request.team.slug])}?{asked}")
    messages.success(request, f"{part.name} is being cut and registered. The whole stays as it is.")
    return redirect("asset", request.team.slug, part.pk)


def _composer(request: TeamRequest, exchanged: list[tuple[Asset, Asset]]) -> HttpResponse:
    """The composer as it was left, with those parts in the places of their wholes."""
    form = opening.posted(request.team, request.POST, request.membership.studio)
    for parent, part in exchanged:
        form = mending.with_part(form, parent, part, request.GET.get("for", ""))
    address = request.GET.get("address", "")
    return composed(request, form, address if address.startswith("?") else "")


def _carried(request: TeamRequest) -> list[tuple[str, str]]:
    """All that the composer says, as it sent it: it goes along, and back with what was chosen."""
    posted: QueryDict = request.POST
    if "click" not in posted:
        return []
    left_out = ("csrfmiddlewaretoken", "shown_to", "stood_on", "do")
    names = [name for name in posted if not name.startswith(OURS) and name not in left_out]
    return [(name, str(value)) for name in names for value in posted.getlist(name)]


def _film(request: TeamRequest) -> Generation | None:
    pk = uuid_or_none(request.GET.get("film", ""))
    return Generation.objects.filter(team=request.team, pk=pk).first() if pk else None

"""The library of all assets, and the page of one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from assets_app import engine
from assets_app.forms.assets import RenameForm
from assets_app.middleware import TeamRequest
from assets_app.models import Asset, MediaType, Team
from assets_app.models.states import ASSET
from assets_app.views.access import editors_only
from assets_app.views.cards import Card, assets_of, in_library
from assets_app.views.history import history_of
from assets_app.views.live import MANY, live_page

PAGE = 60
STATUSES = {"attention": "Needs attention", "processing": "Processing", "ready": "Active"}


# --- the library ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Filter:
    """What part of the library is looked at: it lives in the address, and words it does not know are left out."""

    media_type: str = ""
    status: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> Filter:
        media_type, status = query.get("type", ""), query.get("status", "")
        return cls(media_type if media_type in MediaType.values else "", status if status in STATUSES else "")

    def of(self, team: Team) -> QuerySet[Asset]:
        assets = assets_of(team)
        if self.media_type:
            assets = assets.filter(media_type=self.media_type)
        if self.status:
            assets = assets.filter(state__in=ASSET.in_group(self.status))  # type: ignore[arg-type]
        return assets

    def holds(self, asset: Asset) -> bool:
        return self.media_type in ("", asset.media_type) and self.status in ("", asset.status.group)

    def query(self, **more: Any) -> str:
        """As the end of an address: "?type=image&status=ready"."""
        named = {"type": self.media_type, "status": self.status} | more
        return "?" + urlencode({name: value for name, value in named.items() if value})

    @property
    def is_on(self) -> bool:
        return bool(self.media_type or self.status)

    @property
    def types(self) -> list[tuple[str, str, bool]]:
        """The choices of type: label, address, whether it is the current one."""
        choices = [("", "All types"), ("image", "Images"), ("video", "Videos"), ("audio", "Audio")]
        return [(label, self._with(media_type=value), value == self.media_type) for value, label in choices]

    @property
    def statuses(self) -> list[tuple[str, str, bool]]:
        choices = [("", "Any status"), *STATUSES.items()]
        return [(label, self._with(status=value), value == self.status) for value, label in choices]

    def _with(self, **change: str) -> str:
        return Filter(**({"media_type": self.media_type, "status": self.status} | change)).query()


@require_GET
def library(request: TeamRequest) -> HttpResponse:
    """Newest first, a page at a time. `before` names the last card so far: nothing shifts while new ones come."""
    wanted = Filter.read(request.GET)
    found = wanted.of(request.team)
    rows = list(_after(found, request.GET.get("before", "")).order_by("-created_at", "-id")[: PAGE + 1])
    seen = _whole_number(request.GET.get("seen", "")) + min(len(rows), PAGE)
    more = wanted.query(before=_place_of(rows[PAGE - 1]), seen=seen) if len(rows) > PAGE else ""
    context = {
        "place": "assets",
        "live_page": "assets",
        "live_for": wanted.query().removeprefix("?"),
        "filter": wanted,
        "cards": [in_library(asset) for asset in rows[:PAGE]],
        "total": found.count(),
        "seen": seen,
        "more": more,
        "is_continued": bool(request.GET.get("before")),
    }
    return render(request, "assets/library.html", context)


@live_page("assets")
def library_changes(request: TeamRequest, since: int) -> SafeString:
    """Cards that are shown are renewed wherever they are; new ones that the filter lets through come on top."""
    wanted = Filter.read(QueryDict(request.GET.get("for", "")))
    changed = assets_of(request.team).filter(revision__gt=since).order_by("-revision")[:MANY]
    context = {
        "cards": [in_library(asset, is_listed=wanted.holds(asset)) for asset in changed],
        "filter": wanted,
        "total": wanted.of(request.team).count(),
    }
    return render_to_string("assets/_library_changes.html", context, request)


def _place_of(asset: Asset) -> str:
    return f"{asset.created_at.isoformat()}_{asset.pk}"


def _after(assets: QuerySet[Asset], place: str) -> QuerySet[Asset]:
    """Those that come after `place`; all of them when it is empty or makes no sense."""
    moment_text, _, id_text = place.rpartition("_")
    try:
        moment, pk = datetime.fromisoformat(moment_text), uuid.UUID(id_text)
    except ValueError:
        return assets
    if timezone.is_naive(moment):
        return assets
    return assets.filter(Q(created_at__lt=moment) | Q(created_at=moment, pk__lt=pk))


def _whole_number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


# --- one asset ------------------------------------------------------------------------------------------------------
@require_GET
def asset_page(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    found = _asset(request, pk)
    return _page(request, found, RenameForm(instance=found))


@require_POST
@editors_only
def rename(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    found = _asset(request, pk)
    form = RenameForm(request.POST, instance=found)
    if not form.is_valid():
        return _page(request, _asset(request, pk), form)
    form.rename(request.user)  # type: ignore[arg-type]
    return redirect("asset", request.team.slug, pk)


@require_POST
@editors_only
def retry(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Send it to the provider once more."""
    found = _asset(request, pk)
    if found.status.group == "attention" and found.register_again(request.user):  # type: ignore[arg-type]
        engine.wake()
        said = f"{found.name} is on its way again."
    else:
        said = f"{found.name} has moved on meanwhile: there is nothing to retry."
    if request.headers.get("HX-Request"):
        answer = trigger_client_event(HttpResponse(status=204), "castboard:toast", {"text": said})
        return trigger_client_event(answer, "castboard:changed", {})
    messages.info(request, said)
    return redirect("asset", request.team.slug, pk)


@live_page("asset")
def asset_changes(request: TeamRequest, since: int) -> SafeString:
    try:
        found = assets_of(request.team).get(pk=uuid.UUID(request.GET.get("for", "")), revision__gt=since)
    except (ValueError, Asset.DoesNotExist):
        return SafeString()
    return render_to_string("assets/_asset_parts.html", _context(found), request)


def _asset(request: TeamRequest, pk: uuid.UUID) -> Asset:
    return get_object_or_404(assets_of(request.team), pk=pk)


def _page(request: TeamRequest, found: Asset, form: RenameForm) -> HttpResponse:
    context = {"place": "assets", "live_page": "asset", "live_for": found.pk, "form": form}
    return render(request, "assets/asset.html", _context(found) | context)


def _context(found: Asset) -> dict[str, Any]:
    card = Card(found, "", found.created_at)
    return {"asset": found, "card": card, "original": card.original, "history": history_of(found)}


# --- what is picked -------------------------------------------------------------------------------------------------
MOST_PICKED = 60


@require_GET
def tray(request: TeamRequest) -> HttpResponse:
    """What a person picked, as far as it is there and usable, in the order of picking."""
    ids = [_uuid(text) for text in request.GET.getlist("asset")[:MOST_PICKED]]
    found = assets_of(request.team).in_bulk([pk for pk in ids if pk])
    cards = [Card(found[pk], "", found[pk].created_at) for pk in dict.fromkeys(ids) if pk in found]
    return render(request, "assets/_tray.html", {"cards": [card for card in cards if card.may_be_picked]})


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None

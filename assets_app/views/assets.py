"""The page of one asset: what it is, what people say about it, where it was used."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from assets_app import asset_code, engine
from assets_app.addresses import uuid_or_none
from assets_app.engine.missing import look_after
from assets_app.forms.library import AssetForm
from assets_app.library import changes
from assets_app.middleware import TeamRequest
from assets_app.models import Asset, Generation, Star, registering
from assets_app.models.asset import MediaType
from assets_app.models.words import sorting_name
from assets_app.money import sums
from assets_app.views.access import editors_only
from assets_app.views.cards import Card, assets_of
from assets_app.views.history import history_of
from assets_app.views.live import live_page
from assets_app.views.shown_files import ShownFile

MOST_USES = 24


@require_safe
def asset_page(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    found = _asset(request, pk)
    return _page(request, found, AssetForm(instance=found))


@require_safe
def large(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """The asset as large as the screen, for the viewer of the library."""
    return render(request, "library/_large.html", _context(request, _asset(request, pk)))


@require_POST
@editors_only
def edit(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Change what people say about it; fields that are not sent stay as they are. What somebody else changed meanwhile
    is told, and keeps none of the other fields from being saved.
    """
    with transaction.atomic():
        request.team.next_revision()
        found = _asset(request, pk)
        form = AssetForm(request.POST, instance=Asset.objects.get(pk=found.pk))
        if form.is_valid() or form.is_beaten:
            _save(request, found, form)
    if request.headers.get("HX-Request"):
        return _heard(request, form)
    if not form.is_valid():
        return _page(request, _asset(request, pk), form, status=409 if form.meanwhile else 200)
    messages.success(request, "Saved.")
    return redirect("asset", request.team.slug, pk)


def _save(request: TeamRequest, asset: Asset, form: AssetForm) -> None:
    """In a transaction that has taken its revision."""
    user = cast("User", request.user)
    changes.edit(asset, user, **form.changes)
    put_on, taken_off = form.retagging()
    had = {tag.key: tag for tag in asset.tags.all()}
    if added := [tag for tag in changes.tags_named(request.team, put_on) if tag.key not in had]:
        changes.tag(request.team, user, [asset], added)
    if gone := [had[key] for key in map(sorting_name, taken_off) if key in had]:
        changes.untag(request.team, user, [asset], gone)


def _heard(request: TeamRequest, form: AssetForm) -> HttpResponse:
    """For a page that stays as it is, with what is typed on it."""
    if not form.is_valid() and not form.is_beaten:
        text = str(next(iter(form.errors.values()))[0])
        return trigger_client_event(HttpResponse(status=422), "castboard:toast", {"text": text, "tone": "error"})
    answer = render(request, "assets/_asset_said.html", {"form": form, "asset": form.instance})
    if form.changes or not form.meanwhile:
        trigger_client_event(answer, "castboard:toast", {"text": "Saved."})
    return trigger_client_event(answer, "castboard:changed", {})


@require_POST
def star(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Put this person's star on it, or take it off; anybody who may look may do so."""
    found = _asset(request, pk)
    user = cast("User", request.user)
    is_starred = Star.objects.filter(user=user, asset__number=found.number).exists()
    (changes.unstar if is_starred else changes.star)(user, [found])
    if not request.headers.get("HX-Request"):
        return redirect("asset", request.team.slug, pk)
    return render(request, "library/_star.html", {"asset": found, "is_starred": not is_starred})


@require_POST
@editors_only
def retry(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Send it to the provider once more, as the type that a person gives it now."""
    found = _asset(request, pk)
    media_type = request.POST.get("media_type", "")
    if media_type not in MediaType.values:
        media_type = ""
    if found.status.group == "attention" and registering.register_again(found, request.user, media_type):  # type: ignore[arg-type]
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
        found = Asset.objects.filter(team=request.team).get(
            pk=uuid.UUID(request.GET.get("for", "")), revision__gt=since
        )
    except (ValueError, Asset.DoesNotExist):
        return SafeString()
    found = _asset(request, found.pk)
    context = _context(request, found) | {"form": AssetForm(instance=found)}
    return render_to_string("assets/_asset_parts.html", context, request)


def _asset(request: TeamRequest, pk: uuid.UUID) -> Asset:
    """In the trash as well: its page says so and offers the way back. Not once it is purged and nothing names it."""
    kin = ("made_from__video", "cut_from__original")
    rows = Asset.objects.filter(team=request.team).select_related("created_by", "original__same_as", "trashed_by", *kin)
    return get_object_or_404(rows, pk=pk)


def _page(request: TeamRequest, found: Asset, form: AssetForm, *, status: int = 200) -> HttpResponse:
    context = {"place": "assets", "live_page": "asset", "live_for": found.pk, "form": form}
    return render(request, "assets/asset.html", _context(request, found) | context, status=status)


def _context(request: TeamRequest, found: Asset) -> dict[str, Any]:
    look_after(getattr(found, "original", None))
    card = Card(found, "", found.created_at)
    used_in = Generation.objects.filter(references__asset=found, team=request.team, purged_at=None).distinct()
    return {
        "asset": found,
        "card": card,
        "original": card.original,
        "shown": ShownFile.of(request.team.slug, found.pk, card.original),
        "way": registering.way_to_register(found),
        "history": history_of(found),
        "is_starred": Star.objects.filter(user=cast("User", request.user), asset__number=found.number).exists(),
        "cuts": found.cuts.filter(trashed_at=None).select_related("original").order_by("-number")[:MOST_USES],
        "tags": found.tags.all(),
        "collections": found.collections.all(),
        "used_in": used_in.select_related("video").order_by("-created_at")[:MOST_USES],
        "uses": used_in.live().count(),
        "cost": sums.of_asset(found),
        "code": _code_of(request, found),
        "today": timezone.localdate(),
    }


def _code_of(request: TeamRequest, found: Asset) -> list[tuple[str, str]]:
    connection = getattr(request.team, "connection", None)
    if connection is None:
        return []
    return asset_code.as_code(found.source_url, found.media_type, found.provider_id, connection.base_url)


# --- what is picked -------------------------------------------------------------------------------------------------
MOST_PICKED = 60


@require_safe
def tray(request: TeamRequest) -> HttpResponse:
    """What a person picked, as far as it is there and usable, in the order of picking."""
    ids = [uuid_or_none(text) for text in request.GET.getlist("asset")[:MOST_PICKED]]
    found = assets_of(request.team).live().in_bulk([pk for pk in ids if pk])
    cards = [Card(found[pk], "", found[pk].created_at) for pk in dict.fromkeys(ids) if pk in found]
    return render(request, "assets/_tray.html", {"cards": [card for card in cards if card.may_be_picked]})

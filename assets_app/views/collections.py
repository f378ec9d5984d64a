"""The team's own order: tags, collections and saved views."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from assets_app.forms.library import ViewForm
from assets_app.library import changes
from assets_app.library.counting import count
from assets_app.library.finding import Shelf
from assets_app.library.query import LibraryQuery
from assets_app.library.verb_forms import CollectionForm
from assets_app.middleware import TeamRequest
from assets_app.models import Collection, SavedView, Team
from assets_app.money import sums
from assets_app.views.access import editors_only

MOST_VIEWS = 30
LONGEST_QUERY = 1_000  # of an address that leads back


@require_safe
def labels(request: TeamRequest) -> HttpResponse:
    """All tags and collections, to rename and to delete. What films cost takes a while where there are very many: it is
    asked for by itself.
    """
    context = {
        "place": "assets",
        "live_page": "labels",
        "tags": request.team.tags.all(),
        "collections": _with_costs(request.team) if "costs" in request.GET else request.team.collections.all(),
        "has_costs": "costs" in request.GET,
        "views": request.team.saved_views.all(),
    }
    return render(request, "library/labels.html", context)


def _with_costs(team: Team) -> list[Collection]:
    """The collections, each with what the films that used anything of it cost."""
    costs = sums.of_collections(team)
    collections = list(team.collections.all())
    for collection in collections:
        collection.cost = costs.get(collection.pk, sums.Cost())  # type: ignore[attr-defined]
    return collections


@require_POST
@editors_only
def rename(request: TeamRequest, what: str, pk: int) -> HttpResponse:
    label = _label(request, what, pk)
    form = CollectionForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
    else:
        try:
            changes.rename_label(label, form.cleaned_data["name"])
        except IntegrityError:
            messages.error(request, f"“{form.cleaned_data['name']}” is there already.")
    return redirect("labels", request.team.slug)


@require_POST
@editors_only
def delete(request: TeamRequest, what: str, pk: int) -> HttpResponse:
    label = _label(request, what, pk)
    name = label.name
    changes.delete_label(label)
    messages.info(request, f"“{name}” is gone; the assets that had it stay.")
    return redirect("labels", request.team.slug)


def _label(request: TeamRequest, what: str, pk: int) -> Any:
    return get_object_or_404(request.team.tags if what == "tag" else request.team.collections, pk=pk)


# --- saved views -----------------------------------------------------------------------------------------------------
@require_safe
def views(request: TeamRequest) -> HttpResponse:
    """The saved views with how many each shows right now, for the sidebar."""
    user = cast("User", request.user)
    counted = [
        (view, count(Shelf(request.team, user, LibraryQuery.from_string(view.query))))
        for view in request.team.saved_views.all()[:MOST_VIEWS]
    ]
    return render(request, "library/_views.html", {"counted": counted, "is_counted": True})


@require_POST
@editors_only
def save_view(request: TeamRequest) -> HttpResponse:
    form = ViewForm(request.POST)
    query = form.data.get("query", "")
    back = f"?{query}" if len(query) <= LONGEST_QUERY else ""
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
    elif request.team.saved_views.count() >= MOST_VIEWS:
        messages.error(request, f"A team has {MOST_VIEWS} saved views at most. Delete one first.")
    else:
        view: SavedView = form.save(commit=False)
        view.team, view.created_by = request.team, cast("User", request.user)
        last = request.team.saved_views.aggregate(last=Max("position"))["last"]
        view.position = 0 if last is None else last + 1
        try:
            with transaction.atomic():
                view.save()
        except IntegrityError:
            messages.error(request, f"There is a view named “{view.name}” already.")
        else:
            messages.success(request, f"“{view.name}” is in the sidebar now, for the whole team.")
            back = f"?{view.query}"
    return redirect(f"{_library(request)}{back}")


@require_POST
@editors_only
def delete_view(request: TeamRequest, pk: int) -> HttpResponse:
    view = get_object_or_404(request.team.saved_views, pk=pk)
    view.delete()
    messages.info(request, f"The view “{view.name}” is gone; the assets stay.")
    return redirect("labels", request.team.slug)


def _library(request: TeamRequest) -> str:
    return reverse("assets", args=[request.team.slug])

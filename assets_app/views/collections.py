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

from assets_app.forms.library import LabelForm, ViewForm
from assets_app.library import changes
from assets_app.library.counting import count
from assets_app.library.finding import Shelf
from assets_app.library.query import LibraryQuery
from assets_app.middleware import TeamRequest
from assets_app.models import Collection, SavedView, Tag, Team
from assets_app.money import sums
from assets_app.views.access import editors_only

MOST_VIEWS = 30
LONGEST_QUERY = 1_000  # of an address that leads back


@require_safe
def labels(request: TeamRequest) -> HttpResponse:
    """All tags and collections, to rename and to delete. What films cost takes a while where there are very many: it is
    asked for by itself.
    """
    return _labels(request)


def _labels(request: TeamRequest, renaming: LabelForm | None = None, status: int = 200) -> HttpResponse:
    has_costs = "costs" in request.GET
    tags: list[Tag] = list(request.team.tags.all())
    collections: list[Collection] = list(request.team.collections.all())
    if has_costs:
        _add_costs(request.team, collections)
    labels: list[Any] = [*tags, *collections]
    for label in labels:
        label.form = renaming if renaming and renaming.label == label else LabelForm(label)
    context = {
        "place": "assets",
        "live_page": "labels",
        "tags": tags,
        "collections": collections,
        "has_costs": has_costs,
        "views": request.team.saved_views.all(),
    }
    return render(request, "library/labels.html", context, status=status)


def _add_costs(team: Team, collections: list[Collection]) -> None:
    """What the films that used anything of each cost."""
    costs = sums.of_collections(team)
    for collection in collections:
        collection.cost = costs.get(collection.pk, sums.Cost())  # type: ignore[attr-defined]


@require_POST
@editors_only
def rename(request: TeamRequest, what: str, pk: int) -> HttpResponse:
    with transaction.atomic():
        request.team.next_revision()
        label = _label(request, what, pk)
        form = LabelForm(label, request.POST)
        if form.is_valid() and "name" in form.changes:
            try:
                changes.rename_label(label, form.changes["name"], cast("User", request.user))
            except IntegrityError:
                form.add_error("name", f"“{form.changes['name']}” is there already.")
    if form.errors:
        return _labels(request, form, status=409 if form.meanwhile else 200)
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

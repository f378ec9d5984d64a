"""The list of the team's films: narrowed down, sorted and paged by the address."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from assets_app.addresses import ME
from assets_app.apiframe import catalogue
from assets_app.engine.missing import look_after
from assets_app.films.downloads import latest_of
from assets_app.films.finding import PAGE, Page, Reel, TakeSet, sets_of, starred
from assets_app.films.query import FOLLOWED, SORTS, STAGES, STATUSES, FilmQuery
from assets_app.library.verb_forms import RatingForm
from assets_app.middleware import TeamRequest
from assets_app.models import Asset, Event, Generation
from assets_app.models.generation import told_retries
from assets_app.templatetags.castboard import person
from assets_app.views import price_tags
from assets_app.views.film_bar import BAR
from assets_app.views.filters import Chip, Choice, Facet, NarrowedPage
from assets_app.views.fixes import Refused, refusals_of
from assets_app.views.live import MANY, live_page
from assets_app.views.one_film import film_of, is_sandbox
from assets_app.views.takes import Take, takes_of

NOT_DOWNLOADED = "Not downloaded yet"
VERBS = ("rate", "star", "unstar", "trash")


@dataclass(frozen=True)
class FilmCard:
    """A film in the list. `begins` and `ends` tell whether it is the first and the last of its set among its
    neighbours; a film alone is both. `refused` is why it failed, and the step that helps.
    """

    take: Take
    is_starred: bool
    set: TakeSet | None = None
    neighbours: tuple[Generation, ...] = ()
    refused: Refused | None = None
    downloaded: Event | None = None
    """Its last download."""

    @property
    def begins(self) -> bool:
        return bool(self.neighbours) and self.neighbours[0].pk == self.take.generation.pk

    @property
    def ends(self) -> bool:
        return bool(self.neighbours) and self.neighbours[-1].pk == self.take.generation.pk

    @property
    def comparable(self) -> list[Generation]:
        """Those of its neighbours that can be played side by side: two to four, or none."""
        saved = [film for film in self.neighbours if Take(film).film]
        return saved[:4] if len(saved) > 1 else []


class FilmsPage(NarrowedPage[FilmQuery]):
    """Everything the templates of the list show. Page and fragments are drawn from the same."""

    def __init__(self, request: TeamRequest, query: FilmQuery) -> None:
        super().__init__(request, query, PAGE)
        self.is_sandbox = is_sandbox(request)
        self.reel = Reel(self.team, self.user, query)

    # --- the cards ---
    @cached_property
    def _page(self) -> Page:
        if self.names_nothing:
            return Page([], "")
        return self.reel.page(self.after, self.size)

    @cached_property
    def cards(self) -> list[FilmCard]:
        return self.cards_of(self._page.films, is_listed=lambda _film: self.order_is_live)

    def cards_of(self, films: Sequence[Generation], is_listed: Callable[[Generation], bool]) -> list[FilmCard]:
        """Films as cards; those of one set that follow each other share its frame."""
        sets, stars, refusals = sets_of(self.team, films), starred(self.user, films), refusals_of(films)
        downloaded = latest_of(films)
        price_tags.put_on(films, self.team, {pk: refused.remedy for pk, refused in refusals.items()})
        return [
            FilmCard(
                Take(film, self.is_sandbox, is_listed=is_listed(film)),
                film.pk in stars,
                sets.get(film.click),
                neighbours if film.click in sets else (),
                refusals.get(film.pk),
                downloaded.get(film.pk),
            )
            for neighbours in _runs(films)
            for film in neighbours
        ]

    @property
    def shown(self) -> int:
        return len(self._page.films)

    @property
    def next_after(self) -> str:
        return self._page.next_after

    # --- what the query names ---
    @cached_property
    def asset(self) -> Asset | None:
        return Asset.objects.filter(team=self.team, pk=self.query.asset).first() if self.query.asset else None

    @property
    def names_nothing(self) -> bool:
        """It asks for an asset that the team does not have (any more)."""
        return bool(self.query.asset and self.asset is None)

    # --- the filters ---
    @cached_property
    def people(self) -> dict[str, str]:
        return {str(user.pk): person(user) for user in self.team.members.order_by("username")}

    @cached_property
    def facets(self) -> list[Facet]:
        others = {pk: name for pk, name in self.people.items() if pk != str(self.user.pk)}
        states = {name: label for name, (label, _states) in STATUSES.items()}
        facets = [
            self._facet("status", "State", "Any state", states),
            self._facet("model", "Model", "All models", self._models()),
            self._facet("person", "Person", "Everyone", {ME: "Mine"} | others),
            self._facet("stage", "Draft or final", "Drafts and finals", STAGES),
            self._facet("followed", "References", "Followed or not", FOLLOWED),
        ]
        return [*facets, self.ratings]

    def _models(self) -> dict[str, str]:
        """Those the team has used, when that is known; else all there are. One that left the catalogue keeps its
        name.
        """
        labels = {model.id: model.label for model in catalogue.load().video_models}
        ids = set(self.reel.counts("model") or labels) | ({self.query.model} - {""})
        return {model: labels.get(model, model) for model in sorted(ids, key=lambda each: labels.get(each, each))}

    def _facet(self, name: str, label: str, anything: str, values: Mapping[str, str]) -> Facet:
        counts = self.reel.counts(name)
        current = str(getattr(self.query, name) or "")
        choices = [Choice(anything, self.without(name), not current, counts.total() if counts is not None else None)]
        for value, said in values.items():
            key = str(self.user.pk) if value == ME else value
            typed = int(value) if name == "person" and value != ME else value
            count = counts.get(key, 0) if counts is not None else None
            choices.append(Choice(said, self.with_(**{name: typed}), value == current, count))
        return Facet(name, label, choices)

    @property
    def not_downloaded_choice(self) -> Choice:
        is_on = self.query.not_downloaded
        return Choice(NOT_DOWNLOADED, self.with_(not_downloaded=not is_on), is_on)

    @property
    def sorts(self) -> Facet:
        return self.sorts_of(SORTS)

    @property
    def chips(self) -> list[Chip]:
        """What narrows, each with a way out."""
        return [Chip(self._said(name), self.without(name)) for name in self.query.narrowing]

    def _said(self, name: str) -> str:
        value = getattr(self.query, name)
        match name:
            case "text":
                return f"“{value}”"
            case "asset":
                return f"With {self.asset.name}" if self.asset else "With an asset that is gone"
            case "since" | "until":
                return f"{'from' if name == 'since' else 'to'} {value}"
            case "starred":
                return "Starred"
            case "not_downloaded":
                return NOT_DOWNLOADED
            case "person" if value != ME:
                return f"By {self.people.get(str(value), 'somebody who left')}"
        facet = next(facet for facet in self.facets if facet.name == name)
        return facet.current.label if facet.current else str(value)


def _runs(films: Sequence[Generation]) -> list[tuple[Generation, ...]]:
    """Films that follow each other and came of the same press of the button."""
    runs: list[tuple[Generation, ...]] = []
    for film in films:
        if runs and runs[-1][-1].click == film.click:
            runs[-1] = (*runs[-1], film)
        else:
            runs.append((film,))
    return runs


def _newest_first(film: Generation) -> tuple[float, int]:
    return -film.created_at.timestamp(), film.take


# --- views -----------------------------------------------------------------------------------------------------------
@require_safe
def films(request: TeamRequest) -> HttpResponse:
    """`/<team>/videos/`: a FilmQuery in the address, `after` a place in the list."""
    page = FilmsPage(request, FilmQuery.from_params(request.GET))
    context = {
        "place": "videos",
        "live_page": "videos",
        "live_for": page.query.to_string(),
        "page": page,
        "query": page.query,
        "bar": BAR.addresses(request, VERBS) | {"download": reverse("videos-download", args=[request.team.slug])},
        "rating_form": RatingForm(use_required_attribute=False),
    }
    return render(request, "videos/videos.html", context)


@live_page("videos")
def changed_films(request: TeamRequest, since: int) -> str:
    """Cards that are shown are renewed wherever they are; new ones that the query lets through come on top; those that
    went into the trash leave.
    """
    page = FilmsPage(request, FilmQuery.from_string(request.GET.get("for", "")))
    changed = list(
        takes_of(request.team).prefetch_related(told_retries()).filter(revision__gt=since).order_by("-revision")[:MANY]
    )
    alive = sorted((film for film in changed if film.trashed_at is None), key=_newest_first)
    listed: set[uuid.UUID] = set()
    if page.query.sort == "newest":
        listed = set(page.reel.films().filter(pk__in=[film.pk for film in alive]).values_list("pk", flat=True))
    context = {
        "page": page,
        "cards": page.cards_of(alive, is_listed=lambda film: film.pk in listed),
        "gone": [film.pk for film in changed if film.trashed_at is not None],
        "total": None if page.query.narrowing else page.reel.films().count(),
    }
    return render_to_string("videos/_changes.html", context, request)


@require_safe
def large(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """One film as large as the screen, for the large view over the list."""
    film = film_of(request, pk)
    look_after(getattr(film, "video", None))
    stars = starred(cast("User", request.user), [film])
    context = {"take": Take(film, is_sandbox(request)), "is_starred": film.pk in stars}
    return render(request, "videos/_large.html", context)


@require_safe
def keys(request: TeamRequest) -> HttpResponse:
    """The map of keys."""
    return render(request, "library/_keys.html", {"of_films": True})

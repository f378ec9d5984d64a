"""The library: all of a team's assets, narrowed down, sorted and paged by the address."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from assets_app.addresses import whole_number
from assets_app.library.counting import Counts
from assets_app.library.finding import PAGE, Page, Shelf
from assets_app.library.query import ME, SORTS, STATUSES, TALLIED, USES, LibraryQuery
from assets_app.library.verb_forms import CollectionForm, KindForm, RatingForm, TagsForm
from assets_app.middleware import TeamRequest
from assets_app.models import Asset, Kind, Star
from assets_app.templatetags.castboard import person
from assets_app.totals import Total
from assets_app.views.cards import Card, assets_of, in_library
from assets_app.views.filters import Chip, Choice, Facet, NarrowedPage
from assets_app.views.library_bar import BAR
from assets_app.views.live import MANY, live_page

TYPES = {"image": "Images", "video": "Videos", "audio": "Audio"}
VERBS = ("tag", "untag", "collect", "kind", "rate", "star", "unstar", "retry", "register", "trash")


class LibraryPage(NarrowedPage[LibraryQuery]):
    """Everything the library's templates show. Page and fragments are drawn from the same."""

    def __init__(self, request: TeamRequest, query: LibraryQuery) -> None:
        super().__init__(request, query, PAGE)
        self.shelf = Shelf(self.team, self.user, query)

    # --- the cards ---
    @cached_property
    def _page(self) -> Page:
        return self.shelf.page(self.after, self.size)

    @cached_property
    def cards(self) -> list[Card]:
        return cards_of(self, self._page.numbers)

    @cached_property
    def starred(self) -> set[int]:
        numbers = self._page.numbers
        return set(
            Star.objects.filter(user=self.user, asset__number__in=numbers).values_list("asset__number", flat=True)
        )

    @property
    def shown(self) -> int:
        return len(self._page.numbers)

    @property
    def next_after(self) -> str:
        return self._page.next_after

    # --- the counts ---
    @cached_property
    def counts(self) -> Counts:
        return Counts(self.shelf)

    @property
    def counts_are_free(self) -> bool:
        """Whether counting costs next to nothing; else it is asked for once the page is there."""
        return set(self.query.narrowing) <= set(TALLIED)

    @cached_property
    def total(self) -> Total | None:
        if self.counts_are_free or self.shelf.is_impossible:
            return self.counts.total
        if not self._page.next_after:
            return Total(self.seen)
        return None

    # --- the filters ---
    @property
    def is_narrowed(self) -> bool:
        return bool(self.query.narrowing)

    @cached_property
    def facets(self) -> list[Facet]:
        people = {str(user.pk): person(user) for user in self.team.members.order_by("username")}
        owners = {ME: "Mine"} | {pk: name for pk, name in people.items() if pk != str(self.user.pk)}
        return [
            self._facet("media_type", "Type", "All types", TYPES),
            self._facet("status", "Status", "Any status", STATUSES),
            self._facet("kind", "Kind", "Any kind", dict(Kind.choices)),
            self._facet("owner", "Owner", "Everyone", owners),
            self._facet("used", "Use", "Used or not", USES),
        ]

    def _facet(self, name: str, label: str, anything: str, values: dict[str, str]) -> Facet:
        counts = self.counts.of(name) if self.counts_are_free or self.is_counting else None
        current = str(getattr(self.query, name) or "")
        choices = [self._choice(name, "", anything, current, sum(counts.values()) if counts is not None else None)]
        for value, said in values.items():
            key = str(self.user.pk) if value == ME else value
            choices.append(self._choice(name, value, said, current, counts.get(key, 0) if counts is not None else None))
        return Facet(name, label, choices)

    def _choice(self, name: str, value: str, label: str, current: str, count: int | None) -> Choice:
        changed = self.query.but(**{name: _typed(name, value)}) if value else self.query.without(name)
        return Choice(label, f"?{changed.to_string()}", value == current, count)

    is_counting = False

    @cached_property
    def tags(self) -> Facet:
        chosen = set(self.query.tags)
        choices = [
            Choice(
                tag.name,
                f"?{self.query.but(tags=_toggled(self.query.tags, tag.pk)).to_string()}",
                tag.pk in chosen,
                tag.assets_count,
            )
            for tag in self.team.tags.all()
        ]
        return Facet("tags", "Tags", choices)

    @cached_property
    def collections(self) -> Facet:
        choices = [
            Choice(
                collection.name,
                f"?{self._with_collection(collection.pk).to_string()}",
                collection.pk == self.query.collection,
                collection.assets_count,
            )
            for collection in self.team.collections.all()
        ]
        return Facet("collection", "Collection", choices)

    def _with_collection(self, pk: int) -> LibraryQuery:
        return self.query.without("collection") if pk == self.query.collection else self.query.but(collection=pk)

    @property
    def sorts(self) -> Facet:
        return self.sorts_of(SORTS)

    @property
    def chips(self) -> list[Chip]:
        """What narrows, each with a way out."""
        query = self.query
        chips = []
        for name in query.narrowing:
            if name == "tags":
                names = {tag.pk: tag.name for tag in self.shelf.tags}
                chips += [
                    Chip(
                        f"# {names.get(pk, 'a tag that is gone')}",
                        f"?{query.but(tags=_toggled(query.tags, pk)).to_string()}",
                    )
                    for pk in query.tags
                ]
            else:
                chips.append(Chip(self._said(name), f"?{query.without(name).to_string()}"))
        return chips

    def _said(self, name: str) -> str:
        value = getattr(self.query, name)
        if name == "collection":
            return self.shelf.collection.name if self.shelf.collection else "a collection that is gone"
        if name == "owner":
            owner = self.user if value == ME else self.team.members.filter(pk=value).first()
            return "Mine" if value == ME else f"By {person(owner)}"
        said = {
            "text": f"“{value}”",
            "media_type": TYPES.get(str(value), ""),
            "status": STATUSES.get(str(value), ""),
            "kind": dict(Kind.choices).get(str(value), ""),
            "since": f"from {value}",
            "until": f"to {value}",
            "used": USES.get(str(value), ""),
            "starred": "Starred",
            "rating": f"{'★' * int(value)} and more" if name == "rating" else "",
        }
        return said[name]


def cards_of(page: LibraryPage, numbers: Sequence[int]) -> list[Card]:
    """The cards of these assets, in this order, reached through the team."""
    found = {asset.number: asset for asset in assets_of(page.team).live().filter(number__in=numbers)}
    return [in_library(found[number], is_listed=page.order_is_live) for number in numbers if number in found]


def _typed(name: str, value: str) -> Any:
    return int(value) if name == "owner" and value != ME else value


def _toggled(tags: tuple[int, ...], pk: int) -> tuple[int, ...]:
    return tuple(sorted(set(tags) ^ {pk}))


# --- views -----------------------------------------------------------------------------------------------------------
@require_safe
def library(request: TeamRequest) -> HttpResponse:
    page = LibraryPage(request, LibraryQuery.from_params(request.GET))
    context = {
        "place": "assets",
        "live_page": "assets",
        "live_for": page.query.to_string(),
        "library": page,
        "query": page.query,
        "bar": BAR.addresses(request, VERBS),
        "tags_form": TagsForm(use_required_attribute=False),
        "collection_form": CollectionForm(use_required_attribute=False),
        "kind_form": KindForm(use_required_attribute=False),
        "rating_form": RatingForm(use_required_attribute=False),
    }
    return render(request, "library/library.html", context)


@require_safe
def counts(request: TeamRequest) -> HttpResponse:
    """The total and the counts of the filters, for pages that came without."""
    page = LibraryPage(request, LibraryQuery.from_params(request.GET))
    page.is_counting = True
    seen = whole_number(request.GET.get("seen", ""))
    return render(
        request,
        "library/_counts.html",
        {"library": page, "query": page.query, "total": page.counts.total, "seen": seen},
    )


@live_page("assets")
def changes(request: TeamRequest, since: int) -> SafeString:
    """Cards that are shown are renewed wherever they are; new ones that the query lets through come on top; those that
    went into the trash leave.
    """
    page = LibraryPage(request, LibraryQuery.from_string(request.GET.get("for", "")))
    changed = list(
        Asset.objects.filter(team=request.team, revision__gt=since)
        .order_by("-revision")[:MANY]
        .values_list("pk", "trashed_at")
    )
    alive = assets_of(request.team).filter(pk__in=[pk for pk, trashed_at in changed if trashed_at is None])
    listed = (
        set(page.shelf.assets().filter(pk__in=[asset.pk for asset in alive]).values_list("pk", flat=True))
        if page.query.sort == "newest"
        else set()
    )
    numbers = [asset.number for asset in alive]
    context = {
        "library": page,
        "cards": [in_library(asset, is_listed=asset.pk in listed) for asset in alive],
        "gone": [pk for pk, trashed_at in changed if trashed_at is not None],
        "starred": set(
            Star.objects.filter(user=page.user, asset__number__in=numbers).values_list("asset__number", flat=True)
        ),
        "total": page.total if page.counts_are_free else None,
    }
    return render_to_string("library/_changes.html", context, request)

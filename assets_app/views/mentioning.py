"""The names that a prompt may use: of what is attached, and of what could be."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from assets_app.forms import opening, slots
from assets_app.forms.slots import WAITING_STATES, Filled
from assets_app.forms.studio import StudioForm
from assets_app.library.choosing import best_first, rank
from assets_app.library.search import matching_in_order
from assets_app.middleware import TeamRequest
from assets_app.models import Asset
from assets_app.models.words import findable_words, query_words

MOST_OFFERED = 12


@dataclass(frozen=True)
class Name:
    """How the prompt mentions a reference, and what the model calls it."""

    index: int
    reference: Filled
    handle: str
    word: str
    is_unnamed: bool


@dataclass(frozen=True)
class Offer:
    """One line of the list that `@` opens."""

    handle: str
    identity: str
    media_type: str
    word: str = ""
    asset: Asset | None = None
    has_namesakes: bool = False
    """Whether another asset in the list is called the same, so that more must be said to tell them apart."""


def names_of(form: StudioForm) -> list[Name]:
    """The references by name, those that the prompt never names first."""
    words = slots.words_for(form.references, form.model)
    unnamed = set(form.mentioned.unnamed)
    names = [
        Name(index, each, handle, words.get(each.identity, ""), index in unnamed)
        for index, each in enumerate(form.references)
        if (handle := form.mentioned.handles.get(each.identity))
    ]
    return sorted(names, key=lambda name: not name.is_unnamed)


@require_POST
def mention_list(request: TeamRequest) -> HttpResponse:
    """What `@` and the letters in `mention` may mean: what is called so first."""
    form = opening.posted(request.team, request.POST)
    offers = offers_for(form, request.POST.get("mention", ""))
    return render(request, "studio/_mention_list.html", {"offers": offers})


def offers_for(form: StudioForm, text: str) -> list[Offer]:
    """Names that are or begin with what was typed come first, and of equals what is attached."""
    wanted = query_words(text)
    if text.strip() and not wanted:
        return []
    names = sorted(names_of(form), key=lambda name: name.index)
    attached = [
        Offer(name.handle, name.reference.identity, name.reference.media_type, name.word, name.reference.asset)
        for name in names
        if _begins_words(wanted, name.handle)
    ]
    offers = sorted([*attached, *_of_the_library(form, text, wanted)], key=lambda offer: rank(offer.handle, text))
    offers = offers[:MOST_OFFERED]
    called = Counter(offer.asset.sort_name for offer in offers if offer.asset)
    return [replace(each, has_namesakes=bool(each.asset and called[each.asset.sort_name] > 1)) for each in offers]


def _begins_words(wanted: list[str], name: str) -> bool:
    return all(any(word.startswith(each) for word in findable_words(name)) for each in wanted)


def _of_the_library(form: StudioForm, text: str, wanted: list[str]) -> list[Offer]:
    usable = Asset.objects.live().filter(team=form.team, state__in=("active", *WAITING_STATES))
    attached = [reference.asset.pk for reference in form.references if reference.asset]
    usable = usable.exclude(pk__in=attached).select_related("original")
    if wanted:
        found = matching_in_order(usable, form.team.pk, wanted, newest_first=True, beyond=None)
    else:
        found = usable.order_by("-number")
    best = best_first(found, text if wanted else "", MOST_OFFERED, films_by_name=True)
    best.sort(key=lambda asset: asset.state != "active")  # what can be sent at once first
    return [Offer(form.mentioned.handle_of(asset), str(asset.pk), asset.media_type, asset=asset) for asset in best]

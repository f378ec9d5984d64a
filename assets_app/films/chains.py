"""Where films stand in a chain of next shots, and whom they show: for names that sort, and say what is in the film."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from assets_app.models import Asset, Generation, Origin, Reference

LONGEST = 200  # films, one made from the other, that are followed back


@dataclass(frozen=True)
class Place:
    """`number` counts the shots from 1: a take, an edit or a final is the same shot as what it was made from. `subject`
    is the first asset that somebody chose, for it or for the nearest film before; what was made of films is none.
    """

    number: int = 1
    subject: str = ""


@dataclass(frozen=True)
class _Link:
    made_from: uuid.UUID | None
    origin: str


def places_of(films: Sequence[Generation]) -> dict[uuid.UUID, Place]:
    """By their ids; a query for each film that the longest chain has, and one for what all of them show."""
    links = {film.pk: _Link(film.made_from_id, film.origin) for film in films}
    sought = {link.made_from for link in links.values() if link.made_from} - links.keys()
    for _ in range(LONGEST):
        if not sought:
            break
        rows = Generation.objects.filter(pk__in=sought).values_list("pk", "made_from_id", "origin")
        found = {pk: _Link(made_from, origin) for pk, made_from, origin in rows}
        links |= found
        sought = {link.made_from for link in found.values() if link.made_from} - links.keys()
    subjects = _subjects(links.keys())
    return {film.pk: _place(film.pk, links, subjects) for film in films}


def _place(pk: uuid.UUID, links: dict[uuid.UUID, _Link], subjects: dict[uuid.UUID, str]) -> Place:
    number, subject, seen = 1, "", set()
    here: uuid.UUID | None = pk
    while here in links and here not in seen:
        seen.add(here)
        subject = subject or subjects.get(here, "")
        number += links[here].origin == Origin.NEXT and links[here].made_from is not None
        here = links[here].made_from
    return Place(number, subject)


def _subjects(films: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The name of the first asset that somebody chose for each."""
    found: dict[uuid.UUID, str] = {}
    named = Reference.objects.filter(generation__in=list(films), asset__isnull=False)
    for each in named.select_related("asset", "asset__cut_from").order_by("generation_id", "slot", "position"):
        asset: Asset | None = each.asset
        if asset and not asset.is_made_of_film:
            found.setdefault(each.generation_id, asset.name)
    return found

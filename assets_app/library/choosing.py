"""What is offered to somebody who types a name: what is called so first, what only has the word in it after that, and
films of ours and their frames last, whose names are whole prompts.
"""

from __future__ import annotations

import re

from django.db.models import QuerySet

from assets_app.models import Asset
from assets_app.models.asset import MADE_OF_FILM
from assets_app.models.words import fold, sorting_name

_LAST_NUMBER = re.compile(r"\d+$")


def best_first(found: QuerySet[Asset], text: str, most: int, *, films_by_name: bool = False) -> list[Asset]:
    """The first `most` of `found`, which has its own order among equals. `films_by_name`: what was made of films only
    where its name begins with `text`. One query for a list that is whole, six at most.
    """
    text = text.strip()
    first = list(found[:most])
    is_whole = len(first) < most
    if is_whole or not (text or any(asset.made_by in MADE_OF_FILM for asset in first)):
        best = sorted(first, key=lambda asset: (asset.made_by in MADE_OF_FILM, rank(asset.name, text)))
        return [each for each in best if not films_by_name or _is_asked_for(each, text)]
    return _from_all(found, text, most, films_by_name=films_by_name)


def _is_asked_for(asset: Asset, text: str) -> bool:
    return asset.made_by not in MADE_OF_FILM or (bool(text) and rank(asset.name, text) < 2)


def _from_all(found: QuerySet[Asset], text: str, most: int, *, films_by_name: bool) -> list[Asset]:
    chosen, made = found.exclude(made_by__in=MADE_OF_FILM), found.filter(made_by__in=MADE_OF_FILM)
    ways = [chosen] if films_by_name else [chosen, made]
    if text:
        # Of a number that is being typed only the words before it: "shot 1" begins "shot 10", but is sorted otherwise.
        begins = {"sort_name__startswith": sorting_name(_LAST_NUMBER.sub("", text))}
        ways = [chosen.filter(sort_name=sorting_name(text)), chosen.filter(**begins), chosen, made.filter(**begins)]
        ways += [] if films_by_name else [made]
    best: dict[object, Asset] = {}
    for way in ways:
        best |= {asset.pk: asset for asset in way[:most] if asset.pk not in best}
        if len(best) >= most:
            break
    return list(best.values())[:most]


def rank(name: str, text: str) -> int:
    """0 for what is called `text`, 1 for what begins so, 2 for all else."""
    name, text = fold(name), fold(text).strip()
    return 0 if name == text else 1 if name.startswith(text) else 2

"""What each press of a film's own buttons costs: run again, make it final, try again with the step that helps."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assets_app.apiframe import catalogue
from assets_app.forms.mending import Remedy, changed_settings
from assets_app.models import Generation, Team
from assets_app.money import asking, prices
from assets_app.money.prices import Film, Quote
from assets_app.money.words import price_in_short, price_in_words


@dataclass(frozen=True)
class Tag:
    """The price of one press: `words` and `short` for people, `shown` for the server, which asks again where it rose
    since.
    """

    price: Quote | None
    is_sandbox: bool

    @property
    def words(self) -> str:
        return price_in_words(self.price, is_sandbox=self.is_sandbox)

    @property
    def short(self) -> str:
        return price_in_short(self.price)

    @property
    def shown(self) -> str:
        return asking.as_shown(self.price.credits_high if self.price else None)


@dataclass(frozen=True)
class Tags:
    """Those of one film. `again` is of the very same request, `final` of what a draft stands for, `fix` of the step
    that helps a film which failed.
    """

    again: Tag
    final: Tag
    fix: Tag


def put_on(films: Sequence[Generation], team: Team, remedies: Mapping[uuid.UUID, Remedy] | None = None) -> None:
    """Each of them gets its `tags`. Three queries, however many there are."""
    connection = getattr(team, "connection", None)
    is_sandbox = bool(connection and connection.is_sandbox)
    same = zip(films, prices.films_of(films), strict=True)
    wanted = [each for film, again in same for each in _presses_of(film, again, (remedies or {}).get(film.pk))]
    found = iter([Tag(price, is_sandbox) for price in prices.quotes(team, wanted)])
    for film in films:
        film.tags = Tags(next(found), next(found), next(found))


def _presses_of(film: Generation, again: Film, remedy: Remedy | None) -> tuple[Film, Film, Film]:
    stands_for = film.draft_of or {}
    model = catalogue.load().described(stands_for.get("model", film.model))
    final = replace(again, model=model, params=stands_for.get("params", film.params))
    changes = changed_settings(remedy) if remedy else {}
    return again, final, replace(again, params={**film.params, **changes})

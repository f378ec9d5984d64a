"""What films cost, added up: one column counts (`Generation.spend`), and each sum is one query whatever its size.

`spend` is held at the upper estimate while a film is made, then what the provider charged, and 0 when it failed or was
cancelled: its credits come back (FACTS §3). One that was given up counts on (engine/lost.py). Films in the trash, and
those deleted for good, were paid for all the same.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import (
    BigIntegerField,
    Count,
    DateField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Sum,
)
from django.db.models.functions import Coalesce, TruncDate

from assets_app.models import Asset, Collection, Generation, Reference, Team
from assets_app.models.states import GENERATION

UNDER_WAY = [state.value for state in GENERATION.values() if not state.is_final]
FREE = ["failed", "cancelled"]


# The pairs of collection and film must be made distinct before their costs are added, which Django cannot say. In this
# order each step is an index look-up; SQLite, which keeps no statistics, is held to it by CROSS JOIN.
OF_COLLECTIONS = f"""
SELECT used.collection_id,
       SUM(film.spend),
       SUM(CASE WHEN film.state IN ({", ".join(["%s"] * len(UNDER_WAY))}) THEN film.spend ELSE 0 END),
       SUM(CASE WHEN film.state = 'completed' THEN 1 ELSE 0 END),
       SUM(CASE WHEN film.state IN ({", ".join(["%s"] * len(FREE))}) AND film.spend = 0 THEN 1 ELSE 0 END)
FROM (
    SELECT DISTINCT placed.collection_id, given.generation_id
    FROM assets_app_collection whole
    CROSS JOIN assets_app_placing placed
    CROSS JOIN assets_app_asset part
    CROSS JOIN assets_app_reference given
    WHERE whole.team_id = %s AND placed.collection_id = whole.id
      AND part.number = placed.asset_id AND given.asset_id = part.id
) used
CROSS JOIN assets_app_generation film
WHERE film.id = used.generation_id
GROUP BY used.collection_id
"""  # noqa: S608 - made of nothing but placeholders


@dataclass(frozen=True)
class Cost:
    """What some generations cost together. `credits` is all that counts, of which `held` is not final yet; `films` were
    finished, `free` failed or were cancelled and cost nothing.
    """

    credits: int = 0
    held: int = 0
    films: int = 0
    free: int = 0

    @property
    def is_nothing(self) -> bool:
        return not (self.credits or self.films or self.free)


def columns(prefix: str = "") -> dict[str, Any]:
    """The aggregates a `Cost` is made of, over generations or over rows that lead to one by `prefix`."""
    in_flight = Q(**{f"{prefix}state__in": UNDER_WAY})
    return {
        "credits": Coalesce(Sum(f"{prefix}spend"), 0, output_field=BigIntegerField()),
        "held": Coalesce(Sum(f"{prefix}spend", filter=in_flight), 0, output_field=BigIntegerField()),
        "films": Count("pk", filter=Q(**{f"{prefix}state": "completed"})),
        "free": Count("pk", filter=Q(**{f"{prefix}state__in": FREE, f"{prefix}spend": 0})),
    }


def of(generations: QuerySet[Generation]) -> Cost:
    """Of all of them together. One query; each row must come once."""
    return Cost(**generations.order_by().aggregate(**columns()))


def of_asset(asset: Asset) -> Cost:
    """What the films that used it cost. A film with three assets counts whole for each of them. All are of its team,
    which is not asked for: SQLite would go through all films of the team instead of those few.
    """
    return of(Generation.objects.filter(pk__in=Reference.objects.filter(asset=asset).values("generation")))


def held_by(team: Team) -> Cost:
    """What is held for all that is under way. What is under way is due, and those few have an index of their own."""
    return of(team.generations.filter(due_at__isnull=False, state__in=UNDER_WAY))


def of_people(team: Team) -> dict[int | None, Cost]:
    """Of everybody in the team since its beginning, by user id; None is what nobody's account stands for."""
    return _grouped(team.generations.all(), "created_by")


def of_collections(team: Team) -> dict[int, Cost]:
    """What the films that used anything of a collection cost, by its id; each film once. Two queries for all."""
    key = Team._meta.get_field("id").get_db_prep_value(team.pk, connection)
    costs = {pk: Cost() for pk in Collection.objects.filter(team=team).values_list("pk", flat=True)}
    with connection.cursor() as cursor:
        cursor.execute(OF_COLLECTIONS, [*UNDER_WAY, *FREE, key])
        for pk, *numbers in cursor.fetchall():
            costs[pk] = Cost(*map(int, numbers))
    return costs


def _grouped(generations: QuerySet[Generation], by: str) -> dict[Any, Cost]:
    rows = generations.order_by().values_list(by).annotate(**columns())
    return {key: Cost(**dict(zip(columns(), numbers, strict=True))) for key, *numbers in rows}


@dataclass(frozen=True)
class Span:
    """A team's generations that were asked for from `since` up to, but not including, `until`."""

    team: Team
    since: datetime
    until: datetime

    @property
    def generations(self) -> QuerySet[Generation]:
        return Generation.objects.filter(team=self.team, created_at__gte=self.since, created_at__lt=self.until)

    @property
    def cost(self) -> Cost:
        return of(self.generations)

    def by_person(self) -> dict[int | None, Cost]:
        """By user id, dearest first."""
        return _dearest_first(_grouped(self.generations, "created_by"))

    def by_model(self) -> dict[str, Cost]:
        """By model id, dearest first."""
        return _dearest_first(_grouped(self.generations, "model"))

    def by_day(self) -> dict[date, dict[str, Cost]]:
        """By day in the current time zone, then by model; days on which nothing was asked for are left out."""
        days: dict[date, dict[str, Cost]] = {}
        rows = (
            self.generations.order_by()
            .annotate(day=TruncDate("created_at", output_field=DateField()))
            .values_list("day", "model")
            .annotate(**columns())
        )
        for day, model, *numbers in rows:
            days.setdefault(day, {})[model] = Cost(**dict(zip(columns(), numbers, strict=True)))
        return dict(sorted(days.items()))

    def by_asset(self, most: int) -> dict[uuid.UUID, Cost]:
        """By asset id, dearest first, of the `most` dearest: what the films that used it cost."""
        same = Reference.objects.filter(generation=OuterRef("generation"), asset=OuterRef("asset"))
        used = Reference.objects.filter(generation__in=self.generations, asset__isnull=False)
        rows = (
            used.filter(~Exists(same.filter(pk__lt=OuterRef("pk"))))  # an asset may fill two places of one film
            .order_by()
            .values_list("asset")
            .annotate(**columns("generation__"))
            .order_by(F("credits").desc(), F("films").desc(), "asset")[:most]
        )
        return {pk: Cost(**dict(zip(columns(), numbers, strict=True))) for pk, *numbers in rows}


def _dearest_first(costs: dict[Any, Cost]) -> dict[Any, Cost]:
    return dict(sorted(costs.items(), key=lambda item: (-item[1].credits, -item[1].films, str(item[0]))))

"""How often films showed their references, by model: providers drop some in silence (FACTS §0.5), and people say so."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, QuerySet

from assets_app.apiframe.catalogue import label_of
from assets_app.models import Followed, Generation, Reference, Team

SAID = (Followed.YES, Followed.PARTLY, Followed.NO)


@dataclass(frozen=True)
class Following:
    """What was said of one model's finished films that had references."""

    model: str
    yes: int = 0
    partly: int = 0
    no: int = 0
    unsaid: int = 0

    @property
    def label(self) -> str:
        return label_of(self.model)

    @property
    def said(self) -> int:
        return self.yes + self.partly + self.no

    @property
    def words(self) -> str:
        """ "followed 14 of 18, partly 3"; "" when nobody has said anything."""
        if not self.said:
            return ""
        return f"followed {self.yes:,} of {self.said:,}" + (f", partly {self.partly:,}" if self.partly else "")

    @property
    def percent(self) -> int:
        """Followed wholly, of those of which something was said."""
        return round(100 * self.yes / self.said) if self.said else 0


def by_model(team: Team) -> list[Following]:
    """Those of which most was said first."""
    counts: dict[str, dict[str, int]] = {}
    for model, verdict, number in _counted(_judgeable(team)):
        counts.setdefault(model, {})[Followed(verdict).name.lower()] = number
    found = [Following(model, **numbers) for model, numbers in counts.items()]
    return sorted(found, key=lambda each: (-each.said, -each.unsaid, each.label))


def of_model(team: Team, model: str) -> Following:
    """What was said of this one; what was not is not counted."""
    said = _judgeable(team).filter(model=model, followed__in=SAID)  # by an index, not by looking at all its films
    return Following(model, **{Followed(verdict).name.lower(): number for _model, verdict, number in _counted(said)})


def _judgeable(team: Team) -> QuerySet[Generation]:
    """Without references there is nothing to be followed, and without a film nothing to be seen."""
    with_references = Exists(Reference.objects.filter(generation=OuterRef("pk")))
    return Generation.objects.filter(with_references, team=team, state="completed")


def _counted(films: QuerySet[Generation]) -> QuerySet[Generation, tuple[str, str, int]]:
    return films.order_by().values_list("model", "followed").annotate(number=Count("pk"))

"""What sources disagree about whether a provider takes it, and it was refused: known from then on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone

from assets_app.apiframe import catalogue, reasons
from assets_app.models.connection import Connection

if TYPE_CHECKING:
    from assets_app.models.generation import Generation
    from assets_app.models.team import Team

# By the code of a refusal: the rule of the catalogue that it settles (FACTS §10.14).
SETTLES = {"frames_and_references": "frames_beside_references"}
WHAT = {"frames_beside_references": "start and end images beside references"}


class SettledDoubt(models.Model):
    """A rule of a model, in doubt until the provider refused a film over it. It belongs to a key at a provider, as a
    budget does: another key may stand for another account, which takes other things.
    """

    fingerprint = models.CharField(max_length=64)
    model = models.CharField(max_length=100)
    rule = models.CharField(max_length=60)
    refused_at = models.DateTimeField(default=timezone.now)
    words = models.TextField(help_text="The provider's own, when it refused.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fingerprint", "model", "rule"], name="one_per_rule_of_a_model_and_key")
        ]

    def __str__(self) -> str:
        return f"{self.model}: {self.rule}"

    @property
    def model_label(self) -> str:
        return catalogue.load().described(self.model).label

    @property
    def what(self) -> str:
        """What was refused, in words."""
        return WHAT.get(self.rule, self.rule)

    @classmethod
    def learn(cls, film: Generation, words: str) -> None:
        """Note what a film that was just refused settles, if it settles anything."""
        rule = SETTLES.get(reasons.explain(words).code)
        if rule is None or not catalogue.load().described(film.model).has_rule(rule):
            return
        cls.objects.update_or_create(
            fingerprint=film.sent_with or film.team.connection.fingerprint,
            model=film.model,
            rule=rule,
            defaults={"refused_at": timezone.now(), "words": words[:1000]},
        )

    @classmethod
    def of(cls, team: Team, models: Iterable[str], rules: Iterable[str]) -> dict[str, SettledDoubt]:
        """By rule: those of these models that the provider has refused with the team's key, the latest of each."""
        ours = cls.objects.filter(fingerprint__in=Connection.objects.filter(team=team).values("fingerprint"))
        found = ours.filter(model__in=list(models), rule__in=list(rules)).order_by("refused_at")
        return {each.rule: each for each in found}

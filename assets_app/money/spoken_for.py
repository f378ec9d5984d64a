"""What of the provider's balance is spoken for: films that were pressed and that it need not contain yet.

Credits are taken when a job is submitted (FACTS §2.8, §3). So the balance surely contains those films whose job we had
noted before we asked for it, surely not those that have not left us, and perhaps those in between.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from assets_app.models import Connection, Event
from assets_app.money.sums import UNDER_WAY

TAKEN = ("submitted", "processing")


@dataclass(frozen=True)
class SpokenFor:
    """Credits, at the upper estimates. `perhaps`: what the balance may contain already. `is_rough`: neither is all
    there is, for a price is not known, or the balance is just being asked for anew.
    """

    surely: int = 0
    perhaps: int = 0
    is_rough: bool = False

    @property
    def most(self) -> int:
        return self.surely + self.perhaps


def spoken_for(connection: Connection) -> SpokenFor:
    """One query, over the few films that are under way."""
    films = connection.team.generations.filter(due_at__isnull=False, state__in=UNDER_WAY)
    if connection.asked_at:
        noted = Event.objects.filter(generation=OuterRef("pk"), to_state="submitted", at__lt=connection.asked_at)
        films = films.exclude(Exists(noted), state__in=TAKEN)
    surely, perhaps, is_rough = 0, 0, connection.asked_at is None
    for sent_at, most in films.values_list("sent_at", "estimate_high"):
        is_rough |= most is None
        if sent_at is None:
            surely += most or 0
        else:
            perhaps += most or 0
    return SpokenFor(surely, perhaps, is_rough)

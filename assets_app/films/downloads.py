"""Who has downloaded a film, and when: a line of its history for each real download, and no column."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from assets_app.models import Event, Generation, Team

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SUBJECT = "download"
NOT_YET = Q(video__state="saved") & ~Q(Exists(Event.objects.filter(generation=OuterRef("pk"), subject=SUBJECT)))
"""Of films that could be downloaded and were not, by anybody of the team."""


def note(team: Team, user: User, films: Sequence[Generation]) -> None:
    """Put on record that `user` downloaded these films."""
    lines = [
        Event(team=team, actor=user, generation=film, subject=SUBJECT, note={"said": "Downloaded it"}) for film in films
    ]
    with transaction.atomic():
        revision = team.next_revision()
        Event.objects.bulk_create(lines)
        Generation.objects.filter(team=team, pk__in=[film.pk for film in films]).update(revision=revision)


def latest_of(films: Iterable[Generation]) -> dict[uuid.UUID | None, Event]:
    """The last download of each film that was downloaded, by the film's id."""
    noted = Event.objects.filter(generation__in=[film.pk for film in films], subject=SUBJECT)
    return {event.generation_id: event for event in noted.select_related("actor").order_by("id")}

"""What people change about many films at once: each change is one short transaction, kept in the history.

What is said about one film is `models.marks`; these say the same of many.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from assets_app.models import Event, FilmStar, Generation, Team
from assets_app.models.states import GENERATION

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SUBJECT = "film"
UNDER_WAY = [state.value for state in GENERATION.values() if not state.is_final]


def star(user: User, films: Sequence[Generation]) -> None:
    """A star is a person's own: the team is not told."""
    stars = [FilmStar(user=user, generation=film) for film in films]
    FilmStar.objects.bulk_create(stars, ignore_conflicts=True, batch_size=400)


def unstar(user: User, films: Sequence[Generation]) -> None:
    FilmStar.objects.filter(user=user, generation__in=[film.pk for film in films]).delete()


def rate(team: Team, actor: User, films: Sequence[Generation], rating: int) -> None:
    """1 to 5; 0 takes the rating away."""
    with transaction.atomic():
        revision = team.next_revision()
        rows = Generation.objects.filter(team=team, pk__in=_keys(films)).exclude(rating=rating)
        said = f"Rated it {rating} of 5" if rating else "Took its rating away"
        _change(team, actor, rows, said, revision, {"field": "rating"}, rating=rating)


def throw_away(team: Team, actor: User, films: Sequence[Generation]) -> list[Generation]:
    """Put films into the trash; the answer is those that were not there already. What is under way stays: it is being
    paid for, and somebody waits for it.
    """
    with transaction.atomic():
        revision = team.next_revision()
        rows = Generation.objects.filter(team=team, pk__in=_keys(films)).live().exclude(state__in=UNDER_WAY)
        columns = {"trashed_at": timezone.now(), "trashed_by": actor}
        return _change(team, actor, rows, "Put it into the trash", revision, {}, **columns)


def restore(team: Team, actor: User, films: Sequence[Generation]) -> list[Generation]:
    """Take films out of the trash again; the answer is those that were still there."""
    with transaction.atomic():
        revision = team.next_revision()
        rows = Generation.objects.filter(team=team, pk__in=_keys(films)).in_trash()
        return _change(team, actor, rows, "Took it out of the trash", revision, {}, trashed_at=None, trashed_by=None)


def _change(
    team: Team, actor: User, rows: Any, said: str, revision: int, facts: dict[str, str], **columns: Any
) -> list[Generation]:
    """In a transaction that has taken its revision: whoever else changes these films waits until it is over."""
    changed = list(rows)
    Generation.objects.filter(pk__in=_keys(changed)).update(revision=revision, **columns)
    note = {"said": said, **facts}
    Event.objects.bulk_create(
        [Event(team=team, actor=actor, generation=film, subject=SUBJECT, note=note) for film in changed],
        batch_size=400,
    )
    return changed


def _keys(films: Sequence[Generation]) -> list[Any]:
    return [film.pk for film in films]

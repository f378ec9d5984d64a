"""How much may wait to be looked into, of one person and of a team: links on check lists, and uploads. Each is a file
that we fetch or keep, and nobody but whoever sent it knows whether it is wanted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assets_app.models.asset import Asset
from assets_app.models.team import Team

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import Model, QuerySet


@dataclass(frozen=True)
class Bound:
    """`of_person` is enough for two pastes of the longest kind; `of_team` for some people at once."""

    of_person: int
    of_team: int


LINKS = Bound(10_000, 40_000)
UPLOADS = Bound(2_000, 10_000)


class TooMuchWaits(Exception):
    """Says so in plain words."""


def refuse_links(listed: QuerySet[Model], user: User, more: int) -> None:
    """`listed` are those on the check lists of the team. Raises TooMuchWaits when `more` are more than may be."""
    if not more:
        return
    mine, together = listed.filter(created_by=user).count(), listed.count()
    if mine + more > LINKS.of_person:
        raise TooMuchWaits(
            f"{more:,} more are too many: your check list has {mine:,} links, and may have {LINKS.of_person:,}. "
            "Register some of them, or clear the list."
        )
    if together + more > LINKS.of_team:
        raise TooMuchWaits(
            f"{more:,} more are too many: the check lists of this team have {together:,} links, and may have "
            f"{LINKS.of_team:,}. Somebody has to register some of theirs, or to clear their list."
        )


def refuse_another_upload(team: Team, user: User) -> None:
    """Raises TooMuchWaits when as many files as may be wait to be looked into."""
    waiting = Asset.objects.filter(team=team, state="checking")
    if waiting.filter(created_by=user).count() >= UPLOADS.of_person:
        whose = "your files"
    elif waiting.count() >= UPLOADS.of_team:
        whose = "the team’s files"
    else:
        return
    raise TooMuchWaits(f"As many of {whose} as may be wait to be looked into. Try again in a few minutes.")

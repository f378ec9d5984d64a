"""What people say about a film: how good it is, whether it shows its references, and in their own words."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.db import models, transaction

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from assets_app.models.event import Event


BEST_RATING = 5
LONGEST_NOTES = 5000
SUBJECT = "film"  # of the events that tell of it


class Followed(models.TextChoices):
    """A person's verdict on whether the film shows its references (FACTS §0.5: they may be dropped in silence)."""

    UNSAID = "", "Not said"
    YES = "yes", "Yes"
    PARTLY = "partly", "Partly"
    NO = "no", "No"


FOLLOWED_SAID = {
    Followed.YES: "Said that it shows its references",
    Followed.PARTLY: "Said that it shows its references in part",
    Followed.NO: "Said that it does not show its references",
    Followed.UNSAID: "Took back what was said of its references",
}


class Marks(models.Model):
    """The ways to mark a generation. Each is one short transaction with its line in the history; a mark that is there
    already writes nothing.
    """

    id: uuid.UUID
    team: Any
    rating: int
    followed: str
    notes: str

    class Meta:
        abstract = True

    def rate(self, actor: User | None, rating: int, read: int | None = None) -> bool:
        """1 to 5; 0 takes the rating away. False, and nothing written, when somebody else made it another than was
        `read`. Raises ValueError for anything else.
        """
        if not 0 <= rating <= BEST_RATING:
            raise ValueError(f"a rating is 0 to {BEST_RATING}, not {rating}")
        said = f"Rated it {rating} of {BEST_RATING}" if rating else "Took its rating away"
        return self._mark(actor, said, {"rating": read}, rating=rating)

    def mark_followed(self, actor: User | None, verdict: str, read: str | None = None) -> bool:
        """A value of Followed. False, and nothing written, when somebody else made it another than was `read`. Raises
        ValueError for anything else.
        """
        return self._mark(actor, FOLLOWED_SAID[Followed(verdict)], {"followed": read}, followed=Followed(verdict).value)

    def annotate(self, actor: User | None, notes: str, read: str) -> bool:
        """Put `notes` in the place of those that the writer had `read`. False, and nothing written, when somebody else
        changed them meanwhile to something else.
        """
        said = "Changed the notes" if notes else "Took the notes out"
        return self._mark(actor, said, {"notes": read}, notes=notes)

    def last_said_of(self, field: str) -> Event | None:
        """Who last changed one of the marks, where it is on record."""
        from assets_app.models.event import Event

        said = Event.objects.filter(generation_id=self.pk, subject=SUBJECT, note__field=field)
        return said.select_related("actor").order_by("-id").first()

    def star(self, user: User, on: bool) -> None:
        """A star is a person's own: the team is not told."""
        from assets_app.models.sharing import FilmStar

        if on:
            FilmStar.objects.bulk_create([FilmStar(user=user, generation_id=self.pk)], ignore_conflicts=True)
        else:
            FilmStar.objects.filter(user=user, generation_id=self.pk).delete()

    def say(self, actor: User | None, sentence: str, **facts: str) -> None:
        """Put a sentence into its history. In the transaction of what it tells of."""
        from assets_app.models.event import Event

        Event.objects.create(
            team=self.team,
            actor_id=actor.pk if actor else None,
            generation_id=self.pk,
            subject=SUBJECT,
            note={"said": sentence, **facts},
        )

    def _is_own_press(self, actor: User | None, column: str) -> bool:
        """Whether the mark is one's own already: a page shows it in several places, of which one was pressed. Not of
        notes, which are written for longer than a press.
        """
        last = None if column == "notes" else self.last_said_of(column)
        return last is not None and actor is not None and last.actor_id == actor.pk

    def _mark(self, actor: User | None, said: str, read: dict[str, Any], **columns: Any) -> bool:
        """Whether the one column has this value now. Only it is written, so that a state the engine changes meanwhile
        stays; and only in the place of what was `read`, where that is told.
        """
        rows: models.QuerySet[Any] = type(self)._default_manager.filter(pk=self.pk)
        with transaction.atomic():
            revision = self.team.next_revision()
            before = rows.values(*columns).get()
            changed = before != columns
            is_beaten = any(value not in (None, before[name]) for name, value in read.items())
            if changed and is_beaten and not self._is_own_press(actor, next(iter(columns))):
                return False
            if changed:
                rows.update(**columns | {"revision": revision})
                self.say(actor, said, field=next(iter(columns)))
        for name, value in columns.items():
            setattr(self, name, value)
        return True

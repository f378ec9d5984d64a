"""What a form says of something that exists goes over nobody else's work.

The page carries what each field showed when it was drawn, in one hidden field. Written is only what differs from that;
what somebody else changed meanwhile is shown beside what was typed, and the next press, which carries the new value,
puts one's own. Whoever sends no such field (a program) writes what it sends.

A view makes the form from the row as it is now, in the transaction that writes, after `team.next_revision()`: of two
who press in the same instant the second is told.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Literal

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from assets_app.apiframe.reading import read_json
from assets_app.models import Event

FIELD = "shown"
LONGEST_BESIDE = 80  # characters of a value that is told in the sentence; a longer one stands below it
MOST_READ = 100  # events that are read to find who changed something

Fate = Literal["write", "leave", "clash"]


def fate(shown: str | None, typed: str, now: str) -> Fate:
    """What becomes of a field that showed one value, holds another, and is now a third; all as `as_text` gives them."""
    if typed in (shown, now):
        return "leave"
    return "write" if shown in (None, now) else "clash"


def as_text(value: Any) -> str:
    """One text for a value, however it came: from the row, from the page or from a form."""
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return str(value).replace("\r\n", "\n").strip()


def as_field(shown: Mapping[str, Any], name: str = FIELD) -> SafeString:
    """The hidden field; nothing where nothing was shown."""
    if not shown:
        return SafeString()
    value = json.dumps({each: as_text(value) for each, value in shown.items()}, ensure_ascii=False)
    return format_html('<input type="hidden" name="{}" value="{}">', name, value)


def shown_in(data: Any, name: str = FIELD) -> dict[str, str]:
    """What the page showed. A button may send a value of its own, which counts more than the page's."""
    shown: dict[str, str] = {}
    for text in data.getlist(name) if hasattr(data, "getlist") else filter(None, [data.get(name)]):
        try:
            told = read_json(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(told, dict):
            shown |= {str(each): as_text(value) for each, value in told.items()}
    return shown


def who_made_it_so(events: Iterable[Event], name: str, now: Any) -> Event | None:
    """The one of these events, newest first, from which on the fact `name` has its present value."""
    maker = None
    for event in events:
        if name not in event.note:
            continue
        if as_text(event.note[name]) != as_text(now):
            break
        maker = event
    return maker


def of_team(team: Any, deed: str, name: str, now: Any, **facts: Any) -> Event | None:
    """Who last did `deed` with the team, of those with these facts, such that `name` is as it is now."""
    rows = Event.objects.filter(team=team, subject=Event.TEAM, to_state=deed).select_related("actor")
    told = (event for event in rows[:MOST_READ] if facts.items() <= event.note.items())
    return who_made_it_so(told, name, now)


def is_long(text: str) -> bool:
    return len(text) > LONGEST_BESIDE or "\n" in text


def told(maker: Event | None, now: str) -> str:
    """What somebody else did meanwhile, as a sentence without what to do about it."""
    became = ("to the text below" if is_long(now) else f"to “{now}”") if now else "to nothing"
    if maker is None:
        return f"This was changed {became} while the page was open."
    who, when = who_and_when(maker)
    return f"{who} changed this {became} ({when}), while the page was open."


def who_and_when(event: Event) -> tuple[str, str]:
    who = (event.actor.get_full_name() or event.actor.get_username()) if event.actor else "Castboard"
    return who, timezone.localtime(event.at).strftime("%-d %b, %H:%M %Z")


class ShownMixin(forms.BaseForm):
    """For a form whose `initial` is what is there now. After `is_valid`: `changes` is what to write, by field;
    `meanwhile` holds the fields that somebody else changed too, each with its present value as text. These are errors
    of their fields, so the form is not valid.
    """

    added_up: ClassVar[frozenset[str]] = frozenset()
    """Fields of which the form itself works out what was added and what was taken away: they never clash."""

    not_shown: ClassVar[frozenset[str]] = frozenset()
    """Fields that a page never shows the value of."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.changes: dict[str, Any] = {}
        self.meanwhile: dict[str, str] = {}
        self._typed: dict[str, str] = {}

    def last_change(self, name: str) -> Event | None:
        """Who made the field what it is now, where that is on record."""
        return None

    def is_touched(self, name: str, shown: str | None) -> bool:
        """Whether the person means this field's value, even when it is the one that the page showed."""
        return self._typed[name] != shown

    @property
    def is_beaten(self) -> bool:
        """Whether nothing else is wrong than that somebody was quicker."""
        return bool(self.meanwhile) and set(self.errors) == set(self.meanwhile)

    @property
    def shown(self) -> SafeString:
        """For the page that is drawn now: the next press knows what somebody else did."""
        return as_field(self._now() | self._was_shown() | self.meanwhile, self.add_prefix(FIELD))

    @property
    def still_shown(self) -> SafeString:
        """For a page that stays as it is: what was saved is what it shows now, and a clash waits for a press."""
        kept = {name: text for name, text in self._typed.items() if name not in self.meanwhile}
        return as_field(self._was_shown() | kept, self.add_prefix(FIELD))

    def _was_shown(self) -> dict[str, str]:
        return shown_in(self.data, self.add_prefix(FIELD)) if self.is_bound else {}

    def _now(self) -> dict[str, str]:
        names = [name for name in self.fields if name not in self.not_shown]
        return {name: as_text(self.get_initial_for_field(self.fields[name], name)) for name in names}

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]
        shown = self._was_shown()
        for name, now in self._now().items():
            if name not in self.cleaned_data:
                continue
            self._typed[name] = as_text(self.cleaned_data[name])
            if name not in self.added_up:
                self._settle(name, shown.get(name), now)

    def _settle(self, name: str, shown: str | None, now: str) -> None:
        value, typed = self.cleaned_data[name], self._typed[name]
        said = fate(shown, typed, now)
        if said == "leave" and typed != now and self.is_touched(name, shown):
            said = "clash"
        if said == "write":
            self.changes[name] = value
        elif said == "leave":
            self.cleaned_data[name] = self.get_initial_for_field(self.fields[name], name)
        else:
            self._clash(name, now)

    def _clash(self, name: str, now: str) -> None:
        self.meanwhile[name] = now
        label = self._in_words(name, now)
        meanwhile = told(self.last_change(name), label)
        self.add_error(name, ValidationError(f"{meanwhile} Yours is not saved: press again to save it."))
        field: Any = self[name]
        field.meanwhile = f"{meanwhile} Yours is not saved."  # beside a button that does
        field.theirs = label if is_long(label) else ""
        field.mine = json.dumps({name: now})  # of a button that puts one's own

    def _in_words(self, name: str, text: str) -> str:
        choices = getattr(self.fields[name].widget, "choices", ())
        return next((str(label) for value, label in choices if as_text(value) == text), text)

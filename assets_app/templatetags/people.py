"""People and forms, as templates draw them."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

from assets_app.forms.shown import as_field
from assets_app.templatetags.castboard import person

register = template.Library()

AVATAR_TONES = 8  # as many as there are in team.css


@register.filter
def initials(user: Any) -> str:
    """One or two letters: of the first and the last word of a name."""
    if user is None:
        return "?"
    words = person(user).replace(".", " ").replace("_", " ").replace("-", " ").split() or ["?"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


@register.filter
def avatar_tone(user: Any) -> int:
    """Which of the few tones stands for somebody: the same one everywhere and always."""
    return user.pk % AVATAR_TONES if user else 0


@register.filter
def styled(field: BoundField) -> SafeString:
    """A form's field with our class on it, and without the placeholder that repeats its label."""
    if field.widget_type == "checkbox":
        return field.as_widget()
    return field.as_widget(attrs={"class": "input", "placeholder": ""})


@register.simple_tag
def shown(**values: object) -> SafeString:
    """For a form that is written out: what its fields show now, so that it goes over nobody else's work."""
    return as_field(values)


@register.filter
def as_json(value: Any) -> str:
    """For a data attribute; the template escapes it."""
    return json.dumps(value)

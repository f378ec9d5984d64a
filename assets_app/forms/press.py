"""What a press of Generate asks for beside the request itself: how many takes, whether as a draft, and what they come
of.
"""

from __future__ import annotations

import uuid

from django import forms

from assets_app.models import Generation, Origin, Team
from assets_app.models.generation import MOST_TAKES

# A person's own ways on; "retry" is the engine's.
ORIGINS = (Origin.EDIT, Origin.AGAIN, Origin.FINAL, Origin.NEXT)


class PressFields(forms.Form):
    """The fields of a press, for the form that composes the request."""

    takes = forms.IntegerField(
        label="Takes",
        required=False,
        min_value=1,
        max_value=MOST_TAKES,
        error_messages={
            "invalid": f"Takes must be a whole number from 1 to {MOST_TAKES}.",
            "min_value": f"Make 1 to {MOST_TAKES} takes at once.",
            "max_value": f"Make 1 to {MOST_TAKES} takes at once.",
        },
    )
    draft = forms.BooleanField(label="Draft", required=False)
    made_from = forms.CharField(required=False, widget=forms.HiddenInput)
    origin = forms.CharField(required=False, widget=forms.HiddenInput)


def parent_of(team: Team, made_from: str, origin: str) -> tuple[Generation | None, str]:
    """The team's generation that a new one comes of, and how; (None, "") when there is no such, for where it comes
    from is a remark and must never keep anybody from working.
    """
    try:
        key = uuid.UUID(made_from)
    except ValueError:
        return None, ""
    parent = Generation.objects.filter(team=team, pk=key).first()
    return (parent, origin) if parent and origin in ORIGINS else (None, "")

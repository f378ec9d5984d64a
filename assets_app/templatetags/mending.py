"""What could be done about a reference that the model does not take as it is, and whether a film has to wait."""

from __future__ import annotations

from django import template

from assets_app.apiframe.catalogue import Model
from assets_app.forms.mending import cut_to_fit, taken_words
from assets_app.forms.slots import Filled
from assets_app.models import Connection

register = template.Library()


@register.simple_tag
def mend_of(reference: Filled, model: Model) -> str:
    """ "Take the middle 720 × 720", "Take the first 15 s"; "" when nothing of that kind would help."""
    cut = cut_to_fit(reference, model)
    return taken_words(cut) if cut else ""


@register.filter
def holds(connection: Connection | None, most: int | None) -> bool:
    """Whether a film that costs up to `most` credits has to wait for the connection, or for credits."""
    return bool(connection and connection.stops_submit_of(most))

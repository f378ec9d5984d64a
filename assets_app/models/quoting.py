"""Why a row is in its state, and who says so: Castboard in words of its own, or the provider in its."""

from __future__ import annotations

from typing import Any

from django.db import models

from assets_app.apiframe import reasons
from assets_app.apiframe.reasons import Reason
from assets_app.models.stateful import Stateful


class Quoting(Stateful):
    """A row that lives at the provider, which may say why it failed."""

    is_quote = models.BooleanField(
        default=False, help_text="Whether the reason is in the provider's own words; else it is in ours."
    )

    class Meta:
        abstract = True

    def move(self, to: str, *, is_quote: bool = False, note: dict[str, Any] | None = None, **changes: Any) -> bool:
        """`is_quote`: the reason is in the provider's own words. The history keeps that too."""
        said = {QUOTE: True} if is_quote else {}
        return super().move(to, is_quote=is_quote, note=(note or {}) | said, **changes)

    @property
    def why(self) -> Reason:
        """The reason in plain words."""
        return reasons.read(self.reason, is_quote=self.is_quote)


QUOTE = "quote"  # in the note of an event: its reason is in the provider's own words

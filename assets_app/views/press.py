"""What stands beside the Generate button: how many takes, draft or not, and what they come of."""

from __future__ import annotations

from functools import cached_property

from assets_app.apiframe.catalogue import Problem
from assets_app.forms import press
from assets_app.forms.studio import StudioForm
from assets_app.models import Generation, Origin
from assets_app.models.generation import MOST_TAKES


class Press:
    """The press panel of a form."""

    numbers = range(1, MOST_TAKES + 1)

    def __init__(self, form: StudioForm) -> None:
        self.form = form
        form.full_clean_once()

    @property
    def takes(self) -> int:
        return self.form.takes

    @property
    def is_draft(self) -> bool:
        return self.form.is_draft

    @property
    def problems(self) -> list[Problem]:
        return self.form.problems_of("takes")

    @property
    def draft_words(self) -> str:
        """ "Seedance 2.0 Mini, 480p"; "" when it is no draft."""
        if not self.is_draft:
            return ""
        plan = self.form.plan
        resolution = plan.params.get("resolution")
        return f"{plan.model.label}, {resolution}" if resolution else plan.model.label

    @cached_property
    def _came_from(self) -> tuple[Generation | None, str]:
        data = self.form.data
        return press.parent_of(self.form.team, str(data.get("made_from") or ""), str(data.get("origin") or ""))

    @property
    def parent(self) -> Generation | None:
        return self._came_from[0]

    @property
    def origin_words(self) -> str:
        return Origin(self._came_from[1]).label if self._came_from[1] else ""

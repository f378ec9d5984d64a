"""What a refused film's page offers, and the one press that takes the step; the same steps in the composer."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from assets_app import engine
from assets_app.addresses import uuid_or_none
from assets_app.apiframe.catalogue import Model
from assets_app.apiframe.reasons import Reason
from assets_app.forms import attaching, mending, slots
from assets_app.forms.mending import Remedy
from assets_app.forms.offered import model_called
from assets_app.forms.slots import Filled
from assets_app.forms.studio import StudioForm
from assets_app.middleware import TeamRequest
from assets_app.models import Asset, Generation, Team, add_cut, registering
from assets_app.models.generation import takes_of_click, told_retries
from assets_app.models.registering import Way
from assets_app.money.limits import OverBudget
from assets_app.views.access import editors_only
from assets_app.views.answers import go_to
from assets_app.views.cards import Card
from assets_app.views.one_film import film_of
from assets_app.views.starting import follow, follow_first, start_at_once
from assets_app.views.takes import Take

OVER_ASSETS = ("asset_failed", "asset_gone", "asset_not_ready")


@dataclass(frozen=True)
class InQuestion:
    """An asset that a film was stopped over: how it stands now, and whether it can be registered again."""

    asset: Asset
    called: str
    way: Way

    @property
    def why(self) -> str:
        """Its own reason, where it failed."""
        if self.asset.status.group != "attention":
            return ""
        card = Card(self.asset, "", self.asset.created_at)
        return card.finding or card.reason.plain

    @property
    def may_be_registered(self) -> bool:
        return bool(self.way) and self.asset.is_live and not self.asset.in_flight


@dataclass(frozen=True)
class Refused:
    """Why a film failed, as its page tells it: the reference it is about, and the step that helps."""

    reason: Reason
    remedy: Remedy
    references: tuple[Filled, ...]
    model: Model

    @property
    def index(self) -> int | None:
        """The reference that was refused, counted as on the page."""
        return self.remedy.index if self.remedy.index is not None else self._named

    @property
    def _named(self) -> int | None:
        return mending.refused_reference(self.reason, self.references)

    @property
    def outlined(self) -> tuple[int, ...]:
        """All that it is about, counted as on the page."""
        return () if self.index is None else (self.index, *self.remedy.others)

    @property
    def in_question(self) -> list[InQuestion]:
        """The assets that it is about: those that failed, or those of which the provider has lost one."""
        if self.reason.code not in OVER_ASSETS:
            return []
        meant = self.outlined or range(len(self.references))
        assets = {asset.pk: (asset, index) for index in meant if (asset := self.references[index].asset)}
        return [
            InQuestion(asset, self._called(index), registering.way_to_register(asset))
            for asset, index in assets.values()
        ]

    @property
    def reference(self) -> Filled | None:
        return None if self.index is None else self.references[self.index]

    @property
    def called(self) -> str:
        """Its name in the prompt, or the slot it fills."""
        return "" if self.index is None else self._called(self.index)

    def _called(self, index: int) -> str:
        slot = self.model.slot(self.references[index].slot)
        return slots.token_of(self.references, index, self.model) or (slot.label if slot else "")


def refusal_of(generation: Generation) -> Refused | None:
    """None for a film that did not fail."""
    if generation.state != "failed":
        return None
    reason, model = generation.why, model_called(generation.model)
    references = slots.in_order(slots.of_generation(generation), model)
    return Refused(reason, mending.remedy_for(reason, generation, references, model), tuple(references), model)


def refusals_of(films: Sequence[Generation]) -> dict[uuid.UUID, Refused]:
    """For lists: why each of them failed that is not tried again by itself, and the step that helps."""
    failed = [film for film in films if film.state == "failed"]
    prefetch_related_objects(failed, told_retries(), slots.told_references())
    return {film.pk: refused for film in failed if not Take(film).retry and (refused := refusal_of(film))}


# --- on the film's page ----------------------------------------------------------------------------------------------
@require_POST
@editors_only
def fix(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Take the step and make the film again. The click follows from what failed and from the step: however often and
    by whomever it is pressed, one is made. Where the form has something to say first, it opens.
    """
    failed, user = film_of(request, pk), cast("User", request.user)
    refused = refusal_of(failed)
    asked = request.GET.get("fix") or request.POST.get("fix")
    if refused is None or not refused.remedy.is_at_once or asked != refused.remedy.fix:
        messages.error(request, "This step does not fit any more. Here is how the film stands.")
        return go_to(request, reverse("video", args=[request.team.slug, pk]))
    remedy = refused.remedy
    click = uuid.uuid5(failed.pk, f"fix {remedy.fix}")
    if made := takes_of_click(request.team, click):
        return follow_first(request, made[0])
    replacement = mending.made_for(request.team, user, refused.reference, remedy) if refused.reference else None
    form = mending.mended(request.team, failed, remedy, replacement=replacement, click=click)
    if replacement:
        engine.wake()
    composer = f"{reverse('studio', args=[request.team.slug])}?from={failed.pk}&fix={remedy.fix}"
    try:
        again = start_at_once(request, form, model=failed.model)
    except OverBudget:  # the composer says why
        again = None
    return follow(request, again) if again else go_to(request, composer)


# --- in the composer -------------------------------------------------------------------------------------------------
def opened_with_fix(team: Team, generation: Generation, asked: Mapping[str, str]) -> StudioForm | None:
    """The form of a failed film with the step that its page offered taken, or with the part that was chosen in the
    place of its whole; None when the address asks for neither.
    """
    if part := _part(team, asked.get("part", "")):
        return mending.with_part(mending.opened(team, generation), cast("Asset", part.cut_from), part)
    refused = refusal_of(generation) if asked.get("fix") else None
    return mending.mended(team, generation, refused.remedy) if refused else None


def _part(team: Team, text: str) -> Asset | None:
    pk = uuid_or_none(text)
    parts = Asset.objects.live().filter(team=team, cut_from__isnull=False).select_related("cut_from", "original")
    return parts.filter(pk=pk).first() if pk else None


def refused_value(request: TeamRequest) -> str:
    """Which reference of the form the provider has refused before, as its hidden input says it; "" for none. The page
    carries it along.
    """
    if request.method == "POST":
        return str(request.POST.get("refused", ""))
    try:
        failed = Generation.objects.filter(team=request.team, pk=uuid.UUID(request.GET.get("from", ""))).first()
    except ValueError:
        return ""
    # Of an asset that failed the form says so itself, for as long as it is so.
    refused = refusal_of(failed) if failed and failed.is_quote else None
    return refused.reference.value if refused and refused.reference else ""


def mend(request: TeamRequest, form: StudioForm, action: str) -> StudioForm | None:
    """`mend:<n>`: the form with what fits of its n-th reference in that one's place; None for any other action. It
    waits until that part is Active, like any asset.
    """
    verb, _, place = action.partition(":")
    if verb != "mend":
        return None
    if not request.membership.may_edit:
        raise PermissionDenied
    index = int(place) if place.isdecimal() and len(place) < 4 else -1
    reference = form.references[index] if 0 <= index < len(form.references) else None
    cut = mending.cut_to_fit(reference, form.model) if reference else None
    if reference is None or reference.asset is None or cut is None:
        form.notes.append("There is nothing to cut from this reference.")
        return form
    part = add_cut(reference.asset, cast("User", request.user), cut)
    engine.wake()
    return attaching.with_instead(form, index, part)

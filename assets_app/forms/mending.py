"""What a refusal leads to: the reference it is about, the one step that helps, and the form with that step taken.

Which step fits which refusal is data (`apiframe.refusals`); here it is fitted to the film at hand, and where it cannot
be taken the next best one is offered.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from assets_app.apiframe.catalogue import Model
from assets_app.apiframe.reasons import Reason
from assets_app.apiframe.refusals import Fix
from assets_app.cuts import Cut, crop_to_ratio, trim_to_seconds
from assets_app.forms import attaching, buttons, opening
from assets_app.forms.cut import undisputed
from assets_app.forms.slots import Filled
from assets_app.forms.studio import StudioForm
from assets_app.models import Asset, Generation, NewAsset, Origin, Team, add_cut, may_be_cut, register_all
from assets_app.models.cutting import cut_made
from assets_app.models.states import ASSET

# At one press, and once: what is asked for is plain, and nobody has to look at the form again.
AT_ONCE: frozenset[Fix] = frozenset({"sound_off", "adaptive", "crop", "trim", "register"})
BY_FORM: frozenset[Fix] = frozenset({"drop", "frames", "reword"})
WORDS: dict[Fix, str] = {
    "sound_off": "Try again without sound",
    "adaptive": "Try again with an adaptive ratio",
    "crop": "Crop it and try again",
    "trim": "Cut it shorter and try again",
    "register": "Register it as an asset and try again",
    "drop": "Leave it out",
    "frames": "Make the frames references",
    "reword": "Reword the prompt",
    "again": "Try again",
    "edit": "Edit and try again",
}
WORDS_FOR_SEVERAL: dict[Fix, str] = {"drop": "Leave them out"}


@dataclass(frozen=True)
class Remedy:
    """One step as a button. `index` is the reference it is about, in the order of the page."""

    fix: Fix
    index: int | None = None
    cut: Cut | None = None
    others: tuple[int, ...] = ()
    """What it is about beside that one."""

    @property
    def words(self) -> str:
        if self.cut:
            return f"{taken_words(self.cut)} and try again"
        if self.others:
            return WORDS_FOR_SEVERAL[self.fix]
        return WORDS[self.fix]

    @property
    def is_at_once(self) -> bool:
        return self.fix in AT_ONCE

    @property
    def is_by_form(self) -> bool:
        """Taken in the form, which opens for a person to look at what has become of it."""
        return self.fix in BY_FORM


def taken_words(cut: Cut) -> str:
    """ "Take the middle 720 × 720", "Take the first 15 s": what a cut keeps that nobody chose."""
    return f"Take {f'the middle {cut.words}' if cut.box else cut.words}"


def refused_reference(reason: Reason, references: Sequence[Filled]) -> int | None:
    """The reference that the provider refused, in the order of the page; None when it does not say, and more than one
    may be meant.

    "content[n]" counts the prompt as 0 and then the references in the order in which they were sent (FACTS §4), which
    is slot by slot as the model has them: the order of the page.
    """
    kind = reason.media_type
    if reason.reference_index is not None and 1 <= reason.reference_index <= len(references):
        index = reason.reference_index - 1
        if kind in ("", references[index].media_type):
            return index
    if not kind:
        return None
    possible = [index for index, each in enumerate(references) if each.media_type == kind]
    return possible[0] if len(possible) == 1 else None


def remedy_for(reason: Reason, generation: Generation, references: Sequence[Filled], model: Model) -> Remedy:
    """The step that helps most likely and can be taken with this film. `references` are in the order of the page."""
    if reason.code == "asset_failed":
        return _without_what_failed(references)
    index = refused_reference(reason, references)
    match reason.fix:
        case "sound_off" if "generate_audio" in model.params and generation.params.get("generate_audio") is not False:
            return Remedy("sound_off")
        case "sound_off":
            return Remedy("again")
        case "adaptive" if _takes_adaptive(model) and generation.params.get("aspect_ratio") != "adaptive":
            return Remedy("adaptive")
        case "crop" | "trim":
            together = reason.code == "references_too_long_together"
            if found := _cut_that_helps(reason.fix, references, model, index, together=together):
                return found
        case "register" if index is not None and references[index].url:
            return Remedy("register", index)
        case "reword" | "again" | "frames":
            return Remedy(reason.fix)
    if index is not None and reason.fix in ("crop", "trim", "register", "drop"):
        return Remedy("drop", index)
    return Remedy("edit")


def _without_what_failed(references: Sequence[Filled]) -> Remedy:
    """Those whose assets still are of no use are left out; when none is, the film may be tried as it stands."""
    failed = [place for place, each in enumerate(references) if each.asset and each.asset.status.group == "attention"]
    return Remedy("drop", failed[0], others=tuple(failed[1:])) if failed else Remedy("again")


def cut_to_fit(reference: Filled, model: Model) -> Cut | None:
    """What part of a reference the model would take, where it is its shape or its length that it would not."""
    facts, limits = reference.facts, model.media_limits.get(reference.media_type)
    if facts is None or limits is None or not may_be_cut(reference.asset):
        return None
    if cropped := crop_to_ratio(facts, limits.ratio):
        return cropped
    return trim_to_seconds(facts, undisputed(limits.seconds)) if reference.media_type != "image" else None


def _takes_adaptive(model: Model) -> bool:
    ratio = model.params.get("aspect_ratio")
    return ratio is not None and "adaptive" in ratio.choices


def _cut_that_helps(
    fix: Fix, references: Sequence[Filled], model: Model, named: int | None, *, together: bool
) -> Remedy | None:
    if together:
        return _shorten_the_longest(references, model)
    for index, reference in enumerate(references):
        cut = cut_to_fit(reference, model) if named in (None, index) else None
        if cut and (cut.box is not None) == (fix == "crop"):
            return Remedy(fix, index, cut)
    return None


def _shorten_the_longest(references: Sequence[Filled], model: Model) -> Remedy | None:
    """So much of the longest that all of its slot fit together, if that leaves enough of it."""
    for slot in model.slots:
        limits = model.media_limits.get(slot.media_type)
        known = [
            (facts.seconds, index)
            for index, each in enumerate(references)
            if each.slot == slot.name and (facts := each.facts) and facts.seconds
        ]
        over = sum(seconds for seconds, _index in known) - undisputed(limits.seconds_total) if limits else 0
        if limits is None or over <= 0:
            continue
        longest, index = max(known)
        least = limits.seconds.warn_below or limits.seconds.min or 0
        facts = references[index].facts
        cut = trim_to_seconds(facts, longest - over) if facts and longest - over >= least else None
        if cut and may_be_cut(references[index].asset):
            return Remedy("trim", index, cut)
    return None


# --- taking the step -------------------------------------------------------------------------------------------------
def made_for(team: Team, user: User, reference: Filled, remedy: Remedy) -> Asset | None:
    """The asset that takes the reference's place: a part of its file, or its link registered. Pressed twice, one.
    Wakes nobody.
    """
    if remedy.cut and reference.asset:
        return add_cut(reference.asset, user, remedy.cut)
    if remedy.fix == "register" and reference.url:
        return _registered(team, user, reference)
    return None


def _registered(team: Team, user: User, reference: Filled) -> Asset:
    with transaction.atomic():
        team.next_revision()
        same = team.assets.live().with_source([reference.url]).filter(media_type=reference.media_type)
        if known := same.exclude(state__in=ASSET.in_group("attention")).first():
            return known
        (asset,) = register_all(team, user, [NewAsset(reference.url, reference.media_type)])
    return asset


def with_part(form: StudioForm, parent: Asset, part: Asset, place: str = "") -> StudioForm:
    """The same form with a part in the place of its whole: at `place` in the order of the page, if that is where it is,
    else wherever. It says so where the whole is not in the form any more.
    """
    places = [n for n, each in enumerate(form.references) if each.asset and each.asset.pk == parent.pk]
    if not places:
        form.notes.append(f"{part.name} is in the library. It was not put in here: {parent.name} is not here any more.")
        return form
    return attaching.with_instead(form, next((n for n in places if str(n) == place), places[0]), part)


def mended(
    team: Team,
    failed: Generation,
    remedy: Remedy,
    *,
    replacement: Asset | None = None,
    click: uuid.UUID | None = None,
) -> StudioForm:
    """The form of a film that failed with the step taken, as far as a form can take it."""
    _set(failed, remedy)
    form = opened(team, failed, click=click)
    if remedy.fix == "frames":
        return buttons.after(form, "frames-to-references")
    index = remedy.index
    if index is None or index >= len(form.references):
        return form
    if replacement is None and remedy.cut and (parent := form.references[index].asset):
        replacement = cut_made(parent, remedy.cut)
    if replacement is not None:
        return attaching.with_instead(form, index, replacement)
    if remedy.fix == "drop":
        dropped = {index, *remedy.others}
        return form.with_references([each for place, each in enumerate(form.references) if place not in dropped])
    return form


def opened(team: Team, failed: Generation, *, click: uuid.UUID | None = None) -> StudioForm:
    """The form of a film that failed, to be changed and tried again."""
    return opening.of_generation(team, failed, click=click, made_from=str(failed.pk), origin=Origin.EDIT)


def changed_settings(remedy: Remedy) -> dict[str, Any]:
    """What it sets to another value."""
    changes: dict[str, dict[str, Any]] = {
        "sound_off": {"generate_audio": False},
        "adaptive": {"aspect_ratio": "adaptive"},
    }
    return changes.get(remedy.fix, {})


def _set(failed: Generation, remedy: Remedy) -> None:
    if changes := changed_settings(remedy):  # on the object at hand only: what was sent stays written down as it was
        failed.params = failed.params | changes
        if failed.draft_of:
            failed.draft_of = failed.draft_of | {"params": failed.draft_of["params"] | changes}

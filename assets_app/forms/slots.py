"""What fills a generation's slots while it is being composed: assets and direct URLs, as the prompt counts them.

The page itself holds the state: one hidden input per reference, so a round trip to the server loses nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.formats import date_format

from assets_app import prompting
from assets_app.addresses import uuid_or_none
from assets_app.apiframe import catalogue
from assets_app.apiframe.catalogue import Fix, MediaFacts, Model, Ref, Slot
from assets_app.forms.links import NOT_WEB, TYPE_OF_ENDING, guess_type
from assets_app.forms.notes import CannotPlace
from assets_app.models import Asset, Generation, NewReference, Reference, Team
from assets_app.models.asset import MAX_URL_LENGTH
from assets_app.models.judging import facts_as_sent
from assets_app.models.states import ASSET
from assets_app.models.words import printable

WAITING_STATES = ASSET.in_group("processing")
# Far beyond what any model takes: nobody's work, only much work for us.
MOST_REFERENCES = 100
END = "end"
# FACTS §6 rule 1: one is certain, the other disputed.
FRAMES_ALONE = ("frames_exclude_references", "frames_beside_references")
LOOKS = {"image": "an image", "video": "a video", "audio": "audio"}


@dataclass(frozen=True)
class Filled:
    """One reference on the page. `lost` is the id of an asset that this team does not have (any more)."""

    slot: str
    media_type: str
    asset: Asset | None = None
    url: str = ""
    lost: str = ""

    @property
    def value(self) -> str:
        """What the hidden input carries; `read_all` understands it."""
        return (
            f"{self.slot}:url:{self.url}"
            if self.url
            else f"{self.slot}:asset:{self.asset.pk if self.asset else self.lost}"
        )

    @property
    def identity(self) -> str:
        """By which a prompt remembers what it mentions: an asset's id, or the direct URL."""
        return self.url or (str(self.asset.pk) if self.asset else self.lost)

    @property
    def anchor(self) -> str:
        """Names it in the page, wherever in its row it stands."""
        return hashlib.sha256(self.value.encode("utf-8", "surrogatepass")).hexdigest()[:10]

    @property
    def name(self) -> str:
        if self.asset:
            return self.asset.name
        if self.lost:
            return "Unknown asset"
        parts = urlsplit(self.url)
        return PurePosixPath(printable(unquote(parts.path))).name or parts.hostname or self.url

    @property
    def same_thing(self) -> tuple[str, object]:
        """Equal for two references to the same thing in the same slot."""
        return self.slot, self.asset.pk if self.asset else self.url or self.lost

    @property
    def waits(self) -> bool:
        return self.asset is not None and self.asset.state in WAITING_STATES

    @property
    def trouble(self) -> str:
        """Why the provider could never use it; "" when it can, or soon will."""
        if self.lost:
            return "This asset is not in your team's library. Remove it."
        if self.asset and not self.asset.is_live:
            return f"{self.asset.name} is in the trash. Restore it first, or remove it."
        if self.asset and self.asset.status.group == "attention":
            state = self.asset.status.label.lower()
            return f"{self.asset.name} is {state} at the provider. Register it again first, or remove it."
        return ""

    @property
    def warning(self) -> str:
        """What to think of before it is used; it may be used all the same."""
        if self.asset and self.asset.rights_are_over and (until := self.asset.rights_until):
            return f"It was allowed to be used until {date_format(until)}. Ask before you use it."
        looks_like = TYPE_OF_ENDING.get(PurePosixPath(urlsplit(self.url).path).suffix.lower(), self.media_type)
        return "" if looks_like == self.media_type else f"This looks like {LOOKS[looks_like]}."

    @property
    def older_twin(self) -> Asset | None:
        """The asset with the same content that was in the library before this one."""
        copy = getattr(self.asset, "original", None)
        return copy.older_twin if copy else None

    @property
    def facts(self) -> MediaFacts | None:
        """What our own copy told us of the file. A direct URL has none: nobody has looked at it."""
        copy = getattr(self.asset, "original", None)
        if copy is None or not copy.is_saved:
            return None
        return replace(facts_as_sent(copy), media_type=self.media_type)

    def as_ref(self, position: int) -> Ref:
        value = self.url or (self.asset.reference_url if self.asset else "") or "asset://…"
        return Ref(self.slot, position, self.media_type, value)

    def as_new_reference(self) -> NewReference:
        return NewReference(self.slot, self.media_type, self.asset, self.url)


def numbered(references: Sequence[Filled]) -> list[Ref]:
    """The references as a request counts them: from 0 within each slot."""
    counts: dict[str, int] = {}
    refs = []
    for reference in references:
        position = counts.get(reference.slot, 0)
        counts[reference.slot] = position + 1
        refs.append(reference.as_ref(position))
    return refs


def token_of(references: Sequence[Filled], index: int, model: Model) -> str:
    """How a prompt tells a reference from the others of its slot, as in `[Image1]` (FACTS §6); "" in a slot for one."""
    slot = model.slot(references[index].slot)
    if slot is None or not slot.is_numbered:
        return ""
    return slot.mention_of(sum(reference.slot == slot.name for reference in references[:index]))


def words_for(references: Sequence[Filled], model: Model) -> dict[str, str]:
    """What the model calls each reference, by its identity."""
    refs = numbered(references)
    places = [(each.identity, ref.slot, ref.position) for each, ref in zip(references, refs, strict=True)]
    return prompting.words_for(model, places)


def read_all(team: Team, model: Model, values: Sequence[str]) -> list[Filled]:
    """The references a page sent back. A value that no page of ours wrote is dropped."""
    parts = [value.split(":", 2) for value in values if value.count(":") >= 2]
    known = assets_of(team, [thing for _slot, kind, thing in parts if kind == "asset"])
    filled = []
    for slot_name, kind, thing in parts:
        slot = model.slot(slot_name)
        if kind == "asset":
            asset = known.get(thing)
            media_type = asset.media_type if asset else slot.media_type if slot else "image"
            filled.append(Filled(slot_name, media_type, asset=asset, lost="" if asset else thing[:36]))
        elif kind == "url" and not problem_with_url(thing):
            # One that another model took stays in sight until somebody removes it.
            place = slot or catalogue.load().known_slots.get(slot_name)
            filled += [Filled(slot_name, place.media_type, url=thing)] if place else []
    return filled


def of_generation(generation: Generation) -> list[Filled]:
    """The references of one that was made before, to start the next from."""
    if not hasattr(generation, "told_references"):
        prefetch_related_objects([generation], told_references())
    return [Filled(each.slot, each.media_type, asset=each.asset, url=each.url) for each in generation.told_references]


def told_references() -> Prefetch:
    """For lists: what each was made with, as its `told_references`; one query for all."""
    whole = Reference.objects.select_related("asset", "asset__original")
    return Prefetch("references", whole, to_attr="told_references")


def in_order(references: Sequence[Filled], model: Model) -> list[Filled]:
    """Slot by slot as the model has them: the order in which a page shows them, and sends them back."""
    order = [slot.name for slot in model.slots]
    return sorted(references, key=lambda each: order.index(each.slot) if each.slot in order else len(order))


def assets_of(team: Team, ids: Sequence[str]) -> dict[str, Asset]:
    """The team's assets among `ids`, by id as text; what is not the team's is not there."""
    wanted = {found for each in ids if (found := uuid_or_none(each))}
    if not wanted:
        return {}
    assets = Asset.objects.select_related("original__same_as")
    return {str(asset.pk): asset for asset in assets.filter(team=team, pk__in=wanted)}


def place(references: Sequence[Filled], asset: Asset, model: Model, target: str = "") -> list[Filled]:
    """`references` with `asset` in the slot `target`, if it is of its type and has room; else in the first open one.

    Raises CannotPlace, saying why.
    """
    if asset.status.group == "attention":
        raise CannotPlace(f"{asset.name} is {asset.status.label}: register it again before you use it.")
    slot, new = model.slot(target), Filled("", asset.media_type, asset=asset)
    if slot is None or slot.media_type != asset.media_type or not _has_room(references, slot):
        slot = first_open(references, new, model)
    return _added(references, replace(new, slot=slot.name))


def put(references: Sequence[Filled], asset: Asset, slot_name: str, model: Model) -> list[Filled]:
    """`references` with `asset` in this slot and no other. Raises CannotPlace, saying why it cannot be there."""
    slot = _the_slot(slot_name, model)
    if slot.media_type != asset.media_type:
        raise CannotPlace(_wrong_type(asset.name, f"is {LOOKS[asset.media_type]}", slot))
    if not _has_room(references, slot):
        raise CannotPlace(f"{asset.name} was not added. {_full(slot)}")
    return place(references, asset, model, slot_name)


def put_url(references: Sequence[Filled], url: str, slot_name: str, model: Model) -> list[Filled]:
    """`references` with a direct URL in the slot on which it was let down. Raises CannotPlace, saying why not."""
    slot, looks_like = _the_slot(slot_name, model), guess_type(url)
    new = Filled(slot.name, slot.media_type, url=url)
    if looks_like not in ("", slot.media_type):
        raise CannotPlace(_wrong_type(new.name, f"looks like {LOOKS[looks_like]}", slot))
    return place_url(references, url, slot_name, model)


def place_url(references: Sequence[Filled], url: str, slot_name: str, model: Model) -> list[Filled]:
    """`references` with a direct URL in the slot it was typed beside. Raises CannotPlace, saying why."""
    slot = _the_slot(slot_name, model)
    if problem := problem_with_url(url):
        raise CannotPlace(problem)
    if not _has_room(references, slot):
        raise CannotPlace(_full(slot))
    return _added(references, Filled(slot.name, slot.media_type, url=url))


def problem_with_url(url: str) -> str:
    """Why the provider could not fetch this address; "" when nothing speaks against it."""
    if len(url) > MAX_URL_LENGTH:
        return f"This address has {len(url):,} characters; {MAX_URL_LENGTH:,} is the most."
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or any(character.isspace() for character in url):
        return f"{NOT_WEB}."
    if not url.isprintable():
        return "This address has signs in it that cannot be seen. Copy it once more."
    if parts.username or parts.password:
        return "This address has a name or password in it. Use one without."
    return ""


def remove(references: Sequence[Filled], index: int) -> list[Filled]:
    return [reference for n, reference in enumerate(references) if n != index]


def shift(references: Sequence[Filled], index: int, step: int) -> list[Filled]:
    """One place up (-1) or down (+1) among those of its slot; unchanged at the end of the row."""
    moved = list(references)
    same = [n for n, reference in enumerate(moved) if reference.slot == moved[index].slot]
    target = same.index(index) + step
    if 0 <= target < len(same):
        other = same[target]
        moved[index], moved[other] = moved[other], moved[index]
    return moved


def transfer(references: Sequence[Filled], index: int, slot_name: str, model: Model) -> list[Filled]:
    """Into another slot of the same type; a taken place for one changes places with it. Raises CannotPlace."""
    moving, target = references[index], _the_slot(slot_name, model)
    if target.media_type != moving.media_type:
        raise CannotPlace(_wrong_type(moving.name, f"is {LOOKS[moving.media_type]}", target))
    rest = list(references)
    if not _has_room(references, target):
        if target.maximum != 1:
            raise CannotPlace(_full(target))
        other = next(n for n, reference in enumerate(rest) if reference.slot == target.name)
        rest[index], rest[other] = replace(rest[other], slot=moving.slot), replace(moving, slot=target.name)
        return rest
    return [*remove(references, index), replace(moving, slot=target.name)]


def settle(references: Sequence[Filled], index: int, slot_name: str, position: int, model: Model) -> list[Filled]:
    """Let down at a place of a slot, counted from 0, as a hand does that drags it. Raises CannotPlace."""
    moving = references[index]
    moved = list(references) if moving.slot == slot_name else transfer(references, index, slot_name, model)
    here = next(n for n, each in enumerate(moved) if each == replace(moving, slot=slot_name))
    rest = remove(moved, here)
    row = [n for n, each in enumerate(rest) if each.slot == slot_name]
    before = row[position] if 0 <= position < len(row) else len(rest)
    return [*rest[:before], moved[here], *rest[before:]]


def frames_of(model: Model) -> tuple[Slot, Slot] | None:
    """The slots for the first and the last picture of a film, where the model has both."""
    first = next((slot for name in ("start_image", "image") if (slot := model.slot(name))), None)
    last = next((slot for name in ("end_image", "last_frame") if (slot := model.slot(name))), None)
    return (first, last) if first and last and first.maximum == last.maximum == 1 else None


def swap_frames(references: Sequence[Filled], model: Model) -> list[Filled]:
    """The first and the last picture in each other's place; one alone goes to the other's."""
    frames = frames_of(model)
    if frames is None:
        return list(references)
    other = {frames[0].name: frames[1].name, frames[1].name: frames[0].name}
    return [replace(each, slot=other[each.slot]) if each.slot in other else each for each in references]


def renumber(
    prompt: str, before: Sequence[Filled], after: Sequence[Filled], model: Model, mentions: Mapping[str, str]
) -> str:
    """The prompt with its `[Image2]` following the picture it meant; `mentions` follow by themselves.

    A picture that has no number any more is called by its name.
    """
    now_called = {id(reference): token_of(after, n, model) for n, reference in enumerate(after)}
    new_words = {
        token: now_called.get(id(reference)) or reference.name
        for n, reference in enumerate(before)
        if (token := token_of(before, n, model))
    }
    if not new_words:
        return prompt
    tokens = re.compile("|".join(re.escape(token) for token in sorted(new_words, key=len, reverse=True)))
    return prompting.change_the_rest(
        prompt, mentions, lambda text: tokens.sub(lambda hit: new_words[hit.group()], text)
    )


def keeps_frames_alone(model: Model) -> bool:
    """Whether nothing is put beside its frames by itself: the provider refuses that, or may."""
    return any(model.has_rule(code) for code in FRAMES_ALONE)


def first_open(references: Sequence[Filled], new: Filled, model: Model) -> Slot:
    """Where the next thing of this type goes, which is never an end image: a film that ends in a picture is another
    film, so only a hand puts one there. Raises CannotPlace, which says why it goes nowhere, and what would help.
    """
    slots = [slot for slot in model.slots if slot.media_type == new.media_type]
    if not slots:
        raise CannotPlace(f"{model.label} takes no {new.media_type}: {new.name} was not added.")
    guides = [slot for slot in slots if slot.is_reference]
    used = {reference.slot for reference in references}
    has_begun_with_frames = any(slot.name in used for slot in model.slots if slot.is_frame)
    has_begun_with_frames &= not any(slot.name in used for slot in guides)
    others = [slot for slot in slots if not slot.is_reference and slot.role != END]
    candidates = others if not guides or (has_begun_with_frames and keeps_frames_alone(model)) else guides
    for slot in candidates:
        if _has_room(references, slot):
            return slot
    raise _no_room(references, new, model, candidates)


def _no_room(references: Sequence[Filled], new: Filled, model: Model, candidates: Sequence[Slot]) -> CannotPlace:
    words, fixes = [f"{new.name} was not added.", *(_full(slot) for slot in candidates)], []
    guide = next((slot for slot in model.slots if slot.media_type == new.media_type and slot.is_reference), None)
    end = model.slot_for(END)
    if guide and guide not in candidates:
        words.append("A film that begins with a frame takes no references.")
        fixes += [Fix(f"beside-frames:{new.identity}", "Send the frame as a reference too")] if new.asset else []
    if end and end.media_type == new.media_type and _has_room(references, end) and guide not in candidates:
        verb = "put-url" if new.url else "put"
        fixes.append(Fix(f"{verb}:{end.name}:{new.identity}", f"Use it as {end.label.lower()}"))
    return CannotPlace(" ".join(words), fixes)


def _has_room(references: Sequence[Filled], slot: Slot) -> bool:
    return sum(reference.slot == slot.name for reference in references) < slot.maximum


def _the_slot(slot_name: str, model: Model) -> Slot:
    if slot := model.slot(slot_name):
        return slot
    raise CannotPlace(f"{model.label} has no such slot.")


def _wrong_type(name: str, what: str, slot: Slot) -> str:
    return f"{name} {what}; “{slot.label}” takes {LOOKS[slot.media_type]}."


def _full(slot: Slot) -> str:
    return f"{slot.label}: {slot.maximum} of {slot.maximum} taken."


def _added(references: Sequence[Filled], new: Filled) -> list[Filled]:
    if any(reference.same_thing == new.same_thing for reference in references):
        raise CannotPlace(f"{new.name} is already there.")
    return [*references, new]

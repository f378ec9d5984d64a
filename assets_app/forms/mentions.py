"""Which things the prompt of a form mentions: those in its slots, those that are not, and those nobody can tell.

What the page remembers of it travels as one hidden value, `as_json`. Without it, or for what was typed by hand, a
name is looked up: among the references first, then among the team's assets of exactly that name.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from assets_app import prompting
from assets_app.apiframe.catalogue import Model, Problem
from assets_app.apiframe.reading import read_json
from assets_app.forms import slots
from assets_app.forms.slots import Filled
from assets_app.models import Asset, Generation, Team
from assets_app.models.asset import MAX_URL_LENGTH
from assets_app.models.words import sorting_name

MOST_MENTIONS = 100
MOST_LOOKED_UP = 12  # signs in one prompt; more of them are no mentions but a text with many signs
MOST_NAMESAKES = 60
SHOWN_NAMESAKES = 6
# What the provider understands by itself, typed by hand: “@Image1”.
OWN_WORDS = re.compile(r"(image|video|audio) ?[1-9]", re.IGNORECASE)


@dataclass(frozen=True)
class Loose:
    """A mention of what is not among the references: an asset or a direct URL; neither when it is gone."""

    name: str
    identity: str
    asset: Asset | None = None
    url: str = ""

    @property
    def is_gone(self) -> bool:
        return self.asset is None and not self.url


@dataclass(frozen=True)
class InDoubt:
    """A name that several assets have."""

    name: str
    assets: Sequence[Asset]


def read(text: object) -> dict[str, str]:
    """Names and what they mean, from `as_json` of a page. What no page of ours wrote is dropped."""
    try:
        given = read_json(str(text or "{}"))
    except (ValueError, RecursionError):
        return {}
    if not isinstance(given, dict):
        return {}
    sound = {name: identity for name, identity in given.items() if _is_sound(name, identity)}
    return dict(list(sound.items())[:MOST_MENTIONS])


def _is_sound(name: str, identity: object) -> bool:
    if not isinstance(identity, str) or not name.strip() or len(name) > prompting.LONGEST_NAME or "\0" in name:
        return False
    return is_id(identity) or (len(identity) <= MAX_URL_LENGTH and not slots.problem_with_url(identity))


def is_id(identity: str) -> bool:
    try:
        return str(uuid.UUID(identity)) == identity
    except ValueError:
        return False


def as_called_now(team: Team, references: Sequence[Filled], generation: Generation) -> dict[str, str]:
    """The values of a form for the prompt of one that was made before: what it mentions by its present names."""
    return called_now(team, references, generation.prompt, generation.mentions)


def called_now(team: Team, references: Sequence[Filled], prompt: str, mentions: Mapping[str, str]) -> dict[str, str]:
    """The same for a prompt and the mentions kept beside it. `references` are those at hand, to spare a look at the
    library.
    """
    if not mentions:
        return {"prompt": prompt, "mentions": ""}
    ids = [identity for identity in mentions.values() if is_id(identity)]
    names = {each.identity: each.name for each in references}
    names |= {pk: asset.name for pk, asset in slots.assets_of(team, [pk for pk in ids if pk not in names]).items()}
    prompt, now_called = prompting.renamed(prompt, mentions, names)
    return {"prompt": prompt, "mentions": json.dumps(now_called, ensure_ascii=False)}


class Mentions:
    """`known` are the names that the page remembers; `text` is the prompt as it was typed."""

    def __init__(
        self, team: Team, model: Model, references: Sequence[Filled], text: str, known: Mapping[str, str]
    ) -> None:
        self.team, self.model, self.references, self.text = team, model, references, text
        self._known = known

    # --- names -------------------------------------------------------------------------------------------------------
    @cached_property
    def handles(self) -> dict[str, str]:
        """By which name the prompt mentions each reference: identity → name. No two have the same."""
        named = {identity: name for name, identity in reversed(list(self._known.items()))}
        taken = dict(self._known)
        handles: dict[str, str] = {}
        for reference in self.references:
            if reference.lost or reference.identity in handles:
                continue
            name = named.get(reference.identity) or prompting.free_name(reference.name, reference.identity, taken)
            handles[reference.identity] = name
            taken[name] = reference.identity
        return handles

    def handle_of(self, asset: Asset) -> str:
        """The name by which this asset is, or would be, mentioned."""
        identity = str(asset.pk)
        by_name = {**self.used, **{name: held for held, name in self.handles.items()}}
        known = next((name for name, held in by_name.items() if held == identity), "")
        return known or prompting.free_name(asset.name, identity, by_name)

    @cached_property
    def used(self) -> dict[str, str]:
        """What the prompt mentions: name → identity. This is what a generation remembers."""
        looked_up, _ = self._looked_up
        return self._settled | looked_up

    @cached_property
    def _settled(self) -> dict[str, str]:
        names = {**{name: identity for identity, name in self.handles.items()}, **self._known}
        return {each.name: each.identity for each in prompting.find(self.text, names)}

    @property
    def as_json(self) -> str:
        return json.dumps(self.used, ensure_ascii=False) if self.used else ""

    # --- what was typed by hand --------------------------------------------------------------------------------------
    @cached_property
    def _looked_up(self) -> tuple[dict[str, str], list[InDoubt]]:
        """Names in the prompt that the page does not know, with what they mean; and those with many meanings."""
        open_signs = self._open_signs(self._settled)
        if not open_signs:
            return {}, []
        namesakes = self._namesakes({name for sign in open_signs for name in sign.names})
        found: dict[str, str] = {}
        doubts: dict[str, InDoubt] = {}
        for sign in open_signs:
            for name in sign.names:
                if reference := self._reference_called(name):
                    found[name] = reference
                elif same := namesakes.get(sorting_name(name), []):
                    exactly = [asset for asset in same if asset.name == name] or same
                    if len(exactly) == 1:
                        found[name] = str(exactly[0].pk)
                    else:
                        doubts[name] = InDoubt(name, exactly[:SHOWN_NAMESAKES])
                else:
                    continue
                break
        return found, list(doubts.values())

    def _open_signs(self, known: Mapping[str, str]) -> list[prompting.Unsettled]:
        return list(islice(prompting.unsettled(self.text, known), MOST_LOOKED_UP))

    def _reference_called(self, name: str) -> str:
        wanted = sorting_name(name)
        return next((identity for identity, handle in self.handles.items() if sorting_name(handle) == wanted), "")

    def _namesakes(self, names: set[str]) -> dict[str, list[Asset]]:
        assets = Asset.objects.live().filter(team=self.team, sort_name__in={sorting_name(name) for name in names})
        found: dict[str, list[Asset]] = {}
        for asset in assets.select_related("original").order_by("-number")[:MOST_NAMESAKES]:
            found.setdefault(asset.sort_name, []).append(asset)
        return found

    # --- what is not in order ----------------------------------------------------------------------------------------
    @cached_property
    def loose(self) -> list[Loose]:
        attached = {reference.identity for reference in self.references}
        wanted = {name: identity for name, identity in self.used.items() if identity not in attached}
        assets = slots.assets_of(self.team, [identity for identity in wanted.values() if is_id(identity)])
        return [
            Loose(name, identity, assets.get(identity), "" if is_id(identity) else identity)
            for name, identity in wanted.items()
        ]

    @property
    def in_doubt(self) -> list[InDoubt]:
        return self._looked_up[1]

    @property
    def unknown(self) -> list[str]:
        """Names behind a sign that mean nothing here, by their first word."""
        known = {**self.used, **{each.name: "" for each in self.in_doubt}}
        names = [sign.names[-1] for sign in self._open_signs(known) if sign.names]
        return [name for name in dict.fromkeys(names) if name[0].isalpha() and not OWN_WORDS.match(name)]

    @property
    def being_typed(self) -> str:
        """The unknown name that the prompt ends with: it may become one yet."""
        return next((name for name in self.unknown if self.text.endswith(f"{prompting.SIGN}{name}")), "")

    @property
    def unnamed(self) -> list[int]:
        """Which references are told apart by a number, and which the prompt never names."""
        rendered = self.rendered
        return [index for index in range(len(self.references)) if self._goes_unnamed(index, rendered)]

    def _goes_unnamed(self, index: int, rendered: str) -> bool:
        token = slots.token_of(self.references, index, self.model)
        bare = token.strip("[]")  # people write “Image 1” as well, and the provider reads it (FACTS §6)
        spaced = re.sub(r"(\d+)$", r" ?\1(?!\\d)", re.escape(bare))
        return bool(token) and not re.search(spaced, rendered, re.IGNORECASE)

    @property
    def problems(self) -> Iterator[Problem]:
        for each in self.loose:
            if each.is_gone:
                message = f"What “@{each.name}” meant is not in your team's library."
                yield Problem("mention_gone", "prompt", message, fix="Mention another asset, or take the @ away.")
            else:
                message = f"“@{each.name}” is mentioned but not among the references."
                yield Problem("mention_loose", "prompt", message, fix="Attach it, or take the @ away.")
        for doubt in self.in_doubt:
            message = f"Several assets are called “{doubt.name}”."
            yield Problem("mention_in_doubt", "prompt", message, fix="Choose the one you mean.")
        for name in self.unknown:
            message = f"“@{name}” is no asset of your team: the model reads it as it stands."
            code = "mention_being_typed" if name == self.being_typed else "mention_unknown"
            yield Problem(code, "prompt", message, severity="warn")

    # --- what the model gets -----------------------------------------------------------------------------------------
    @property
    def rendered(self) -> str:
        """The prompt as the model receives it."""
        return prompting.render(self.text, self.used, slots.words_for(self.references, self.model)).strip()

    def renumbered(self, references: Sequence[Filled]) -> str:
        """The prompt for other references: what it calls by number follows, what it mentions does so by itself."""
        return slots.renumber(self.text, self.references, references, self.model, self.used)

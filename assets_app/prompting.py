"""What a prompt mentions: assets by their names, as in “@Anna Smith”.

A mention is plain text; which thing it means is kept beside the prompt, as a map from name to identity: an asset's id,
or a direct URL. A model never sees it: at send each mention becomes what that model calls the thing, as in “[Image1]”
(FACTS §6). Pure functions; `static/js/mentions.js` finds mentions by the same rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from assets_app.apiframe.model_facts import Model

SIGN = "@"
LONGEST_NAME = 210
MOST_WORDS_IN_A_NAME = 40
MOST_SIGNS = 2000  # in one prompt; nobody mentions so many things, and looking for names at each takes its time
# Chinese, Japanese and Korean are written without blanks: a name of theirs ends where it ends.
_CJK = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"
_LETTER = rf"[^\W{_CJK}]"
_BEGINNING = re.compile(rf"(?<!{_LETTER}){SIGN}(?=\S)")


@dataclass(frozen=True, slots=True)
class Mention:
    """One mention in a prompt, from its sign at `start` to before `end`."""

    start: int
    end: int
    name: str
    identity: str


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A sign in a prompt that begins no known mention, and the names it may begin, the longest first."""

    start: int
    names: tuple[str, ...]


def find(prompt: str, mentions: Mapping[str, str]) -> list[Mention]:
    """The mentions in `prompt` by the names in `mentions`: the longest name wins, and it must not go on as a word."""
    names = sorted(filter(None, mentions), key=len, reverse=True)
    if not names or SIGN not in prompt:
        return []
    found: list[Mention] = []
    for sign in islice(_BEGINNING.finditer(prompt), MOST_SIGNS):
        if found and sign.start() < found[-1].end:
            continue  # inside of a name
        if name := next((each for each in names if _is_whole(each, prompt, sign.end())), ""):
            found.append(Mention(sign.start(), sign.end() + len(name), name, mentions[name]))
    return found


def _is_whole(name: str, prompt: str, at: int) -> bool:
    if not prompt.startswith(name, at):
        return False
    end = at + len(name)
    return not (re.match(_LETTER, name[-1]) and re.match(_LETTER, prompt[end : end + 1]))


def replace(prompt: str, mentions: Mapping[str, str], word_for: Callable[[Mention], str]) -> str:
    """`prompt` with `word_for` of each mention in its place."""
    return _rebuilt(prompt, find(prompt, mentions), word_for, lambda text: text)


def change_the_rest(prompt: str, mentions: Mapping[str, str], change: Callable[[str], str]) -> str:
    """`prompt` with all but its mentions changed."""
    return _rebuilt(prompt, find(prompt, mentions), lambda each: SIGN + each.name, change)


def _rebuilt(
    prompt: str, found: list[Mention], word_for: Callable[[Mention], str], change: Callable[[str], str]
) -> str:
    parts, at = [], 0
    for mention in found:
        parts += [change(prompt[at : mention.start]), word_for(mention)]
        at = mention.end
    return "".join([*parts, change(prompt[at:])])


def render(prompt: str, mentions: Mapping[str, str], words: Mapping[str, str]) -> str:
    """The prompt as a model receives it. `words` maps identities to what the model calls them; a thing without a word
    is called by its name.
    """
    return replace(prompt, mentions, lambda each: words.get(each.identity) or each.name)


def words_for(model: Model, places: Iterable[tuple[str, str, int]]) -> dict[str, str]:
    """What `model` calls the things in its slots: identity → word. A place is an identity, a slot and a position in
    it, counted from 0; a thing that is in several goes by the first.
    """
    words: dict[str, str] = {}
    for identity, slot_name, position in places:
        slot = model.slot(slot_name)
        if slot is not None:
            words.setdefault(identity, slot.mention_of(position))
    return words


def renamed(prompt: str, mentions: Mapping[str, str], names: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The prompt and its mentions with things called as they are called now: `names` maps identities to names."""
    used = {each.name: each.identity for each in find(prompt, mentions)}
    now_called: dict[str, str] = {}
    taken = {name: identity for name, identity in used.items() if _is_called(name, names.get(identity, name))}
    for name, identity in used.items():
        if taken.get(name) != identity and identity not in now_called:
            new = free_name(names[identity], identity, taken)
            now_called[identity], taken[new] = new, identity

    def called(each: Mention) -> str:
        return SIGN + (each.name if taken.get(each.name) == each.identity else now_called[each.identity])

    return replace(prompt, mentions, called), taken


def _is_called(mentioned: str, name: str) -> bool:
    """Whether a mention goes by this name, bare or with a number that tells it from another of that name."""
    return mentioned.casefold() == name.casefold() or bool(re.fullmatch(re.escape(name) + r" [0-9]{1,3}", mentioned))


def free_name(name: str, identity: str, taken: Mapping[str, str]) -> str:
    """`name`, or with a number after it when something else goes by that already."""
    number, free = 1, name
    while taken.get(free, identity) != identity:
        number += 1
        free = f"{name} {number}"
    return free


def unsettled(prompt: str, mentions: Mapping[str, str]) -> Iterator[Unsettled]:
    """Signs that begin no known mention, each with the names that it may begin: they end where a word ends."""
    covered = {mention.start for mention in find(prompt, mentions)}
    for hit in _BEGINNING.finditer(prompt):
        if hit.start() not in covered:
            yield Unsettled(hit.start(), tuple(_names_from(prompt[hit.end() : hit.end() + LONGEST_NAME])))


def _names_from(text: str) -> list[str]:
    line = text.partition("\n")[0]
    ends = [end for end in range(1, len(line) + 1) if line[end - 1].strip() and _ends_a_word(line, end)]
    return [line[:end] for end in reversed(ends[:MOST_WORDS_IN_A_NAME])]


def _ends_a_word(line: str, end: int) -> bool:
    return end == len(line) or not (re.match(_LETTER, line[end - 1]) and re.match(_LETTER, line[end]))

"""What the catalogue knows of a model, in the words of a page of limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from assets_app.apiframe import units
from assets_app.apiframe.model_facts import Bounds, MediaLimits, Model, Number, Param, Prices, Rule, Slot


@dataclass(frozen=True, slots=True)
class Fact:
    """One limit, with the words for how sure it is where sources disagree."""

    what: str
    words: str
    doubt: str = ""


def values_of(param: Param) -> str:
    """ "4 to 15 s", "480p, 720p or 4k", "on or off", "text of at most 2,500 characters"."""
    match param.kind:
        case "boolean":
            return "on or off"
        case "enum":
            return _either([f"{choice}" for choice in param.choices]) + (f" {param.unit}" if param.unit else "")
        case "enum_list":
            some = f"{len(param.choices)} to choose from, several at once: "
            return some + ", ".join(str(choice).replace("_", " ") for choice in param.choices)
        case "integer" | "number":
            return _range(param)
        case "object_list":
            most = f"at most {param.max_items}" if param.max_items else "any number"
            return f"{most}, each with " + " and ".join(
                f"{each.label.lower()} ({values_of(each)})" for each in param.fields
            )
    words = f"text of at most {param.max_length:,} characters" if param.max_length else "text"
    return f"{words}, {param.example}" if param.example else words


def _range(param: Param) -> str:
    unit = f" {param.unit}" if param.unit else ""
    kind = "a whole number" if param.kind == "integer" else "a number"
    if param.minimum is None and param.maximum is None:
        return kind
    if param.minimum is None:
        return f"{kind} up to {param.maximum:,}{unit}"
    if param.maximum is None:
        return f"{kind} from {param.minimum:,}{unit}"
    return f"{param.minimum:,} to {param.maximum:,}{unit}"


def default_of(param: Param) -> str:
    if param.default is None:
        return "not set"
    if isinstance(param.default, bool):
        return "on" if param.default else "off"
    return f"{param.default}{f' {param.unit}' if param.unit else ''}"


def number_of(slot: Slot) -> str:
    """ "up to 9", "one", "exactly one, needed"."""
    if slot.maximum == 1:
        return "one, needed" if slot.minimum else "one"
    words = f"up to {slot.maximum}"
    return f"{words}, at least {slot.minimum}" if slot.minimum else words


def facts_of(limits: MediaLimits) -> list[Fact]:
    """Everything known of the files a model takes, one line each."""
    return list(_facts(limits))


def _facts(limits: MediaLimits) -> Iterator[Fact]:
    doubtful = [
        name
        for name in limits.formats
        if any(name.lower() == each.rpartition("/")[2] for each in limits.doubtful_content_types)
    ]
    yield Fact(
        "Formats", ", ".join(limits.formats), f"{', '.join(doubtful)} are not taken everywhere" if doubtful else ""
    )
    measured = (
        ("Size", limits.bytes, units.megabytes),
        ("Width and height", limits.side, units.pixels),
        ("Width divided by height", limits.ratio, _plain),
        ("Width times height", limits.pixels, units.pixels),
        ("Frames a second", limits.fps, _plain),
        ("Length", limits.seconds, units.seconds),
        ("Length of all together", limits.seconds_total, units.seconds),
    )
    for what, bounds, written in measured:
        if words := _between(bounds, written):
            yield Fact(what, words, _doubt(bounds, written))


def _between(bounds: Bounds, write: Callable[[Number], str]) -> str:
    """ "2 s to 15 s", "at most 30 MB"; "" where there is no limit."""
    if bounds.min is not None and bounds.max is not None:
        return f"{write(bounds.min)} to {write(bounds.max)}"
    if bounds.max is not None:
        return f"at most {write(bounds.max)}"
    return f"at least {write(bounds.min)}" if bounds.min is not None else ""


def _doubt(bounds: Bounds, write: Callable[[Number], str]) -> str:
    parts = [f"below {write(bounds.warn_below)}"] if bounds.warn_below is not None else []
    parts += [f"above {write(bounds.warn_above)}"] if bounds.warn_above is not None else []
    return f"{' and '.join(parts)} it may be refused" if parts else ""


def _plain(value: Number) -> str:
    return f"{value:g}"


@dataclass(frozen=True, slots=True)
class PriceLine:
    """Credits at one resolution. `checked` when a real job was billed like this."""

    resolution: str
    words: str
    checked: bool


def prices_of(prices: Prices) -> list[PriceLine]:
    return [
        PriceLine(
            f"{rate.resolution}{', with a reference video' if rate.reference_video else ''}",
            f"{rate.credits:g} credits a second",
            rate.measured,
        )
        for rate in prices.rates
    ]


def span_of(prices: Prices) -> str:
    """ "8 to 209 credits a second over everything it offers"."""
    per = "a second" if prices.mode == "per-second" else "a film"
    return f"{prices.lowest:g} to {prices.highest:g} credits {per}, over everything it offers"


def mentions_of(model: Model) -> list[tuple[str, str]]:
    """How a prompt names what is in each place: the place's label, and the first two names."""
    return [
        (slot.label, f"{slot.mention_of(0)}, {slot.mention_of(1)}, …" if slot.is_numbered else slot.mention_of(0))
        for slot in model.slots
    ]


def source_of(fact: Param | MediaLimits | Prices | Rule) -> str:
    """Where it is known from, without the places in our own notes."""
    return re.sub(r"\s*\(FACTS [^)]*\)", "", fact.source)


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"

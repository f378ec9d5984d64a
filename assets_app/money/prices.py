"""What one film will cost: learnt from what the team was charged, else what an admin counts it as, else by the
catalogue's table, else by the range that the provider gives for the model.

Prices move (FACTS §7: one model went from 6 to 4 credits a second within weeks), and the provider's table gives only
a range over everything a model offers. What a team's own finished jobs were charged is the best there is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import mean, median
from typing import Any, Literal

from django.db.models import F, QuerySet

from assets_app.apiframe import catalogue
from assets_app.apiframe.catalogue import Model, Price
from assets_app.apiframe.errors import MOST_CREDITS
from assets_app.apiframe.model_facts import whole_seconds
from assets_app.apiframe.price_ranges import PER_OUTPUT, PER_SECOND
from assets_app.models import Connection, Generation, HandPrice, Reference, Team
from assets_app.money.words import in_short, name_of

LEARNT_FROM = 5
"""So many jobs, and their median: a price that moved is followed when three of them were charged anew."""
BELIEVED_FROM = 3
"""With so many bills they speak for themselves. One or two may be odd, so the price list has a voice beside them."""
LOOKED_THROUGH = 20
"""Among so many of the latest, for some may have been sent with another account's key or without a length."""
MOST_WITH_A_VIDEO = 2
"""How many times the price without a reference video one with it may cost. Measured are 1.15 and 1.25 (FACTS §7)."""
VAGUE = 2
"""A highest price more than so many times the lowest."""
MAY_MATTER = ("resolution", "mode", "generate_audio", "audio_enabled")
LONGEST_KEY = 100


@dataclass(frozen=True, slots=True)
class Measure:
    """What the price of a request goes by: jobs of one model with the same `key` cost the same, a second or a clip."""

    key: str
    seconds: int | None
    """Length asked for; None when the model settles it."""
    is_by_second: bool
    longest: int | None = None
    """The most that the model may choose, where it settles the length."""


@dataclass(frozen=True, slots=True)
class Quote:
    """What one take will cost, in credits, and what that rests on."""

    credits_low: int
    credits_high: int
    basis: str
    """ "from your last 5", "price list of 2026-09"."""
    source: str
    """The same at length, for whoever wonders."""
    rests_on: Literal["bills", "hand", "list", "range"]
    exact: bool = False
    """Whether it was checked against a bill; else people read "about"."""
    is_most: bool = False
    """Whether the model settles the length, so that this is what its longest film costs."""

    @property
    def is_learnt(self) -> bool:
        return self.rests_on == "bills"

    @property
    def is_listed(self) -> bool:
        return self.rests_on == "list"

    @property
    def is_vague(self) -> bool:
        """Whether the two ends are so far apart that the lower one says nothing."""
        if self.rests_on == "range":
            return self.credits_low == 0
        return self.credits_high > VAGUE * self.credits_low


@dataclass(frozen=True, slots=True)
class Film:
    """What a price is asked for."""

    model: Model
    params: Mapping[str, Any]
    has_video: bool

    @property
    def measure(self) -> Measure:
        return measure(self.model, self.params, has_video=self.has_video)


def measure(model: Model, params: Mapping[str, Any], *, has_video: bool) -> Measure:
    """What the price of a request with these parameters goes by. `has_video`: whether there is a reference video."""
    by_second = model.prices is not None and model.prices.mode == "per-second"
    seconds = whole_seconds(params.get("duration"))
    # The catalogue's prices a second go by resolution and reference video; of the others we know nothing, so all
    # that could matter counts, the length included.
    parts = [_part(name, params.get(name)) for name in (("resolution",) if by_second else MAY_MATTER)]
    parts += ["video" if has_video else "", "" if by_second or seconds is None else f"{seconds}s"]
    longest = model.longest_film if seconds is None else None
    return Measure("+".join(filter(None, parts))[:LONGEST_KEY], seconds, by_second, longest)


def _part(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return name if value else ""
    return "" if value is None else str(value)


def films_of(generations: Sequence[Generation]) -> list[Film]:
    """The very same requests, to be priced as they would be now. One query."""
    videos = Reference.objects.filter(generation__in=generations, media_type="video")
    with_video = set(videos.values_list("generation", flat=True)) if generations else set()
    known = catalogue.load()
    return [Film(known.described(each.model), each.params, each.pk in with_video) for each in generations]


def quote(team: Team, model: Model, params: Mapping[str, Any], *, has_video: bool) -> Quote | None:
    """The price of one take; None when nothing is known of it, from whatever source."""
    return quotes(team, [Film(model, params, has_video)])[0]


def quotes(team: Team, films: Sequence[Film]) -> list[Quote | None]:
    """The price of one take of each. Two queries, however many they are."""
    measures = [film.measure for film in films]
    rates = _rates_of(team, {(film.model.id, by.key) for film, by in zip(films, measures, strict=True)})
    by_hand = HandPrice.objects.filter(team=team, model__in={film.model.id for film in films})
    set_for: dict[str, list[HandPrice]] = {}
    for price in by_hand.select_related("set_by") if films else ():
        set_for.setdefault(price.model, []).append(price)
    found = []
    for film, by in zip(films, measures, strict=True):
        listed = _listed(film.model, by, film.params.get("resolution"), has_video=film.has_video)
        bills = _in_measure(rates.get((film.model.id, by.key), ()), by)
        found.append(
            _learnt(bills, by, listed)
            or _by_hand(set_for.get(film.model.id, ()), by, film.params.get("resolution"))
            or listed
            or _ranged(team, film.model, by)
        )
    return found


def unpriced_models(team: Team) -> frozenset[str]:
    """Models of whose films nothing at all is known to cost. Two queries."""
    connection: Connection | None = getattr(team, "connection", None)
    unlisted = [
        model.id
        for model in catalogue.load().video_models
        if model.prices is None and not (connection and connection.price_range_of(model.id))
    ]
    by_hand = HandPrice.objects.filter(team=team, model__in=unlisted).values_list("model", flat=True)
    left = sorted(set(unlisted) - set(by_hand))
    if not left:
        return frozenset()
    charged = Generation.objects.filter(team=team, state="completed", credit_cost__isnull=False, credit_cost__gt=0)
    billed = charged.filter(model__in=left).order_by().values_list("model", flat=True).distinct()
    return frozenset(left).difference(billed)


# --- from bills ------------------------------------------------------------------------------------------------------
def _learnt(rates: Sequence[float], by: Measure, listed: Quote | None) -> Quote | None:
    seconds = by.seconds or by.longest if by.is_by_second else 1
    if not rates or seconds is None:
        return None
    bills = [ceil(round(rate * seconds, 6)) for rate in rates]
    low, high = _between(bills, listed)
    if high > MOST_CREDITS:
        return None
    agree = len(bills) >= BELIEVED_FROM and all(bill == high for bill in bills)
    is_most = by.is_by_second and by.seconds is None
    basis = "from your last one" if len(rates) == 1 else f"from your last {len(rates)}"
    return Quote(
        low,
        high,
        basis=basis if low == high or listed is None else f"{basis} and the {listed.basis}",
        source=f"What your last jobs of this kind were charged, {'a second' if by.is_by_second else 'each'}: "
        + ", ".join(f"{rate:g}" for rate in rates),
        rests_on="bills",
        exact=agree and not is_most,
        is_most=is_most,
    )


def _between(bills: list[int], listed: Quote | None) -> tuple[int, int]:
    """The lowest and highest of what it may cost, by bills for the same, newest first. Of an odd number of them the
    median, which is a price that was charged and not one between an old and a new one. A single bill and a list that
    says otherwise leave a range; two bills that agree outvote it.
    """
    if len(bills) < BELIEVED_FROM and listed is not None:
        voice = min(max(bills[0], listed.credits_low), listed.credits_high)
        voices = sorted([*bills, voice])
        return (voices[0], voices[1]) if len(bills) == 1 else (voices[1], voices[1])
    middle = ceil(median(bills[: len(bills) - 1 + len(bills) % 2]))
    return middle, middle


Bill = tuple[int, int | None]
"""What a job was charged, and the seconds asked for."""


def _rates_of(team: Team, kinds: Collection[tuple[str, str]]) -> dict[tuple[str, str], list[Bill]]:
    """The latest bills of finished jobs by model and price key, newest first. One query, a short walk along an index
    for each kind.
    """
    if not kinds:
        return {}
    charged = Generation.objects.filter(team=team, state="completed", credit_cost__isnull=False)
    latest = [
        charged.filter(model=model, price_key=key).order_by("-completed_at")[:LOOKED_THROUGH] for model, key in kinds
    ]
    rows = _all_of(latest).values_list(
        "model", "price_key", "credit_cost", "asked_seconds", "sent_with", "completed_at"
    )
    connection = getattr(team, "connection", None)
    own_accounts = ("", connection.fingerprint if connection else "")
    found: dict[tuple[str, str], list[Bill]] = {}
    newest_first = sorted(rows, key=lambda row: row[-1].timestamp() if row[-1] else 0.0, reverse=True)
    for model, key, cost, seconds, sent_with, _at in newest_first:
        if cost and sent_with in own_accounts:
            found.setdefault((model, key), []).append((cost, seconds))
    return found


def _all_of(parts: Sequence[QuerySet[Generation]]) -> QuerySet[Generation]:
    """The rows of several short queries in one, each walking its own way along an index."""
    first, *others = (Generation.objects.filter(pk__in=part.values("pk")) for part in parts)
    return first.union(*others, all=True) if others else first


def _in_measure(bills: Iterable[Bill], by: Measure) -> list[float]:
    """Credits a second, or a clip, of the latest of them."""
    if not by.is_by_second:
        return [float(cost) for cost, _seconds in bills][:LEARNT_FROM]
    return [cost / seconds for cost, seconds in bills if seconds][:LEARNT_FROM]


# --- by hand ---------------------------------------------------------------------------------------------------------
def _by_hand(prices: Iterable[HandPrice], by: Measure, resolution: Any) -> Quote | None:
    """By the one that says most of what is asked for."""
    given = "" if resolution is None else str(resolution)
    fitting = [each for each in prices if each.resolution in ("", given) and each.seconds in (0, by.seconds)]
    price = max(fitting, key=lambda each: (bool(each.resolution), bool(each.seconds)), default=None)
    if price is None:
        return None
    seconds = (by.seconds or by.longest) if price.unit == HandPrice.Unit.SECOND else 1
    amount = seconds and ceil(price.credits * seconds)
    if not amount or amount > MOST_CREDITS:
        return None
    who = name_of(price.set_by) if price.set_by else "somebody who left"
    return Quote(
        amount,
        amount,
        basis=f"set by {who}",
        source=f"Counted as {price.amount_words} until it is billed, as {who} set it on {price.set_at:%Y-%m-%d}.",
        rests_on="hand",
        is_most=price.unit == HandPrice.Unit.SECOND and by.seconds is None,
    )


# --- from the catalogue ----------------------------------------------------------------------------------------------
def _listed(model: Model, by: Measure, resolution: Any, *, has_video: bool) -> Quote | None:
    seconds = by.seconds or by.longest or (None if by.is_by_second else 1)
    price = None if seconds is None else model.price(seconds, resolution, has_video)
    if price is None or seconds is None:
        return None
    is_most = by.is_by_second and by.seconds is None
    plain = model.price(seconds, resolution) if has_video and price.credits_low != price.credits_high else None
    if plain and plain.credits_low == plain.credits_high:
        return Quote(
            plain.credits_low,
            min(MOST_WITH_A_VIDEO * plain.credits_high, price.credits_high),
            basis=f"price list of {price.as_of}, which has none with a reference video",
            source=f"The price without a reference video, and up to twice that. {price.source}",
            rests_on="list",
            is_most=is_most,
        )
    return _of_list(price, is_most=is_most)


def _of_list(price: Price, *, is_most: bool) -> Quote:
    return Quote(
        price.credits_low,
        price.credits_high,
        basis=f"price list of {price.as_of}",
        source=price.source,
        rests_on="list",
        exact=price.exact and not is_most,
        is_most=is_most,
    )


# --- from the provider's range ---------------------------------------------------------------------------------------
def _ranged(team: Team, model: Model, by: Measure) -> Quote | None:
    """What the provider says a film of this model costs at the least and at the most, for the length asked for. Where
    the request does not settle it, no film is longer than the longest that any model makes.
    """
    connection: Connection | None = getattr(team, "connection", None)
    given = connection.price_range_of(model.id) if connection else None
    if connection is None or given is None:
        return None
    goes_by_length = given.mode in (PER_SECOND, "")
    low, high = given.of(by.seconds or by.longest or catalogue.load().longest_film)
    if high > MOST_CREDITS:
        return None
    heard_at = connection.prices_heard_at
    unit = {PER_SECOND: " a second", PER_OUTPUT: " for each film", "": ", without saying of what"}.get(
        given.mode, " a film"
    )
    return Quote(
        low,
        high,
        basis=f"the provider’s range of {heard_at:%Y-%m-%d}" if heard_at else "the provider’s range",
        source=f"The provider’s list of models gives {in_short(given.low)} to {in_short(given.high)} credits{unit}, "
        "whatever is chosen.",
        rests_on="range",
        is_most=goes_by_length and by.seconds is None,
    )


# --- how good it was -------------------------------------------------------------------------------------------------
def error_over_last(team: Team, number: int = 20) -> float | None:
    """How far off the estimates of the last finished jobs were: the mean of |estimate - cost| / cost, where a range
    counts as its middle. None when there is no job to tell.
    """
    estimated = Generation.objects.filter(team=team, estimate_low__isnull=False, estimate_high__isnull=False)
    charged = estimated.filter(state="completed", credit_cost__gt=0).order_by("-completed_at")
    jobs = list(charged.values_list(F("estimate_low") + F("estimate_high"), "credit_cost")[:number])
    errors = [abs(ends / 2 - cost) / cost for ends, cost in jobs if cost]
    return mean(errors) if errors else None

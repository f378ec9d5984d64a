"""What one film will cost: learnt from what the team was charged, else from the catalogue's table.

Prices move (FACTS §7: one model went from 6 to 4 credits a second within weeks), and the provider's table gives only
a range over everything a model offers. What a team's own finished jobs were charged is the best there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from statistics import mean, median
from typing import Any

from django.db.models import F

from assets_app.apiframe.catalogue import Model, Param, Price
from assets_app.apiframe.errors import MOST_CREDITS
from assets_app.models import Generation, Team

LEARNT_FROM = 5
"""So many jobs, and their median: a price that moved is followed when three of them were charged anew."""
BELIEVED_FROM = 3
"""With so many bills they speak for themselves. One or two may be odd, so the price list has a voice beside them."""
LOOKED_THROUGH = 20
"""Among so many of the latest, for some may have been sent with another account's key or without a length."""
MOST_WITH_A_VIDEO = 2
"""How many times the price without a reference video one with it may cost. Measured are 1.15 and 1.25 (FACTS §7)."""
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
    exact: bool = False
    """Whether it was checked against a bill; else people read "about"."""
    is_learnt: bool = False
    is_most: bool = False
    """Whether the model settles the length, so that this is what its longest film costs."""


def measure(model: Model, params: Mapping[str, Any], *, has_video: bool) -> Measure:
    """What the price of a request with these parameters goes by. `has_video`: whether there is a reference video."""
    by_second = model.prices is not None and model.prices.mode == "per-second"
    seconds = _seconds(params.get("duration"))
    # The catalogue's prices a second go by resolution and reference video; of the others we know nothing, so all
    # that could matter counts, the length included.
    parts = [_part(name, params.get(name)) for name in (("resolution",) if by_second else MAY_MATTER)]
    parts += ["video" if has_video else "", "" if by_second or seconds is None else f"{seconds}s"]
    longest = _longest(model.params.get("duration")) if seconds is None else None
    return Measure("+".join(filter(None, parts))[:LONGEST_KEY], seconds, by_second, longest)


def _part(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return name if value else ""
    return "" if value is None else str(value)


def _seconds(value: Any) -> int | None:
    """None for what is no length: "auto", -1, nothing."""
    try:
        number = ceil(float(value))
    except (TypeError, ValueError, OverflowError):
        return None
    return number if 0 < number < 2**15 else None


def _longest(duration: Param | None) -> int | None:
    if duration is None:
        return None
    choices = [seconds for choice in duration.choices if (seconds := _seconds(choice))]
    return max(choices, default=_seconds(duration.maximum))


def quote(team: Team, model: Model, params: Mapping[str, Any], *, has_video: bool) -> Quote | None:
    """The price of one take; None when nothing is known of it, neither from bills nor from the catalogue."""
    by = measure(model, params, has_video=has_video)
    listed = _listed(model, by, params.get("resolution"), has_video=has_video)
    return _learnt(team, model, by, listed) or listed


# --- from bills ------------------------------------------------------------------------------------------------------
def _learnt(team: Team, model: Model, by: Measure, listed: Quote | None) -> Quote | None:
    seconds = by.seconds or by.longest if by.is_by_second else 1
    rates = _rates(team, model, by) if seconds else []
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
        exact=agree and not is_most,
        is_learnt=True,
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


def _rates(team: Team, model: Model, by: Measure) -> list[float]:
    """Credits a second, or a clip, of the latest finished jobs of this kind, newest first."""
    rows = Generation.objects.filter(
        team=team, model=model.id, price_key=by.key, state="completed", credit_cost__isnull=False
    ).order_by("-completed_at")
    connection = getattr(team, "connection", None)
    own_accounts = ("", connection.fingerprint if connection else "")
    return [
        cost / (seconds or 1) if by.is_by_second else float(cost)
        for cost, seconds, sent_with in rows.values_list("credit_cost", "asked_seconds", "sent_with")[:LOOKED_THROUGH]
        if cost and sent_with in own_accounts and (seconds or not by.is_by_second)
    ][:LEARNT_FROM]


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
            is_most=is_most,
        )
    return _of_list(price, is_most=is_most)


def _of_list(price: Price, *, is_most: bool) -> Quote:
    return Quote(
        price.credits_low,
        price.credits_high,
        basis=f"price list of {price.as_of}",
        source=price.source,
        exact=price.exact and not is_most,
        is_most=is_most,
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

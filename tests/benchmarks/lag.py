"""Lag: from the moment the provider has an asset Active to the moment our row says so, under the provider's limit.

Beside our engine run the two loops people would write, each in two tempers: one dies of the first refusal, one goes
on as if nothing had happened. And beside them all stands a computed optimum.
"""

from __future__ import annotations

import statistics
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.benchmarks.processes import call
from tests.benchmarks.report import Result
from tests.benchmarks.world import KEY, LOOK, ME, Provider, environment, installation, provider

PER_MINUTE = 500
PROCESSING = "lognormal:20:0.5:4:60"  # median, sigma, least and most seconds: known to the provider alone
SECONDS = 180.0  # after which whatever is not done is counted as unfinished


Contender = Callable[[int, Provider], dict[str, Any]]
"""Registers so many assets with a provider and follows them: when it `started`, and when it had `seen` each Active."""


@dataclass(frozen=True)
class Outcome:
    """One contender's run; all moments are seconds since the epoch, and those of `active` and `seen` are by asset."""

    count: int
    started: float
    active: Mapping[str, float]
    seen: Mapping[str, float]
    requests: int
    refused: int

    @property
    def lags(self) -> list[float]:
        return [moment - self.active[asset] for asset, moment in self.seen.items()]


def lag_8(*, quick: bool = False) -> Iterator[Result]:
    outcomes = _rounds(8, 1 if quick else 3)
    figures = _figures(outcomes)
    mean = figures["engine"]["mean"]
    yield Result(
        name="lag_8",
        compared=f"seconds from provider-Active to our row, 8 in flight under {PER_MINUTE} requests a minute: engine, "
        "two loops, optimum",
        figures=figures,
        ratio=mean,
        aim="≤ 0.45 s mean",
        met=mean <= 0.45 and not figures["engine"]["unfinished"],
    )


def lag_200(*, quick: bool = False) -> Iterator[Result]:
    """Which asset happens to be looked at just after it became Active is luck: the ratio scatters by some hundredths
    from run to run, and below 1 as well.
    """
    figures = _figures(_rounds(200, 1 if quick else 2))
    ratio = round(figures["engine"]["mean"] / figures["optimum"]["mean"], 2)
    yield Result(
        name="lag_200",
        compared=f"mean lag from provider-Active to our row, 200 in flight under {PER_MINUTE} requests a minute: "
        "engine to optimum, beside two loops",
        figures=figures,
        ratio=ratio,
        aim="≤ 1.1 × optimum, no 429",
        met=ratio <= 1.1 and not figures["engine"]["refused"] and not figures["engine"]["unfinished"],
    )


def optimum(active: Sequence[float], per_minute: int) -> list[float]:
    """The lags of a perfect poller that spends its limit evenly, always on the asset it has not looked at for longest,
    and loses no time over anything. `active`: seconds after the start at which each asset becomes Active.
    """
    lags: list[float] = []
    for start in range(0, len(active), max(1, len(active) // 25)):  # with whom it starts is luck, so try many
        waiting, now = deque([*active[start:], *active[:start]]), 0.0
        while waiting:
            now += 60 / per_minute
            moment = waiting.popleft()
            if moment <= now:
                lags.append(now - moment)
            else:
                waiting.append(moment)
    return lags


def _rounds(count: int, rounds: int) -> dict[str, list[Outcome]]:
    """All contenders run at once, each with a provider of its own that takes the same times, so that whatever else
    the machine does hits all alike.
    """
    contenders: dict[str, Contender] = {
        "engine": _engine,
        "fixed_2s": partial(_loop, "fixed", gives_up=True),
        "growing_2_to_5s": partial(_loop, "growing", gives_up=True),
    }
    if count * 30 > PER_MINUTE:  # with few assets nothing is refused, and both tempers are the same
        contenders["fixed_2s_ignoring_429"] = partial(_loop, "fixed", gives_up=False)
        contenders["growing_2_to_5s_ignoring_429"] = partial(_loop, "growing", gives_up=False)
    outcomes: dict[str, list[Outcome]] = {name: [] for name in contenders}
    with ThreadPoolExecutor(len(contenders)) as pool:
        for seed in range(1, rounds + 1):
            running = {name: pool.submit(_run, contender, count, seed) for name, contender in contenders.items()}
            for name, outcome in running.items():
                outcomes[name].append(outcome.result())
    return outcomes


def _run(contender: Contender, count: int, seed: int) -> Outcome:
    with provider(seed=seed, asset_delay=PROCESSING, requests_per_minute=PER_MINUTE) as there:
        run = contender(count, there)
        active = there.active_since()
        return Outcome(count, run["started"], active, run["seen"], there.answered(LOOK, ME), there.refused())


def _engine(count: int, there: Provider) -> dict[str, Any]:
    """The worker as `make run` starts it."""
    with installation() as ours:
        ours.call("assets", "prepare", base_url=there.base_url, key=KEY, requests_per_minute=PER_MINUTE)
        with ours.start_worker():
            ours.call("assets", "wait_for_worker", seconds=30)
            arguments = {"base_url": there.base_url, "count": count, "seconds": SECONDS}
            return ours.call("assets", "see_through", timeout=SECONDS + 60, **arguments)


def _loop(pauses: str, count: int, there: Provider, *, gives_up: bool) -> dict[str, Any]:
    arguments = {"base_url": there.base_url, "count": count, "gives_up": gives_up, "seconds": SECONDS}
    return call("loops", pauses, env=environment(), timeout=SECONDS + 60, **arguments)


def _figures(outcomes: Mapping[str, Sequence[Outcome]]) -> dict[str, dict[str, Any]]:
    figures = {name: _of_contender(rounds) for name, rounds in outcomes.items()}
    perfect = [
        lag
        for run in outcomes["engine"]
        for lag in optimum([moment - run.started for moment in run.active.values()], PER_MINUTE)
    ]
    return figures | {"optimum": _of_lags(perfect)}


def _of_contender(rounds: Sequence[Outcome]) -> dict[str, Any]:
    return _of_lags([lag for run in rounds for lag in run.lags]) | {
        "unfinished": sum(run.count - len(run.seen) for run in rounds),
        "requests": sum(run.requests for run in rounds),
        "refused": sum(run.refused for run in rounds),
    }


def _of_lags(lags: Sequence[float]) -> dict[str, Any]:
    """Mean, median and 95th percentile in seconds; None when nothing was seen Active."""
    if not lags:
        return {"mean": None, "p50": None, "p95": None}
    ordered = sorted(lags)
    return {
        "mean": round(statistics.fmean(ordered), 2),
        "p50": round(statistics.median(ordered), 2),
        "p95": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 2),
    }

"""Everything about the sandbox that can be adjusted, each declared once.

The command's options, the control route and `--help` are all made from this declaration.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from assets_app.sandbox.delays import GRAMMAR, Delay


def _share(value: Any) -> float:
    number = float(value)
    if not 0 <= number <= 1:
        raise ValueError("must be between 0 and 1")
    return number


def _seconds(value: Any) -> float:
    number = float(value)
    if not 0 <= number < 1e9:
        raise ValueError("must be a number of seconds, 0 or more")
    return number


def _count(value: Any) -> int:
    if isinstance(value, bool) or int(value) != float(value) or int(value) < 0:
        raise ValueError("must be a whole number, 0 or more")
    return int(value)


def _factor(value: Any) -> float:
    number = float(value)
    if not 0 < number <= 100:
        raise ValueError("must be above 0 and at most 100")
    return number


def _scale(value: Any) -> float:
    number = float(value)
    if not 0.1 <= number <= 1:
        raise ValueError("must be from 0.1 to 1")
    return number


def _optional_count(value: Any) -> int | None:
    return None if value in {None, ""} else _count(value)


def _delay(value: Any) -> Delay:
    return value if isinstance(value, Delay) else Delay.parse(str(value))


def _switch(value: Any) -> bool:
    words = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False}
    if str(value).lower() not in words:
        raise ValueError("must be on or off")
    return words[str(value).lower()]


def _one_of(*choices: str) -> Callable[[Any], str]:
    def choose(value: Any) -> str:
        if value not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return str(value)

    return choose


def _about(read: Callable[[Any], Any], explanation: str) -> dict[str, Any]:
    return {"read": read, "help": explanation}


@dataclass(frozen=True)
class Settings:
    """How this provider behaves. The defaults are a fast, faultless Apiframe."""

    asset_delay: Delay = field(
        default=Delay.parse("uniform:2:8"),
        metadata=_about(_delay, f"time from registering an asset to Active or Failed: {GRAMMAR}"),
    )
    job_delay: Delay = field(
        default=Delay.parse("uniform:15:40"),
        metadata=_about(_delay, "time from submitting a job to its end, written in the same way"),
    )
    requests_per_minute: int = field(
        default=500,
        metadata=_about(_count, "requests allowed per API key in any 60 seconds before 429; 0 lifts the limit"),
    )
    credits: int = field(default=5_000, metadata=_about(_count, "credits that each newly seen API key starts with"))
    price_factor: float = field(
        default=1.0, metadata=_about(_factor, "what jobs cost, times the catalogue's prices: as if these had moved")
    )
    error_share: float = field(
        default=0.0, metadata=_about(_share, "share of API requests answered 500, 502 or 503 without doing the work")
    )
    malformed_share: float = field(
        default=0.0,
        metadata=_about(
            _share, "share of API requests answered with cut-off JSON, an HTML page or Cloudflare's plain text"
        ),
    )
    hang_share: float = field(
        default=0.0, metadata=_about(_share, "share of API requests that do the work and then keep quiet for a while")
    )
    hang_seconds: float = field(default=30.0, metadata=_about(_seconds, "how long such a request keeps quiet"))
    drop_share: float = field(
        default=0.0, metadata=_about(_share, "share of API requests that do the work and then hang up unanswered")
    )
    refuse_share: float = field(default=0.0, metadata=_about(_share, "share of jobs refused for their content"))
    failed_cost: str = field(
        default="asked",
        metadata=_about(_one_of("asked", "0"), "the creditCost of a job that failed and was refunded: both were seen"),
    )
    down: bool = field(default=False, metadata=_about(_switch, "the whole API answers 503: on or off"))
    known_key: str = field(
        default="job",
        metadata=_about(
            _one_of("job", "conflict", "forgotten"),
            "what an Idempotency-Key that came before is answered with: the job it stands for, a bare 409, or, as if "
            "keys were never kept, a second job that is paid as well",
        ),
    )
    list_lag_seconds: float = field(
        default=0.0,
        metadata=_about(_seconds, "how far the list of jobs is behind: younger ones are not in it, but read singly"),
    )
    webhook_signature: str = field(
        default="raw",
        metadata=_about(
            _one_of("raw", "hex"), "which published reading of the webhook secret signs: raw digest or hex text"
        ),
    )
    webhook_status: str = field(
        default="delivered",
        metadata=_about(
            _one_of("delivered", "sent"), "what a job says of a webhook that arrived: the contract's word or the docs’"
        ),
    )
    webhook_duplicate_share: float = field(
        default=0.0, metadata=_about(_share, "share of webhooks that are delivered twice")
    )
    webhook_attempts: int = field(
        default=6, metadata=_about(_count, "how often a webhook is tried before it is given up")
    )
    webhook_backoff_seconds: float = field(
        default=1.0, metadata=_about(_seconds, "wait before a webhook's second try, doubled each time, 60 s at most")
    )
    result_shape: str = field(
        default="dict",
        metadata=_about(
            _one_of("dict", "string", "list", "nested", "other", "nothing"),
            "how a job's result is written: with videoUrl, as a bare address, as a list, deeper down, under a key "
            "that nobody documented, or without any address",
        ),
    )
    frames_beside_references: str = field(
        default="refused",
        metadata=_about(
            _one_of("refused", "taken"), "what becomes of frames beside references where sources disagree about it"
        ),
    )
    film_scale: float = field(
        default=1.0,
        metadata=_about(_scale, "how wide and high films are, times what was asked: small ones are drawn faster"),
    )
    retention_seconds: float = field(
        default=86_400.0, metadata=_about(_seconds, "how long a finished video can be fetched")
    )
    upload_seconds: float = field(
        default=3_600.0, metadata=_about(_seconds, "how long an uploaded file can be fetched")
    )
    fetch_seconds: float = field(
        default=15.0, metadata=_about(_seconds, "how long a foreign address may take to hand over its file")
    )
    seed: int | None = field(
        default=None, metadata=_about(_optional_count, "makes delays and faults the same in each run")
    )

    def changed(self, changes: Mapping[str, Any]) -> Settings:
        """These settings with some of them read from JSON or a command line; ValueError names the one that is wrong."""
        readers: dict[str, Callable[[Any], Any]] = {item.name: item.metadata["read"] for item in fields(self)}
        read: dict[str, Any] = {}
        for name, value in changes.items():
            if name not in readers:
                raise ValueError(f"there is no setting “{name}”; there are {', '.join(readers)}")
            try:
                read[name] = readers[name](value)
            except (TypeError, ValueError) as error:
                raise ValueError(f"{name}: {error}") from None
        return replace(self, **read)

    def as_json(self) -> dict[str, Any]:
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: str(value) if isinstance(value, Delay) else value for name, value in values.items()}


INSTANT = Settings().changed({"asset_delay": "0", "job_delay": "0", "requests_per_minute": 0, "film_scale": 0.25})
"""For tests: nothing takes longer than the work itself, and there is little of it."""

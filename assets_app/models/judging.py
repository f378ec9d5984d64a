"""What the provider would say to a file, told before anything is sent. Pure: facts in, problems out."""

from __future__ import annotations

from assets_app.apiframe import catalogue
from assets_app.apiframe.model_facts import MediaFacts, Problem
from assets_app.apiframe.uploads import check_upload
from assets_app.models.own_copy import OwnCopy


def facts_of(copy: OwnCopy) -> MediaFacts:
    """What is known of our own copy; what is not is None."""
    return MediaFacts(
        media_type=copy.media_type or None,
        content_type=copy.content_type or None,
        byte_size=copy.byte_size,
        width=copy.width,
        height=copy.height,
        seconds=copy.seconds,
        fps=copy.fps,
    )


def problems_with(facts: MediaFacts, media_type: str, *, is_upload: bool) -> list[Problem]:
    """Refusals first, then what may be refused. `is_upload`: the file itself is sent, not an address."""
    found = list(check_upload(facts)) if is_upload else []
    limits = catalogue.load().asset_limits.get(media_type)
    if limits is not None:
        codes = {problem.code.removeprefix("upload_") for problem in found}
        found += [problem for problem in catalogue.check_media(facts, limits) if problem.code not in codes]
    return sorted(found, key=lambda problem: problem.severity != "refuse")


def may_be_uploaded(copy: OwnCopy) -> bool:
    """Whether the file itself is here and such that the provider takes it."""
    return bool(copy.file) and not check_upload(facts_of(copy))


def refusal(problems: list[Problem]) -> str:
    """All that it would be refused for, as sentences; "" when nothing is."""
    return " ".join(f"{each.message} {each.fix}".strip() for each in problems if each.severity == "refuse")


def warning(problems: list[Problem]) -> str:
    """All that it may be refused for, as sentences; "" when nothing is."""
    return " ".join(each.message for each in problems if each.severity == "warn")

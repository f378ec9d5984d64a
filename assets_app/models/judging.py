"""What the provider would say to a file, told before anything is sent. Pure: facts in, problems out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from assets_app.apiframe import catalogue
from assets_app.apiframe.model_facts import MediaFacts, Problem
from assets_app.apiframe.uploads import check_upload, is_taken_codec
from assets_app.models.original import Original
from assets_app.models.own_copy import OwnCopy

FORMAT_CODES = ("format", "upload_format")


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


def facts_as_sent(original: Original) -> MediaFacts:
    """What is known of the file that the provider is sent in place of the original, or of the original itself."""
    facts = facts_of(original)
    return replace(facts, **original.sent_facts) if original.sent_file else facts


def must_be_converted(facts: MediaFacts, codec: str = "") -> bool:
    """Whether the provider, or every model of its, would refuse a file for its format alone."""
    media_type = facts.media_type or ""
    refused = _is_of_a_refused_format(problems_with(facts, media_type, is_upload=True))
    return refused or not is_taken_codec(facts.content_type or "", codec)


def is_yet_to_be_converted(original: Original) -> bool:
    """Whether what would be sent of it has to be made first; not where that was found to be impossible."""
    return not original.sent_file and not original.why_not_converted and must_be_converted(facts_of(original))


def problems_with(facts: MediaFacts, media_type: str, *, is_upload: bool) -> list[Problem]:
    """Refusals first, then what may be refused. `is_upload`: the file itself is sent, not an address."""
    found = list(check_upload(facts)) if is_upload else []
    limits = catalogue.load().asset_limits.get(media_type)
    if limits is not None:
        unfit = catalogue.check_media(facts, limits)
        if any(problem.code == "format" and problem.severity == "refuse" for problem in unfit):
            found = [problem for problem in found if problem.code != "upload_format"]  # which says less
        codes = {problem.code.removeprefix("upload_") for problem in found}
        found += [problem for problem in unfit if problem.code not in codes]
    return sorted(found, key=lambda problem: problem.severity != "refuse")


def goes_converted(facts: MediaFacts, media_type: str) -> bool:
    """Whether the provider would not take a link to the file, but takes our own copy of it when that is converted."""
    is_that = facts.media_type == media_type
    return is_that and _is_of_a_refused_format(problems_with(facts, media_type, is_upload=False))


_FORMAT_OF_ENDING = {
    ".aac": "audio/aac",
    ".aif": "audio/aiff",
    ".aiff": "audio/aiff",
    ".avi": "video/x-msvideo",
    ".avif": "image/avif",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".mkv": "video/x-matroska",
    ".oga": "audio/ogg",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".webm": "video/webm",
    ".wmv": "video/x-ms-asf",
}


def seems_to_go_converted(url: str, media_type: str) -> bool:
    """The same of a link that nobody has looked at, by the ending of its path: sent as it is, it would fail first."""
    content_type = _FORMAT_OF_ENDING.get(PurePosixPath(unquote(urlsplit(url).path)).suffix.lower())
    if content_type is None:
        return False
    named = MediaFacts(media_type=content_type.partition("/")[0], content_type=content_type)
    return goes_converted(named, media_type)


def _is_of_a_refused_format(problems: list[Problem]) -> bool:
    return any(each.code in FORMAT_CODES and each.severity == "refuse" for each in problems)


def problems_with_link(facts: MediaFacts, media_type: str) -> list[Problem]:
    """Like `problems_with`, for a link; what can be mended by converting is none."""
    found = problems_with(facts, media_type, is_upload=False)
    if not goes_converted(facts, media_type):
        return found
    said = f"The file is {facts.content_type}, which is not taken: it is converted, and sent in place of the link."
    return [Problem("converted", media_type, said, severity="warn"), *(each for each in found if each.code != "format")]


def may_be_uploaded(original: Original) -> bool:
    """Whether the provider takes our own copy, as it is or converted; for that, a link is fetched once more."""
    if is_yet_to_be_converted(original):
        return bool(original.file or original.source_url)
    return original.has_file_to_send and not check_upload(facts_as_sent(original))


def refusal(problems: list[Problem]) -> str:
    """All that it would be refused for, as sentences; "" when nothing is."""
    return " ".join(f"{each.message} {each.fix}".strip() for each in problems if each.severity == "refuse")


def warning(problems: list[Problem]) -> str:
    """All that it may be refused for, as sentences; "" when nothing is."""
    return " ".join(each.message for each in problems if each.severity == "warn")

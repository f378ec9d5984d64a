"""What came of looking at a link before it is sent: fit, known, to be refused, out of reach, not ours to see."""

from __future__ import annotations

from typing import Any

from assets_app.decoding import DecoderDied
from assets_app.engine.outcomes import backoff, in_seconds
from assets_app.media.facts import ProbeError
from assets_app.media.fetch import FetchError
from assets_app.models import Candidate, sameness
from assets_app.models.judging import facts_of, problems_with_link, refusal, warning

TRIES = 2
NOT_OURS_TO_SEE = "We may not look at it ourselves, but the provider may."


def settle(row: Candidate, columns: dict[str, Any] | None, error: BaseException | None) -> bool:
    """Write down what was found; False when somebody else had the row by then."""
    if columns is not None:
        return _seen(row, columns)
    if isinstance(error, FetchError) and error.retryable and row.attempts < TRIES:
        return row.release(due_at=in_seconds(backoff(row.attempts, cap=5)), attempts=row.attempts)
    if isinstance(error, DecoderDied):
        return row.release(due_at=in_seconds(5), attempts=row.attempts)
    if isinstance(error, FetchError):
        return _not_fetched(row, error)
    if isinstance(error, ProbeError):
        return row.move("refused", reason=error.reason)
    if row.attempts < TRIES:
        return row.release(due_at=in_seconds(5), attempts=row.attempts)
    return row.move("unchecked", reason="Something went wrong here; it says nothing about the file.")


def _seen(row: Candidate, columns: dict[str, Any]) -> bool:
    for name, value in columns.items():
        setattr(row, name, value)
    if not row.is_corrected or not row.wanted_type:
        row.wanted_type = row.media_type
    state, changes = verdict(row)
    return row.move(state, wanted_type=row.wanted_type, **columns, **changes)


def verdict(row: Candidate) -> tuple[str, dict[str, Any]]:
    """The state that what we know of the file leads to, and the columns that say why."""
    if asset := row.team.assets.live().with_source([row.source_url]).first():
        return "known", {"known_as": asset}
    if known := sameness.with_content(row.team_id, row.sha256, row.wanted_type).first():
        return "known", {"known_as": known.asset}
    listed = Candidate.objects.filter(team_id=row.team_id, created_by=row.created_by_id, sha256=row.sha256)
    if twin := listed.exclude(pk=row.pk).exclude(state="known").first():
        return "known", {"reason": f"The same file as {twin.name} in this list."}
    problems = problems_with_link(facts_of(row), row.wanted_type)
    said = refusal(problems)
    return ("refused" if said else "ready"), {"reason": said, "warning": warning(problems)}


def _not_fetched(row: Candidate, error: FetchError) -> bool:
    if error.code == "private_address" or error.is_forbidden:
        return row.move("unchecked", reason=f"{error.message} {NOT_OURS_TO_SEE}")
    return row.move("refused" if error.code == "too_big" else "unreachable", reason=error.message)

"""Tables to take away: CSV that is sent as it is read, and that a spreadsheet shows and does not carry out."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from django.http import StreamingHttpResponse

# What a spreadsheet would take for the beginning of a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def download(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> StreamingHttpResponse:
    """The table as a file called `name`; the whole of it need not fit into memory."""
    return StreamingHttpResponse(
        _lines(columns, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )


def harmless(cell: str) -> str:
    """Text that a spreadsheet shows and does not carry out."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def moment(at: datetime) -> str:
    """The second in UTC, as every spreadsheet takes it for a date: with a T or a zone it stays a text."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _lines(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(columns)  # spreadsheets read UTF-8 only when told so
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row])

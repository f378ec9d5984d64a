"""Tables to take away: CSV that is of one moment, and that a spreadsheet shows and does not carry out."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from tempfile import SpooledTemporaryFile

from django.http import FileResponse

from assets_app.models.reading import one_reading

# What a spreadsheet takes for the beginning of a formula, in full width too, and where a cell begins: one that splits
# at semicolons or tabs sees more of them than we wrote.
_FORMULA = re.compile(r"(^|[;\t\r\n])(?=[=+\-@＝＋－＠])")
_BLANK_START = ("\t", "\r", "\n")
IN_MEMORY = 1_000_000  # bytes


def download(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> FileResponse:
    """The table as a file called `name`. All of it is read at once, in one reading of the database, so that its lines
    add up; it waits on the disk for whoever takes long to fetch it.
    """
    table = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the answer closes it
    try:
        with one_reading():
            for line in _lines(columns, rows):
                table.write(line.encode())
        table.seek(0)
    except BaseException:
        table.close()
        raise
    return FileResponse(
        table,
        as_attachment=True,
        filename=name,
        content_type="text/csv; charset=utf-8",
        headers={"Cache-Control": "private, no-store"},
    )


def harmless(cell: str) -> str:
    """Text that a spreadsheet shows and does not carry out."""
    harmless = _FORMULA.sub(r"\1'", cell)
    return f"'{harmless}" if harmless.startswith(_BLANK_START) else harmless


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

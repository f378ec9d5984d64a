"""Cutting what people paste or drop into entries: lists made by hand, tables (CSV by RFC 4180, TSV), Markdown, HTML.

Nobody says which of these it is, so each row is read for itself; only a row of headings changes how those below it are
read. Commas and semicolons part links and belong to links: one ends at them where another link begins, where a blank
follows, or where only what stands before them ends like a file; beneath headings, where the columns say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from assets_app.forms.links import ENDINGS, bare, guess_type, is_web

TAB, COMMA, SEMICOLON, PIPE = "\t", ",", ";", "|"
MOST_LINES_OF_A_CELL = 20
MOST_GLUED = 12  # commas and semicolons that a link may have of its own

# What cannot be seen, and comes along from chats, sheets and files: byte order marks, zero-width and direction signs.
_UNSEEN = dict.fromkeys([0xAD, 0x200B, 0xFEFF, *range(0x200E, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)])
_LIST_MARK = re.compile(r"[-*•·–—+]|\(?\d{1,5}[.):]?|\[[xX]?\]?|\]|\[\d{1,5}\]:?")
_LINK = r"(?:https?://|\bwww\.)"
_HOLDS_LINK = re.compile(_LINK, re.IGNORECASE)
_BEFORE_LINK = re.compile(rf"[,;](?=[<\"'(\[“‘«]*{_LINK})", re.IGNORECASE)
_SEPARATORS = (TAB, COMMA, SEMICOLON, PIPE, COMMA + SEMICOLON)
_CELL = {
    these: re.compile(
        rf'(?P<before>\A|[{these}])(?: *"(?P<quoted>(?:[^"]|"")*)" *(?=[{these}]|$)|(?P<plain>[^{these}]*))'
    )
    for these in _SEPARATORS
}
_MARKDOWN = re.compile(
    r"""!?\[([^\[\]]*)\]\(\s*<?(https?://(?:[^\s()<>]|\([^\s()]*\))+)>?(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)""",
    re.IGNORECASE,
)
_CHAT = re.compile(r"<(https?://[^\s<>|]+)\|([^<>|]*)>", re.IGNORECASE)
_HTML_LINK = re.compile(r"""\b(?:href|src)\s*=\s*(?:"(https?://[^"]*)"|'(https?://[^']*)')""", re.IGNORECASE)
_TAG = re.compile(r"<[/!]?[a-z][^<>]*>", re.IGNORECASE)
_RULE = re.compile(r"\s*\|[\s|:-]*-[\s|:-]*")
_PART_OF_LINK = set("/=&%?#")

_HEADINGS = {
    "link": "url urls link links uri href address source src".split(),
    "name": "name names title label caption".split(),
    "type": "type media".split(),
}
_TWO_WORDS = re.compile(r"[^\W\d_]+ [^\W\d_]+")
_TYPES = {spelling: media_type for media_type in ENDINGS for spelling in (media_type, f"{media_type}s")}


@dataclass(frozen=True)
class Entry:
    """A link, or a row in which none could be told. `text` is as it was pasted, and reads the same again beneath
    `headings`, if it stood beneath some. `unread` names what else stood there.
    """

    text: str
    link: str
    name: str = ""
    media_type: str = ""
    unread: tuple[str, ...] = ()
    headings: str = ""


def entries(text: str) -> Iterator[Entry]:
    """The entries in their order. A row of headings above links is none; any other row without a link is one."""
    table, unproven = None, None
    for row in _rows(text.translate(_UNSEEN)):
        if headed := _Table.headed(row):
            if unproven:
                yield _no_link(unproven.headings)
            table = unproven = headed
            continue
        found = table.read(row) if table else None
        if unproven and not found:
            yield _no_link(unproven.headings)
            table = None
        unproven = None
        yield from found or _read(row)
    if unproven:
        yield _no_link(unproven.headings)


def _no_link(row: str) -> Entry:
    return Entry(row, bare(row))


# --- rows and cells --------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Cell:
    """A part of a row between separators, and where it stands there."""

    text: str
    start: int
    end: int
    is_quoted: bool


def _rows(text: str) -> Iterator[str]:
    """The lines that hold something; those of one quoted cell together."""
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        taken = _lines_of_row(lines, at)
        row = "\n".join(lines[at : at + taken])
        at += taken
        if row.strip() and not _is_markup(row):
            yield row


def _lines_of_row(lines: list[str], at: int) -> int:
    """How many lines from `at` on are one row. A quote that nothing closes soon is only a sign."""
    if '"' not in lines[at] or not _is_open(lines[at]):
        return 1
    for end in range(at + 1, min(at + MOST_LINES_OF_A_CELL, len(lines))):
        if '"' in lines[end] and not _is_open("\n".join(lines[at : end + 1])):
            return end + 1 - at
    return 1


def _is_open(row: str) -> bool:
    return any(not cell.is_quoted and cell.text.lstrip().startswith('"') for cell in _cells(row, _separators_of(row)))


def _is_markup(row: str) -> bool:
    """Whether it is nothing but tags, or the line beneath the headings of a table in Markdown."""
    if _RULE.fullmatch(row):
        return True
    return row.lstrip().startswith("<") and "://" not in row and not _TAG.sub("", row).strip()


def _separators_of(row: str) -> str:
    if TAB in row:
        return TAB
    return PIPE if row.strip().startswith(PIPE) else COMMA + SEMICOLON


def _cells(row: str, separators: str) -> list[_Cell]:
    cells = []
    for match in _CELL[separators].finditer(row):
        quoted = match["quoted"]
        text = match["plain"] if quoted is None else quoted.replace('""', '"')
        cells.append(_Cell(text, match.end("before"), match.end(), is_quoted=quoted is not None))
    return cells


def _links_in(text: str) -> list[str]:
    """The links of a text that holds nothing but links and marks of a list; none if anything else is there."""
    words = [part for word in text.split() for part in _BEFORE_LINK.split(word)]
    links = [bare(word) for word in words if not _LIST_MARK.fullmatch(word)]
    return links if all(is_web(link) for link in links) else []


# --- a row that stands for itself ------------------------------------------------------------------------------------
def _read(row: str) -> list[Entry]:
    if found := _read_markdown(row):
        return found
    has_tags = "<" in row and _TAG.search(row) and not _links_in(row)
    if has_tags and (links := [unescape(a or b) for a, b in _HTML_LINK.findall(row)]):
        said = unescape(_TAG.sub(" ", row)).split()
        return _of(row, list(dict.fromkeys(links)), [] if _HOLDS_LINK.search(" ".join(said)) else [" ".join(said)])
    return _read_cells(row) or [_no_link(row)]


def _of(row: str, links: list[str], others: list[str]) -> list[Entry]:
    """One link is called what stands beside it; what stands beside several is nobody's name."""
    others = [other for other in others if other]
    if len(links) != 1:
        return [Entry(link, link, unread=tuple(others)) for link in links]
    types = [_TYPES[other.lower()] for other in others if other.lower() in _TYPES]
    name, *unread = [other for other in others if other.lower() not in _TYPES] or [""]
    return [Entry(row, links[0], name, types[0] if types else "", tuple(unread))]


def _read_markdown(row: str) -> list[Entry]:
    found = [(match[1], match[2]) for match in _MARKDOWN.finditer(row)]
    found += [(match[2], match[1]) for match in _CHAT.finditer(row)]
    if not found or _HOLDS_LINK.search(_CHAT.sub("", _MARKDOWN.sub("", row))):
        return []
    names = [" ".join(name.split()) for name, _link in found]
    return [
        Entry(row if len(found) == 1 else f"[{name}]({link})", link, "" if _HOLDS_LINK.search(name) else name)
        for name, (_name, link) in zip(names, found, strict=True)
    ]


def _read_cells(row: str) -> list[Entry]:
    cells = _cells(row, _separators_of(row))
    links: list[str] = []
    others: list[str] = []
    at = 0
    while at < len(cells):
        text, end = cells[at].text, at
        if _HOLDS_LINK.search(text):
            end = _end_of_link(row, cells, at)
            found = _links_in(text if end == at else row[cells[at].start : cells[end].end])
            if not found:
                return []
            links += found
        elif text.strip() and not _LIST_MARK.fullmatch(text.strip()):
            others.append(" ".join(text.split()))
        at = end + 1
    return _of(row, links, others)


def _end_of_link(row: str, cells: list[_Cell], at: int) -> int:
    """The cell in which the link ends that begins in the cell `at`."""
    if cells[at].is_quoted or _separators_of(row) in (TAB, PIPE):
        return at
    beyond = at + 1
    while beyond < len(cells) and not cells[beyond].is_quoted and not _HOLDS_LINK.search(cells[beyond].text):
        beyond += 1
    last = beyond - 1
    whole = row[cells[at].start : cells[last].end]
    for end in range(at, min(last, at + MOST_GLUED)):
        head, tail = row[cells[at].start : cells[end].end], row[cells[end].end + 1 : cells[last].end]
        if not tail.strip(",; ") or _ends(head, tail, whole):
            return end
    return last


def _ends(head: str, tail: str, whole: str) -> bool:
    """Whether the link ends with `head`, and `tail`, beyond a comma or a semicolon, is something else."""
    if guess_type(bare(whole)):
        return False
    if tail[:1].isspace():
        return True
    return bool(guess_type(bare(head))) and not _PART_OF_LINK & set(tail)


# --- rows beneath headings -------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Table:
    headings: str
    separator: str
    columns: tuple[str, ...]
    link: int
    name: int | None
    type: int | None

    @classmethod
    def headed(cls, row: str) -> _Table | None:
        """The table that these headings begin; None when the row is no row of headings."""
        if _HOLDS_LINK.search(row):
            return None
        separator = next((sign for sign in (TAB, PIPE, SEMICOLON, COMMA) if sign in row), COMMA)
        columns = tuple(" ".join(cell.text.split()) for cell in _cells(row, separator))
        link = _column(columns, "link")
        if link is None:
            return None
        return cls(row, separator, columns, link, _column(columns, "name"), _column(columns, "type"))

    def read(self, row: str) -> list[Entry]:
        """None where the column of links has none: the row is no part of the table, or lacks one."""
        cells = self._fitted(row)
        if len(cells) <= self.link or not _links_in(cells[self.link]):
            return []
        links = [link for cell in cells for link in _links_in(cell)]
        name, media_type = (_cell_at(cells, column) for column in (self.name, self.type))
        read = {self.name, self.type if media_type.lower() in _TYPES else None}
        unread = tuple(
            self.columns[at] if at < len(self.columns) else cell.strip()
            for at, cell in enumerate(cells)
            if cell.strip() and at not in read and not _links_in(cell)
        )
        if len(links) > 1:
            return [Entry(link, link, name, unread=unread) for link in links]
        return [Entry(row, links[0], name, _TYPES.get(media_type.lower(), ""), unread, self.headings)]

    def _fitted(self, row: str) -> list[str]:
        """As many cells as there are columns, if need be by leaving the link the separators that it has of its own."""
        cells = _cells(row, self.separator)
        texts = [cell.text for cell in cells]
        last = self.link + len(cells) - len(self.columns)
        if last <= self.link or cells[self.link].is_quoted:
            return texts
        begin, end = cells[self.link].start, cells[self.link].end
        whole = row[begin : cells[last].end]
        is_cut_right = not texts[-1].strip() and _ends(row[begin:end], row[end + 1 : cells[last].end], whole)
        if is_cut_right or len(_links_in(whole)) != 1:
            return texts
        return [*texts[: self.link], whole, *texts[last + 1 :]]


def _cell_at(cells: list[str], column: int | None) -> str:
    return " ".join(cells[column].split()) if column is not None and column < len(cells) else ""


def _column(columns: tuple[str, ...], subject: str) -> int | None:
    """The column of that subject: one that is called so before one that only has the word in it ("image URL")."""
    called = [heading.lower() for heading in columns]
    for word in _HEADINGS[subject]:
        if word in called:
            return called.index(word)
    for at, heading in enumerate(called):
        if _TWO_WORDS.fullmatch(heading) and heading.split()[-1] in _HEADINGS[subject]:
            return at
    return None

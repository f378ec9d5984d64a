"""Exported tables: no cell that a spreadsheet would carry out, however it splits them."""

from __future__ import annotations

import csv
import re

import pytest

from assets_app.views.spreadsheet import harmless

SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("before", ["", "x;", "x ;", "x\t", "x\n", "x\r\n", ";", "\t", "\n"])
def test_no_cell_begins_a_formula(before: str, sign: str) -> None:
    cells = re.split(r"[;\t\r\n]", harmless(f"{before}{sign}1+1"))
    assert not [cell for cell in cells if cell.startswith(SIGNS)]


@pytest.mark.parametrize("text", ["a fox - slowly", "x; -y", "1+1=2", "ana@studio.example", "", "’quoted’"])
def test_a_text_without_one_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


def test_what_it_was_can_still_be_read() -> None:
    line = next(csv.reader([f'"{harmless("a;=B")}"']))
    assert line == ["a;'=B"]

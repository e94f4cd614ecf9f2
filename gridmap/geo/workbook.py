"""Spreadsheets for people: every table that leaves the house as XLSX is written here, in one way.

A text is written as a text, whatever it begins with, so that no name becomes a formula or a link.
"""

import io
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter

KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST = 32_000  # characters of a cell; the format holds 32,767
NARROWEST, WIDEST = 8, 48  # of a column, in characters of the default font
LOOKED_AT = 200  # rows that say how wide a column must be
A4 = 9

Cell = str | float | None


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, what stands over the columns, and rows as long as the heads.

    A ``title`` makes it a form for the printer: the title above, A4 across, the heads on every
    page. ``beside`` columns stay in sight when the rest is scrolled.
    """

    name: str
    heads: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    title: str = ""
    beside: int = 0


def workbook(*sheets: Sheet) -> bytes:
    """Return the sheets as one XLSX file; ``None`` is an empty cell, a number a number."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        for sheet in sheets:
            _write(book.add_worksheet(sheet.name), sheet, head)
    return out.getvalue()


def _write(page: Any, sheet: Sheet, head: Any) -> None:
    top = 2 if sheet.title else 0
    widths = [_width(text) for text in sheet.heads]
    if sheet.title:
        page.write_string(0, 0, sheet.title, head)
        page.set_landscape()
        page.set_paper(A4)
        page.repeat_rows(top)
    for column, text in enumerate(sheet.heads):
        page.write_string(top, column, text, head)
    line = top
    for line, row in enumerate(sheet.rows, start=top + 1):
        for column, value in enumerate(row):
            _put(page, line, column, value)
            if line - top <= LOOKED_AT:
                widths[column] = max(widths[column], _width(value))
    for column, width in enumerate(widths):
        page.set_column(column, column, min(max(width + 2, NARROWEST), WIDEST))
    page.freeze_panes(top + 1, sheet.beside)
    page.autofilter(top, 0, max(line, top + 1), max(len(sheet.heads) - 1, 0))


def _put(page: Any, line: int, column: int, value: Cell) -> None:
    if isinstance(value, int | float):
        page.write_number(line, column, value)
    elif value is not None and value != "":
        page.write_string(line, column, str(value)[:LONGEST])


def _width(value: Cell) -> int:
    """Return how many columns of a typewriter the text takes: a Chinese character takes two."""
    text = "" if value is None else str(value)[:WIDEST]
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)

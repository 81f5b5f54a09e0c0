"""A round written as an Excel workbook: one sheet a list, real dates, text that stays text.

The bytes depend on the round alone: the file says it was created on the day that Excel counts from.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from data.forms.layout import Column, Kind, Sheet
from data.sheets.cells import list_text
from data.sheets.spread import Values, spread
from scheduler.errors import Cell, Fault, InvalidRound
from scheduler.rounds import Round

LONGEST_CELL = 32_767
"""Most characters of a cell in Excel."""

_CREATED = datetime(1900, 1, 1)  # noqa: DTZ001 (a property without a time zone)
_FIRST_YEAR = 1901
"""Excel's calendar is sound from here; earlier dates are written as text."""

_NARROW, _WIDE = 10, 40
"""Least and greatest width of a column, in characters."""


def write_workbook(round_: Round) -> bytes:
    """Return a round as an Excel workbook (xlsx).

    Raises
    ------
    InvalidRound
        Where a list of ids is longer than a cell can hold; JSON and CSV take it.
    """
    buffer = io.BytesIO()
    with Workbook(buffer, {"in_memory": True}) as book:
        pages = Pages(book)
        for sheet, rows in spread(round_):
            pages.add(sheet, rows)
    return buffer.getvalue()


class Pages:
    """The sheets of a workbook that is being written."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        book.set_properties({"created": _CREATED})
        self.heading = book.add_format({"bold": True, "bottom": 1, "num_format": "@"})
        self.text = book.add_format({"num_format": "@"})
        self.date = book.add_format({"num_format": "yyyy-mm-dd"})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})

    def add(self, sheet: Sheet, rows: Sequence[Values] = ()) -> Worksheet:
        """Add a sheet with its headings and rows."""
        page = self.book.add_worksheet(sheet.name)
        for n, column in enumerate(sheet.columns):
            page.write_string(0, n, column.name, self.heading)
            width = max([len(column.name) + 3, *(len(_shown(row[n])) + 2 for row in rows)])
            page.set_column(n, n, min(max(width, _NARROW), _WIDE), self._style(column))
        for number, row in enumerate(rows, start=1):
            for n, column in enumerate(sheet.columns):
                self.write(page, (number, n), column, row[n])
        page.freeze_panes(1, 0)
        page.autofilter(0, 0, max(len(rows), 1), len(sheet.columns) - 1)
        return page

    def write(self, page: Worksheet, at: tuple[int, int], column: Column, value: Any) -> None:
        """Write a value of the document; None leaves the cell empty."""
        style = self._style(column)
        if value is None:
            return
        if isinstance(value, list):
            write_text(page, at, list_text(value), style)
        elif isinstance(value, bool):
            page.write_boolean(*at, value, style)
        elif isinstance(value, int):
            page.write_number(*at, value, style)
        elif column.kind is Kind.DATE and (day := date.fromisoformat(value)).year >= _FIRST_YEAR:
            page.write_datetime(*at, day, style)
        else:
            write_text(page, at, value, style)

    def _style(self, column: Column) -> Format | None:
        if column.many or column.kind in (Kind.TEXT, Kind.CHOICE):
            return self.text
        return self.date if column.kind is Kind.DATE else None


def write_text(page: Worksheet, at: tuple[int, int], text: str, style: Format | None) -> None:
    """Write a text as a text, whatever it begins with."""
    if len(text.encode("utf-16-le")) > 2 * LONGEST_CELL:
        cell = Cell(page.get_name(), at[0] + 1)
        raise InvalidRound((Fault("cell-too-long", figures={"maximum": LONGEST_CELL}, cell=cell),))
    page.write_string(*at, text, style)


def _shown(value: object) -> str:
    if isinstance(value, list):
        return list_text(value)
    return "" if value is None else str(value)

"""A workbook with faults, shown as it is: the rows concerned, and each fault at its cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from fastapi.concurrency import run_in_threadpool

from api.pages.rendering import day
from api.web.downloads import XLSX
from data.sentences import Language
from data.sheets.grids import Grid
from data.sheets.list_layout import heading, list_sheets, sheet_name
from data.sheets.lists import list_grids

__all__ = ["XLSX", "Marked", "MarkedCell", "marked"]

Record = Mapping[str, Any]

MOST_ROWS = 100
"""Rows of a sheet that are shown; the first ones that have faults."""

_LONGEST = 80


@dataclass(frozen=True, slots=True)
class MarkedCell:
    """A cell: what stands in it, and what is wrong with that."""

    text: str
    faults: Sequence[Record]


@dataclass(frozen=True, slots=True)
class Marked:
    """A sheet with faults.

    Attributes
    ----------
    letters, headings
        What a spreadsheet calls its columns, and what they say.
    rows
        Those with faults, by their number: what is wrong with the row itself, and its cells.
    faults
        What is wrong with the sheet as a whole.
    left
        How many more rows with faults there are.
    """

    name: str
    letters: Sequence[str]
    headings: Sequence[MarkedCell]
    rows: Sequence[tuple[int, Sequence[Record], Sequence[MarkedCell]]]
    faults: Sequence[Record]
    left: int


async def marked(
    content: bytes, faults: Sequence[Record], language: Language
) -> tuple[list[Marked], list[Record]]:
    """Return the sheets with their faults, and those faults that are not about a sheet."""
    grids = {grid.name: grid for grid in await run_in_threadpool(list_grids, content)}
    named = dict.fromkeys(each["sheet"] for each in faults if each["sheet"] is not None)
    sheets = [
        _marked(name, grids.get(name), [f for f in faults if f["sheet"] == name], language)
        for name in named
    ]
    return sheets, [each for each in faults if each["sheet"] is None]


def _marked(name: str, grid: Grid | None, faults: Sequence[Record], language: Language) -> Marked:
    is_known = name in list_sheets()
    head, *rows = (grid.rows if grid else None) or [[]]
    columns = [str(cell or "") for cell in head]
    known = {column.name for column in list_sheets()[name].columns} if is_known else set()
    at: dict[tuple[int, str | None], list[Record]] = {}
    for each in faults:
        column = each["column"] if each["column"] in columns else None
        at.setdefault((each["row"] or 0, column), []).append(each)
    numbers = sorted({row for row, _ in at if row > 1})
    shown = [
        (
            number,
            at.get((number, None), []),
            [*_cells(columns, rows[number - 2], number, at, language)],
        )
        for number in numbers[:MOST_ROWS]
        if number - 2 < len(rows)
    ]
    says = [heading(language, name, each) if each in known else each for each in columns]
    return Marked(
        name=sheet_name(language, name) if is_known else name,
        letters=[_letter(n) for n in range(len(columns))],
        headings=[
            MarkedCell(said, at.get((1, each), ()))
            for each, said in zip(columns, says, strict=True)
        ],
        rows=shown,
        faults=[*at.get((0, None), ()), *at.get((1, None), ())],
        left=len(numbers) - len(shown),
    )


def _cells(
    columns: Sequence[str],
    contents: Sequence[object],
    number: int,
    at: Mapping[tuple[int, str | None], Sequence[Record]],
    language: Language,
) -> Iterator[MarkedCell]:
    for column, content in zip(columns, contents, strict=False):
        yield MarkedCell(_text(content, language), at.get((number, column), ()))


def _text(content: object, language: Language) -> str:
    """Return what a spreadsheet would show, or about that."""
    if isinstance(content, bool):
        return "ja" if content else "nei"
    if isinstance(content, datetime):
        return day(language, content.date())
    if isinstance(content, date):
        return day(language, content)
    if isinstance(content, float) and content.is_integer():
        return str(int(content))
    return str(content)[:_LONGEST] if isinstance(content, str | int | float) else ""


def _letter(column: int) -> str:
    """Return what a spreadsheet calls a column, counted from 0."""
    left, place = divmod(column, 26)
    return (_letter(left - 1) if left else "") + chr(ord("A") + place)

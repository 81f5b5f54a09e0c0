"""A sheet as rows of cells, and its headings held against the layout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from data.forms.layout import MAX_ROWS, Sheet
from data.forms.refusals import printable
from data.sheets.cells import Flaw
from scheduler.errors import Cell, Fault

MAX_COLUMNS = 100
"""Most columns of a sheet."""

Content = object
"""What a cell holds: a text, a number, a boolean, a date, None, or a `data.sheets.cells.Flaw`."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet as it was read: every row's cells, the headings first."""

    name: str
    rows: Sequence[Sequence[Content]]


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is not empty: the number a spreadsheet shows, and its cells by heading."""

    number: int
    cells: Mapping[str, Content]


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet whose headings are known.

    Attributes
    ----------
    sheet
        Its layout.
    rows
        Its rows, top down.
    faults
        What is wrong with its headings, or outside them.
    lacks
        Names of columns that it should have and has not.
    """

    sheet: Sheet
    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]
    lacks: frozenset[str]


def table(grid: Grid, sheet: Sheet) -> Table:
    """Hold a grid's headings against the layout of its sheet, and name its cells by them."""
    if len(grid.rows) > MAX_ROWS + 1:
        return _refused(sheet, "too-many-rows", MAX_ROWS)
    if max(map(len, grid.rows), default=0) > MAX_COLUMNS:
        return _refused(sheet, "too-many-columns", MAX_COLUMNS)
    if not grid.rows or not any(map(_is_filled, grid.rows[0])):
        return _refused(sheet, "heading-missing")
    headings = [_heading(sheet, content) for content in grid.rows[0]]
    lacks = {c.name for c in sheet.columns if not c.omittable and c.name not in headings}
    covered = {n for n, content in enumerate(grid.rows[0]) if _is_filled(content)}
    rows, outside = [], []
    for number, cells in enumerate(grid.rows[1:], start=2):
        if not any(map(_is_filled, cells)):
            continue
        rows.append(Row(number, _named(headings, cells)))
        if any(_is_filled(cell) for n, cell in enumerate(cells) if n not in covered):
            outside.append(Fault("cell-without-heading", cell=Cell(sheet.name, number)))
    faults = (*_headings(sheet, grid.rows[0], headings, lacks), *outside)
    return Table(sheet, tuple(rows), faults, frozenset(lacks))


def _refused(sheet: Sheet, code: str, maximum: int | None = None) -> Table:
    """Return a table that says nothing but why it was not read."""
    figures = {} if maximum is None else {"maximum": maximum}
    names = frozenset(column.name for column in sheet.columns)
    return Table(sheet, (), (Fault(code, figures=figures, cell=Cell(sheet.name)),), names)


def _is_filled(content: Content) -> bool:
    return bool(content.strip()) if isinstance(content, str) else content is not None


def _heading(sheet: Sheet, content: Content) -> str:
    """Return a column's name; capital letters and blanks around it do not matter."""
    if not isinstance(content, str):
        return ""
    text = content.strip()
    known = {column.name for column in sheet.columns}
    return text.casefold() if text.casefold() in known else printable(text)


def _named(headings: Sequence[str], cells: Sequence[Content]) -> dict[str, Content]:
    """Name cells by their headings; of a repeated heading, the first column counts."""
    named: dict[str, Content] = {}
    for heading, cell in zip(headings, cells, strict=False):
        named.setdefault(heading, cell)
    return named


def _headings(
    sheet: Sheet, contents: Sequence[Content], headings: Sequence[str], lacks: set[str]
) -> Iterator[Fault]:
    known = {column.name for column in sheet.columns}
    for n, heading in enumerate(headings):
        content = contents[n]
        cell = Cell(sheet.name, 1, heading or None)
        if isinstance(content, Flaw):
            yield Fault(content.code or "cell-merged", cell=cell)
        elif _is_filled(content) and heading not in known:
            yield Fault("column-unknown", cell=cell)
        elif heading and heading in headings[:n]:
            yield Fault("column-repeated", cell=cell)
    for name in sorted(lacks):
        yield Fault("column-missing", cell=Cell(sheet.name, 1, name))

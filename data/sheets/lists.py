"""A municipality's list as an Excel workbook: read with every fault at its cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from data.forms.drafts import Draft
from data.sheets.archives import NotAnArchive, unpack
from data.sheets.assembly import Assembly
from data.sheets.grids import Content, Grid, Table
from data.sheets.list_layout import (
    CANDIDATES,
    FORMAT,
    LIST,
    aside,
    known_headings,
    known_sheets,
    list_sheets,
)
from data.sheets.sheet_xml import NotSheetXml
from data.sheets.workbooks import Reading
from scheduler.errors import Cell, Fault, InvalidRound


def read_list(content: bytes, supervisors: Mapping[str, str]) -> Draft:
    """Return the list of a workbook, as well or badly formed as it is.

    Parameters
    ----------
    content
        The file.
    supervisors
        Ids of supervisors by their names, where a name is one person's: the workbook has either.

    Returns
    -------
    Draft
        Its document is what a municipality sends, as plain values; what the sheets themselves have
        wrong stands in its faults.

    Raises
    ------
    InvalidRound
        Where the file is no workbook that can be read.
    """
    grids, faults = _opened(content)
    marker = ("format",), FORMAT, Cell(LIST, 2, "format")
    draft = _Assembly(list_sheets(), grids, marker, faults).draft()
    document: dict[str, Any] = {**draft.document} if isinstance(draft.document, dict) else {}
    found = [*draft.faults]
    if document.pop("format", FORMAT) != FORMAT:
        allowed = {"allowed": [FORMAT]}
        found.append(Fault("not-one-of", figures=allowed, cell=Cell(LIST, 2, "format")))
    document.pop(LIST, None)
    for each in document.get(CANDIDATES, ()):
        name = each.setdefault("supervisor", None)
        each["supervisor"] = supervisors.get(name, name) if isinstance(name, str) else name
    return replace(draft, document=document, faults=tuple(found))


def list_grids(content: bytes) -> list[Grid]:
    """Return the sheets of a list's workbook as they are, by their names, headings first.

    There are none where the file is no workbook that can be read.
    """
    try:
        return _opened(content)[0]
    except InvalidRound:
        return []


def _opened(content: bytes) -> tuple[list[Grid], list[Fault]]:
    try:
        reading = Reading(unpack(content), known_sheets(), aside())
        return [*map(_named, reading.grids())], reading.faults
    except NotAnArchive as error:
        raise InvalidRound((error.fault,)) from None
    except NotSheetXml:
        raise InvalidRound((Fault("not-workbook"),)) from None


def _named(grid: Grid) -> Grid:
    """Call the columns by their names, whatever language the headings are in."""
    known = known_headings(grid.name)

    def name(cell: Content) -> Content:
        return known.get(cell.strip().casefold(), cell) if isinstance(cell, str) else cell

    head, *rows = grid.rows or [[]]
    return replace(grid, rows=[[*map(name, head)], *rows])


class _Assembly(Assembly):
    """Puts a list together: its candidates stand in the order of their ranks."""

    def _list(self, found: Table) -> None:
        rows = self._ranked(found, found.rows, strays=False)
        records = [self._record(found, row, (CANDIDATES, n)) for n, row in enumerate(rows)]
        self.document[CANDIDATES] = records
        self.cells["default_order",] = Cell(CANDIDATES)
        for n, row in enumerate(rows):
            self.cells["default_order", n] = Cell(CANDIDATES, row.number, "id")
        self.document["default_order"] = [*_ids(records)] or None


def _ids(records: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
    return (each.get("id") for each in records)

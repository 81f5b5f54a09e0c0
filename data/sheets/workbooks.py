"""A round as one Excel workbook, one sheet a list."""

from __future__ import annotations

import io
from collections.abc import Callable, Container, Iterator, Mapping
from typing import TypeVar

from python_calamine import CalamineWorkbook, SheetTypeEnum

from data.forms.drafts import checked
from data.forms.layout import MAX_ROWS, sheets
from data.forms.refusals import printable
from data.sheets.archives import NotAnArchive, pack, unpack
from data.sheets.assembly import assemble
from data.sheets.cells import Flaw
from data.sheets.grids import MAX_COLUMNS, Content, Grid
from data.sheets.sheet_xml import Area, NotSheetXml, Survey, sheet_parts, survey, text_lengths
from scheduler.errors import Cell, Fault, InvalidRound
from scheduler.rounds import Round

T = TypeVar("T")

ASIDE = ("les meg", "readme", "eksempler", "examples")
"""Names of sheets that explain and are not read, in small letters."""

MAX_CELLS = 2_000_000
"""Most filled cells of a workbook."""

MAX_LETTERS = 2**27
"""Most characters that all cells of a workbook show together."""


def read_workbook(content: bytes) -> Round:
    """Return the round of an Excel workbook (xlsx).

    Raises
    ------
    InvalidRound
        With every fault at once, each with its cell.
    """
    try:
        members = unpack(content)
        reading = Reading(members, {name: name for name in sheets()}, ASIDE)
        grids = list(reading.grids())
    except NotAnArchive as error:
        raise InvalidRound((error.fault,)) from None
    except NotSheetXml:
        raise InvalidRound((Fault("not-workbook"),)) from None
    return checked(assemble(grids, reading.faults))


class Reading:
    """Surveys every sheet first; values are read only of a sheet whose size was seen to be fit.

    Parameters
    ----------
    known
        What each sheet may be called, in small letters, and its name.
    aside
        Names of sheets that are not read, in small letters.
    """

    def __init__(
        self, members: Mapping[str, bytes], known: Mapping[str, str], aside: Container[str]
    ) -> None:
        self.members, self.known, self.aside = members, known, aside
        self.parts = sheet_parts(members)
        self.lengths = text_lengths(members)
        self.workbook = _guarded(lambda: CalamineWorkbook.from_filelike(io.BytesIO(pack(members))))
        if [name for name, _ in self.parts] != self.workbook.sheet_names:
            raise NotSheetXml
        self.cells = self.letters = 0
        self.faults: list[Fault] = []

    def grids(self) -> Iterator[Grid]:
        """Yield every sheet that is known; note what else there is."""
        seen: set[str] = set()
        for n, metadata in enumerate(self.workbook.sheets_metadata):
            called = metadata.name.strip().casefold()
            if called in self.aside or metadata.typ != SheetTypeEnum.WorkSheet:
                continue
            found = survey(self.members, self.parts[n][1], self.lengths)
            name = self.known.get(called)
            if name is None or name in seen:
                if found.cells:
                    code = "sheet-unknown" if name is None else "sheet-repeated"
                    self.faults.append(Fault(code, cell=Cell(printable(metadata.name))))
                continue
            seen.add(name)
            if self._fits(name, found):
                yield Grid(name, self._rows(n, found))

    def _fits(self, name: str, found: Survey) -> bool:
        """Tell whether a sheet's size is within all limits; note which it is not."""
        self.cells += found.cells
        self.letters += found.letters
        limits = (
            ("too-many-rows", found.rows - 1, MAX_ROWS),
            ("too-many-columns", found.columns, MAX_COLUMNS),
            ("too-many-cells", max(self.cells, found.rows * found.columns), MAX_CELLS),
            ("too-many-cells", sum(map(_area, found.merged)), MAX_CELLS),
            ("too-much-text", self.letters, MAX_LETTERS),
        )
        for code, size, maximum in limits:
            if size > maximum:
                self.faults.append(Fault(code, figures={"maximum": maximum}, cell=Cell(name)))
                return False
        return True

    def _rows(self, n: int, found: Survey) -> list[list[Content]]:
        """Return a sheet's cells, as many as were surveyed, with their flaws."""
        sheet = _guarded(lambda: self.workbook.get_sheet_by_index(n))
        if sheet.total_height > found.rows or sheet.total_width > found.columns:
            raise NotSheetXml
        values = _guarded(lambda: sheet.to_python(skip_empty_area=False))
        rows: list[list[Content]] = [
            [*row, *[None] * (found.columns - len(row))]
            for row in [*values, *[[]] * (found.rows - len(values))]
        ]
        for (row, column), code in found.flaws.items():
            rows[row][column] = Flaw(code)
        for area in found.merged:
            _merge(rows, area)
        return rows


def _area(area: Area) -> int:
    top, left, bottom, right = area
    return max(0, bottom - top + 1) * max(0, right - left + 1)


def _merge(rows: list[list[Content]], area: Area) -> None:
    """Put a flaw on every cell of a merged area; the first one says what it is."""
    top, left, bottom, right = area
    for row in rows[top : bottom + 1]:
        for column in range(left, min(right + 1, len(row))):
            row[column] = Flaw(None)
    if top < len(rows) and left < len(rows[top]):
        rows[top][left] = Flaw("cell-merged")


def _guarded(read: Callable[[], T]) -> T:
    """Call the library that reads cells; what it stumbles over makes the content no workbook."""
    try:
        return read()
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException:  # noqa: BLE001 (a panic of its compiled code is no Exception)
        raise NotSheetXml from None

"""From the sheets of a round to a draft of its document.

Every record remembers its row, so that whatever is said about it later is said about a cell. Where
rows cannot be told, nothing is concluded from their absence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from data.forms.drafts import MAX_FAULTS, Draft
from data.forms.layout import MAX_ROWS, Column, Shape, Sheet, sheets
from data.sheets.cells import BLANK, Flaw, read_cell
from data.sheets.grids import Grid, Row, Table, table
from scheduler.errors import Cell, Fault, Place
from scheduler.rounds import FORMAT


def assemble(grids: Iterable[Grid], faults: Iterable[Fault] = ()) -> Draft:
    """Return the draft that a round's sheets describe.

    Parameters
    ----------
    grids
        The sheets that were found, each known and none twice.
    faults
        What the door has found wrong so far.
    """
    marker = ("format",), FORMAT, Cell("round", 2, "format")
    return Assembly(sheets(), grids, marker, faults).draft()


class Assembly:
    """Puts a document together, sheet by sheet in the order of the layout.

    Parameters
    ----------
    layout
        Every sheet by name.
    marker
        Where the document names its format, as what, and the cell that may say so.
    """

    def __init__(
        self,
        layout: Mapping[str, Sheet],
        grids: Iterable[Grid],
        marker: tuple[Place, str, Cell],
        faults: Iterable[Fault],
    ) -> None:
        self.layout = layout
        self.tables = {grid.name: table(grid, layout[grid.name]) for grid in grids}
        self.faults = list(faults)
        self.unclear: set[Place] = set()
        self.mute: set[str] = set()
        place, format_, cell = marker
        self.cells: dict[Place, Cell] = {place: cell}
        self.document: dict[str, Any] = {str(place[0]): format_}

    def draft(self) -> Draft:
        """Read every sheet."""
        readers: dict[Shape, Callable[[Table], None]] = {
            Shape.ONE: self._one,
            Shape.LIST: self._list,
            Shape.KEYED: self._keyed,
            Shape.OWNED: self._owned,
            Shape.RANKED: self._owned,
            Shape.ORDER: self._orders,
        }
        spoken = {fault.cell.sheet for fault in self.faults if fault.cell}
        for sheet in self.layout.values():
            found = self.tables.get(sheet.name)
            if found is None:
                if sheet.name not in spoken:
                    self._say("sheet-missing", Cell(sheet.name))
                self._unknown(sheet)
                continue
            self.faults += found.faults
            if _is_readable(found):
                readers[sheet.shape](found)
            else:
                self._unknown(sheet)
        return Draft(
            self.document,
            tuple(self.faults),
            unclear=frozenset(self.unclear),
            mute=frozenset(self.mute),
            locate=self._locate,
        )

    def _unknown(self, sheet: Sheet) -> None:
        """Conclude nothing from rows that are not there, or that belong nowhere."""
        if sheet.shape in (Shape.ONE, Shape.LIST, Shape.ORDER):
            self.unclear.add(sheet.place)
        elif sheet.shape is Shape.RANKED:
            self.mute.add("order-foreigner")

    def _one(self, found: Table) -> None:
        sheet = found.sheet
        if not found.rows:
            self._say("row-missing", Cell(sheet.name))
            self._unknown(sheet)
            return
        first, *others = found.rows
        for row in others:
            self._say("row-extra", Cell(sheet.name, row.number))
        self.document[sheet.name] = self._record(found, first, sheet.place)

    def _list(self, found: Table) -> None:
        name = found.sheet.name
        self.document[name] = [
            self._record(found, row, (name, n)) for n, row in enumerate(found.rows)
        ]

    def _keyed(self, found: Table) -> None:
        holder: dict[str, Any] = self.document
        *way, last = map(str, found.sheet.place)
        for step in way:
            holder = holder.get(step, {})
        entries: dict[str, Any] = {}
        holder[last] = entries
        for row in found.rows:
            key = self._key(found, row)
            if key in entries:
                self._say("id-repeated", _first_cell(found, row))
            elif key is not None:
                entries[key] = self._record(found, row, (*found.sheet.place, key))

    def _owned(self, found: Table) -> None:
        """Put rows into the records that their first column names."""
        sheet = found.sheet
        owners, field = map(str, sheet.place)
        records = self.document.get(owners, [])
        positions = {record.get("id"): n for n, record in reversed([*enumerate(records)])}
        named = owners in self.document and all(isinstance(name, str) for name in positions)
        groups: dict[int, list[Row]] = {}
        strays = False
        for row in found.rows:
            key = self._key(found, row)
            if key is not None and key in positions:
                groups.setdefault(positions[key], []).append(row)
                continue
            strays = True
            if key is not None and named:
                self._say("id-unknown", _first_cell(found, row), list=owners)
        if strays:
            self._unknown(sheet)
        for position, rows in groups.items():
            ordered = self._ranked(found, rows, strays) if sheet.shape is Shape.RANKED else rows
            records[position][field] = [
                self._record(found, row, (owners, position, field, n))
                for n, row in enumerate(ordered)
            ]

    def _orders(self, found: Table) -> None:
        """Collect the ranks of each municipality and unit into one record."""
        name = found.sheet.name
        keys = [column.name for column in found.sheet.columns[:-2]]
        groups: dict[tuple[object, ...], list[Row]] = {}
        strays = False
        for row in found.rows:
            whose = tuple(self._read(found, row, key) for key in keys)
            if any(isinstance(each, Flaw) for each in whose):
                strays = True
            else:
                groups.setdefault(whose, []).append(row)
        if strays:
            self.mute |= {"order-missing", "order-incomplete"}
        self.document[name] = [
            {key: value for key, value in zip(keys, whose, strict=True) if value is not BLANK}
            | {"order": self._order(found, (name, n), rows, strays)}
            for n, (whose, rows) in enumerate(groups.items())
        ]

    def _order(self, found: Table, place: Place, rows: list[Row], strays: bool) -> list[object]:
        """Return the candidates of one order; one row without rank and candidate ranks nobody."""
        self.cells[place] = Cell(found.sheet.name, rows[0].number)
        if len(rows) == 1 and not any(rows[0].cells.get(name) for name in ("rank", "candidate")):
            return []
        order: list[object] = []
        for n, row in enumerate(self._ranked(found, rows, strays)):
            at = (*place, "order", n)
            self.cells[at] = Cell(found.sheet.name, row.number, "candidate")
            candidate = self._read(found, row, "candidate")
            if candidate is BLANK:
                self._say("missing", self.cells[at])
            if candidate is BLANK or isinstance(candidate, Flaw):
                self.unclear.add(at)
            order.append(candidate)
        return order

    def _ranked(self, found: Table, rows: Sequence[Row], strays: bool) -> list[Row]:
        """Return rows by rank; ranks are 1, 2, 3, … without gap or repeat.

        A gap is no fault where the missing rank may stand in a row that could not be told.
        """
        if "rank" in found.lacks:
            return list(rows)
        ranks = {row.number: self._rank(found, row) for row in rows}
        ordered = sorted(rows, key=lambda row: (ranks[row.number] or MAX_ROWS + 1, row.number))
        strays = strays or None in ranks.values()
        expected = 1
        for row in ordered:
            rank, cell = ranks[row.number], Cell(found.sheet.name, row.number, "rank")
            if rank is None:
                continue
            if rank < expected:
                self._say("rank-repeated", cell)
            elif rank > expected and not strays:
                self._say("rank-gap", cell, expected=expected)
            expected = max(expected, rank + 1)
        return ordered

    def _rank(self, found: Table, row: Row) -> int | None:
        """Return a rank, at least 1; say what is wrong where there is none."""
        rank = self._read(found, row, "rank")
        cell = Cell(found.sheet.name, row.number, "rank")
        if rank is BLANK:
            self._say("missing", cell)
        elif not isinstance(rank, Flaw) and (not isinstance(rank, int) or isinstance(rank, bool)):
            self._say("not-whole-number", cell)
        elif isinstance(rank, int) and not 1 <= rank <= MAX_ROWS:
            self._say("out-of-range", cell, minimum=1, maximum=MAX_ROWS)
        else:
            return rank if isinstance(rank, int) else None
        return None

    def _key(self, found: Table, row: Row) -> str | None:
        """Return the id in the first column; say what is wrong where there is none."""
        key = self._read(found, row, found.sheet.columns[0].name)
        if isinstance(key, str):
            return key
        if key is BLANK:
            self._say("missing", _first_cell(found, row))
        elif not isinstance(key, Flaw):
            self._say("not-text", _first_cell(found, row))
        return None

    def _record(self, found: Table, row: Row, place: Place) -> dict[str, Any]:
        """Return the record of a row; an empty cell leaves its field out."""
        self.cells[place] = Cell(found.sheet.name, row.number)
        record: dict[str, Any] = {}
        for column in found.sheet.columns:
            if column.on_top:
                self._put(found, row, column, self.document, ())
            elif column.path:
                self._put(found, row, column, record, place)
        return record

    def _put(
        self, found: Table, row: Row, column: Column, record: dict[str, Any], place: Place
    ) -> None:
        value = self._read(found, row, column.name)
        if column.omittable and value is BLANK:
            return
        *way, last = column.path
        for step in way:
            record = record.setdefault(step, {})
        if column.name in found.lacks or isinstance(value, Flaw):
            self.unclear.add((*place, *column.path))
        elif value is not BLANK:
            record[last] = value

    def _read(self, found: Table, row: Row, name: str) -> object:
        """Return what a cell stands for; say what is wrong with a flawed one."""
        column = next(column for column in found.sheet.columns if column.name == name)
        value = read_cell(column, row.cells.get(name))
        if isinstance(value, Flaw) and value.code is not None:
            self._say(value.code, Cell(found.sheet.name, row.number, name))
        return value

    def _say(self, code: str, cell: Cell, **figures: object) -> None:
        if len(self.faults) <= MAX_FAULTS:
            self.faults.append(Fault(code, figures=figures, cell=cell))

    def _locate(self, place: Place) -> Cell | None:
        """Find the cell of a place: that of the innermost record around it, and its column."""
        for n in range(len(place), 0, -1):
            cell = self.cells.get(place[:n])
            if cell is not None and cell.column is None:
                return replace(cell, column=_heading(self.layout[cell.sheet], place[n:]))
            if cell is not None:
                return cell
        return Cell(str(place[0])) if place and place[0] in self.layout else None


def _is_readable(found: Table) -> bool:
    """Tell whether rows can be told apart: the columns that say whose they are must be there."""
    columns = found.sheet.columns
    is_order = found.sheet.shape is Shape.ORDER
    keys = {column.name for column in columns if is_order or not column.path}
    return not keys & (found.lacks - {"rank"}) and len(found.lacks) < len(columns)


def _first_cell(found: Table, row: Row) -> Cell:
    return Cell(found.sheet.name, row.number, found.sheet.columns[0].name)


def _heading(sheet: Sheet, rest: Place) -> str | None:
    """Return the column that holds a field, given as what follows its record's place."""
    for column in sheet.columns:
        if column.path and column.path == rest[: len(column.path)]:
            return column.name
    return None

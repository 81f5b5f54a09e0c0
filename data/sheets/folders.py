"""A round as a folder of CSV files, one a sheet.

Written as Norwegian Excel opens them: UTF-8 with a byte order mark, semicolons, CRLF. Read with
semicolons, commas or tabs, in UTF-8 or Windows-1252.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from data.atomic import write_files
from data.forms.drafts import checked
from data.forms.json_text import MAX_MEBIBYTES
from data.forms.layout import MAX_ROWS, Column, Kind, Sheet, sheets
from data.forms.refusals import printable
from data.sheets.assembly import assemble
from data.sheets.cells import list_text
from data.sheets.grids import MAX_COLUMNS, Grid
from data.sheets.spread import spread
from scheduler.errors import Cell, Fault, InvalidRound
from scheduler.rounds import Round

SUFFIX = ".csv"
_DELIMITERS = (";", ",", "\t")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a text for a formula; an apostrophe before it prevents that."""


_APOSTROPHE = "'"


def read_csv(files: Mapping[str, bytes]) -> Round:
    """Return the round of a set of CSV files.

    Parameters
    ----------
    files
        Content by file name, such as ``units.csv``.

    Raises
    ------
    InvalidRound
        With every fault at once, each with its cell.
    """
    grids: dict[str, Grid] = {}
    faults: list[Fault] = []
    seen: set[str] = set()
    for name, content in files.items():
        sheet = _sheet_name(name)
        if sheet not in sheets() or sheet in seen:
            code = "sheet-repeated" if sheet in seen else "sheet-unknown"
            faults.append(Fault(code, cell=Cell(printable(name))))
            continue
        seen.add(sheet)
        try:
            grids[sheet] = Grid(sheet, _rows(sheets()[sheet], content))
        except InvalidRound as error:
            faults += error.faults
    return checked(assemble(grids.values(), faults))


def read_folder(path: Path) -> Round:
    """Return the round of a folder of CSV files; files of other kinds are left alone.

    Raises
    ------
    InvalidRound
        With every fault at once, each with its cell.
    OSError
        Where a file cannot be read.
    """
    files = {
        entry.name: _content(entry) if _sheet_name(entry.name) in sheets() else b""
        for entry in sorted(path.iterdir())
        if entry.suffix.casefold() == SUFFIX and not entry.name.startswith(".") and entry.is_file()
    }
    if not files:
        raise InvalidRound((Fault("folder-empty"),))
    return read_csv(files)


def write_csv(round_: Round) -> dict[str, bytes]:
    """Return a round as CSV files: content by file name."""
    return {sheet.name + SUFFIX: _written(sheet, rows) for sheet, rows in spread(round_)}


def write_folder(round_: Round, path: Path) -> None:
    """Write a round as a folder of CSV files, all or nothing.

    Raises
    ------
    FileExistsError
        Where the folder holds something else than such files.
    """
    contents = write_csv(round_)
    if path.exists() and any(entry.name not in contents for entry in path.iterdir()):
        raise FileExistsError(f"{path.name} holds other files")
    write_files(path, contents)


def _sheet_name(file_name: str) -> str:
    return file_name.casefold().removesuffix(SUFFIX).strip()


def _content(path: Path) -> bytes:
    """Return a file's content, or one byte more than is allowed."""
    with path.open("rb") as file:
        return file.read(MAX_MEBIBYTES * 2**20 + 1)


def _rows(sheet: Sheet, content: bytes) -> list[list[str]]:
    """Return the rows of a CSV file, headings first."""
    text = _text(sheet, content)
    delimiter = max(_DELIMITERS, key=lambda each: _known_headings(sheet, text, each))
    rows: list[list[str]] = []
    try:
        for row in islice(_parsed(text, delimiter), MAX_ROWS + 2):
            rows.append([_unguarded(cell) for cell in row[: MAX_COLUMNS + 1]])  # noqa: PERF401 (how far it came)
    except csv.Error:
        raise _refusal("not-csv", Cell(sheet.name, len(rows) + 1)) from None
    return rows


def _text(sheet: Sheet, content: bytes) -> str:
    if len(content) > MAX_MEBIBYTES * 2**20:
        raise _refusal("too-large", Cell(sheet.name), maximum=MAX_MEBIBYTES)
    marked = content.startswith(codecs.BOM_UTF8)
    for encoding in ("utf-8-sig",) if marked else ("utf-8", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise _refusal("encoding-unknown", Cell(sheet.name))


def _refusal(code: str, cell: Cell, **figures: object) -> InvalidRound:
    return InvalidRound((Fault(code, figures=figures, cell=cell),))


def _parsed(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _known_headings(sheet: Sheet, text: str, delimiter: str) -> int:
    """Count the headings that are understood when the cells are parted by `delimiter`."""
    try:
        headings = next(_parsed(text, delimiter), [])
    except csv.Error:
        return 0
    names = {heading.strip().casefold() for heading in headings}
    return sum(column.name in names for column in sheet.columns)


def _written(sheet: Sheet, rows: Iterable[Iterable[object]]) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow([column.name for column in sheet.columns])
    for row in rows:
        writer.writerow(_cell(c, value) for c, value in zip(sheet.columns, row, strict=True))
    return buffer.getvalue().encode("utf-8-sig")


def _cell(column: Column, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nei"
    text = list_text(value) if isinstance(value, list) else str(value)
    return _guarded(text) if column.kind is Kind.TEXT else text


def _guarded(text: str) -> str:
    """Put an apostrophe before what would become a formula, or would lose its own apostrophe."""
    is_formula = text.startswith(_FORMULA)
    return _APOSTROPHE + text if is_formula or _unguarded(text) != text else text


def _unguarded(text: str) -> str:
    guarded = text.startswith(_APOSTROPHE) and text[1:].startswith((*_FORMULA, _APOSTROPHE))
    return text[1:] if guarded else text

"""CSV files and workbooks made by hand, from the sheets of the full round and changes to them."""

from __future__ import annotations

import io
from collections.abc import Callable
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from data.faults import fault_line
from data.sheets.folders import read_csv, write_csv
from data.sheets.workbook_sheets import write_workbook
from data.sheets.workbooks import read_workbook
from scheduler.errors import Cell, Fault, InvalidRound
from tests.data.rounds import full_round

Found = tuple[str, str, int | None, str | None]
"""Code, sheet, row and column of a fault."""

SECRET = "secret-01017012345"
"""A value that must never be repeated."""


def csv_files(**sheets: str) -> dict[str, bytes]:
    """Return the full round as CSV files, with the text of some replaced."""
    return write_csv(full_round()) | {f"{n}.csv": text.encode() for n, text in sheets.items()}


def csv_text(name: str) -> str:
    return write_csv(full_round())[f"{name}.csv"].decode("utf-8-sig")


def replaced(name: str, *pairs: tuple[str, str]) -> dict[str, bytes]:
    """Return the full round as CSV files, with texts in one of them replaced."""
    text = csv_text(name)
    for old, new in pairs:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    return csv_files(**{name: text})


def csv_faults(files: dict[str, bytes]) -> list[Found]:
    with pytest.raises(InvalidRound) as caught:
        read_csv(files)
    return described(caught.value.faults)


def workbook(change: Callable[[Workbook], object] | None = None) -> bytes:
    """Return the full round as a workbook, changed by openpyxl."""
    book = load_workbook(io.BytesIO(write_workbook(full_round())))
    if change is not None:
        change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def sheet(book: Workbook, name: str) -> Worksheet:
    found = book[name]
    assert isinstance(found, Worksheet)
    return found


def workbook_faults(content: bytes) -> list[Found]:
    with pytest.raises(InvalidRound) as caught:
        read_workbook(content)
    return described(caught.value.faults)


def described(faults: tuple[Fault, ...]) -> list[Found]:
    """Return code, sheet, row and column of each; no fault repeats the secret."""
    assert SECRET not in repr(faults)
    assert SECRET not in "".join(fault_line("nb", fault) for fault in faults)
    cells = [fault.cell or Cell("") for fault in faults]
    return [
        (fault.code, cell.sheet, cell.row, cell.column)
        for fault, cell in zip(faults, cells, strict=True)
    ]


def rezipped(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return a workbook with one of its parts changed."""
    buffer = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as old, ZipFile(buffer, "w", ZIP_DEFLATED) as new:
        for entry in old.infolist():
            member = old.read(entry)
            new.writestr(entry.filename, change(member) if entry.filename == part else member)
    return buffer.getvalue()

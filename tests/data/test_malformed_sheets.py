"""Malformed CSV files and workbooks: each fault with its cell, all at once, no value repeated."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, time
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from data.forms.layout import sheets
from data.sheets import archives, grids, sheet_xml, workbooks
from data.sheets.folders import read_csv
from data.sheets.workbook_sheets import write_workbook
from data.sheets.workbooks import read_workbook
from scheduler.errors import InvalidRound
from tests.data.rounds import full_round
from tests.data.spreadsheets import (
    SECRET,
    Found,
    csv_faults,
    csv_files,
    csv_text,
    replaced,
    rezipped,
    sheet,
    workbook,
    workbook_faults,
)

CELLS: list[tuple[str, tuple[str, str], list[Found] | None]] = [
    ("round", ("2027-01-15", SECRET), [("not-date", "round", 2, "decision_date")]),
    ("round", ("2027-01-15", "30.02.2027"), [("not-date", "round", 2, "decision_date")]),
    ("round", ("2027-01-15", "2027-01-15 00:00"), [("not-date", "round", 2, "decision_date")]),
    ("round", ("2027-01-15", ""), [("missing", "round", 2, "decision_date")]),
    ("round", ("rotations/round@1", "v2"), [("not-one-of", "round", 2, "format")]),
    ("policy", (";6;9;", ";6,5;9;"), [("not-whole-number", "policy", 2, "lead_minimum_months")]),
    ("policy", (";6;9;", ";;9;"), [("missing", "policy", 2, "lead_minimum_months")]),
    ("policy", ("decision", SECRET), [("not-one-of", "policy", 2, "lead_counts_from")]),
    ("policy", ("1, 15", "1, 32"), [("out-of-range", "policy", 2, "start_days")]),
    ("policy", ("1, 15", "1, 1"), [("repeated", "policy", 2, "start_days")]),
    ("policy", ("1, 15", ""), [("missing", "policy", 2, "start_days")]),
    ("policy", ("kept, wish", "kept, best"), [("not-one-of", "policy", 2, "tiers")]),
    ("lead_by_trust", ("12", "-1"), [("out-of-range", "lead_by_trust", 2, "minimum_months")]),
    ("lead_by_trust", ("unn", ""), [("missing", "lead_by_trust", 2, "trust")]),
    ("units", (";0;", ";many;"), [("not-whole-number", "units", 3, "supervised_places")]),
    ("units", ("tromso", ""), [("missing", "units", 2, "site")]),
    ("windows", ("earmarked", SECRET), [("not-one-of", "windows", 2, "kind")]),
    ("windows", (";80;", ";0,8;"), [("not-whole-number", "windows", 2, "fte_percent")]),
    ("windows", ("w2;kir", "w2;kirr"), [("id-unknown", "windows", 3, "unit")]),
    (
        "municipalities",
        ("2019-03-01", "2019"),
        [("not-date", "municipalities", 2, "registered_on")],
    ),
    (
        "agreements",
        ("0301;unn", f"{SECRET};unn"),
        [("id-unknown", "agreements", 3, "municipality")],
    ),
    ("agreements", ("2030-01-01", "x"), [("not-date", "agreements", 2, "ends_on")]),
    (
        "candidates",
        (";ja;nei;", ";1;nei;"),
        [("not-true-or-false", "candidates", 3, "has_supervisor")],
    ),
    ("candidates", (";ja;nei;", ";;nei;"), [("missing", "candidates", 3, "has_supervisor")]),
    ("candidates", (";7;", ";sju;"), [("not-whole-number", "candidates", 3, "months_needed")]),
    ("candidates", ("c3;;5601", "c1;;5601"), None),
    ("unavailable", ("2028-03-01", "2027-12-01"), [("dates-reversed", "unavailable", 2, "to")]),
    ("unavailable", ("c1;", ";"), [("missing", "unavailable", 2, "candidate")]),
    ("wishes", ("c1;1;", "c1;0;"), [("out-of-range", "wishes", 3, "rank")]),
    ("wishes", ("c1;1;", "c1;2;"), None),
    ("wishes", ("c1;2;", "c1;3;"), [("rank-gap", "wishes", 4, "rank")]),
    ("wishes", ("c1;2;", "c1;;"), [("missing", "wishes", 4, "rank")]),
    ("wishes", ("c1;2;", "c1;2,5;"), [("not-whole-number", "wishes", 4, "rank")]),
    ("wishes", ("c1;2;", f"{SECRET};1;"), [("id-unknown", "wishes", 4, "candidate")]),
    ("wishes", ("c1;1;med", "c1;1;medd"), [("id-unknown", "wishes", 3, "target")]),
    ("wishes", ("2028-01-01", "2027-07-01"), [("dates-reversed", "wishes", 2, "latest")]),
    ("wishes", ("2027-09-01", "soon"), [("not-date", "wishes", 4, "ideal")]),
    ("priorities", ("0301;;2;c1", "0301;;3;c1"), [("rank-gap", "priorities", 3, "rank")]),
    ("priorities", ("0301;;2;c1", "0301;;1;c1"), [("rank-repeated", "priorities", 3, "rank")]),
    ("priorities", ("0301;;2;c1", "0301;;x;c1"), [("not-whole-number", "priorities", 3, "rank")]),
    ("priorities", ("0301;;1;NA", "0301;;0;NA"), [("out-of-range", "priorities", 2, "rank")]),
    ("priorities", ("0301;;2;c1", "0301;;2;c3"), None),
    ("priorities", ("0301;;2;c1", "0301;;2;NA"), None),
    ("priorities", ("0301;;2;c1", "0301;;2;"), [("missing", "priorities", 3, "candidate")]),
    ("priorities", ("0301;kir;1;c1", f"0301;kir;1;{SECRET}"), None),
    ("priorities", ("5601;kir;", "5601;kirr;"), [("id-unknown", "priorities", 5, "unit")]),
    ("commitments", ("accepted", SECRET), [("not-one-of", "commitments", 3, "state")]),
    ("commitments", ("NA;w1", "NA;w9"), [("id-unknown", "commitments", 2, "window")]),
]
"""Sheet, what is replaced by what, and the faults; None where `SEVERAL` has them."""

SEVERAL: dict[tuple[str, str], list[Found]] = {
    ("c3;;5601", "c1;;5601"): [
        ("id-repeated", "candidates", 4, "id"),
        ("id-unknown", "commitments", 3, "candidate"),
    ],
    ("c1;1;", "c1;2;"): [
        ("rank-gap", "wishes", 3, "rank"),
        ("rank-repeated", "wishes", 4, "rank"),
    ],
    ("0301;;2;c1", "0301;;2;c3"): [
        ("order-incomplete", "priorities", 2, "candidate"),
        ("order-foreigner", "priorities", 3, "candidate"),
    ],
    ("0301;;2;c1", "0301;;2;NA"): [
        ("order-incomplete", "priorities", 2, "candidate"),
        ("order-repeats", "priorities", 3, "candidate"),
    ],
    ("0301;kir;1;c1", f"0301;kir;1;{SECRET}"): [
        ("order-incomplete", "priorities", 4, "candidate"),
        ("id-unknown", "priorities", 4, "candidate"),
    ],
}


@pytest.mark.parametrize(
    ("name", "change", "expected"), CELLS, ids=[f"{c[0]}-{n}" for n, c in enumerate(CELLS)]
)
def test_a_malformed_cell(name: str, change: tuple[str, str], expected: list[Found] | None) -> None:
    assert csv_faults(replaced(name, change)) == (expected or SEVERAL[change])


HEADINGS: list[tuple[str, str, list[Found]]] = [
    ("units", "", [("heading-missing", "units", None, None)]),
    ("units", "\r\n;;\r\n", [("heading-missing", "units", None, None)]),
    ("round", csv_text("round").split("\r\n")[0], [("row-missing", "round", None, None)]),
    (
        "round",
        csv_text("round") + "x;y;z;2027-01-01\r\n",
        [("row-extra", "round", 3, None)],
    ),
    (
        "units",
        csv_text("units").replace("site", "sted", 1),
        [("column-missing", "units", 1, "site"), ("column-unknown", "units", 1, "sted")],
    ),
    (
        "units",
        csv_text("units").replace(";learning_goals", ";site", 1),
        [
            ("column-repeated", "units", 1, "site"),
            ("column-missing", "units", 1, "learning_goals"),
        ],
    ),
    (
        "wishes",
        csv_text("wishes").replace("candidate;", "kandidat;", 1),
        [("column-missing", "wishes", 1, "candidate"), ("column-unknown", "wishes", 1, "kandidat")],
    ),
    (
        "wishes",
        csv_text("wishes").replace("rank;", "nr;", 1),
        [("column-missing", "wishes", 1, "rank"), ("column-unknown", "wishes", 1, "nr")],
    ),
    (
        "priorities",
        csv_text("priorities").replace("unit;", "avdeling;", 1),
        [
            ("column-missing", "priorities", 1, "unit"),
            ("column-unknown", "priorities", 1, "avdeling"),
        ],
    ),
    (
        "candidates",
        csv_text("candidates").replace("id;", "nr;", 1),
        [("column-missing", "candidates", 1, "id"), ("column-unknown", "candidates", 1, "nr")],
    ),
    (
        "units",
        csv_text("units").replace("\r\nmed", ";x\r\nmed"),
        [("cell-without-heading", "units", 2, None)],
    ),
    (
        "windows",
        csv_text("windows").replace("w2;", '"w2"x;'),
        [("not-csv", "windows", 3, None)],
    ),
    ("windows", csv_text("windows") + '"' + "x" * 200_000, [("not-csv", "windows", 4, None)]),
]


@pytest.mark.parametrize(("name", "text", "expected"), HEADINGS, ids=range(len(HEADINGS)))
def test_malformed_headings_and_rows(name: str, text: str, expected: list[Found]) -> None:
    found = csv_faults(csv_files(**{name: text}))
    assert sorted(found, key=str) == sorted(expected, key=str)


@pytest.mark.parametrize("name", [*sheets()])
def test_a_missing_sheet_is_the_only_fault(name: str) -> None:
    files = csv_files()
    del files[f"{name}.csv"]
    assert csv_faults(files) == [("sheet-missing", name, None, None)]


@pytest.mark.parametrize("name", [*sheets()])
def test_a_missing_column_is_the_only_fault(name: str) -> None:
    for column in sheets()[name].columns:
        if column.omittable:
            continue
        lines = [line.split(";") for line in csv_text(name).split("\r\n") if line]
        if any('"' in cell for line in lines for cell in line):
            return
        at = lines[0].index(column.name)
        text = "\n".join(";".join(line[:at] + line[at + 1 :]) for line in lines)
        found = csv_faults(csv_files(**{name: text}))
        assert found == [("column-missing", name, 1, column.name)]


def test_unknown_and_repeated_files() -> None:
    extra = {"units2.csv": b"x", "Units.CSV": b"x"}
    assert csv_faults(csv_files() | extra) == [
        ("sheet-repeated", "Units.CSV", None, None),
        ("sheet-unknown", "units2.csv", None, None),
    ]


@pytest.mark.parametrize(
    "content",
    [
        csv_text("units").encode("utf-16"),
        csv_text("units").encode("utf-16-le"),
        b"\xef\xbb\xbf" + csv_text("units").replace("Avdeling", "Åvdeling").encode("cp1252"),
        b"id;name\r\n\x81\xff",
    ],
    ids=["utf-16", "utf-16 without mark", "mark but cp1252", "neither"],
)
def test_another_encoding_is_refused(content: bytes) -> None:
    faults = csv_faults(csv_files() | {"units.csv": content})
    assert faults == [("encoding-unknown", "units", None, None)]


def test_all_faults_of_all_files_at_once() -> None:
    files = csv_files()
    for name, old, new in [
        ("candidates", "2024-08-31", "31.08.24"),
        ("wishes", "c1;2;unn", "c1;2;nowhere"),
        ("wishes", "hammerfest", "2027"),
        ("units", "unn", ""),
        ("commitments", "w1", "w9"),
        ("round", "2027-01-15", "2027-01"),
    ]:
        text = files[f"{name}.csv"].decode()
        assert old in text
        files[f"{name}.csv"] = text.replace(old, new, 1).encode()
    files["extra.csv"] = b""
    assert csv_faults(files) == [
        ("not-date", "round", 2, "decision_date"),
        ("missing", "units", 2, "trust"),
        ("not-date", "candidates", 3, "lis1_completed_on"),
        ("id-unknown", "commitments", 2, "window"),
        ("sheet-unknown", "extra.csv", None, None),
    ]


def test_too_many_rows_and_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grids, "MAX_ROWS", 2)
    assert csv_faults(csv_files()) == [
        ("too-many-rows", name, None, None) for name in ("candidates", "wishes", "priorities")
    ]
    monkeypatch.undo()
    wide = ";" * grids.MAX_COLUMNS
    assert csv_faults(csv_files(units=csv_text("units").replace("\r\n", wide + "\r\n"))) == [
        ("too-many-columns", "units", None, None)
    ]


Typed = str | float | bool | datetime | time
TYPED: list[tuple[str, str, Typed, str, str]] = [
    ("units", "E2", "=1+1", "cell-formula", "supervised_places"),
    ("units", "C2", "=A1", "cell-formula", "site"),
    ("units", "E2", "#REF!", "cell-error", "supervised_places"),
    ("windows", "B2", "#N/A", "cell-error", "unit"),
    ("candidates", "A2", "#NAME?", "cell-error", "id"),
    ("wishes", "A2", "#NAME?", "cell-error", "candidate"),
    ("wishes", "A3", "#NAME?", "cell-error", "candidate"),
    ("wishes", "B3", "=2", "cell-formula", "rank"),
    ("priorities", "A2", "=2", "cell-formula", "municipality"),
    ("priorities", "C2", "=2", "cell-formula", "rank"),
    ("priorities", "D2", "=2", "cell-formula", "candidate"),
    ("agreements", "A2", "=2", "cell-formula", "municipality"),
    ("lead_by_trust", "A2", "=2", "cell-formula", "trust"),
    ("windows", "C2", 46600.5, "not-date", "opens"),
    ("windows", "C2", datetime.fromisoformat("2027-08-01T09:30"), "not-date", "opens"),
    ("windows", "C2", time(9, 30), "not-date", "opens"),
    ("windows", "E2", 1.5, "not-whole-number", "positions"),
    ("windows", "E2", True, "not-whole-number", "positions"),
    ("windows", "E2", datetime.fromisoformat("2027-08-01"), "not-whole-number", "positions"),
    ("windows", "A2", 1.5, "not-text", "id"),
    ("windows", "A2", datetime.fromisoformat("2027-08-01"), "not-text", "id"),
    ("wishes", "A2", True, "not-text", "candidate"),
    ("candidates", "I2", 0, "not-true-or-false", "has_supervisor"),
    ("policy", "F2", 1.15, "not-list", "start_days"),
]
"""Sheet, cell, what is put into it, code, and column of the only fault."""


@pytest.mark.parametrize(
    ("name", "at", "value", "code", "column"), TYPED, ids=[f"{t[0]}-{t[1]}-{t[3]}" for t in TYPED]
)
def test_a_malformed_cell_of_a_workbook(
    name: str, at: str, value: Typed, code: str, column: str
) -> None:
    content = workbook(lambda book: sheet(book, name).__setitem__(at, value))
    assert workbook_faults(content) == [(code, name, int(at[1:]), column)]


BOOKS: list[tuple[Callable[[Workbook], object], list[Found]]] = [
    (
        lambda book: sheet(book, "units").__setitem__("C1", "=A1"),
        [("cell-formula", "units", 1, None), ("column-missing", "units", 1, "site")],
    ),
    (
        lambda book: sheet(book, "units").merge_cells("C2:C3"),
        [("cell-merged", "units", 2, "site")],
    ),
    (
        lambda book: sheet(book, "units").merge_cells("A1:B1"),
        [
            ("cell-merged", "units", 1, None),
            ("column-missing", "units", 1, "id"),
            ("column-missing", "units", 1, "name"),
        ],
    ),
    (
        lambda book: sheet(book, "units").__setitem__("H7", "x"),
        [
            ("cell-without-heading", "units", 7, None),
            ("missing", "units", 7, "id"),
            ("missing", "units", 7, "site"),
            ("missing", "units", 7, "trust"),
        ],
    ),
    (lambda book: book.remove(book["wishes"]), [("sheet-missing", "wishes", None, None)]),
    (
        lambda book: sheet(book, "units").__setattr__("title", "Avdelinger"),
        [("sheet-missing", "units", None, None), ("sheet-unknown", "Avdelinger", None, None)],
    ),
    (
        lambda book: sheet(book, "units").delete_rows(1, 9),
        [("heading-missing", "units", None, None)],
    ),
]


@pytest.mark.parametrize(("change", "expected"), BOOKS, ids=range(len(BOOKS)))
def test_a_malformed_workbook(change: Callable[[Workbook], object], expected: list[Found]) -> None:
    assert sorted(workbook_faults(workbook(change)), key=str) == sorted(expected, key=str)


FIRST = "xl/worksheets/sheet4.xml"


def test_a_formula_with_a_cached_value_or_beyond_the_values_is_found() -> None:
    def put(xml: bytes) -> bytes:
        assert b"<v>0</v>" in xml
        return xml.replace(b"<v>0</v>", b"<f>0*1</f><v>0</v>", 1)

    content = rezipped(write_workbook(full_round()), FIRST, put)
    assert workbook_faults(content) == [("cell-formula", "units", 3, "supervised_places")]


def test_sheets_of_one_name() -> None:
    def rename(xml: bytes) -> bytes:
        return xml.replace(b'name="commitments"', b'name="Units"')

    assert workbook_faults(rezipped(write_workbook(full_round()), "xl/workbook.xml", rename)) == [
        ("sheet-missing", "commitments", None, None),
        ("sheet-repeated", "Units", None, None),
    ]


def test_entities_are_never_expanded() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'

    def arm(xml: bytes) -> bytes:
        return re.sub(rb"(\?>\s*)", rb"\1" + bomb, xml, count=1)

    for part in (FIRST, "xl/workbook.xml", "xl/sharedStrings.xml"):
        content = rezipped(write_workbook(full_round()), part, arm)
        assert workbook_faults(content) == [("not-workbook", "", None, None)]


NO_BOOKS: list[tuple[bytes, str]] = [
    (b"", "not-workbook"),
    (b"PK\x03\x04" + b"x" * 100, "not-workbook"),
    (b"id;name\n1;2\n", "not-workbook"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "workbook-locked"),
    (write_workbook(full_round())[:-40], "not-workbook"),
]


@pytest.mark.parametrize(("content", "code"), NO_BOOKS, ids=range(len(NO_BOOKS)))
def test_content_that_is_no_workbook(content: bytes, code: str) -> None:
    assert workbook_faults(content) == [(code, "", None, None)]


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_a_zip_file_of_something_else() -> None:
    for members in ({}, {"a.txt": b"x"}, {"../../etc/passwd": b"x"}, {"xl/workbook.xml": b"<a/>"}):
        assert workbook_faults(zipped(members)) == [("not-workbook", "", None, None)]


def test_a_locked_zip_file() -> None:
    content = bytearray(zipped({"xl/workbook.xml": b"<a/>"}))
    directory = content.index(b"PK\x01\x02")
    content[6] |= 1
    content[directory + 8] |= 1
    assert workbook_faults(bytes(content)) == [("workbook-locked", "", None, None)]


def test_members_of_one_name() -> None:
    buffer = io.BytesIO(write_workbook(full_round()))
    with ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/workbook.xml", b"<a/>")
    assert workbook_faults(buffer.getvalue()) == [("not-workbook", "", None, None)]


def test_a_bomb_that_tells_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_UNPACKED_MEBIBYTES", 2)
    bomb = zipped({"xl/workbook.xml": b"\0" * 3 * 2**20})
    assert len(bomb) < 2**14
    assert workbook_faults(bomb) == [("unpacks-too-large", "", None, None)]


def test_a_bomb_of_many_small_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_UNPACKED_MEBIBYTES", 2)
    bomb = zipped({f"{n}.xml": b"\0" * 2**18 for n in range(9)})
    assert workbook_faults(bomb) == [("unpacks-too-large", "", None, None)]


def test_too_many_members() -> None:
    bomb = zipped({f"{n}": b"" for n in range(archives.MAX_MEMBERS + 1)})
    assert workbook_faults(bomb) == [("unpacks-too-large", "", None, None)]


@pytest.mark.parametrize("told", [0, 1, 5])
def test_a_bomb_whose_headers_lie(told: int) -> None:
    """No more is unpacked than was counted: the reader gets a new archive, not the bomb."""
    content = bytearray(zipped({"xl/workbook.xml": b"\0" * 3 * 2**20}))
    directory = content.index(b"PK\x01\x02")
    content[22:26] = content[directory + 24 : directory + 28] = struct.pack("<I", told)
    assert workbook_faults(bytes(content)) == [("not-workbook", "", None, None)]


def test_a_workbook_larger_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_MEBIBYTES", 0)
    assert workbook_faults(workbook()) == [("too-large", "", None, None)]


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        (b"A1048576", "too-many-rows"),
        (b"XFD2", "too-many-columns"),
        (b"CA150000", "too-many-cells"),
    ],
)
def test_a_lone_cell_far_out_allocates_nothing(reference: bytes, code: str) -> None:
    def put(xml: bytes) -> bytes:
        return xml.replace(
            b"</sheetData>", b'<row><c r="' + reference + b'"><v>1</v></c></row></sheetData>'
        )

    content = rezipped(write_workbook(full_round()), FIRST, put)
    assert workbook_faults(content) == [(code, "units", None, None)]


def test_one_long_text_shown_in_many_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_LETTERS", 5_000)

    def fill(xml: bytes) -> bytes:
        rows = b'<row><c t="s"><v>0</v></c></row>' * 1000
        return xml.replace(b"</sheetData>", rows + b"</sheetData>")

    content = rezipped(write_workbook(full_round()), FIRST, fill)
    assert workbook_faults(content)[0] == ("too-much-text", "units", None, None)
    monkeypatch.undo()
    assert {code for code, *_ in workbook_faults(content)} == {"missing", "id-repeated"}


def test_a_merged_area_without_end() -> None:
    def merge(xml: bytes) -> bytes:
        merged = b'<mergeCells><mergeCell ref="G1:XFD1048576"/></mergeCells>'
        return xml.replace(b"</sheetData>", b"</sheetData>" + merged)

    content = rezipped(write_workbook(full_round()), FIRST, merge)
    assert workbook_faults(content) == [("too-many-cells", "units", None, None)]


@pytest.mark.parametrize("reference", ["", "1A", "A", "AAAA1", "A1:B2:C", "Å1"])
def test_references_that_are_none(reference: str) -> None:
    xml = (
        f'<worksheet><sheetData><row><c r="{reference}"><v>1</v></c></row></sheetData></worksheet>'
    )
    with pytest.raises(sheet_xml.NotSheetXml):
        sheet_xml.survey({"s": xml.encode()}, "s", [])


BASE = write_workbook(full_round())


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_random_bytes_raise_nothing_else(content: bytes) -> None:
    with pytest.raises(InvalidRound):
        read_workbook(content)
    with pytest.raises(InvalidRound):
        read_csv(csv_files() | {"units.csv": content})


@given(at=st.integers(0, len(BASE) - 1), byte=st.integers(1, 255))
@settings(max_examples=150, deadline=None)
def test_a_damaged_workbook_raises_nothing_else(at: int, byte: int) -> None:
    damaged = BASE[:at] + bytes([BASE[at] ^ byte]) + BASE[at + 1 :]
    with suppress(InvalidRound):
        read_workbook(damaged)


@given(
    part=st.sampled_from([FIRST, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"]),
    data=st.data(),
)
@settings(max_examples=150, deadline=None)
def test_damaged_parts_of_a_workbook_raise_nothing_else(part: str, data: st.DataObject) -> None:
    with ZipFile(io.BytesIO(BASE)) as archive:
        xml = archive.read(part)
    at = data.draw(st.integers(0, len(xml) - 1))
    length = data.draw(st.integers(0, 8))
    put = data.draw(st.binary(max_size=8) | st.sampled_from([b"9" * 30, b"-1", b'"', b"A0"]))
    damaged = rezipped(BASE, part, lambda xml: xml[:at] + put + xml[at + length :])
    with suppress(InvalidRound):
        read_workbook(damaged)


def test_a_part_in_an_encoding_that_nobody_knows_is_no_workbook() -> None:
    damaged = rezipped(BASE, FIRST, lambda xml: xml.replace(b"UTF-8", b"UTF-9"))
    with pytest.raises(InvalidRound) as raised:
        read_workbook(damaged)
    assert [fault.code for fault in raised.value.faults] == ["not-workbook"]

"""Rounds as CSV folders and workbooks: there and back, and as people type them."""

from __future__ import annotations

import io
from datetime import date, datetime
from pathlib import Path
from unicodedata import normalize

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from data.atomic import write_file
from data.documents import read_round
from data.files import load_round, save_round
from data.forms.layout import Kind, sheets
from data.sentences import LANGUAGES, catalogue, sentence
from data.sheets.cells import BLANK, list_text, read_cell
from data.sheets.folders import read_csv, write_csv, write_folder
from data.sheets.spread import spread
from data.sheets.template import write_template
from data.sheets.workbook_sheets import write_workbook
from data.sheets.workbooks import ASIDE, read_workbook
from scheduler.errors import InvalidRound
from scheduler.rounds import Round
from tests.data.rounds import NAMES, changed, encoded, full_round
from tests.data.spreadsheets import csv_files, csv_text, replaced, sheet, workbook


def assert_same(read: Round) -> None:
    round_ = full_round()
    assert read.document == round_.document
    assert read.hash == round_.hash
    assert {c.id: c.name for c in read.candidates} == NAMES


def test_a_round_comes_back_from_csv() -> None:
    assert_same(read_csv(write_csv(full_round())))


def test_a_round_comes_back_from_a_workbook() -> None:
    assert_same(read_workbook(write_workbook(full_round())))


def test_a_workbook_saved_by_another_program_is_the_same_round() -> None:
    assert_same(read_workbook(workbook()))


@pytest.mark.parametrize("name", ["round.json", "round.xlsx", "round"])
def test_a_round_comes_back_from_a_file(tmp_path: Path, name: str) -> None:
    save_round(full_round(), tmp_path / name)
    assert_same(load_round(tmp_path / name))
    save_round(full_round(), tmp_path / name)
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_the_same_round_gives_the_same_bytes() -> None:
    assert write_workbook(full_round()) == write_workbook(full_round())
    assert write_csv(full_round()) == write_csv(full_round())
    assert write_template() == write_template()


def test_csv_is_what_norwegian_excel_opens() -> None:
    content = write_csv(full_round())["candidates.csv"]
    assert content.startswith(b"\xef\xbb\xbfid;name;municipality;")
    lines = content.decode("utf-8-sig").split("\r\n")
    assert lines[0].count(";") == 14
    assert ";ja;nei;" in lines[1] + lines[2] + lines[3]
    assert "\n" not in "".join(lines)


@pytest.mark.parametrize("text", ["=1+1", "+47", "-Ápir", "@x", "'=x", "''", "'"])
def test_no_text_of_a_csv_file_is_a_formula(text: str) -> None:
    round_ = full_round().replace(name=text)
    written = write_csv(round_)["round.csv"].decode("utf-8-sig").split("\r\n")[1].split(";")[2]
    assert not written.startswith(("=", "+", "-", "@"))
    assert read_csv(write_csv(round_)).name == text
    assert read_workbook(write_workbook(round_)).name == text


def test_an_apostrophe_that_people_type_stays() -> None:
    files = replaced("units", ("Avdeling for medisin", "'s Hertog"))
    assert read_csv(files).unit["med"].name == "'s Hertog"


def test_a_workbook_has_dates_numbers_and_texts_and_no_formula() -> None:
    book = load_workbook(io.BytesIO(write_workbook(full_round())))
    assert sheet(book, "round")["D2"].value == datetime.fromisoformat("2027-01-15")
    assert sheet(book, "municipalities")["A2"].value == "0301"
    assert sheet(book, "policy")["J2"].data_type == "s"
    assert sheet(book, "windows")["G2"].value == 80
    assert sheet(book, "candidates")["I2"].value is False
    assert sheet(book, "candidates").freeze_panes == "A2"
    assert sheet(book, "candidates").auto_filter.ref == "A1:O4"


def test_a_date_before_excels_calendar_survives() -> None:
    town = full_round().municipality["5601"]
    old = type(town)(id="5601", registered_on=date(1850, 2, 28))
    round_ = full_round().replace(municipalities=(full_round().municipality["0301"], old))
    assert read_workbook(write_workbook(round_)).hash == round_.hash


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]),
    min_size=1,
    max_size=6,
).map(lambda text: normalize("NFC", text))


NOT_BLANK = TEXTS.filter(str.strip)  # a row of blanks alone is an empty row


@given(name=TEXTS, goals=st.lists(NOT_BLANK, unique=True, max_size=3), seed=TEXTS)
@settings(max_examples=60, deadline=None)
def test_any_text_survives_in_both_kinds_of_sheet(name: str, goals: list[str], seed: str) -> None:
    changes: list[tuple[str, object]] = [
        ("/candidates/0/name", name),
        ("/candidates/0/learning_goals", goals),
        ("/policy/lottery_seed", seed),
        ("/policy/lead/by_trust", {goal: {} for goal in goals}),
    ]
    round_ = read_round(encoded(changed(*changes)))
    for read in (read_csv(write_csv(round_)), read_workbook(write_workbook(round_))):
        assert read.hash == round_.hash
        assert read.candidate["c1"].name == round_.candidate["c1"].name


@pytest.mark.parametrize("delimiter", [";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_usual_csv_is_read(delimiter: str, encoding: str, end: str) -> None:
    files = {
        f"{name}.csv": csv_text(name).replace(";", delimiter).replace("\r\n", end).encode(encoding)
        for name in sheets()
        if name != "candidates"
    }
    read = read_csv(write_csv(full_round()) | files)
    assert read.hash == full_round().hash


def test_commas_part_cells_where_the_headings_say_so() -> None:
    text = csv_text("windows").replace(";", ",")
    assert_same(read_csv(csv_files(windows=text)))


def test_windows_1252_is_understood() -> None:
    files = csv_files()
    files["units.csv"] = csv_text("units").replace("Avdeling", "Åvdæling").encode("cp1252")
    assert read_csv(files).unit["med"].name == "Åvdæling for medisin"


def test_headings_and_file_names_may_be_in_capitals_and_columns_in_any_order() -> None:
    lines = csv_text("agreements").split("\r\n")
    turned = "\n".join(";".join(line.split(";")[::-1]) for line in lines if line)
    files = csv_files()
    del files["agreements.csv"]
    files["Agreements.CSV"] = turned.replace("trust", " Trust ").encode()
    assert_same(read_csv(files))


def test_the_format_column_may_be_left_out() -> None:
    text = csv_text("round").replace("format;", "").replace("rotations/round@1;", "")
    assert_same(read_csv(csv_files(round=text)))


def test_empty_rows_and_spare_separators_are_skipped_but_counted() -> None:
    text = csv_text("units").replace("\r\n", ";;;\r\n").replace("\r\nkir", "\r\n;;;\r\n\r\nkir")
    assert_same(read_csv(csv_files(units=text)))


def column(kind: Kind, many: bool = False) -> object:
    return next(
        column
        for each in sheets().values()
        for column in each.columns
        if (column.kind, column.many) == (kind, many)
    )


READ: list[tuple[Kind, bool, object, object]] = [
    (Kind.WHOLE, False, "6", 6),
    (Kind.WHOLE, False, " 6 ", 6),
    (Kind.WHOLE, False, "6,0", 6),
    (Kind.WHOLE, False, "6.0", 6),
    (Kind.WHOLE, False, "6,5", "6,5"),
    (Kind.WHOLE, False, "1.000", "1.000"),
    (Kind.WHOLE, False, "1,000", "1,000"),
    (Kind.WHOLE, False, "-1", -1),
    (Kind.WHOLE, False, 6.0, 6),
    (Kind.WHOLE, False, 6.5, 6.5),
    (Kind.WHOLE, False, float("inf"), float("inf")),
    (Kind.WHOLE, False, "٣", "٣"),
    (Kind.WHOLE, False, "  ", BLANK),
    (Kind.DATE, False, "2027-08-01", "2027-08-01"),
    (Kind.DATE, False, "01.08.2027", "2027-08-01"),
    (Kind.DATE, False, " 1.8.2027 ", "2027-08-01"),
    (Kind.DATE, False, "31.2.2027", "2027-02-31"),
    (Kind.DATE, False, "1.8.27", "1.8.27"),
    (Kind.DATE, False, date(2027, 8, 1), "2027-08-01"),
    (Kind.DATE, False, datetime.fromisoformat("2027-08-01"), "2027-08-01"),
    (
        Kind.DATE,
        False,
        datetime.fromisoformat("2027-08-01T12:00"),
        datetime.fromisoformat("2027-08-01T12:00"),
    ),
    (Kind.DATE, False, 46600.0, 46600.0),
    (Kind.TRUTH, False, "Ja", True),
    (Kind.TRUTH, False, "nei", False),
    (Kind.TRUTH, False, "False", False),
    (Kind.TRUTH, False, "TRUE", True),
    (Kind.TRUTH, False, "SANN", True),
    (Kind.TRUTH, False, "usann", False),
    (Kind.TRUTH, False, "yes", True),
    (Kind.TRUTH, False, "no", False),
    (Kind.TRUTH, False, True, True),
    (Kind.TRUTH, False, "0", "0"),
    (Kind.TRUTH, False, 1.0, 1.0),
    (Kind.TEXT, False, "0301", "0301"),
    (Kind.TEXT, False, "NA", "NA"),
    (Kind.TEXT, False, " x ", " x "),
    (Kind.TEXT, False, 5601.0, "5601"),
    (Kind.TEXT, False, 5601, "5601"),
    (Kind.TEXT, False, 12.5, 12.5),
    (Kind.TEXT, False, 1e20, 1e20),
    (Kind.TEXT, False, True, True),
    (Kind.TEXT, False, "", BLANK),
    (Kind.CHOICE, False, " Locum ", "locum"),
    (Kind.WHOLE, True, "1, 15", [1, 15]),
    (Kind.WHOLE, True, "1", [1]),
    (Kind.WHOLE, True, 1.0, [1]),
    (Kind.WHOLE, True, 1.15, 1.15),
    (Kind.WHOLE, True, "none", []),
    (Kind.WHOLE, True, " INGEN ", []),
    (Kind.WHOLE, True, "1,,2", [1, "", 2]),
    (Kind.WHOLE, True, "1,", [1, ""]),
    (Kind.TEXT, True, 'a, "b, ""c""" , d', ["a", 'b, "c"', "d"]),
    (Kind.TEXT, True, '"none"', ["none"]),
    (Kind.TEXT, True, 'a "b', ['a "b']),
    (Kind.TEXT, True, '"a" b', ['"a" b']),
]


@pytest.mark.parametrize(("kind", "many", "content", "value"), READ)
def test_a_cell_is_understood_or_handed_on(
    kind: Kind, many: bool, content: object, value: object
) -> None:
    read = read_cell(column(kind, many), content)  # type: ignore[arg-type]
    assert read == value
    assert type(read) is type(value)


@given(st.lists(st.text(max_size=4) | st.sampled_from(["none", "a,b", '"', " "]), max_size=4))
@settings(max_examples=200, deadline=None)
def test_a_list_comes_back_from_its_cell(items: list[str]) -> None:
    assert read_cell(column(Kind.TEXT, True), list_text(items)) == items  # type: ignore[arg-type]


@pytest.mark.parametrize("is_1904", [False, True])
def test_both_calendars_of_excel_are_read(is_1904: bool) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "date_1904": is_1904}) as book:
        style = book.add_format({"num_format": "dd.mm.yyyy"})
        for layout, rows in spread(full_round()):
            page = book.add_worksheet(layout.name)
            page.write_row(0, 0, [column.name for column in layout.columns])
            for number, row in enumerate(rows, start=1):
                for n, (each, value) in enumerate(zip(layout.columns, row, strict=True)):
                    if isinstance(value, list):
                        page.write_string(number, n, list_text(value))
                    elif each.kind is Kind.DATE and isinstance(value, str):
                        page.write_datetime(number, n, date.fromisoformat(value), style)
                    elif isinstance(value, str):
                        page.write_string(number, n, value)
                    elif value is not None:
                        page.write(number, n, value)
    assert_same(read_workbook(buffer.getvalue()))


def test_a_number_typed_as_an_id_is_its_digits() -> None:
    def change(book: Workbook) -> None:
        for name, letter in (("municipalities", "A"), ("candidates", "C"), ("priorities", "A")):
            for [cell] in sheet(book, name)[f"{letter}2:{letter}9"]:
                if cell.value == "5601":
                    cell.value = 5601

    assert_same(read_workbook(workbook(change)))


def test_sheets_that_explain_and_empty_sheets_are_left_alone() -> None:
    def change(book: Workbook) -> None:
        for name in ("README", "Eksempler", "Ark1"):
            book.create_sheet(name)
        sheet(book, "README")["A1"] = "=1+1"

    assert_same(read_workbook(workbook(change)))


def filled_template() -> bytes:
    """Return the template as a planner fills it in, nothing deleted."""
    book = load_workbook(io.BytesIO(write_template()))
    for layout, rows in spread(full_round()):
        page = sheet(book, layout.name)
        headings = [cell.value for cell in page[1]]
        for number, row in enumerate(rows, start=2):
            for each, value in zip(layout.columns, row, strict=True):
                cell = page.cell(number, headings.index(each.name) + 1)
                cell.value = list_text(value) if isinstance(value, list) else value  # type: ignore[assignment]
                if each.kind is Kind.DATE and isinstance(value, str):
                    cell.value = datetime.fromisoformat(value)
                if isinstance(value, str) and value.startswith("="):
                    cell.data_type = "s"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_a_filled_template_is_the_round() -> None:
    assert_same(read_workbook(filled_template()))


def test_the_template_explains_every_column_in_every_language() -> None:
    book = load_workbook(io.BytesIO(write_template()))
    assert book.sheetnames == ["Les meg", *sheets(), "Eksempler"]
    assert {name.casefold() for name in ("Les meg", "Eksempler")} <= set(ASIDE)
    for name, layout in sheets().items():
        page = sheet(book, name)
        assert page.max_row == 1
        for n, each in enumerate(layout.columns, start=1):
            comment = page.cell(1, n).comment
            assert comment is not None
            for language in LANGUAGES:
                assert sentence(language, f"columns.{name}.{each.name}") in comment.text
        checked = {str(rule.sqref)[0] for rule in page.data_validations.dataValidation}
        kinds = [each.kind for each in layout.columns if not each.many]
        assert len(checked) == sum(kind is not Kind.TEXT for kind in kinds)


def test_every_column_has_its_text_and_no_text_is_left_over() -> None:
    keys = {"about", "examples", *sheets()}
    keys |= {f"{name}.{each.name}" for name, layout in sheets().items() for each in layout.columns}
    for language in LANGUAGES:
        family = {key for key in catalogue(language) if key.startswith("columns.")}
        assert family == {f"columns.{key}" for key in keys}


def test_the_example_rows_are_cells_that_are_understood() -> None:
    book = load_workbook(io.BytesIO(write_template()))
    page = book["Eksempler"]
    names = [row[0] for row in page.iter_rows(values_only=True)][::4]
    assert names == [*sheets()]
    for number, layout in enumerate(sheets().values()):
        assert isinstance(page, type(sheet(book, "round")))
        headings = [cell.value for cell in page[4 * number + 2]][: len(layout.columns)]
        assert headings == [each.name for each in layout.columns]
        assert page.cell(4 * number + 3, 1).value is not None


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(FileExistsError):
        write_folder(full_round(), tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine.txt"]


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "round.json"
    target.mkdir()
    with pytest.raises(OSError):  # noqa: PT011 (which one depends on the system)
        write_file(target, b"new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["round.json"]


def test_files_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    save_round(full_round(), tmp_path / "round.json")
    save_round(full_round(), tmp_path / "round")
    assert (tmp_path / "round.json").stat().st_mode & 0o077 == 0
    assert (tmp_path / "round" / "units.csv").stat().st_mode & 0o077 == 0


def test_a_round_is_not_saved_under_another_suffix(tmp_path: Path) -> None:
    with pytest.raises(InvalidRound):
        save_round(full_round(), tmp_path / "round.ods")
    assert not [*tmp_path.iterdir()]

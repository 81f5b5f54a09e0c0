"""The workbook holds real dates and plain text, in the planner's language."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook

from data.exports.plan_workbook import LONGEST_TEXT, workbook
from data.exports.tables import TABLES, headings, title
from data.sentences import LANGUAGES, Language
from scheduler.plans import Plan
from scheduler.rounds import Round
from tests.data.made_up_plans import small_plan, small_round


def midnight(year: int, month: int, day: int) -> datetime:
    return datetime.combine(date(year, month, day), time())


def opened(round_: Round, plan: Plan, language: Language = "nb") -> Workbook:
    return load_workbook(BytesIO(workbook(round_, plan, language)))


def renamed(name: str) -> tuple[Round, Plan]:
    """The small round with every name replaced, which changes no hash."""
    round_ = small_round()
    round_ = round_.replace(
        candidates=tuple(replace(c, name=name) for c in round_.candidates),
        units=tuple(replace(u, name=name) for u in round_.units),
        municipalities=tuple(replace(m, name=name) for m in round_.municipalities),
    )
    return round_, small_plan()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_is_a_sheet_with_its_headings(language: Language) -> None:
    round_, plan = small_round(), small_plan()
    book = opened(round_, plan, language)
    assert book.sheetnames == [title(name, language) for name in TABLES]
    for name, table in TABLES.items():
        frame = table(round_, plan, language)
        sheet = book[title(name, language)]
        assert [cell.value for cell in sheet[1]] == headings(frame, language)
        assert sheet.max_row == len(frame.rows) + 1
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref is not None


def test_placements_carry_names_for_the_planner_and_real_dates() -> None:
    sheet = opened(small_round(), small_plan())["Plasseringer"]
    names = [cell.value for cell in sheet[1]]
    first = dict(zip(names, [cell.value for cell in sheet[2]], strict=True))
    assert first["Kandidat"] == "c1"
    assert first["Navn"] == "Ánne Eksempel"
    assert first["Første dag"] == midnight(2027, 8, 1)
    assert first["Siste dag"] == midnight(2028, 1, 31)
    assert first["Ønske nr."] == 1
    assert first["Før runden"] == "ny"
    assert first["Kommunenr."] == "5601"
    day = sheet.cell(2, names.index("Første dag") + 1)
    assert day.number_format == "dd.mm.yyyy"


def test_a_commitment_without_a_wish_leaves_its_class_empty() -> None:
    sheet = opened(small_round(), small_plan())["Plasseringer"]
    names = [cell.value for cell in sheet[1]]
    row = next(row for row in sheet.iter_rows(min_row=2, values_only=True) if row[0] == "c8")
    assert row[names.index("Ønske nr.")] is None
    assert row[names.index("Før runden")] == "akseptert før runden"


def test_reasons_are_sentences_with_their_codes() -> None:
    sheet = opened(small_round(), small_plan(), "en")["Unplaced"]
    told = {row[-2]: row[-1] for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert told["FIT"] == "The window closes 17 days too early."
    assert told["NO_WISH"] == "The candidate has handed in no wish."


def test_who_has_no_reasons_still_has_a_row() -> None:
    plan = small_plan()
    bare = replace(plan, unplaced=tuple(replace(a, reasons=()) for a in plan.unplaced))
    sheet = opened(small_round(), bare)["Uten plass"]
    ids = [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert ids == ["c10", "c11", "c12"]


def test_tiers_show_value_bound_and_proof() -> None:
    sheet = opened(small_round(), small_plan())["Hensyn"]
    rows = {row[:2]: row for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert rows["placed", None][3:6] == (8, 8, "ja")
    assert rows["wish", 2][3:6] == (3, 2, "nei")


def test_municipalities_and_units_add_up() -> None:
    book = opened(small_round(), small_plan())
    towns = list(book["Kommuner"].iter_rows(min_row=2, values_only=True))
    assert [sum(int(str(row[n])) for row in towns) for n in range(2, 7)] == [12, 1, 8, 5, 3]
    units = {row[0]: row for row in book["Avdelinger"].iter_rows(min_row=2, values_only=True)}
    assert units["hammerfest-medisin"][4:9] == (2, 1, 2, 3, midnight(2027, 8, 1))
    assert units["alta-medisin"][5:9] == (0, 0, 0, None)


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@x", "https://example.org", "\tx", "_x0041_"]
)
def test_text_is_never_a_formula_nor_a_link(name: str) -> None:
    content = workbook(*renamed(name), "nb")
    cell = load_workbook(BytesIO(content))["Plasseringer"].cell(2, 2)
    assert cell.data_type == "s"
    assert str(cell.value).strip() == name.strip()
    sheet = ZipFile(BytesIO(content)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"hyperlink" not in sheet


def test_a_text_that_no_cell_can_hold_is_cut_and_shows_it() -> None:
    value = opened(*renamed("å" * 40_000))["Plasseringer"].cell(2, 2).value
    assert len(str(value)) == LONGEST_TEXT
    assert str(value).endswith("…")


def test_days_before_excels_calendar_are_text() -> None:
    round_ = small_round()
    plan = small_plan()
    old = tuple(
        replace(p, start=date(1899, 3, 1), end=date(1899, 9, 1)) if p.candidate == "c8" else p
        for p in plan.placements
    )
    sheet = opened(round_, replace(plan, placements=old))["Plasseringer"]
    row = next(row for row in sheet.iter_rows(min_row=2, values_only=True) if row[0] == "c8")
    assert row[9:11] == ("1899-03-01", "1899-08-31")


def test_the_time_of_creation_is_the_decision_date() -> None:
    book = opened(small_round(), small_plan())
    assert book.properties.created == midnight(2027, 1, 15)

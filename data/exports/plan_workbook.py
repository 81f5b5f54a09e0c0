"""A plan as an Excel workbook: one sheet per table, for the planner.

Cells are written by kind, so text that begins like a formula stays text. The bytes depend on the
round, the plan and the language alone: the time of creation is the round's decision date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from io import BytesIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from data.exports.frames import Frame
from data.exports.tables import TABLES, headings, title
from data.sentences import LANGUAGES, Language, sentence
from scheduler.plans import Plan
from scheduler.rounds import Round

LONGEST_TEXT = 32_767
"""Characters that an Excel cell can hold."""

FIRST_YEAR = 1900
"""Excel has no dates before; earlier ones are written as text."""

WIDEST, NARROWEST = 60, 9
"""Column widths in characters."""

DATE_FORMATS: Mapping[Language, str] = dict.fromkeys(LANGUAGES, "dd.mm.yyyy") | {"en": "d mmm yyyy"}


def workbook(round_: Round, plan: Plan, language: Language) -> bytes:
    """Return the plan as an xlsx file."""
    tables = {name: table(round_, plan, language) for name, table in TABLES.items()}
    called = f"{round_.id} {plan.hash}"
    return written_workbook(tables, called, round_.decision_date, language)


def written_workbook(
    tables: Mapping[str, Frame], called: str, day: date, language: Language
) -> bytes:
    """Return tables, named as in the catalogue's report, as an xlsx file.

    Parameters
    ----------
    called, day
        The workbook's title and the day of its making, which its properties tell.
    """
    content = BytesIO()
    book = Workbook(content, {"in_memory": True})
    created = datetime.combine(day, datetime.min.time())
    book.set_properties({"created": created, "title": called})
    styles = _Styles(book, language)
    for name, frame in tables.items():
        _fill(book.add_worksheet(title(name, language)), frame, styles)
    book.close()
    return content.getvalue()


class _Styles:
    """The workbook's formats and the words its cells need."""

    def __init__(self, book: Workbook, language: Language) -> None:
        top = {"valign": "top"}
        self.language = language
        self.heading = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "vcenter", "bottom": 1}
            | {"bg_color": "#00566B", "font_color": "#FFFFFF"}
        )
        self.text = book.add_format(top | {"text_wrap": True})
        self.number = book.add_format(top | {"num_format": "0"})
        self.day = book.add_format(top | {"num_format": DATE_FORMATS[language], "align": "left"})

    def yes_or_no(self, value: bool) -> str:
        return sentence(self.language, f"report.{'yes' if value else 'no'}")


def _fill(sheet: Worksheet, frame: Frame, styles: _Styles) -> None:
    names = headings(frame, styles.language)
    for column, name in enumerate(names):
        sheet.write_string(0, column, name, styles.heading)
        sheet.set_column(column, column, _width(name, [row[column] for row in frame.rows]))
    for row, values in enumerate(frame.rows, start=1):
        for column, value in enumerate(values):
            _write(sheet, row, column, value, styles)
    sheet.set_row(0, 30)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, len(frame.rows), len(names) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _write(sheet: Worksheet, row: int, column: int, value: object, styles: _Styles) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_string(row, column, styles.yes_or_no(value), styles.text)
    elif isinstance(value, int):
        sheet.write_number(row, column, value, styles.number)
    elif isinstance(value, date) and value.year >= FIRST_YEAR:
        sheet.write_datetime(row, column, value, styles.day)
    else:
        _write_text(sheet, row, column, str(value), styles.text)


def _write_text(sheet: Worksheet, row: int, column: int, text: str, style: Format) -> None:
    """Write text; what a cell cannot hold is cut, and the cut shown."""
    shown = text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
    sheet.write_string(row, column, shown, style)


def _width(name: str, values: Iterable[object]) -> int:
    longest = max((len(str(value)) for value in values if value is not None), default=0)
    return max(NARROWEST, min(WIDEST, max(len(name), longest) + 3))

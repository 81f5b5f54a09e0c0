"""The empty workbook that planners fill in, with every column explained in every language.

Examples stand on a sheet of their own, which the reader leaves alone: nothing that a planner
forgets to delete can become data.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from typing import Any

from babel import Locale
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from data.forms.layout import Column, Kind, sheets
from data.sentences import LANGUAGES, review_notice, sentence
from data.sheets.workbook_sheets import Pages, write_text

README, EXAMPLES = "Les meg", "Eksempler"
"""Sheets that explain; `data.sheets.workbooks.ASIDE` names them too."""

LAST_ROW = 5_000
"""Rows in which the template checks what is typed."""

_CALENDAR = "1901-01-01", "9999-12-31"


def write_template() -> bytes:
    """Return the template as an Excel workbook (xlsx)."""
    buffer = io.BytesIO()
    with Workbook(buffer, {"in_memory": True}) as book:
        pages = Pages(book)
        _readme(pages)
        for sheet in sheets().values():
            page = pages.add(sheet)
            for n, column in enumerate(sheet.columns):
                _explain(page, n, f"{sheet.name}.{column.name}")
                check(page, n, column)
        _examples(pages)
    return buffer.getvalue()


def _readme(pages: Pages) -> None:
    page = pages.book.add_worksheet(README)
    page.set_column(0, 1, 22)
    page.set_column(2, 1 + len(LANGUAGES), 50)
    for number, line in enumerate(_lines()):
        for n, text in enumerate(line):
            write_text(page, (number, n), text, pages.wrapped if number else pages.heading)
    page.freeze_panes(1, 0)


def _lines() -> Iterator[tuple[str, ...]]:
    """Yield sheet, column and its explanation in each language."""
    names = (Locale.parse(language).display_name for language in LANGUAGES)
    yield "Ark / sheet", "Kolonne / column", *names
    yield "", "", *("\n".join(said for _, said in review_notice(each)) for each in LANGUAGES)
    for key in ("about", "examples"):
        yield "", "", *_texts(key)
    for sheet in sheets().values():
        yield sheet.name, "", *_texts(sheet.name)
        for column in sheet.columns:
            yield sheet.name, column.name, *_texts(f"{sheet.name}.{column.name}")


def _texts(key: str) -> tuple[str, ...]:
    return tuple(sentence(language, f"columns.{key}") for language in LANGUAGES)


def _explain(page: Worksheet, column: int, key: str) -> None:
    options = {"author": "", "x_scale": 2, "y_scale": 3}
    page.write_comment(0, column, "\n\n".join(_texts(key)), options)


def check(page: Worksheet, n: int, column: Column) -> None:
    """Let Excel refuse in a column what the reader would refuse."""
    rule = _rule(column)
    if rule and not column.many:
        page.data_validation(1, n, LAST_ROW, n, rule)


def _rule(column: Column) -> dict[str, Any]:
    schema = column.schema
    if column.kind is Kind.CHOICE:
        return {"validate": "list", "source": schema.get("enum") or [schema["const"]]}
    if column.kind is Kind.TRUTH:
        return {"validate": "list", "source": ["ja", "nei"]}
    if column.kind is Kind.WHOLE:
        bounds = {"minimum": schema["minimum"], "maximum": schema["maximum"]}
        return {"validate": "integer", "criteria": "between", **bounds}
    if column.kind is Kind.DATE:
        first, last = (date.fromisoformat(day) for day in _CALENDAR)
        return {"validate": "date", "criteria": "between", "minimum": first, "maximum": last}
    return {}


def _examples(pages: Pages) -> None:
    """Show one made-up row of every sheet."""
    page = pages.book.add_worksheet(EXAMPLES)
    page.set_column(0, max(len(sheet.columns) for sheet in sheets().values()), 20)
    number = 0
    for sheet in sheets().values():
        write_text(page, (number, 0), sheet.name, pages.heading)
        for n, column in enumerate(sheet.columns):
            write_text(page, (number + 1, n), column.name, pages.heading)
            pages.write(page, (number + 2, n), column, column.example)
        number += 4

"""The workbook in which a municipality fills in its list, with what it has handed in.

Headings and explanations are in the reader's language; dates, numbers and choices are typed, so
that Excel refuses what the reader of the file would refuse.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from data.forms.layout import Sheet
from data.sentences import Language, review_notice, sentence
from data.sheets.list_layout import (
    CANDIDATES,
    FORMAT,
    LIST,
    explained,
    heading,
    list_sheets,
    sheet_name,
)
from data.sheets.spread import Values, rows_of
from data.sheets.template import LAST_ROW, check
from data.sheets.workbook_sheets import Pages, write_text

Place = tuple[str, str]
"""Id and name of what can be wished for."""


def write_list(
    list_: Mapping[str, Any],
    language: Language,
    places: Sequence[Place],
    supervisors: Mapping[str, str],
) -> bytes:
    """Return a list as an Excel workbook (xlsx).

    Parameters
    ----------
    list_
        What a municipality has handed in; its candidates are written in its order.
    places
        What can be wished for.
    supervisors
        Names of the municipality's supervisors by id, where a name is one person's.
    """
    buffer = io.BytesIO()
    with Workbook(buffer, {"in_memory": True}) as book:
        pages = Pages(book)
        _readme(pages, language)
        for sheet in list_sheets().values():
            page = pages.add(_translated(sheet, language), _rows(sheet, list_, supervisors))
            for n, column in enumerate(sheet.columns):
                about = explained(language, sheet.name, column.name)
                page.write_comment(0, n, about, {"author": "", "x_scale": 2})
                check(page, n, column)
            _choices(page, sheet, language, len(places), [*supervisors.values()])
        _places(pages, language, places)
    return buffer.getvalue()


def _translated(sheet: Sheet, language: Language) -> Sheet:
    columns = tuple(
        replace(column, name=heading(language, sheet.name, column.name)) for column in sheet.columns
    )
    return replace(sheet, name=sheet_name(language, sheet.name), columns=columns)


def _rows(sheet: Sheet, list_: Mapping[str, Any], supervisors: Mapping[str, str]) -> list[Values]:
    if sheet.name == LIST:
        return [(FORMAT,)]
    if sheet.name != CANDIDATES:
        return [*rows_of(sheet, list_)]
    return [*_candidates(sheet, list_, supervisors)]


def _candidates(
    sheet: Sheet, list_: Mapping[str, Any], supervisors: Mapping[str, str]
) -> Iterator[Values]:
    """Yield the candidates by their rank."""
    ranks = {id_: n for n, id_ in enumerate(list_.get("default_order") or (), start=1)}
    last = len(ranks) + 1
    ordered = sorted(list_[CANDIDATES], key=lambda each: ranks.get(each["id"], last))
    for rank, each in enumerate(ordered, start=1):
        said = supervisors.get(each["supervisor"], each["supervisor"])
        values = {**each, "rank": rank, "supervisor": said}
        yield tuple(values[column.name] for column in sheet.columns)


def _choices(
    page: Worksheet, sheet: Sheet, language: Language, places: int, supervisors: Sequence[str]
) -> None:
    """Offer what is on record where an id or a name is asked for; else Excel warns."""
    known = {
        "target": f"='{sheet_name(language, 'places')}'!$A$2:$A${places + 1}",
        "unit": f"='{sheet_name(language, 'places')}'!$A$2:$A${places + 1}",
        "supervisor": [*supervisors],
    }
    for n, column in enumerate(sheet.columns):
        source = known.get(column.name)
        fits = isinstance(source, str) or len(",".join(source or ())) in range(1, 256)
        if source and fits and (places or column.name == "supervisor"):
            rule = {"validate": "list", "source": source, "error_type": "warning"}
            page.data_validation(1, n, LAST_ROW, n, rule)


def _readme(pages: Pages, language: Language) -> None:
    page = pages.book.add_worksheet(sheet_name(language, "readme"))
    page.set_column(0, 1, 26)
    page.set_column(2, 2, 80)
    told = [("", "", text) for _, text in review_notice(language)]
    told += [("", "", sentence(language, f"lists.{key}")) for key in ("about", "ranks", "people")]
    for sheet in list_sheets().values():
        name = sheet_name(language, sheet.name)
        told.append((name, "", sentence(language, f"lists.about-{sheet.name}")))
        told += [
            (
                name,
                heading(language, sheet.name, each.name),
                explained(language, sheet.name, each.name),
            )
            for each in sheet.columns
        ]
    for number, line in enumerate(told):
        for n, text in enumerate(line):
            write_text(page, (number, n), text, pages.wrapped)


def _places(pages: Pages, language: Language, places: Sequence[Place]) -> None:
    page = pages.book.add_worksheet(sheet_name(language, "places"))
    page.set_column(0, 1, 44)
    for n, key in enumerate(("place-id", "place-name")):
        write_text(page, (0, n), sentence(language, f"lists.{key}"), pages.heading)
    for number, place in enumerate(places, start=1):
        for n, text in enumerate(place):
            write_text(page, (number, n), text, pages.text)
    page.freeze_panes(1, 0)

"""The workbook of a municipality's list: its sheets and columns, and what each language calls them.

A column has one name in faults and in what programs read; people see and write its heading in
their own language, and headings of every language are understood.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache

from data.forms.layout import MAX_ROWS, Column, Kind, Shape, Sheet, sheets
from data.sentences import LANGUAGES, Language, catalogue, sentence

FORMAT = "rotations/list@1"
"""Name and version of the format; the workbook says it."""

LIST, CANDIDATES, ORDERS = "list", "candidates", "orders"

ASIDE = ("readme", "places")
"""Sheets that explain, and are not read."""

_ASKED = (
    *("id", "name", "supervisor", "in_individual_plan", "lis1_completed_on", "gp_months"),
    *("months_needed", "learning_goals", "min_fte_percent", "available_from", "complete_by"),
)
_RANK = Column(
    name="rank",
    path=(),
    kind=Kind.WHOLE,
    schema={"type": "integer", "minimum": 1, "maximum": MAX_ROWS},
)


@cache
def list_sheets() -> Mapping[str, Sheet]:
    """Return every sheet of a list by name, in the order in which people fill them in."""
    return {sheet.name: sheet for sheet in _sheets()}


def _sheets() -> Iterator[Sheet]:
    known = {column.name: column for column in sheets()["candidates"].columns}
    known["supervisor"] = Column(
        name="supervisor", path=("supervisor",), required=False, schema={"type": "string"}
    )
    asked = tuple(known[name] for name in _ASKED)
    yield Sheet(name=CANDIDATES, place=(CANDIDATES,), shape=Shape.LIST, columns=(_RANK, *asked))
    yield sheets()["wishes"]
    yield sheets()["unavailable"]
    unit, rank, candidate = sheets()["priorities"].columns[1:]
    unit = replace(unit, required=True)
    yield Sheet(name=ORDERS, place=(ORDERS,), shape=Shape.ORDER, columns=(unit, rank, candidate))
    marker = Column(
        name="format",
        path=("format",),
        kind=Kind.CHOICE,
        on_top=True,
        schema={"const": FORMAT},
    )
    yield Sheet(name=LIST, place=(LIST,), shape=Shape.ONE, columns=(marker,))


def sheet_name(language: Language, sheet: str) -> str:
    """Return what a language calls a sheet."""
    return sentence(language, f"lists.sheet-{sheet}")


def heading(language: Language, sheet: str, column: str) -> str:
    """Return what a language calls a column."""
    own = f"lists.heading-{sheet}-{column}"
    return sentence(language, own if own in catalogue(language) else f"lists.heading-{column}")


def explained(language: Language, sheet: str, column: str) -> str:
    """Return what a column means."""
    own = f"lists.about-{sheet}-{column}"
    if own in catalogue(language):
        return sentence(language, own)
    return sentence(language, f"columns.{'priorities' if sheet == ORDERS else sheet}.{column}")


@cache
def known_sheets() -> Mapping[str, str]:
    """Return the name of a sheet by whatever it may be called, in small letters."""
    called = {sheet_name(language, name).casefold(): name for language, name in _each_sheet()}
    return called | {name: name for name in list_sheets()}


@cache
def known_headings(sheet: str) -> Mapping[str, str]:
    """Return the name of a column by whatever it may be called, in small letters."""
    names = [column.name for column in list_sheets()[sheet].columns]
    called = {
        heading(language, sheet, name).casefold(): name for language in LANGUAGES for name in names
    }
    return called | {name: name for name in names}


@cache
def aside() -> frozenset[str]:
    """Return every name of the sheets that are not read, in small letters."""
    return frozenset(
        sheet_name(language, name).casefold() for language in LANGUAGES for name in ASIDE
    )


def _each_sheet() -> Iterator[tuple[Language, str]]:
    for language in LANGUAGES:
        for name in list_sheets():
            yield language, name

"""From a round to the rows of its sheets: values of the document, column by column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from data.forms.layout import Column, Shape, Sheet, sheets
from scheduler.rounds import Round

Values = tuple[object, ...]
"""The values of a row, one a column; None where a cell stays empty."""


def spread(round_: Round) -> Iterator[tuple[Sheet, list[Values]]]:
    """Yield every sheet with its rows, without headings; columns that nobody needs are left out."""
    for sheet in sheets().values():
        rows = list(rows_of(sheet, round_.document))
        needed = [
            n
            for n, column in enumerate(sheet.columns)
            if not column.omittable or any(row[n] is not None for row in rows)
        ]
        columns = tuple(sheet.columns[n] for n in needed)
        yield replace(sheet, columns=columns), [tuple(row[n] for n in needed) for row in rows]


def rows_of(sheet: Sheet, document: Mapping[str, Any]) -> Iterator[Values]:
    """Yield the rows of a sheet, one value a column."""
    for keys, record in _records(sheet, document):
        yield tuple(_value(column, keys, record) for column in sheet.columns)


def _value(column: Column, keys: Mapping[str, object], record: Mapping[str, Any]) -> object:
    if column.name in keys:
        return keys[column.name]
    value: Any = record
    for step in column.path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _records(
    sheet: Sheet, document: Mapping[str, Any]
) -> Iterator[tuple[Mapping[str, object], Mapping[str, Any]]]:
    """Yield each record with the cells that say whose it is, or at which rank."""
    top = document[str(sheet.place[0])]
    owner = sheet.columns[0].name
    if sheet.shape is Shape.ONE:
        yield {"format": document["format"]}, top
    elif sheet.shape is Shape.LIST:
        yield from (({}, record) for record in top)
    elif sheet.shape is Shape.KEYED:
        for key, record in top["lead"]["by_trust"].items():
            yield {owner: key}, record
    elif sheet.shape is Shape.ORDER:
        for record in top:
            yield from (({"rank": n, "candidate": c}, record) for n, c in _ranks(record["order"]))
    else:
        for holder in top:
            for rank, record in enumerate(holder[sheet.place[1]], start=1):
                yield {owner: holder["id"], "rank": rank}, record


def _ranks(order: list[str]) -> Iterator[tuple[int | None, str | None]]:
    """Yield ranks from 1; an order of nobody is one row without rank and candidate."""
    yield from enumerate(order, start=1) if order else [(None, None)]

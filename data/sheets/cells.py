"""One cell of a sheet: what was typed in it, and the value of the document that it stands for.

Norwegian habits are understood: decimal comma, day.month.year, ja and nei. What is not understood
is handed on as it is, and refused by the form of its field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import Final

from data.forms.layout import Column, Kind

NONE = "none"
"""What a cell says for an explicitly empty list; an empty cell means the default."""


class Blank(Enum):
    """The mark of an empty cell."""

    BLANK = "blank"


BLANK: Final = Blank.BLANK


@dataclass(frozen=True, slots=True)
class Flaw:
    """A cell whose value cannot be told; `code` says why, None where its neighbour has said so."""

    code: str | None


_TRUTHS = dict.fromkeys(("ja", "true", "sann", "yes"), True) | dict.fromkeys(
    ("nei", "false", "usann", "no"), False
)
_NONES = ("none", "ingen")
_WHOLE = re.compile(r"([+-]?\d{1,20})(?:[.,]0{1,2})?", re.ASCII)
_NORWEGIAN_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_ITEM = re.compile(r'\s*(?:"((?:[^"]|"")*)"\s*|([^,]*?)\s*)(?:,|$)')
_PLAIN_ITEM = re.compile(r'[^\s",](?:[^",]*[^\s",])?')
_PLUS = "+"
_EXACT = 10**15
"""Whole numbers of a spreadsheet are exact below this."""


def read_cell(column: Column, content: object) -> object:
    """Return the document value that a cell stands for.

    Parameters
    ----------
    column
        What the cell should hold.
    content
        Text of a CSV file, or what a spreadsheet holds.

    Returns
    -------
    object
        A plain value, `BLANK`, a `Flaw`, or what was given where it cannot be understood.
    """
    if content is None or content == "":
        return BLANK
    if isinstance(content, Flaw):
        return content
    if isinstance(content, str) and _is_blank(column, content):
        return BLANK
    if column.many:
        return _list(column, content)
    return _single(column.kind, content)


def _is_blank(column: Column, text: str) -> bool:
    return not text.strip() and (column.kind is not Kind.TEXT or column.many)


def _single(kind: Kind, content: object) -> object:
    if kind is Kind.TEXT:
        return _text(content)
    if kind is Kind.WHOLE:
        return _whole(content)
    if kind is Kind.DATE:
        return _date(content)
    if kind is Kind.SUM:
        return [_whole(each) for each in str(content).split(_PLUS)]
    if not isinstance(content, str):
        return content
    word = content.strip().casefold()
    return word if kind is Kind.CHOICE else _TRUTHS.get(word, content)


def _text(content: object) -> object:
    """Return a text; a whole number typed where an id belongs is its digits."""
    if isinstance(content, int | float) and not isinstance(content, bool):
        exact = abs(content) < _EXACT and content == int(content)
        return str(int(content)) if exact else content
    return content


def _whole(content: object) -> object:
    """Return a whole number; ``6,0`` is one, ``6,5`` and ``1.000`` (a thousand?) are not."""
    if isinstance(content, float) and abs(content) < _EXACT and content.is_integer():
        return int(content)
    if isinstance(content, str) and (match := _WHOLE.fullmatch(content.strip())):
        return int(match[1])
    return content


def _date(content: object) -> object:
    """Return a date in ISO form; a time of day other than midnight makes it none."""
    if isinstance(content, datetime):
        return str(content.date()) if content.time() == time() else content
    if isinstance(content, date):
        return str(content)
    if not isinstance(content, str):
        return content
    if match := _NORWEGIAN_DATE.fullmatch(content.strip()):
        day, month, year = match.groups()
        return f"{year}-{month:0>2}-{day:0>2}"
    return content.strip()


def _list(column: Column, content: object) -> object:
    text = _text(content)
    if not isinstance(text, str):
        return content
    if text.strip().casefold() in _NONES:
        return []
    return [_single(column.kind, item) for item in _items(text)]


def _items(text: str) -> list[str]:
    """Split at commas; an item in quotation marks may hold commas, blanks and doubled marks."""
    items, at = [], 0
    while match := _ITEM.match(text, at):
        quoted, plain = match[1], match[2]
        items.append(plain if quoted is None else quoted.replace('""', '"'))
        at = match.end()
        if not match[0].endswith(","):
            break
    return items if at == len(text) else [text]


def list_text(items: Iterable[object]) -> str:
    """Return the cell of a list: what `read_cell` turns back into the same items."""
    texts = [_PLUS.join(map(str, i)) if isinstance(i, list) else str(i) for i in items]
    if not texts:
        return NONE
    if len(texts) == 1 and texts[0].casefold() in _NONES:
        return f'"{texts[0]}"'
    return ", ".join(map(_item_text, texts))


def _item_text(text: str) -> str:
    if _PLAIN_ITEM.fullmatch(text):
        return text
    return '"' + text.replace('"', '""') + '"'

"""JSON read strictly: a size limit first, UTF-8, no key twice, nothing that overflows or recurses.

Numbers with a fraction, NaN and Infinity come through as floats, which no form of a document takes,
so that they are reported where they stand.
"""

from __future__ import annotations

import codecs
import json
from dataclasses import dataclass
from typing import Any

from data.forms.fields import SURROGATE
from data.forms.refusals import printable
from scheduler.errors import Fault, Place

MAX_MEBIBYTES = 64
"""Largest document that is parsed, in MiB."""

MAX_ITEMS = 200_000
"""Most items of a list."""

_HUGE = 10**20
_DIGITS = 20
"""Whole numbers with more digits lie outside every range, and are not worth converting."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a JSON text holds, and what is wrong with its objects' keys."""

    value: object
    faults: tuple[Fault, ...] = ()


class Unreadable(Exception):
    """There is no JSON text to be read; ``fault`` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


def parse(content: bytes) -> Parsed:
    """Return what a JSON text holds.

    Raises
    ------
    Unreadable
        Where the content is too large, not UTF-8, not JSON or nested too deeply.
    """
    text = _text(content)
    marked: list[_Marked] = []

    def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if any(isinstance(value, list) and len(value) > MAX_ITEMS for _, value in pairs):
            raise Unreadable(Fault("list-too-long", figures={"maximum": MAX_ITEMS}))
        built = _object(pairs)
        if isinstance(built, _Marked):
            marked.append(built)
        return built

    try:
        value = json.loads(text, object_pairs_hook=object_of, parse_int=_whole_number)
    except json.JSONDecodeError as error:
        fault = Fault("not-json", figures={"line": error.lineno, "column": error.colno})
        raise Unreadable(fault) from None
    except RecursionError:
        raise Unreadable(Fault("too-deep")) from None
    return Parsed(value, _marks(value) if marked else ())


def _text(content: bytes) -> str:
    if len(content) > MAX_MEBIBYTES * 2**20:
        raise Unreadable(Fault("too-large", figures={"maximum": MAX_MEBIBYTES}))
    try:
        return content.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError:
        raise Unreadable(Fault("not-utf-8")) from None


def _whole_number(digits: str) -> int:
    if len(digits) <= _DIGITS:
        return int(digits)
    return -_HUGE if digits.startswith("-") else _HUGE


class _Marked(dict[str, Any]):
    """An object with faulty keys; `marks` holds code and key of each."""

    marks: list[tuple[str, str]]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs) and not SURROGATE.search("".join(plain)):
        return plain
    built, marks = _Marked(), []
    for key, value in pairs:
        fit = printable(key) if SURROGATE.search(key) else key
        if fit != key:
            marks.append(("lone-surrogate", fit))
        elif fit in built:
            marks.append(("key-repeated", fit))
        built[fit] = value
    built.marks = marks
    return built


def _marks(value: object) -> tuple[Fault, ...]:
    """Find the marked objects, by a stack of our own: a document may nest deeply."""
    faults: list[Fault] = []
    stack: list[tuple[Place, object]] = [((), value)]
    while stack:
        place, item = stack.pop()
        if isinstance(item, _Marked):
            faults += [Fault(code, (*place, printable(key))) for code, key in item.marks]
        if isinstance(item, dict):
            stack += [((*place, printable(key)), child) for key, child in item.items()]
        elif isinstance(item, list):
            stack += [((*place, n), child) for n, child in enumerate(item)]
    return tuple(faults)

"""What is reported where a value of a document has another form than it should.

A value that is refused is never repeated: a fault holds a stable code, a place, and figures about
what would have been right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from scheduler.errors import Fault, Place

MAX_KEY = 40
"""Characters of an unknown key or heading that a fault repeats."""

_WORDS = re.compile("'([^']+)'")

_CODES = {
    "missing": "missing",
    "extra_forbidden": "unknown-key",
    "int_type": "not-whole-number",
    "string_type": "not-text",
    "string_unicode": "lone-surrogate",
    "bool_type": "not-true-or-false",
    "literal_error": "not-one-of",
    "list_type": "not-list",
    "dict_type": "not-object",
    "model_type": "not-object",
    "invalid_key": "unknown-key",
    "int_parsing": "not-whole-number",
    "int_parsing_size": "not-whole-number",
    "int_from_float": "not-whole-number",
    "bool_parsing": "not-true-or-false",
    "date_from_datetime_parsing": "not-date",
    "date_parsing": "not-date",
    "float_type": "not-number",
    "float_parsing": "not-number",
    "finite_number": "not-number",
    "string_pattern_mismatch": "pattern",
    "string_too_short": "empty",
    "string_too_long": "too-long",
    "greater_than": "more-than",
    "greater_than_equal": "at-least",
    "less_than_equal": "at-most",
    "too_short": "too-few",
    "too_long": "too-many",
    "enum": "not-one-of",
    "json_invalid": "not-json",
    "model_attributes_type": "not-object",
}
"""Our stable codes for the faults that pydantic names."""

_FIGURES = {
    "gt": "minimum",
    "ge": "minimum",
    "le": "maximum",
    "min_length": "minimum",
    "max_length": "maximum",
}
"""Our names for the figures that pydantic gives."""


def form_faults(error: ValidationError, at: Place = ()) -> Iterator[Fault]:
    """Translate what pydantic refuses into faults.

    Parameters
    ----------
    error
        What validating a form raised.
    at
        Where the validated value stands in its document.
    """
    items = error.errors(include_url=False, include_context=True, include_input=False)
    yield from faults_of(items, at)


def faults_of(items: Iterable[Mapping[str, Any]], at: Place = ()) -> Iterator[Fault]:
    """Translate pydantic's records of what it refuses into faults."""
    for item in items:
        place = (*at, *(_step(step) for step in item["loc"] if step != "[key]"))
        yield Fault(_CODES.get(item["type"], item["type"]), place, _figures(item))


def _figures(item: Mapping[str, Any]) -> Mapping[str, object]:
    given: Mapping[str, object] = item.get("ctx", {})
    if item["type"] in {"literal_error", "enum"}:
        return {"allowed": _WORDS.findall(str(given["expected"]))}
    if item["type"] not in _CODES:
        return given
    return {_FIGURES[name]: figure for name, figure in given.items() if name in _FIGURES}


def _step(step: str | int) -> str | int:
    return step if isinstance(step, int) else printable(step)


def printable(text: str) -> str:
    """Return a key or heading fit to be repeated: cut to `MAX_KEY`, nothing unprintable."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text[:MAX_KEY])

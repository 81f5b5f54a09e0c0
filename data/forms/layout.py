"""The sheets of a round: which there are, and what each of their columns holds.

Everything is derived from the JSON Schema of the forms, so a field, a range or a default stands in
one place only. A list within a record has a sheet of its own, whose first column names the record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache
from typing import Any

from scheduler.errors import Place

MAX_ROWS = 200_000
"""Most rows of a sheet, and so the greatest rank."""


class Kind(Enum):
    """What a cell holds."""

    TEXT = "text"
    WHOLE = "whole number"
    DATE = "date"
    TRUTH = "true or false"
    CHOICE = "one of a few words"
    SUM = "whole numbers with + between them"


class Shape(Enum):
    """How the rows of a sheet make records."""

    ONE = "one row, one record"
    LIST = "a record a row"
    OWNED = "a record a row, in the list of the record that the first column names"
    RANKED = "as OWNED, in the order of the ranks"
    KEYED = "a record a row, by the id in the first column"
    ORDER = "a rank a row; the rows of one municipality and unit make one record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column, and the field it holds.

    Attributes
    ----------
    name
        The heading.
    path
        Where the field stands within its record; empty for a column that says whose row it is.
    kind, many
        What a cell holds; with `many`, a list of it, comma-separated.
    required
        A cell must be filled.
    omittable
        The whole column may be left out, and is where nobody needs it.
    on_top
        The field stands in the document itself, not in the record.
    schema
        JSON Schema of the field or, with `many`, of an item.
    example
        A made-up value.
    """

    name: str
    path: tuple[str, ...]
    kind: Kind = Kind.TEXT
    many: bool = False
    required: bool = True
    omittable: bool = False
    on_top: bool = False
    schema: Mapping[str, Any]
    example: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet; `place` is where its records stand in the document."""

    name: str
    place: Place
    shape: Shape
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class _Nested:
    """A list or table within a record: its sheet, and what the first column is called."""

    sheet: str
    owner: str
    shape: Shape


_NESTED: Mapping[tuple[str, ...], _Nested] = {
    ("policy", "lead", "by_trust"): _Nested("lead_by_trust", "trust", Shape.KEYED),
    ("municipalities", "agreements"): _Nested("agreements", "municipality", Shape.OWNED),
    ("candidates", "unavailable"): _Nested("unavailable", "candidate", Shape.OWNED),
    ("candidates", "wishes"): _Nested("wishes", "candidate", Shape.RANKED),
}
_SELDOM = (("policy", "parts"), ("commitments", "months"))
"""Fields without which sheets were made before: their columns may be left out."""
_RANK = Column(
    name="rank",
    path=(),
    kind=Kind.WHOLE,
    schema={"type": "integer", "minimum": 1, "maximum": MAX_ROWS},
    example=1,
)


@cache
def _document() -> dict[str, Any]:
    from data.forms.schema import round_schema  # builds every form; a JSON document needs one

    return round_schema()


def _resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference, and take null away from what may be null."""
    if "$ref" in schema:
        return _resolved(_document()["$defs"][schema["$ref"].rpartition("/")[2]])
    for choice in schema.get("anyOf", ()):
        if choice.get("type") != "null":
            return _resolved(choice)
    return schema


def _kind(schema: Mapping[str, Any]) -> Kind:
    if "enum" in schema or "const" in schema:
        return Kind.CHOICE
    if schema.get("format") == "date":
        return Kind.DATE
    kinds = {"integer": Kind.WHOLE, "boolean": Kind.TRUTH, "array": Kind.SUM}
    return kinds.get(schema["type"], Kind.TEXT)


def _columns(record: Mapping[str, Any], at: Place, path: tuple[str, ...] = ()) -> Iterator[Column]:
    """Flatten a record's fields; lists and tables of records have sheets of their own."""
    for name, field in record["properties"].items():
        inner, where = _resolved(field), (*path, name)
        if (*at, *where) in _NESTED:
            continue
        if "properties" in inner:
            yield from _columns(inner, at, where)
        else:
            column = _column(where, field, required=name in record.get("required", ()))
            is_seldom = any((*at, *where)[: len(seldom)] == seldom for seldom in _SELDOM)
            yield replace(column, required=False, omittable=True) if is_seldom else column


def _column(path: tuple[str, ...], field: Mapping[str, Any], required: bool) -> Column:
    inner = _resolved(field)
    many = inner.get("type") == "array"
    single = _resolved(inner["items"]) if many else inner
    return Column(
        name="_".join(path),
        path=path,
        kind=_kind(single),
        many=many,
        required=required,
        schema=single,
        example=field["examples"][0],
    )


def _owned(place: tuple[str, ...], nested: _Nested) -> Sheet:
    """Lay out the sheet of a list within a record."""
    record: Mapping[str, Any] = _document()
    for step in place:
        record = _resolved(_resolved(record)["properties"][step])
        record = _resolved(record.get("items") or record.get("additionalProperties") or record)
    sample = {"trust": "unn", "municipality": "5601", "candidate": "c1"}[nested.owner]
    owner = Column(name=nested.owner, path=(), schema={"type": "string"}, example=sample)
    ranks = (_RANK,) if nested.shape is Shape.RANKED else ()
    columns = (owner, *ranks, *_columns(record, place))
    return Sheet(name=nested.sheet, place=place, shape=nested.shape, columns=columns)


def _ordered(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Lay an order out as a rank a row."""
    *whose, order = columns
    candidate = replace(order, name="candidate", many=False, example="c1")
    return (*whose, _RANK, candidate)


@cache
def sheets() -> Mapping[str, Sheet]:
    """Return every sheet by name, in the order in which people fill them in."""
    return {sheet.name: sheet for sheet in _sheets()}


def _sheets() -> Iterator[Sheet]:
    for name, field in _document()["properties"].items():
        inner = _resolved(field)
        if name == "format":
            continue
        shape = Shape.LIST if inner["type"] == "array" else Shape.ONE
        columns = tuple(_columns(_resolved(inner.get("items", inner)), (name,)))
        if name == "round":
            marker = _column(("format",), _document()["properties"]["format"], required=False)
            columns = (replace(marker, omittable=True, on_top=True), *columns)
        if name == "priorities":
            shape, columns = Shape.ORDER, _ordered(columns)
        yield Sheet(name=name, place=(name,), shape=shape, columns=columns)
        for place, nested in _NESTED.items():
            if place[0] == name:
                yield _owned(place, nested)

"""The forms that values of a document take.

Every field of `data.forms.rounds` and `data.forms.plans` is built from these types;
`data.forms.refusals` says what is reported where a value has another form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, cast, get_args
from unicodedata import is_normalized, normalize

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError, core_schema

MAX_TEXT = 10_000
"""Longest text, in characters: fits in one cell of a spreadsheet."""

CONTROLS = "[\\u0000-\\u001f\\u007f-\\u009f\\ufffe\\uffff]"
"""Characters that no text holds; a spreadsheet's XML cannot carry them all."""

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SHA256 = re.compile(r"sha256:[0-9a-f]{64}")
SURROGATE = re.compile("[\ud800-\udfff]")
"""Half a character: JSON can escape one, no encoding can carry it."""
_UNFIT = re.compile(CONTROLS)


class Form(BaseModel):
    """A record of a document: strict, with no key that is not named."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _refuse(code: str, **figures: object) -> PydanticCustomError:
    return PydanticCustomError(cast("Any", code), cast("Any", code), figures)


def _text(text: str) -> str:
    """Return the text in NFC; refuse control characters and what a cell cannot hold."""
    if SURROGATE.search(text):
        raise _refuse("lone-surrogate")
    if _UNFIT.search(text):
        raise _refuse("control-character")
    if len(text) > MAX_TEXT:
        raise _refuse("too-long", maximum=MAX_TEXT)
    return normalize("NFC", text)


def _filled(text: str) -> str:
    if not text:
        raise _refuse("empty")
    return text


def _composed(text: str) -> str:
    if not is_normalized("NFC", text):
        raise _refuse("not-nfc")
    return text


def _blank_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _date(value: object) -> date:
    if isinstance(value, str) and _ISO.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise _refuse("not-date")


def _hash(text: str) -> str:
    if not _SHA256.fullmatch(text):
        raise _refuse("not-hash")
    return text


def _distinct(items: list[Any]) -> list[Any]:
    told = {tuple(item) if isinstance(item, list) else item for item in items}
    if len(told) < len(items):
        raise _refuse("repeated")
    return items


def _figure(value: object) -> object:
    """Return a figure of a reason: a whole number, a text, null, or a list of texts."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return [_text(item) for item in value]
    raise _refuse("not-figure")


_PLAIN = {"type": "string", "maxLength": MAX_TEXT, "not": {"pattern": CONTROLS}}
_FILLED = _PLAIN | {"minLength": 1}

Ident = Annotated[
    str,
    AfterValidator(_filled),
    AfterValidator(_composed),
    AfterValidator(_text),
    WithJsonSchema(_FILLED),
]
"""An opaque id: not empty, NFC."""

Text = Annotated[str, AfterValidator(_filled), AfterValidator(_text), WithJsonSchema(_FILLED)]
"""A text that must say something; NFC after reading."""

Note = Annotated[
    Annotated[str, AfterValidator(_text), WithJsonSchema(_PLAIN)] | None,
    BeforeValidator(_blank_is_none),
]
"""A text for people, NFC after reading; a blank one means none."""

Day = Annotated[
    date,
    PlainValidator(_date),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}),
]
"""A calendar date, written YYYY-MM-DD."""

Hash = Annotated[
    str,
    AfterValidator(_hash),
    WithJsonSchema({"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}),
]
"""The hash of a document's canonical form."""

Figure = Annotated[
    Any,
    PlainValidator(_figure),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": ["integer", "null"]},
                _PLAIN,
                {"type": "array", "items": _PLAIN},
            ]
        }
    ),
]
"""A figure that a sentence needs: a whole number, a text, null, or a list of texts."""

Distinct = (AfterValidator(_distinct), Field(json_schema_extra={"uniqueItems": True}))
"""What makes a list one without repeats."""


@dataclass(frozen=True)
class Whole:
    """Makes an ``int`` a whole number from `minimum` to `maximum`, both included."""

    minimum: int
    maximum: int

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self._within, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}

    def _within(self, value: int) -> int:
        if not self.minimum <= value <= self.maximum:
            raise _refuse("out-of-range", minimum=self.minimum, maximum=self.maximum)
        return value


@dataclass(frozen=True)
class OneOf:
    """Makes a ``str`` one of `names`."""

    names: tuple[str, ...]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(self._known, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.names)}

    def _known(self, value: object) -> object:
        if value not in self.names:
            raise _refuse("not-one-of", allowed=list(self.names))
        return value


def described(description: str, example: object, **more: Any) -> Any:
    """Return a field with what it means, in units, and an example; people in it are made up."""
    return Field(description=description, examples=[example], **more)


def inner_form(annotation: object) -> type[Form] | None:
    """Return the form that a field's type is, or is a list or table of; None where it is none."""
    if isinstance(annotation, type) and issubclass(annotation, Form):
        return annotation
    return next(filter(None, map(inner_form, get_args(annotation))), None)

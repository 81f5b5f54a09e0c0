"""Values that only the service takes: instants, numbers of the public registers, role addresses."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, cast

from fastapi import Path
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError
from stdnum.no import orgnr

from data.forms.fields import Text

_MUNICIPALITY = re.compile(r"[0-9]{4}([0-9]{2})?")
_E_MAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII
)

_LETTERS = "0-9a-zàáâåäæçčđèéêëíïñŋóòôöøšŧúüž"
"""What an id that people give is made of: the small letters of Norwegian, Sámi and Kven names."""

SLUG_PATTERN = rf"^[{_LETTERS}][{_LETTERS}-]{{0,63}}$"
ORGANISATION_PATTERN = r"^[0-9]{9}$"
MUNICIPALITY_PATTERN = r"^([0-9]{4}|[0-9]{6})$"
HANDLE_PATTERN = r"^[0-9a-f]{32}$"


_FIRST_YEAR, _LAST_YEAR = 1900, 9000
"""Instants that every calendar, zone and database can count with."""


class Answer(BaseModel):
    """Something the service answers with."""

    model_config = ConfigDict(frozen=True)


def _refuse(code: str) -> PydanticCustomError:
    return PydanticCustomError(cast("Any", code), cast("Any", code), {})


def _slug(text: str) -> str:
    if not re.fullmatch(SLUG_PATTERN, text) or text.endswith("\n"):
        raise _refuse("not-slug")
    return text


def _organisation(text: str) -> str:
    if len(text) != 9 or not orgnr.is_valid(text):
        raise _refuse("not-organisation-number")
    return text


def _municipality(text: str) -> str:
    if not _MUNICIPALITY.fullmatch(text):
        raise _refuse("not-municipality-number")
    return text


def _e_mail(text: str) -> str:
    if not _E_MAIL.fullmatch(text):
        raise _refuse("not-e-mail")
    return text


def _written(text: str) -> str:
    if not text.strip():
        raise _refuse("missing")
    return text


def _instant(value: object) -> datetime:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        try:
            instant = datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            raise _refuse("not-instant") from None
        if _FIRST_YEAR <= instant.year <= _LAST_YEAR:
            return instant
    raise _refuse("not-instant")


def written_instant(moment: datetime) -> str:
    """Return an instant in UTC as it is sent: ``2026-12-01T23:00:00Z``."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


Slug = Annotated[
    str, AfterValidator(_slug), WithJsonSchema({"type": "string", "pattern": SLUG_PATTERN})
]
"""An id that people give: small letters, digits, hyphens."""

OrganisationNumber = Annotated[
    str,
    AfterValidator(_organisation),
    WithJsonSchema({"type": "string", "pattern": ORGANISATION_PATTERN}),
]
"""An organisation number of nine digits whose check digit is right."""

MunicipalityNumber = Annotated[
    str,
    AfterValidator(_municipality),
    WithJsonSchema({"type": "string", "pattern": MUNICIPALITY_PATTERN}),
]
"""A municipality number, or that of a city district."""

RoleAddress = Annotated[Text, AfterValidator(_e_mail)]
"""An e-mail address of a role, never of a person."""

WRITTEN_TO = "Language of notices: bokmål, nynorsk, Northern Sámi or English."

Reason = Annotated[Text, AfterValidator(_written)]
"""Why something is done, in writing: blanks say nothing."""

Instant = Annotated[
    datetime,
    PlainValidator(_instant),
    PlainSerializer(written_instant, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A point in time, given with its offset from UTC and answered in UTC."""

SlugInPath = Annotated[str, Path(pattern=SLUG_PATTERN)]
OrganisationInPath = Annotated[str, Path(pattern=ORGANISATION_PATTERN)]
MunicipalityInPath = Annotated[str, Path(pattern=MUNICIPALITY_PATTERN)]
Handle = Annotated[str, Path(pattern=HANDLE_PATTERN)]
"""An unguessable id that the service made, in an address."""

"""Bodies that are read before they are held against their form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from data.forms.fields import Form


@dataclass(frozen=True)
class Unchecked:
    """Lets any value of JSON pass, described as `form`.

    Its reader reports faults of form and of relation together, which cannot wait for each other.
    """

    form: type[Form]

    def __get_pydantic_core_schema__(
        self, _source: Any, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.any_schema()

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return handler(self.form.__pydantic_core_schema__)

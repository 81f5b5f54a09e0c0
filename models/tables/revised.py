"""Rows that count their changes, so that nobody overwrites what they have not read."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import declared_attr
from sqlmodel import Field, SQLModel


class Revised(SQLModel):
    """A row with a `revision`: 1 when it is made, one more with each change; it is its ETag.

    A change of a row that somebody else has changed since it was read raises ``StaleDataError``.
    The column is named here once and not in each class: pydantic copies what it finds there
    whenever a row is made.
    """

    revision: int = Field(default=None)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - a property of the class
        return {"version_id_col": cls.__table__.c.revision}  # type: ignore[attr-defined]

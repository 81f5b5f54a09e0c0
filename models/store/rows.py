"""One row, made or changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel

Row = TypeVar("Row", bound=SQLModel)


def saved(session: Session, row: Row | None, table: type[Row], values: Mapping[str, Any]) -> Row:
    """Return the row with these values: `row` changed, or a new one of `table` where it is None.

    It has been sent to the database, so its revision is the new one; equal values change nothing.
    """
    if row is None:
        row = table(**values)
        session.add(row)
    else:
        for name, value in values.items():
            setattr(row, name, value)
    session.flush()
    return row

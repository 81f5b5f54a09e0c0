"""Everything that a database holds, to be compared with what it held before."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from models.database import Database
from models.tables import METADATA

Dump = dict[str, list[tuple[Any, ...]]]


def dump(database: Database) -> Dump:
    """Return the rows of every table of ours, sorted."""
    with database.engine.connect() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in METADATA.sorted_tables
        }

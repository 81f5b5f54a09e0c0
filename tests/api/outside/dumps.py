"""Everything that a database holds, to be compared with what it held before."""

from __future__ import annotations

from typing import Any

from sqlalchemy import MetaData, inspect, select

from models.database import Database
from models.tables import METADATA

Dump = dict[str, list[tuple[Any, ...]]]


def every_table(database: Database) -> MetaData:
    """Return the tables that a database has: ours, and the queue's where it has any."""
    found = MetaData()
    with database.engine.connect() as connection:
        found.reflect(connection)
        if "dbos" in inspect(connection).get_schema_names():
            found.reflect(connection, "dbos")
    return found


def dump(database: Database, tables: MetaData = METADATA, *, audit: bool = True) -> Dump:
    """Return the rows of every table, sorted; without the `audit`, which grows with readings."""
    with database.engine.connect() as connection:
        return {
            table.fullname: sorted(
                (tuple(row) for row in connection.execute(select(table))), key=repr
            )
            for table in tables.tables.values()
            if audit or table.name != "audit"
        }

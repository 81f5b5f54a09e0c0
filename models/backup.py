"""Every row kept in one file, and put back into an empty database, of the other kind as well.

The tables are taken as the database has them, not as this version would make them: what an older
version kept is put back as it was, and then brought to this version.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Date,
    DateTime,
    MetaData,
    Table,
    TableClause,
    insert,
    inspect,
    literal,
    select,
)
from sqlalchemy.exc import OperationalError, StatementError
from sqlmodel import Session
from sqlmodel.sql.sqltypes import UTCDateTime

from models import archive, migrate
from models.archive import Archive, Damaged, Manifest
from models.database import Database, UnknownRevision, by_code_point, embedded_url
from models.scope import EVERYTHING
from models.tables import METADATA

LEFT_OUT = frozenset({"workers", "restored_notices", "sessions", "sign_in_links"})
"""Who is at work or signed in, and what an earlier restore holds back: no more so later."""

_AT_ONCE = 100
"""Rows in memory at a time: a document of a region has a megabyte or more."""

Row = dict[str, Any]


class NewerBackup(Exception):
    """The backup is of a revision that this version does not know: use the newer version."""


class NotEmpty(Exception):
    """The database holds rows, or is of another revision than the backup: it is left alone."""


class NothingToKeep(Exception):
    """The database has no tables."""


def back_up(database: Database, file: BinaryIO, now: datetime) -> Manifest:
    """Write every row into a file, as of one moment, whoever writes meanwhile.

    Raises
    ------
    UnknownRevision
        The database is newer than this version.
    NothingToKeep
        It has no tables yet.
    """
    with standing_still(database) as still, still.reader.connect() as connection:
        revision = migrate.revision_seen(connection)
        if revision is None:
            raise NothingToKeep
        migrate.expect_known(revision)
        tables = _tables(connection)
        rows = ((table.name, _lines(connection, table)) for table in tables)
        return archive.write(file, revision, now, rows)


@contextmanager
def standing_still(database: Database) -> Iterator[Database]:
    """Yield a database that can be read for long: of a file a copy, since readers keep writers out.

    The copy lies beside the file, for its owner's eyes only, and goes with the block.
    """
    if not database.embedded:
        yield database
        return
    file = Path(str(database.engine.url.database))
    with (
        TemporaryDirectory(prefix=".rotations-", dir=file.parent) as folder,
        closing(Database(embedded_url(Path(folder)), connections=1)) as copy,
    ):
        with database.engine.connect() as source, copy.engine.connect() as target:
            _driver(source).backup(_driver(target))
        yield copy


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def restore(
    database: Database,
    source: Archive,
    *,
    prepare: Callable[[], None] = lambda: None,
    then: Callable[[Session], None] = lambda _: None,
) -> None:
    """Put every row back, or none, and bring the database to this version.

    Parameters
    ----------
    database
        One without tables, or an empty one at the backup's revision.
    prepare
        Called when the tables are there, before the rows.
    then
        Called when the rows are there, in the same transaction.

    Raises
    ------
    NewerBackup
        This version does not know the backup's revision.
    NotEmpty
        The database is left as it is.
    Damaged
        The rows do not fit the tables, or each other.
    """
    revision = source.manifest.revision
    try:
        migrate.expect_known(revision)
    except UnknownRevision:
        raise NewerBackup from None
    with database.reader.connect() as connection:
        _expect_room(connection, revision)
    migrate.upgrade(database, revision)
    prepare()
    with database.writing(EVERYTHING, revision) as session:
        _fill(session.connection(), source)
        then(session)
    migrate.upgrade(database)


def _expect_room(connection: Connection, revision: str) -> None:
    if migrate.revision_seen(connection) not in (None, revision):
        raise NotEmpty
    for name in _names(connection):
        if connection.execute(select(literal(1)).select_from(TableClause(name)).limit(1)).first():
            raise NotEmpty


def _fill(connection: Connection, source: Archive) -> None:
    _expect_room(connection, source.manifest.revision)
    tables = _tables(connection)
    if [table.name for table in tables] != [part.name for part in source.manifest.tables]:
        raise Damaged("its tables are not those of its revision")
    with archive.sound():
        try:
            for table in tables:
                _insert(connection, table, source.lines(table.name))
        except OperationalError:
            raise
        except StatementError:
            raise Damaged("its rows do not fit the tables") from None
    for table, part in zip(tables, source.manifest.tables, strict=True):
        if archive.summed(table.name, _lines(connection, table)) != part:
            raise Damaged("its rows are not kept as they stand there")


def _tables(connection: Connection) -> list[Table]:
    """Return our tables as they are in the database, those first that others refer to."""
    found = MetaData()
    found.reflect(connection, only=_names(connection))
    for column in (column for each in found.tables.values() for column in each.columns):
        if isinstance(column.type, JSON):
            column.type = JSON(none_as_null=True)
        elif isinstance(column.type, DateTime):
            column.type = UTCDateTime()
    return found.sorted_tables


def _names(connection: Connection) -> list[str]:
    there = set(inspect(connection).get_table_names())
    return sorted(there & METADATA.tables.keys() - LEFT_OUT)


def _lines(connection: Connection, table: Table) -> Iterator[bytes]:
    """Yield the rows of a table by their key: by code point, however the database sorts."""
    embedded = connection.dialect.name == "sqlite"
    order = [by_code_point(column, embedded=embedded) for column in table.primary_key]
    asked = select(table).order_by(*order).execution_options(yield_per=_AT_ONCE)
    for row in connection.execute(asked).mappings():
        yield archive.line_of(dict(row))


def _insert(connection: Connection, table: Table, lines: Iterable[bytes]) -> None:
    rows = (_row(table, line) for line in lines)
    for wave in _waves(table, rows):
        while part := list(islice(wave, _AT_ONCE)):
            connection.execute(insert(table), part)


def _row(table: Table, line: bytes) -> Row:
    row: Row = json.loads(line)
    if row.keys() != set(table.columns.keys()):
        raise Damaged("a row has other columns")
    return {name: _value(table.columns[name], value) for name, value in row.items()}


def _value(column: Column[Any], value: Any) -> Any:
    """Return a value as the column takes it; SQLite would take any."""
    if value is None or isinstance(column.type, JSON):
        return value
    if isinstance(column.type, UTCDateTime):
        return datetime.fromisoformat(value)
    if isinstance(column.type, Date):
        return date.fromisoformat(value)
    if not isinstance(value, column.type.python_type):
        raise Damaged("a value is of another kind")
    return value


def _waves(table: Table, rows: Iterator[Row]) -> Iterator[Iterator[Row]]:
    """Yield the rows of a table by and by: first those that others of it refer to."""
    own = [key.parent.name for key in table.foreign_keys if key.column.table is table]
    if not own:
        yield rows
        return
    (id_,) = table.primary_key.columns.keys()
    placed, left = {None}, list(rows)
    while left:
        ready = [row for row in left if {row[name] for name in own} <= placed]
        if not ready:
            raise Damaged("rows refer to each other in a circle")
        yield iter(ready)
        placed |= {row[id_] for row in ready}
        left = [row for row in left if row[id_] not in placed]

"""Brings a database to the tables of this version, and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select

from models.database import MIGRATING, Database, UnknownRevision
from models.tables import REVISION

WAIT_SECONDS = 600
"""How long a migration waits on SQLite for another process, that may be migrating too."""


def upgrade(database: Database, revision: str = REVISION) -> None:
    """Bring a database to a revision, by default the newest; many processes may do so at once.

    Raises
    ------
    UnknownRevision
        The database is newer than this version; it is left as it is.
    """
    if current(database) != revision:
        with _alone(database) as connection:
            command.upgrade(_config(connection), revision)


def downgrade(database: Database, revision: str) -> None:
    """Take a database back to a revision, or to nothing with ``base``; rows may be lost.

    Raises
    ------
    CommandError
        A revision in between knows no room for rows that nobody may lose; the database is left as
        it is.
    UnknownRevision
        The database is newer than this version; it is left as it is.
    """
    with _alone(database) as connection:
        command.downgrade(_config(connection), revision)


def is_current(database: Database) -> bool:
    """Tell whether a database is at the newest revision."""
    return current(database) == REVISION


def current(database: Database) -> str | None:
    """Return the revision that a database is at; None = it is empty."""
    with database.reader.connect() as connection:
        return revision_seen(connection)


def revision_seen(connection: Connection) -> str | None:
    """Return the revision that a transaction sees its database at; None = it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "models:migrations")
    return config


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    """Open a transaction beside which nobody else migrates; all of it holds, or nothing."""
    with database.writer.connect() as connection:
        if database.embedded:
            _let_tables_be_made_anew(connection)
        with connection.begin():
            if not database.embedded:
                connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
                connection.execute(select(func.pg_advisory_xact_lock(MIGRATING)))
            expect_known(revision_seen(connection))
            yield connection
            if database.embedded and connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                raise AssertionError("a migration left rows that refer to nothing")


def _let_tables_be_made_anew(connection: Connection) -> None:
    """SQLite alters a table by making another: meanwhile rows may refer to nothing."""
    driver: Any = connection.connection.driver_connection
    connection.detach()
    driver.execute("PRAGMA foreign_keys=OFF")
    driver.execute(f"PRAGMA busy_timeout={WAIT_SECONDS * 1000}")


def expect_known(revision: str | None) -> None:
    """Make sure that a revision is one of this version, or one before.

    Raises
    ------
    UnknownRevision
        It is not: the database is newer.
    """
    scripts = ScriptDirectory.from_config(_config())
    known = {None, *(each.revision for each in scripts.walk_revisions())}
    if revision not in known:
        raise UnknownRevision(f"the database is at revision {revision}, unknown to this version")

"""A database that fails when it is told to: the n-th statement, its connection, or the commit."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import Connection, event

from models.database import Database

NONSENSE = "SELECT planted FROM nowhere"
"""A statement that any database refuses."""

HANGING_UP = "SELECT pg_terminate_backend(pg_backend_pid())"
"""What ends the connection that it is sent on."""

PATIENCE_MILLISECONDS = 20
"""How long a commit waits for somebody in its way: nobody here will ever leave by themselves."""


@dataclass
class Fault:
    """What is to happen at the n-th occasion, and whether it has."""

    n: int
    counted: int = 0
    happened: bool = False

    def is_due(self) -> bool:
        """Count one more, and tell whether this is the one."""
        self.counted += 1
        self.happened |= self.counted == self.n
        return self.counted == self.n


@contextmanager
def failing_statement(database: Database, n: int, instead: str) -> Iterator[Fault]:
    """Let another statement be sent in place of the n-th, counted from 1."""
    fault = Fault(n)

    def replaced(
        _c: object, _cursor: object, sent: str, values: Any, *_: object
    ) -> tuple[str, Any]:
        if sent.startswith("PRAGMA") or not fault.is_due():
            return sent, values
        return instead, ()

    event.listen(database.engine, "before_cursor_execute", replaced, retval=True)
    yield fault
    event.remove(database.engine, "before_cursor_execute", replaced)


@contextmanager
def failing_commit(database: Database, n: int) -> Iterator[Fault]:
    """Let the n-th commit of a change fail: somebody reads, or the server hangs up."""
    fault = Fault(n)
    with closing(_obstacle(database)) as obstacle:

        def hinder(connection: Connection) -> None:
            if "rotations_reading" not in connection.get_execution_options() and fault.is_due():
                obstacle.hinder(connection)

        event.listen(database.writer, "commit", hinder)
        yield fault
        event.remove(database.writer, "commit", hinder)


def _obstacle(database: Database) -> Reader | Killer:
    return Reader(database) if database.embedded else Killer(database)


class Reader:
    """Reads an embedded database for so long that nobody can commit."""

    def __init__(self, database: Database) -> None:
        file = str(database.engine.url.database)
        self._own = sqlite3.connect(file, isolation_level=None, check_same_thread=False)

    def hinder(self, connection: Connection) -> None:
        """Begin to read."""
        connection.connection.cursor().execute(f"PRAGMA busy_timeout={PATIENCE_MILLISECONDS}")
        self._own.execute("BEGIN")
        self._own.execute("SELECT count(*) FROM grants").fetchone()

    def close(self) -> None:
        """Leave."""
        self._own.close()


class Killer:
    """Ends connections to a server from another one."""

    def __init__(self, database: Database) -> None:
        url = database.engine.url.set(drivername="postgresql")
        self._own = psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)

    def hinder(self, connection: Connection) -> None:
        """End a connection, and wait until it has ended."""
        own: Any = connection.connection.dbapi_connection
        pid = own.info.backend_pid
        self._own.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))

    def close(self) -> None:
        """Leave."""
        self._own.close()

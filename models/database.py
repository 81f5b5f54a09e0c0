"""One way to open a database, SQLite or PostgreSQL, and to read and write in it.

SQLite runs with a rollback journal, full synchronisation and foreign keys: its write-ahead log can
corrupt a database before 3.51.3 (sqlite.org/wal.html). Writers begin IMMEDIATE, because a deferred
transaction that turns to writing fails at once, or loses an update.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlmodel import Session

from models.scope import Scope, confine

BUSY_SECONDS = 15
"""How long a writer waits for another one on SQLite, or a request for a connection."""

WRITING = "rotations_writing"
"""Execution option of the engine whose transactions are going to write."""


class Database:
    """An open database.

    Parameters
    ----------
    url
        ``sqlite:///…`` or ``postgresql+psycopg://…``.
    connections
        Most connections at a time; at least the number of threads that use the database.
    """

    def __init__(self, url: str, connections: int = 48) -> None:
        self.url = url
        self.engine = open_engine(url, connections)
        self.writer = self.engine.execution_options(**{WRITING: True})

    @property
    def embedded(self) -> bool:
        """Tell whether this is a file of our own, and no server."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self, scope: Scope) -> Iterator[Session]:
        """Open a session that sees the rows in `scope`, and changes none."""
        with Session(self.engine, autoflush=False) as session:
            confine(session, scope)
            yield session

    @contextmanager
    def writing(self, scope: Scope) -> Iterator[Session]:
        """Open a session that sees the rows in `scope`; commit at the end, or leave no trace."""
        with Session(self.writer) as session:
            confine(session, scope)
            yield session
            session.commit()

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def open_engine(url: str, connections: int = 48) -> Engine:
    """Return an engine whose transactions are safe on either database."""
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(
            url,
            pool_size=connections,
            max_overflow=0,
            pool_timeout=BUSY_SECONDS,
            pool_pre_ping=True,
        )
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def embedded_url(folder: Path) -> str:
    """Return the address of the database file in a data folder."""
    return f"sqlite:///{folder / 'rotations.sqlite'}"


def _prepare(connection: Any, _record: object) -> None:
    """Take transactions out of the driver's hands, and make a commit mean what it says."""
    connection.isolation_level = None
    for pragma in ("foreign_keys=ON", "journal_mode=DELETE", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get(WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

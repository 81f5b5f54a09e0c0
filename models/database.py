"""One way to open a database, SQLite or PostgreSQL, and to read and write in it.

SQLite runs with a rollback journal, full synchronisation and foreign keys: its write-ahead log can
corrupt a database before 3.51.3 (sqlite.org/wal.html). Writers begin IMMEDIATE, because a deferred
transaction that turns to writing fails at once, or loses an update.

On either database a reader sees one moment and can change nothing, somebody in the way is waited
for at most `BUSY_SECONDS`, and no error repeats what a row held.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Engine,
    Integer,
    LargeBinary,
    String,
    Text,
    case,
    cast,
    create_engine,
    event,
    func,
    inspect,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session

from models.scope import Scope, confine
from models.tables import REVISION

BUSY_SECONDS = 15
"""How long a writer waits for another one, or a request for a connection."""

READING = "rotations_reading"
"""Execution option of the engine whose transactions must change nothing."""

WRITING = "rotations_writing"
"""Execution option of the engine whose transactions are going to write."""

_POOL = "rotations_pool"
"""Where a connection keeps which pool it is of."""

_FILE = {"timeout": BUSY_SECONDS, "check_same_thread": False}

_SERVER = {"connect_timeout": BUSY_SECONDS, "options": f"-c lock_timeout={BUSY_SECONDS}s"}


MIGRATING = 7_685_820_671
"""Number of PostgreSQL's advisory lock that a migration holds alone, and writers share."""


class UnknownRevision(Exception):
    """The tables are of a revision that this version does not write: run the one that does."""


class UnsafeJournal(Exception):
    """SQLite keeps another journal than the one asked for: somebody else has the file open."""


class Database:
    """An open database; a missing SQLite file is made, for its owner's eyes only.

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
        if self.embedded:
            self.reader = self.engine.execution_options(**{READING: True})
            _make_private(Path(str(self.engine.url.database)))
        else:
            self.reader = self.engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )

    @property
    def embedded(self) -> bool:
        """Tell whether this is a file of our own, and no server."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self, scope: Scope) -> Iterator[Session]:
        """Open a session that sees the rows in `scope` as of one moment, and changes none.

        Keep it short: on SQLite nobody can commit while it has read and is still open.
        """
        with Session(self.reader, autoflush=False) as session:
            confine(session, scope)
            yield session

    @contextmanager
    def writing(self, scope: Scope, revision: str = REVISION) -> Iterator[Session]:
        """Open a session that sees the rows in `scope`; commit at the end, or leave no trace.

        Rows can still be read, but not changed, when the session is over.

        Raises
        ------
        UnknownRevision
            The tables are not of `revision`: somebody has brought them to another one meanwhile.
        """
        with Session(self.writer, expire_on_commit=False) as session:
            _expect_revision(session, revision)
            confine(session, scope)
            yield session
            session.commit()

    def close(self) -> None:
        """Close every connection; one that is in use, as soon as it is given back."""
        self.engine.dispose()


def open_engine(url: str, connections: int = 48) -> Engine:
    """Return an engine whose transactions are safe on either database."""
    embedded = make_url(url).get_backend_name() == "sqlite"
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
        pool_pre_ping=not embedded,
        connect_args=_FILE if embedded else _SERVER,
        hide_parameters=True,
        query_cache_size=1_000,  # a query is compiled for every kind of scope
    )
    if embedded:
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        event.listen(engine, "checkin", _end)
    else:
        event.listen(engine, "handle_error", _forget_values)
    _close_stragglers(engine)
    return engine


def _close_stragglers(engine: Engine) -> None:
    """Let no connection that comes back late wait in a pool that was given up meanwhile."""

    def note(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info[_POOL] = engine.pool

    def close(_connection: object, record: ConnectionPoolEntry) -> None:
        if record.info.get(_POOL) is not engine.pool:
            record.invalidate()

    event.listen(engine, "connect", note)
    event.listen(engine, "checkin", close)


def embedded_url(folder: Path) -> str:
    """Return the address of the database file in a data folder."""
    return URL.create("sqlite", database=str(folder / "rotations.sqlite")).render_as_string()


def _make_private(file: Path) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        file.touch(mode=0o600, exist_ok=False)


def _prepare(connection: Any, _record: object) -> None:
    """Take transactions out of the driver's hands, and make a commit mean what it says."""
    connection.isolation_level = None
    for pragma in ("foreign_keys=ON", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")
    (journal,) = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    if journal != "delete":
        raise UnsafeJournal(journal)


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    mode = "ON" if options.get(READING) else "OFF"
    if connection.info.get(READING) != mode:  # any pragma makes SQLite parse every statement anew
        connection.exec_driver_sql(f"PRAGMA query_only={mode}")
        connection.info[READING] = mode
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(WRITING) else "BEGIN")


def _end(connection: Any, _record: object) -> None:
    """Undo what a commit that failed has left open: it would keep every other writer out."""
    if connection is not None and connection.in_transaction:
        connection.rollback()


def _forget_values(context: ExceptionContext) -> None:
    """Leave what went wrong and where: PostgreSQL quotes the row, or the value, besides."""
    error: Any = context.original_exception
    state = getattr(error, "sqlstate", None)
    if state is None or context.sqlalchemy_exception is None:
        return
    about_a_value = state.startswith("22")
    told = state if about_a_value else f"{state}: {error.diag.message_primary}"
    error.args = (told,)
    context.sqlalchemy_exception.args = (f"({type(error).__name__}) {told}",)


def _expect_revision(session: Session, revision: str) -> None:
    """Make sure that tables are of a revision, and stay so until the transaction ends."""
    connection = session.connection()
    if not is_embedded(session):  # there, whoever writes is alone
        connection.execute(select(func.pg_advisory_xact_lock_shared(MIGRATING)))
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if found != revision:
        raise UnknownRevision(f"the database is at revision {found}, and not {revision}")


def as_kept(session: Session, column: Any) -> ColumnElement[bytes]:
    """Return what selects the letters that a database keeps in a column, whatever they mean.

    Instants are told as SQLite keeps them: ``2026-12-01 23:00:00.000000``, in UTC. What it keeps
    as another kind than the column's is told as no letters: nobody who looks for it will find it.
    """
    if is_embedded(session):
        kind = "integer" if isinstance(column.type, Integer) else "text"
        is_its_kind = func.typeof(column).in_((kind, "null"))
        letters = cast(type_coerce(column, String), LargeBinary)
        return case((is_its_kind, letters), else_=literal(b"", LargeBinary))
    if isinstance(getattr(column.type, "impl_instance", column.type), DateTime):
        utc = func.timezone("UTC", column)
        return func.convert_to(func.to_char(utc, "YYYY-MM-DD HH24:MI:SS.US"), "UTF8")
    return func.convert_to(cast(column, Text), "UTF8")


def by_code_point(column: Any, *, embedded: bool) -> Any:
    """Return a column as files sort it: a server may put ``aa`` after ``z``, as Norwegian does."""
    as_it_is = embedded or not isinstance(column.type, String)
    return column if as_it_is else column.collate("C")


class Changes:
    """Whether a session's transaction has changed anything, apart from tables that are left out.

    A statement that meets no row changes nothing, unless it was to return what it met: then
    nobody can tell yet.
    """

    def __init__(self, session: Session, without: str) -> None:
        self._without = without
        self.any = False
        event.listen(session.connection(), "after_cursor_execute", self._heard)

    def _heard(self, _connection: object, cursor: Any, *rest: Any) -> None:
        context = rest[-2]
        if not (context.isinsert or context.isupdate or context.isdelete):
            return
        uncounted = context.isinsert or context.compiled.effective_returning
        table = context.compiled.compile_state.dml_table.name
        self.any |= table != self._without and bool(uncounted or cursor.rowcount)


def is_embedded(session: Session) -> bool:
    """Tell whether a session is of a file of our own, and of no server."""
    return session.get_bind().dialect.name == "sqlite"


def has_table(session: Session, name: str) -> bool:
    """Tell whether a database has a table: an older revision may lack it."""
    return inspect(session.connection()).has_table(name)


def take_lock(session: Session, number: int) -> None:
    """Wait until nobody else holds a lock, and hold it until the transaction ends.

    On SQLite whoever writes is alone anyway.
    """
    if not is_embedded(session):
        session.connection().execute(select(func.pg_advisory_xact_lock(number)))

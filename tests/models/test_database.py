"""Reading and writing on both databases: whole or not at all, one moment, no lost update."""

from __future__ import annotations

import sqlite3
import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, inspect, text, update
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import SQLModel, col, select

from models import database as module
from models.database import (
    MIGRATING,
    Database,
    UnknownRevision,
    UnsafeJournal,
    embedded_url,
)
from models.migrate import upgrade
from models.scope import EVERYTHING
from models.tables import Organisation, Site, Transition, Worker
from tests.databases import Server
from tests.models.made_up_rows import NOW, every_row, fill, trust

CANARY = "Kari Nordmann"


@pytest.fixture
def filled(database: Database) -> Database:
    fill(database)
    return database


@pytest.fixture
def served(postgresql_databases: Server) -> Iterator[Database]:
    """A filled database on PostgreSQL, for what SQLite has not."""
    opened = Database(postgresql_databases.migrated())
    fill(opened)
    yield opened
    opened.close()
    postgresql_databases.drop(opened.url)


@pytest.fixture
def impatient(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database of two connections, where nobody waits long."""
    monkeypatch.setattr(module, "BUSY_SECONDS", 0.2)
    monkeypatch.setattr(module, "_FILE", {"timeout": 0.2, "check_same_thread": False})
    monkeypatch.setattr(module, "_SERVER", {"options": "-c lock_timeout=200ms"})
    opened = Database(database_url, connections=2)
    fill(opened)
    yield opened
    opened.close()


def test_rows_come_back_as_they_were(filled: Database) -> None:
    kept = {type(row): row for row in every_row()}
    with filled.reading(EVERYTHING) as session:
        for table, row in kept.items():
            same = session.get(table, _identity(row))
            assert same is not None
            said = same.model_dump(exclude={"revision"})
            assert said == row.model_dump(exclude={"revision"})


def test_a_block_that_fails_leaves_no_trace(filled: Database) -> None:
    def begin_and_fail() -> None:
        with filled.writing(EVERYTHING) as session:
            session.add(Worker(id="new", started_at=NOW, seen_at=NOW))
            session.flush()
            session.exec(update(Organisation).values(name="changed"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        begin_and_fail()
    with filled.reading(EVERYTHING) as session:
        assert session.get(Worker, "new") is None
        assert "changed" not in session.exec(select(Organisation.name)).all()


def test_what_was_written_can_be_read_when_the_session_is_over(filled: Database) -> None:
    with filled.writing(EVERYTHING) as session:
        site = session.get(Site, "site1")
        assert site is not None
        site.name = "New name"
        worker = Worker(id="new", started_at=NOW, seen_at=NOW)
        session.add(worker)
    assert (site.name, site.revision, worker.id) == ("New name", 2, "new")


def test_a_reader_changes_nothing(filled: Database) -> None:
    with filled.reading(EVERYTHING) as session:
        session.add(Worker(id="new", started_at=NOW, seen_at=NOW))
        with pytest.raises(DBAPIError):
            session.commit()
    with pytest.raises(DBAPIError), filled.reading(EVERYTHING) as session:
        session.exec(update(Organisation).values(name="changed"))
    with filled.writing(EVERYTHING) as session:
        assert session.get(Worker, "new") is None
        session.add(Worker(id="new", started_at=NOW, seen_at=NOW))


def test_a_reader_sees_one_moment(filled: Database) -> None:
    def rename() -> None:
        with filled.writing(EVERYTHING) as session:
            session.exec(update(Organisation).values(name="changed"))

    names = select(Organisation.name).order_by(Organisation.number)
    writer = threading.Thread(target=rename)
    with filled.reading(EVERYTHING) as session:
        before = session.exec(names).all()
        writer.start()
        writer.join(0.3)  # on SQLite it waits for the reader
        assert session.exec(names).all() == before
    writer.join()
    with filled.reading(EVERYTHING) as session:
        assert set(session.exec(names).all()) == {"changed"}


def test_a_change_of_what_has_changed_since_is_refused(filled: Database) -> None:
    with filled.reading(EVERYTHING) as session:
        seen = session.get(Site, "site1")
        assert seen is not None
    with filled.writing(EVERYTHING) as session:
        site = session.get(Site, "site1")
        assert site is not None
        site.name = "First"
    seen.name = "Second"
    with pytest.raises(StaleDataError), filled.writing(EVERYTHING) as session:
        session.add(seen)
    with filled.reading(EVERYTHING) as session:
        site = session.get(Site, "site1")
        assert site is not None
        assert (site.name, site.revision) == ("First", 2)


def test_no_update_is_lost_among_threads(filled: Database) -> None:
    def add_one() -> int:
        for tries in range(1, 200):
            try:
                with filled.writing(EVERYTHING) as session:
                    site = session.get(Site, "site1")
                    assert site is not None
                    site.name = str(int(site.name) + 1)
            except StaleDataError:
                continue
            return tries
        raise AssertionError("never got through")

    with filled.writing(EVERYTHING) as session:
        session.exec(update(Site).values(name="0"))
    with ThreadPoolExecutor(8) as pool:
        tries = [each.result() for each in [pool.submit(add_one) for _ in range(40)]]
    with filled.reading(EVERYTHING) as session:
        assert session.get_one(Site, "site1").name == "40"
    if filled.embedded:
        assert set(tries) == {1}


def test_threads_wait_for_a_connection(database_url: str) -> None:
    database = Database(database_url, connections=2)

    def read(_: int) -> int:
        with database.reading(EVERYTHING) as session:
            return len(session.exec(select(Worker)).all())

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(read, range(60))) == {0}
    database.close()


def test_nobody_waits_for_ever(impatient: Database) -> None:
    rename = update(Organisation).where(col(Organisation.number) == trust(1)).values(name="new")
    with impatient.writing(EVERYTHING) as session:
        session.exec(rename)
        with pytest.raises(OperationalError), impatient.writing(EVERYTHING) as other:
            other.exec(rename)
        with impatient.engine.connect(), pytest.raises(NoConnection), impatient.engine.connect():
            pass
    with impatient.reading(EVERYTHING) as session:
        assert session.get_one(Organisation, trust(1)).name == "new"


def test_every_connection_to_postgresql_is_prepared(served: Database) -> None:
    for engine, level, read_only in (
        (served.reader, "repeatable read", "on"),
        (served.writer, "read committed", "off"),
        (served.reader, "repeatable read", "on"),
        (served.engine, "read committed", "off"),
    ):
        with engine.connect() as connection:
            asked = ("transaction_isolation", "transaction_read_only", "lock_timeout")
            found = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in asked]
            assert found == [level, read_only, f"{module.BUSY_SECONDS}s"]


def test_of_two_in_each_others_way_one_gets_through(served: Database) -> None:
    both = threading.Barrier(2)

    def rename(*numbers: str) -> str:
        try:
            with served.writing(EVERYTHING) as session:
                for number in numbers:
                    rows = update(Organisation).where(col(Organisation.number) == number)
                    session.exec(rows.values(name=numbers[0]))
                    if number == numbers[0]:
                        both.wait(10)
        except OperationalError as error:
            return str(getattr(error.orig, "sqlstate", None))
        return numbers[0]

    with ThreadPoolExecutor(2) as pool:
        here = pool.submit(rename, trust(1), trust(2))
        there = pool.submit(rename, trust(2), trust(1))
        told = {here.result(), there.result()}
    assert "40P01" in told
    (winner,) = told - {"40P01"}
    with served.reading(EVERYTHING) as session:
        names = [session.get_one(Organisation, trust(n)).name for n in (1, 2)]
    assert names == [winner, winner]


def test_no_error_repeats_what_a_row_held(filled: Database) -> None:
    for changes in (
        {"number": trust(1)},
        {"kind": CANARY},
        {"kind": "HF", "trust": "trust1"},
        {"kind": "HF", "trust": "trust9", "parent": CANARY},
        {"kind": "HF", "trust": CANARY, "name": None},
    ):
        row = {"number": "970000000", "name": CANARY, "kind": "RHF"} | changes
        with pytest.raises(IntegrityError) as caught, filled.writing(EVERYTHING) as session:
            session.add(Organisation(**row))
        told = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
        assert "INSERT INTO organisations" in told
        assert CANARY not in told
        assert trust(1) not in told


def test_what_only_sqlite_can_store(filled: Database) -> None:
    """What comes from outside is held to less before it comes here."""
    row: dict[str, Any] = {"round": "open1", "number": 9, "reason": CANARY, "state": "open"}
    for more in ({"number": 10**12}, {"reason": f"{CANARY}\0"}):
        moved = Transition(**row | more, moved_at=NOW, moved_by="issuer|planner")
        if filled.embedded:
            with filled.writing(EVERYTHING) as session:
                session.add(moved)
            with filled.reading(EVERYTHING) as session:
                kept = session.get_one(Transition, ("open1", moved.number))
            assert kept.reason == (row | more)["reason"]
            continue
        with pytest.raises(DataError) as caught, filled.writing(EVERYTHING) as session:
            session.add(moved)
        told = "".join(traceback.format_exception(caught.value))
        assert CANARY not in told
        assert str(10**12) not in told


def test_a_value_that_the_server_refuses_is_not_told(served: Database) -> None:
    with pytest.raises(DataError) as caught, served.writing(EVERYTHING) as session:
        session.connection().execute(text("SELECT CAST(:name AS DATE)"), {"name": CANARY})
    assert "22007" in str(caught.value)
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_a_lost_connection_is_made_anew(served: Database) -> None:
    with served.engine.connect() as connection:
        others = "pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        with served.reading(EVERYTHING) as session:
            assert session.get(Worker, "worker1") is not None
        ended = connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM {others}")).all()
        assert len(ended) >= 1
    with served.reading(EVERYTHING) as session:
        assert session.get(Worker, "worker1") is not None


def test_how_transactions_begin_on_sqlite(tmp_path: Path) -> None:
    database = Database(embedded_url(tmp_path))
    upgrade(database)
    said: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    for opened in (database.reading, database.reading, database.writing, database.reading):
        with opened(EVERYTHING) as session:
            session.connection()
    with database.engine.begin():
        pass
    reading, writing, other = (
        ["PRAGMA query_only=ON", "BEGIN"],
        ["PRAGMA query_only=OFF", "BEGIN IMMEDIATE", "SELECT version_num FROM alembic_version"],
        ["PRAGMA query_only=OFF", "BEGIN"],
    )
    assert said == [*reading, "BEGIN", *writing, *reading, *other]
    database.close()


def test_every_connection_to_sqlite_is_prepared(tmp_path: Path) -> None:
    database = Database(embedded_url(tmp_path), connections=3)
    asked = ("foreign_keys", "synchronous", "journal_mode", "busy_timeout")
    with ExitStack() as stack:
        for connection in [stack.enter_context(database.engine.connect()) for _ in range(3)]:
            found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked]
            assert found == [1, 2, "delete", module.BUSY_SECONDS * 1000]
    database.close()
    with closing(sqlite3.connect(":memory:")) as memory, pytest.raises(UnsafeJournal):
        module._prepare(memory, None)


def test_a_write_ahead_log_is_turned_off_or_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FILE", {"timeout": 0.2, "check_same_thread": False})
    database = Database(embedded_url(tmp_path))
    with closing(sqlite3.connect(tmp_path / "rotations.sqlite")) as log:
        assert log.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",)
        log.execute("CREATE TABLE anything (id INTEGER)")
        with pytest.raises(OperationalError):
            upgrade(database)
    upgrade(database)
    with closing(sqlite3.connect(tmp_path / "rotations.sqlite")) as after:
        assert after.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    database.close()


def _identity(row: SQLModel) -> tuple[Any, ...]:
    return tuple(getattr(row, column.key) for column in inspect(type(row)).primary_key)


def test_tables_of_another_revision_are_not_written_to(filled: Database) -> None:
    with filled.writer.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UnknownRevision, match="9999"), filled.writing(EVERYTHING) as session:
        session.exec(update(Site).values(name="new"))
    with filled.reading(EVERYTHING) as session:
        assert "new" not in {site.name for site in session.exec(select(Site))}
    with filled.writing(EVERYTHING, revision="9999"):
        pass


def test_nobody_migrates_while_somebody_writes(served: Database) -> None:
    alone = text("SELECT pg_try_advisory_xact_lock(:number)").bindparams(number=MIGRATING)
    with served.writing(EVERYTHING), served.engine.connect() as connection:
        assert connection.execute(alone).scalar() is False
        connection.rollback()
        with served.writing(EVERYTHING):
            pass  # others write at the same time
    with served.engine.connect() as connection:
        assert connection.execute(alone).scalar() is True


def test_what_is_in_use_when_a_database_is_closed_is_closed_when_it_is_given_back(
    database: Database,
) -> None:
    with database.engine.connect() as connection:
        own: Any = connection.connection.dbapi_connection
        database.close()
        assert own.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises((sqlite3.ProgrammingError, psycopg.OperationalError)):
        own.execute("SELECT 1")
    with database.reading(EVERYTHING) as session:
        assert session.exec(select(Worker)).all() == []

"""The audit's chain: whatever is changed, dropped, swapped, put in or cut off is found."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, delete, update

from models.database import Changes, Database
from models.scope import EVERYTHING, NOTHING
from models.store.audit import START, About, Broken, Link, Told, append, followed, hashed, head
from models.store.reasons import digest_of, forget
from models.store.soundness import fault
from models.tables import AuditEntry, AuditReason, IdempotencyKey, Worker
from scheduler.canonical import encode

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
NUMBER = 4

COLUMNS = tuple(column.name for column in AuditEntry.__table__.columns)  # type: ignore[attr-defined]


def told(n: int = 0) -> Told:
    return Told(
        at=NOW + timedelta(seconds=n),
        actor=f"utsteder|Åse {n}",
        operation="list_outcomes",
        action="read",
        supplier="983974880",
        own="983974880",
        about=About(round=f"round{n}", municipality="5601", candidates=[f"5601-å{n}"]),
    )


@pytest.fixture
def chain(database: Database) -> Database:
    """A chain of a few entries, as the service makes it."""
    for n in range(NUMBER):
        with database.writing(NOTHING) as session:
            append(session, [told(n)])
    return database


def verified(database: Database, most: int = 3) -> Link:
    with database.reading(NOTHING) as session:
        last, before = Link(), None
        while last != before:
            before, last = last, followed(session, last, most)
        assert replace(last, missing=frozenset()) == head(session)
    return last


def broken_at(database: Database) -> int:
    with pytest.raises(Broken) as broken:
        verified(database)
    return broken.value.number


@contextmanager
def by_force(database: Database) -> Iterator[Connection]:
    """Write as somebody who has the database in their hands."""
    with database.writer.begin() as connection:
        if database.embedded:
            connection.exec_driver_sql("DROP TRIGGER IF EXISTS audit_stands_update")
            connection.exec_driver_sql("DROP TRIGGER IF EXISTS audit_stands_delete")
            connection.exec_driver_sql("DROP TRIGGER IF EXISTS audit_reasons_stands_update")
        else:
            connection.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER ALL")
            connection.exec_driver_sql("ALTER TABLE audit_reasons DISABLE TRIGGER ALL")
        yield connection


def test_entries_are_linked_from_the_first_one_on(chain: Database) -> None:
    last = verified(chain)
    assert last.number == NUMBER
    with chain.reading(EVERYTHING) as session:
        rows = [session.get_one(AuditEntry, n) for n in range(1, NUMBER + 1)]
    assert rows[0].previous == START
    assert [row.hash for row in rows] == [hashed(r.previous, r.content.encode()) for r in rows]
    assert rows[3].at == told(3).at
    assert '"candidates":["5601-å3"]' in rows[3].content
    assert '"supplier":"983974880"' in rows[3].content


def test_the_database_lets_nobody_change_an_entry(chain: Database) -> None:
    for statement in ("UPDATE audit SET actor = 'x'", "DELETE FROM audit WHERE number = 4"):
        with pytest.raises(DBAPIError), chain.writer.begin() as connection:
            connection.execute(text(statement))
    assert verified(chain).number == NUMBER


def _flipped(value: Any) -> list[Any]:
    """Return a value with each of its letters changed once, or what else comes next to it."""
    match value:
        case "read":  # the database knows one other
            return ["change"]
        case str():
            texts = (value[:n] + chr(ord(c) ^ 1) + value[n + 1 :] for n, c in enumerate(value))
            return [each for each in texts if "\x00" not in each]
        case int():
            return [value + 100]
        case datetime():
            return [value + timedelta(microseconds=1), value - timedelta(hours=1)]
    raise AssertionError(type(value))


def test_any_letter_of_any_column_of_any_entry(chain: Database) -> None:
    tried = 0
    with chain.reading(EVERYTHING) as session:
        rows = [session.get_one(AuditEntry, n).model_dump() for n in range(1, NUMBER + 1)]
    for row in rows:
        for column in COLUMNS:
            # Each kind of place once where the text is the same to the chain: hashes and contents.
            for value in _flipped(row[column])[:: 7 if row["number"] == 2 else 67]:
                try:
                    with by_force(chain) as connection:
                        statement = f"UPDATE audit SET {column} = :value WHERE number = :number"
                        given = {"value": value, "number": row["number"]}
                        connection.execute(text(statement), given)
                        with pytest.raises(Broken) as broken:
                            _follow(chain, connection)
                        assert broken.value.number == row["number"], (column, value)
                        tried += 1
                        raise Undone
                except Undone:
                    pass
    assert tried > 80
    assert verified(chain).number == NUMBER


class Undone(Exception):
    """A change that was only tried."""


def _follow(database: Database, connection: Connection) -> None:
    with Session(connection) as session:
        followed(session, Link())


@pytest.mark.parametrize(
    ("statements", "number"),
    [
        (("DELETE FROM audit WHERE number = 2",), 2),
        (("DELETE FROM audit WHERE number = 1",), 1),
        (
            (
                "UPDATE audit SET number = 90 WHERE number = 2",
                "UPDATE audit SET number = 2 WHERE number = 3",
                "UPDATE audit SET number = 3 WHERE number = 90",
            ),
            2,
        ),
        (("UPDATE audit SET round = NULL WHERE number = 3",), 3),
        (("UPDATE audit SET content = '[]' WHERE number = 3",), 3),
        (("UPDATE audit SET content = '{}' WHERE number = 3",), 3),
        (("UPDATE audit SET content = 'null' WHERE number = 3",), 3),
    ],
)
def test_entries_that_were_dropped_swapped_or_emptied(
    chain: Database, statements: tuple[str, ...], number: int
) -> None:
    with by_force(chain) as connection:
        for statement in statements:
            connection.execute(text(statement))
    assert broken_at(chain) == number


def test_entries_that_were_put_in_between(chain: Database) -> None:
    with chain.reading(EVERYTHING) as session:
        copied = session.get_one(AuditEntry, 2).model_dump()
    forged = encode({"number": 3, "at": "2026-11-22T09:00:02.000000Z", "action": "read"}).decode()
    row = copied | {"number": 3, "content": forged, "previous": copied["hash"]}
    row["hash"] = hashed(row["previous"], forged.encode())
    with by_force(chain) as connection:
        for n in range(NUMBER, 2, -1):
            connection.execute(text(f"UPDATE audit SET number = {n + 1} WHERE number = {n}"))
        connection.execute(AuditEntry.__table__.insert().values(row))  # type: ignore[attr-defined]
    assert broken_at(chain) == 3


REASON = "Avtalt\nmed Kanarifugl"


@pytest.fixture
def reasoned(chain: Database) -> Database:
    """The chain with one more entry, that has a reason."""
    with chain.writing(NOTHING) as session:
        append(session, [Told.change("utsteder|Åse", "reopen_round", NOW, reason=REASON)])
    return chain


def test_a_reason_lies_beside_the_chain(reasoned: Database) -> None:
    with reasoned.reading(EVERYTHING) as session:
        content = session.get_one(AuditEntry, NUMBER + 1).content
        kept = session.get_one(AuditReason, NUMBER + 1)
    assert (kept.text, len(kept.salt)) == (REASON, 32)
    assert "Kanarifugl" not in content
    assert digest_of(kept.salt.encode(), REASON.encode()) in content
    assert (verified(reasoned).number, verified(reasoned).missing) == (NUMBER + 1, frozenset())
    with pytest.raises(DBAPIError), reasoned.writer.begin() as connection:
        connection.execute(text("UPDATE audit_reasons SET text = 'x'"))


def test_any_letter_of_a_reason(reasoned: Database) -> None:
    with reasoned.reading(EVERYTHING) as session:
        kept = session.get_one(AuditReason, NUMBER + 1).model_dump()
    wrong = [{"text": each} for each in [*_flipped(REASON), "", REASON + " "]]
    wrong += [{"salt": each} for each in [*_flipped(kept["salt"]), ""]]
    first, _, rest = REASON.partition("\n")
    wrong += [{"salt": f"{kept['salt']}{first}\n", "text": rest}]
    wrong += [{"salt": kept["salt"][:-1], "text": kept["salt"][-1] + REASON}]
    with by_force(reasoned) as connection:
        pass
    for change in wrong:
        with reasoned.writer.connect() as connection:  # what is not committed is undone
            assignments = ", ".join(f"{name} = :{name}" for name in change)
            connection.execute(text(f"UPDATE audit_reasons SET {assignments}"), change)
            with pytest.raises(Broken) as broken:
                _follow(reasoned, connection)
            assert broken.value.number == NUMBER + 1, change
    with by_force(reasoned) as connection:  # beside an entry that was given none
        connection.execute(text("INSERT INTO audit_reasons VALUES (2, 'salt', 'text')"))
    assert broken_at(reasoned) == 2


def test_a_reason_can_be_forgotten_if_that_is_said(reasoned: Database) -> None:
    with reasoned.writing(EVERYTHING) as session:
        assert forget(session, col(AuditEntry.operation) == "reopen_round") == [NUMBER + 1]
    assert verified(reasoned).missing == {NUMBER + 1}
    with reasoned.writing(NOTHING) as session:
        append(session, [Told.change("x", "candidate erase", NOW, forgotten=[NUMBER + 1])])
    assert (verified(reasoned).number, verified(reasoned).missing) == (NUMBER + 2, frozenset())


def test_letters_that_are_no_text(sqlite_databases: Any) -> None:
    database = Database(sqlite_databases.migrated())
    with database.writing(NOTHING) as session:
        append(session, [told(1), told(2)])
    for column in ("content", "actor", "at", "hash", "previous"):
        with by_force(database) as connection:
            statement = f"UPDATE audit SET {column} = CAST(x'ff00' AS TEXT) WHERE number = 2"
            kept = connection.execute(text("SELECT * FROM audit WHERE number = 2")).mappings().one()
            connection.execute(text(statement))
        assert broken_at(database) == 2
        with by_force(database) as connection:
            back = text(f"UPDATE audit SET {column} = :kept WHERE number = 2")
            connection.execute(back, {"kept": kept[column]})
    with by_force(database) as connection:  # the same instant, written otherwise
        connection.execute(text("UPDATE audit SET at = replace(at, ' ', 'T') WHERE number = 1"))
    assert broken_at(database) == 1
    database.close()


def test_those_who_append_at_once_keep_one_chain(database: Database) -> None:
    code = (
        "import sys; from models.database import Database; from models.scope import NOTHING;"
        "from models.store.audit import append; from tests.models.test_audit import told;"
        "database = Database(sys.argv[1])\n"
        "for n in range(6):\n"
        "    with database.writing(NOTHING) as session:\n"
        "        append(session, [told(n)])\n"
    )
    url = database.engine.url.render_as_string(hide_password=False)
    others = [Popen([sys.executable, "-c", code, url]) for _ in range(2)]

    def write(n: int) -> None:
        with database.writing(NOTHING) as session:
            append(session, [told(n), told(n)])

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(16)))
    assert [other.wait(60) for other in others] == [0, 0]
    assert verified(database, 7).number == 16 * 2 + 2 * 6


def test_what_fails_leaves_no_entry(database: Database) -> None:
    def fail() -> None:
        with database.writing(NOTHING) as session:
            append(session, [told()])
            raise Undone

    with pytest.raises(Undone):
        fail()
    assert verified(database) == Link()


def _worker(session: Any) -> None:
    session.add(Worker(id="w", started_at=NOW, seen_at=NOW))


def _seen(session: Any) -> None:
    session.exec(update(Worker).where(col(Worker.id) == "w").values(seen_at=NOW))


def _kept(session: Any) -> None:
    answer = {"subject": "s", "key": "k", "request_hash": "", "status": 200, "body": ""}
    session.add(IdempotencyKey.model_validate(answer | {"headers": {}, "answered_at": NOW}))


def _removed(session: Any) -> None:
    session.exec(delete(Worker).where(col(Worker.id) == "w"))


def _untouched(session: Any) -> None:
    worker = session.get(Worker, "w")
    if worker is not None:
        worker.started_at = worker.started_at


@pytest.mark.parametrize(
    ("acts", "changed"),
    [
        ((), False),
        ((_worker,), True),
        ((_seen,), False),
        ((_kept,), False),
        ((_worker, _seen), True),
        ((_removed,), True),
        ((_kept, _worker), True),
        ((_untouched,), False),
    ],
)
def test_what_counts_as_a_change(
    database: Database, acts: tuple[Callable[[Any], None], ...], changed: bool
) -> None:
    if _removed in acts:
        with database.writing(EVERYTHING) as session:
            _worker(session)
    with database.writing(EVERYTHING) as session:
        changes = Changes(session, without="idempotency_keys")
        for act in acts:
            act(session)
        session.flush()
        assert changes.any == changed


# -- what lies around the chain ----------------------------------------------------------------


@pytest.mark.parametrize("column", ["round", "municipality", "content", "actor", "at", "hash"])
def test_a_text_that_was_made_another_kind(sqlite_databases: Any, column: str) -> None:
    """The same letters, but nobody who asks for them finds them."""
    database = Database(sqlite_databases.migrated())
    with database.writing(NOTHING) as session:
        append(session, [told(1), told(2)])
    with by_force(database) as connection:
        connection.execute(
            text(f"UPDATE audit SET {column} = CAST({column} AS BLOB) WHERE number = 2")
        )
    assert broken_at(database) == 2
    database.close()


def fault_of(database: Database) -> str | None:
    with database.reading(NOTHING) as session:
        return fault(session)


def test_an_index_that_hides_an_entry(chain: Database) -> None:
    assert fault_of(chain) is None
    _hide(chain)
    assert verified(chain).number >= NUMBER, "the chain itself holds"
    assert fault_of(chain) == "index"


def _hide(database: Database) -> None:
    """Let the index of rounds lead past an entry."""
    if database.embedded:
        file = Path(str(database.engine.url.database))
        database.engine.dispose()
        kept = file.read_bytes()
        with closing(sqlite3.connect(file)) as connection:
            (root, size) = connection.execute(
                "SELECT rootpage, page_size FROM sqlite_master, pragma_page_size "
                "WHERE name = 'ix_audit_round'"
            ).fetchone()
        page = slice((root - 1) * size, root * size)
        assert kept[page].count(b"round2") == 1
        edited = kept[page].replace(b"round2", b"rounx2")
        file.write_bytes(kept[: page.start] + edited + kept[page.stop :])
        return
    ready = "UPDATE pg_index SET indisready = {} WHERE indexrelid = 'ix_audit_round'::regclass"
    for statement in (ready.format("false"), None, ready.format("true")):
        database.engine.dispose()  # what is known of indexes is known by the connection
        if statement is None:
            with database.writing(NOTHING) as session:
                append(session, [replace(told(9), about=About(round="round9"))])
        else:
            with database.writer.begin() as connection:
                connection.execute(text(statement))


TOOTHLESS = """
CREATE OR REPLACE FUNCTION audit_stands() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RETURN NULL; END $$
"""


@pytest.mark.parametrize(
    ("in_a_file", "on_a_server"),
    [
        (
            ("DROP TRIGGER audit_stands_update",),
            ("ALTER TABLE audit DISABLE TRIGGER audit_stands",),
        ),
        (
            (
                "DROP TRIGGER audit_stands_delete",
                "CREATE TRIGGER audit_stands_delete BEFORE DELETE ON audit BEGIN SELECT 1; END",
            ),
            (TOOTHLESS,),
        ),
        (
            ("DROP TRIGGER audit_reasons_stands_update",),
            ("DROP TRIGGER audit_stands ON audit_reasons",),
        ),
    ],
)
def test_a_guard_that_is_gone(
    chain: Database, in_a_file: tuple[str, ...], on_a_server: tuple[str, ...]
) -> None:
    assert fault_of(chain) is None
    with chain.writer.begin() as connection:
        for statement in in_a_file if chain.embedded else on_a_server:
            connection.execute(text(statement))
    assert fault_of(chain) == "guard"

"""What asks for a plan and what tells the workers of it are one; DBOS is told an id."""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from api.solving.jobs import Jobs, prepare
from models.database import Database
from models.scope import EVERYTHING, Scope
from models.store.solves import ask
from models.tables import Plan, Snapshot
from tests.asked import NOW, SAMPLE, TRUST, enqueued, snapshot
from tests.databases import Files


class ChangedTheirMind(Exception):
    pass


def kept(database: Database, table: str) -> list[dict[str, Any]]:
    """The rows of one of DBOS' tables."""
    place = table if database.embedded else f"dbos.{table}"
    with database.engine.connect() as connection:
        return [dict(row) for row in connection.execute(text(f"SELECT * FROM {place}")).mappings()]


def ask_and_enqueue(database: Database, scope: Scope = EVERYTHING, *, regret: bool = False) -> None:
    of = snapshot(database)
    with database.writing(scope) as session:
        plan = ask(session, session.get_one(Snapshot, of), None, author="somebody", now=NOW)
        Jobs(database).enqueue(session, plan.id)
        if regret:
            raise ChangedTheirMind


def plans_of(database: Database) -> list[str]:
    with database.reading(EVERYTHING) as session:
        return list(session.exec(select(Plan.id)))


def test_a_plan_that_was_not_asked_for_after_all_is_in_neither_place(database: Database) -> None:
    prepare(database)
    with pytest.raises(ChangedTheirMind):
        ask_and_enqueue(database, regret=True)
    assert plans_of(database) == []
    assert kept(database, "workflow_status") == kept(database, "workflow_input") == []


def test_a_plan_that_cannot_be_handed_on_is_not_asked_for(database: Database) -> None:
    """Without `prepare` there is no queue."""
    with pytest.raises(DBAPIError):
        ask_and_enqueue(database)
    assert plans_of(database) == []


def test_a_plan_is_asked_for_by_somebody_who_sees_only_their_own(database: Database) -> None:
    prepare(database)
    ask_and_enqueue(database, Scope(organisations=frozenset({TRUST})))
    (status,) = kept(database, "workflow_status")
    assert [status["workflow_uuid"]] == plans_of(database)
    assert status["status"] == "ENQUEUED"


def test_the_queue_knows_an_id_and_nothing_else(database: Database) -> None:
    plan_id = enqueued(database, SAMPLE.read_text(encoding="utf-8"))
    (status,) = kept(database, "workflow_status")
    (given,) = kept(database, "workflow_input")
    assert status["serialization"] == "portable_json"
    assert json.loads(given["inputs"]) == {"positionalArgs": [plan_id], "namedArgs": {}}
    assert all(len(str(value)) < 64 for value in status.values())
    assert status["authenticated_user"] is None


def test_many_may_prepare_at_once(database_url: str) -> None:
    """Each with connections of its own, as if it were another process."""
    databases = [Database(database_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(prepare, databases))
    enqueued(databases[0], "{}")
    (queue,) = kept(databases[0], "queues")
    assert (queue["name"], queue["worker_concurrency"]) == ("plans", 1)
    for database in databases:
        database.close()


def test_preparation_leaves_the_journal_as_it_is(sqlite_databases: Files) -> None:
    """DBOS' own advice is a write-ahead log."""
    database = Database(sqlite_databases.migrated())
    prepare(database)
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "delete"
    database.close()


def test_dbos_speaks_of_trouble_only(
    database: Database, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        enqueued(database, "{}")
    assert [record for record in caplog.records if record.name.startswith("dbos")] == []
    assert capfd.readouterr() == ("", "")

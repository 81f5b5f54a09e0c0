"""Chores go on by themselves, whatever happens to the others."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from threading import Event
from time import monotonic, sleep

import pytest

from api.clock import utc_now
from api.running import worker
from api.running.chores import Chore, Chores
from api.running.worker import CHORES, run_worker
from api.settings import Settings
from models.database import Database, UnknownRevision
from models.scope import EVERYTHING
from models.store.workers import seen
from tests.databases import Files

SETTINGS = Settings()


@pytest.fixture
def database(sqlite_databases: Files) -> Database:
    return Database(sqlite_databases.migrated())


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = monotonic() + 10
    while not holds():
        assert monotonic() < deadline
        sleep(0.01)


def test_one_that_fails_or_hangs_holds_up_no_other(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    done: Counter[str] = Counter()
    hanging = Event()

    def fail(*_: object) -> None:
        done["fails"] += 1
        raise RuntimeError("kari@alta.example")

    def hang(*_: object) -> None:
        done["hangs"] += 1
        hanging.wait(10)

    def work(given: Database, settings: Settings, now: datetime) -> None:
        assert (given, settings) == (database, SETTINGS)
        assert now.tzinfo is not None
        done["works"] += 1

    named: dict[str, Callable[..., None]] = {"fails": fail, "hangs": hang, "works": work}
    chores = Chores([Chore(n, do, 0.01) for n, do in named.items()], database, SETTINGS, utc_now)
    with caplog.at_level(logging.INFO):
        chores.begin()
        until(lambda: done["fails"] > 2 and done["works"] > 2)
        began = monotonic()
        chores.leave()
    assert monotonic() - began < 3, "what hangs is left behind"
    assert done["hangs"] == 1
    assert "chore fails: RuntimeError" in caplog.messages
    assert "kari" not in caplog.text
    stopped = done["works"]
    sleep(0.05)
    assert done["works"] == stopped
    hanging.set()


def test_a_worker_shows_itself_while_a_chore_is_slow(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stop, slow = Event(), Event()
    signs: set[datetime] = set()

    def watch(given: Database, *_: object) -> None:
        while not slow.wait(0.02) and len(signs) < 3:
            with given.reading(EVERYTHING) as session:
                signs.update(seen(session).values())
        stop.set()

    def unheard(*_: object) -> None:
        """Nobody asks for plans here."""

    monkeypatch.setattr(worker, "CHORES", (Chore("slow", watch, 1.0),))
    monkeypatch.setattr(worker, "open_database", lambda _: database)
    monkeypatch.setattr(worker, "listen", unheard)
    monkeypatch.setattr(worker.Worker, "_take_over", unheard)
    monkeypatch.setattr(worker.Worker, "_drop", unheard)
    with caplog.at_level(logging.INFO):
        run_worker(Settings(lease_seconds=1), stop)
    assert len(signs) >= 3
    assert [m for m in caplog.messages if "mail" in m] == ["no mail server is set: e-mail waits"]


def test_notices_are_a_chore() -> None:
    names = [chore.name for chore in CHORES]
    assert "notices" in names
    assert len(names) == len(set(names))
    assert all(chore.pause > 0 for chore in CHORES)


def test_a_worker_that_was_left_behind_by_an_upgrade_ends(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    said = "chore write: the database is not of this version"

    def write(given: Database, *_: object) -> None:
        with given.writing(EVERYTHING):
            pass

    def upgraded(*_: object) -> None:
        with database.writer.begin() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        until(lambda: said in caplog.messages)

    monkeypatch.setattr(worker, "CHORES", (Chore("write", write, 0.01),))
    monkeypatch.setattr(worker, "open_database", lambda _: database)
    monkeypatch.setattr(worker, "listen", upgraded)
    monkeypatch.setattr(worker.Worker, "_take_over", lambda _: None)
    with pytest.raises(UnknownRevision):
        run_worker(Settings(lease_seconds=1), Event())
    assert caplog.messages.count(said) == 1

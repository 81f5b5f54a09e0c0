"""Real workers: a plan's whole way, and what becomes of it when they die, leave or are given up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from api.clock import utc_now
from api.solving.jobs import Jobs, prepare
from data.documents import write_plan, write_round
from data.exports.explanations import explanation_record
from data.files import load_round
from data.synthetic import generate
from models.database import Database
from models.scope import EVERYTHING
from models.store.solves import ask, request_stop
from models.store.studies import ask_why
from models.store.workers import leave, seen
from models.tables import Explained, Plan, Share, Snapshot, Study
from scheduler.canonical import encode
from scheduler.explain import explanations
from scheduler.planner import plan_round
from scheduler.rounds import Round
from tests.asked import NOW, SAMPLE, enqueued, events_of, plan_of, snapshot, states_of, wait_for
from tests.builders import candidate, municipality, order, round_doc, round_of, unit, window, wish
from tests.databases import Files, mostly

LEASE_SECONDS = 4

GIVEN_UP = 75

RUN = f"""
import os
from api.settings import Settings
from api.running.worker import run_worker
from models.store.workers import GivenUp
try:
    run_worker(Settings())
    os._exit(0)
except GivenUp:
    os._exit({GIVEN_UP})
"""


class Workers:
    """Worker processes on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._processes: list[subprocess.Popen[str]] = []

    def start(self, count: int = 1) -> None:
        """Start workers and wait until they are there."""
        before = len(self.ids())
        environment = {
            "DATABASE_URL": self._database.url,
            "ROTATIONS_LEASE_SECONDS": str(LEASE_SECONDS),
        }
        for _ in range(count):
            self._processes.append(
                subprocess.Popen(
                    [sys.executable, "-c", RUN],
                    env=os.environ | environment,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
        wait_for(lambda: len(self.ids()) == before + count)

    def ids(self) -> list[str]:
        with self._database.reading(EVERYTHING) as session:
            return sorted(seen(session))

    def searching(self) -> tuple[subprocess.Popen[str], int]:
        """Return the worker that has a process search, and that process."""
        found: list[tuple[subprocess.Popen[str], int]] = []

        def searches() -> bool:
            found[:] = [(w, child) for w in self._processes for child in children(w.pid)]
            return bool(found)

        wait_for(searches)
        return found[0]

    def close(self) -> None:
        for process in self._processes:
            process.kill()
            process.communicate()


@pytest.fixture
def workers(database: Database) -> Iterator[Workers]:
    prepare(database)
    with closing(Workers(database)) as running:
        yield running


@pytest.fixture
def embedded(sqlite_databases: Files) -> Iterator[Database]:
    """A database; what happens there is the same on either kind."""
    with closing(Database(sqlite_databases.migrated())) as opened:
        prepare(opened)
        yield opened


@pytest.fixture
def alone(embedded: Database) -> Iterator[Workers]:
    with closing(Workers(embedded)) as running:
        yield running


def children(parent: int) -> list[int]:
    """Return the processes that a process has started and not yet lost."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, its_parent = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(its_parent) == parent and state != "Z":
            found.append(int(stat.parent.name))
    return found


def lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def long_round() -> str:
    """A round whose search takes some seconds."""
    return write_round(generate("nord", 1)).decode()


def stopped(database: Database, plan_id: str) -> Plan:
    """Ask to stop and return the plan when it has ended."""
    with database.writing(EVERYTHING) as session:
        request_stop(session, Plan, plan_id, utc_now())
    wait_for(lambda: plan_of(database, plan_id).state not in ("queued", "running"))
    return plan_of(database, plan_id)


def test_a_plan_comes_back_as_the_command_line_makes_it(
    database: Database, workers: Workers, tmp_path: Path
) -> None:
    workers.start()
    plan_id = enqueued(database, SAMPLE.read_text(encoding="utf-8"))
    words = ["solve", str(SAMPLE), "--out", str(tmp_path)]
    command = [sys.executable, "-c", "from api.cli import main; main()", *words]
    subprocess.run(command, capture_output=True, check=True)
    wait_for(lambda: plan_of(database, plan_id).state == "completed")
    content = plan_of(database, plan_id).content
    assert content is not None
    assert content.encode() == (tmp_path / "plan.json").read_bytes()
    assert states_of(database, plan_id) == [("queued", 0), ("running", 1), ("completed", 1)]


@pytest.mark.parametrize("databases", mostly("postgresql"), indirect=True)
def test_a_killed_workers_plan_is_made_by_another_once(
    database: Database, workers: Workers
) -> None:
    workers.start(3)
    plan_id = enqueued(database, long_round())
    worker, search = workers.searching()
    wait_for(lambda: [event for event in events_of(database, plan_id) if event.kind == "progress"])
    worker.kill()
    wait_for(lambda: not lives(search), seconds=5)
    wait_for(lambda: plan_of(database, plan_id).attempt == 2)
    wait_for(lambda: len(workers.ids()) == 2)
    wait_for(lambda: plan_of(database, plan_id).progress)
    plan = stopped(database, plan_id)
    assert plan.status == "feasible"
    assert states_of(database, plan_id) == [
        ("queued", 0), ("running", 1), ("queued", 1), ("running", 2), ("completed", 2)
    ]  # fmt: skip
    # Twice what is promised: other things may run here.
    assert seconds(plan.stop_requested_at, plan.ended_at) < 4
    wait_for(lambda: not Jobs(database).held())


@pytest.mark.parametrize("databases", mostly("postgresql"), indirect=True)
def test_a_killed_workers_shares_are_worked_out_by_another_with_the_same_bytes(
    database: Database, workers: Workers
) -> None:
    """The holder is held up until a helper has brought a share, and killed then."""
    round_ = many_towns(190)
    workers.start(2)
    plan_id = enqueued(database, write_round(round_).decode())
    worker, search = workers.searching()
    wait_for(lambda: shares(database))
    os.kill(search, signal.SIGSTOP)
    before = [row.number for row in shares(database) if row.content]
    wait_for(lambda: [row for row in shares(database) if row.content and row.number not in before])
    worker.kill()
    os.kill(search, signal.SIGCONT)
    wait_for(lambda: not lives(search), seconds=5)
    wait_for(lambda: plan_of(database, plan_id).state == "completed")
    assert plan_of(database, plan_id).attempt == 2
    assert plan_of(database, plan_id).content == write_plan(plan_round(round_)).decode()
    assert not shares(database)


def many_towns(count: int) -> Round:
    """Two shares of a few seconds: in each town three want the two places of its own unit."""
    towns = range(count)
    people = [
        candidate(f"c{n}-{i}", municipality=f"m{n}", wishes=[wish(f"u{n}", latest="2029-06-01")])
        for n in towns
        for i in range(3)
    ]
    doc = round_doc(
        units=[unit(f"u{n}") for n in towns],
        windows=[window(f"w{n}", unit=f"u{n}", closes="2028-10-01") for n in towns],
        municipalities=[municipality(f"m{n}") for n in towns],
        candidates=people,
        priorities=[order(*(f"c{n}-{i}" for i in range(3)), municipality=f"m{n}") for n in towns],
    )
    return round_of(doc)


def shares(database: Database) -> list[Share]:
    """Return the shares of the plan in the making."""
    with database.reading(EVERYTHING) as session:
        return list(session.exec(select(Share)).all())


def test_a_killed_workers_study_is_made_by_another_with_the_same_bytes(
    embedded: Database, alone: Workers
) -> None:
    alone.start()
    round_ = load_round(SAMPLE)
    made = plan_round(round_)
    of = snapshot(embedded, SAMPLE.read_text(encoding="utf-8"))
    with embedded.writing(EVERYTHING) as session:
        plan = ask(session, session.get_one(Snapshot, of), None, author="x", now=NOW)
        plan.state, plan.content = "completed", write_plan(made).decode()
        study = ask_why(session, plan, author="x", now=NOW).id
        Jobs(embedded).enqueue(session, study)
    worker, search = alone.searching()
    wait_for(lambda: explained(embedded, study))
    worker.kill()
    worker.wait()
    with embedded.writing(EVERYTHING) as session:
        leave(session, alone.ids()[0])  # as whoever started it does
    assert len(explained(embedded, study)) < len(round_.candidates)
    alone.start()
    wait_for(lambda: study_of(embedded, study).state == "completed")
    assert study_of(embedded, study).attempt == 2
    assert not lives(search)
    whole = explanations(round_, made)
    assert explained(embedded, study) == {
        each.candidate: encode(explanation_record(each)).decode() for each in whole
    }


def study_of(database: Database, id_: str) -> Study:
    with database.reading(EVERYTHING) as session:
        return session.get_one(Study, id_)


def explained(database: Database, study: str) -> dict[str, str]:
    """Return what has been found by now, by candidate."""
    with database.reading(EVERYTHING) as session:
        rows = session.exec(select(Explained).where(Explained.study == study)).all()
    return {row.candidate: row.content for row in rows}


@pytest.mark.parametrize("databases", mostly("postgresql"), indirect=True)
def test_a_worker_that_is_asked_to_leave_gives_its_plan_back(
    database: Database, workers: Workers
) -> None:
    workers.start()
    plan_id = enqueued(database, long_round())
    worker, search = workers.searching()
    asked = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    _, said = worker.communicate(timeout=60)
    assert (worker.returncode, said) == (0, "")
    assert time.monotonic() - asked < 10
    assert not lives(search)
    assert plan_of(database, plan_id).state == "queued"
    assert workers.ids() == []
    workers.start()
    wait_for(lambda: plan_of(database, plan_id).state == "running")
    assert stopped(database, plan_id).state == "completed"
    assert states_of(database, plan_id) == [
        ("queued", 0), ("running", 1), ("queued", 0), ("running", 1), ("completed", 1)
    ]  # fmt: skip


def test_a_worker_that_was_given_up_ends(embedded: Database, alone: Workers) -> None:
    alone.start()
    plan_id = enqueued(embedded, long_round())
    worker, search = alone.searching()
    (worker_id,) = alone.ids()
    with embedded.writing(EVERYTHING) as session:
        leave(session, worker_id)
    _, said = worker.communicate(timeout=60)
    assert worker.returncode == GIVEN_UP
    assert "Traceback" not in said
    assert not lives(search)
    assert states_of(embedded, plan_id) == [("queued", 0), ("running", 1), ("queued", 0)]


def test_a_plan_that_was_lost_on_the_way_to_a_worker_reaches_it(
    embedded: Database, alone: Workers
) -> None:
    """As when the connection breaks after the commit that claimed it."""
    alone.start()
    of = snapshot(embedded, SAMPLE.read_text(encoding="utf-8"))
    claim = text("UPDATE workflow_status SET status = 'PENDING', executor_id = :worker")
    with embedded.writing(EVERYTHING) as session:
        plan_id = ask(session, session.get_one(Snapshot, of), None, author="x", now=NOW).id
        Jobs(embedded).enqueue(session, plan_id)
        session.connection().execute(claim, {"worker": alone.ids()[0]})
    wait_for(lambda: plan_of(embedded, plan_id).state == "completed")
    assert states_of(embedded, plan_id) == [("queued", 0), ("running", 1), ("completed", 1)]


def test_a_plan_whose_work_ended_with_a_fault_of_ours_is_told_lost(
    embedded: Database, alone: Workers
) -> None:
    """As when code of ours raised what nobody thought of: DBOS would not try it again."""
    waiting, lost = (enqueued(embedded, SAMPLE.read_text(encoding="utf-8")) for _ in range(2))
    broken = text("UPDATE workflow_status SET status = 'ERROR' WHERE workflow_uuid = :lost")
    with embedded.writing(EVERYTHING) as session:
        session.connection().execute(broken, {"lost": lost})
    alone.start()
    wait_for(lambda: plan_of(embedded, lost).state == "failed")
    assert plan_of(embedded, lost).failure == "lost"
    wait_for(lambda: plan_of(embedded, waiting).state == "completed")
    assert states_of(embedded, lost) == [("queued", 0), ("failed", 0)]


def seconds(begin: datetime | None, end: datetime | None) -> float:
    assert begin is not None
    assert end is not None
    return (end - begin).total_seconds()

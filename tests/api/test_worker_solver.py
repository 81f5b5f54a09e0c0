"""One worker's way with a plan: processes that die, linger, lie or succeed, and a lease lost."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

import api.solving.solver as solver_module
from api.settings import Settings
from api.solving import OUT_OF_MEMORY
from api.solving.jobs import Elsewhere
from api.solving.process import COMMAND
from api.solving.solver import ALLOWANCE_SECONDS, Solver
from data.documents import read_round, write_plan, write_round
from data.synthetic import generate
from models.database import Database
from models.scope import EVERYTHING
from models.store.solves import begin, request_stop
from models.store.workers import enter
from models.tables import Plan
from scheduler.planner import plan_round
from tests.asked import NOW, SAMPLE, asked, events_of, everything_of, plan_of, states_of, wait_for
from tests.databases import Files

CONTENT = '{"tiers": []}\n'
RESULT = {"content": CONTENT, "hash": "sha256:1", "status": "optimal"}
PROGRESS = {"tier": "placed", "level": None, "value": 1, "bound": 2, "position": 1, "of": 3}

READ = "import os, signal, sys, time; sys.stdin.buffer.read(int(sys.argv[3]));"


def saying(*lines: object, then: str = "") -> str:
    """A process that reads the round, says so and does something else."""
    said = "".join(json.dumps(line) + "\n" for line in lines)
    return f"{READ} print({said!r}, end='', flush=True); {then}"


def solver(database: Database, code: str | None = None, **given: Any) -> Solver:
    """A solver that runs some code in place of a search, or a real one."""
    command = COMMAND if code is None else (sys.executable, "-I", "-c", code)
    allowance = given.pop("allowance", ALLOWANCE_SECONDS)
    settings = Settings(**{"solve_seconds": 60.0} | given)
    with database.writing(EVERYTHING) as session:
        enter(session, "w1", NOW)
    return Solver(database, settings, "w1", lambda: NOW, command=command, allowance=allowance)


@pytest.fixture
def embedded(sqlite_databases: Files) -> Iterator[Database]:
    """A database; what happens here is the same on either kind."""
    opened = Database(sqlite_databases.migrated())
    yield opened
    opened.close()


@contextmanager
def in_work(making: Solver, plan_id: str) -> Iterator[list[BaseException]]:
    """Make a plan in a thread; the list has what it raised, when the context is left."""
    raised: list[BaseException] = []

    def make() -> None:
        try:
            making.work(plan_id)
        except BaseException as error:  # noqa: BLE001 - for the test to judge
            raised.append(error)

    thread = Thread(target=make)
    thread.start()
    yield raised
    thread.join(timeout=60)
    assert not thread.is_alive()


def test_the_plan_is_the_one_of_the_command_line_byte_for_byte(database: Database) -> None:
    document = SAMPLE.read_text(encoding="utf-8")
    plan_id = asked(database, document)
    solver(database).work(plan_id)
    plan = plan_of(database, plan_id)
    made = plan_round(read_round(document.encode()))
    assert plan.content is not None
    assert plan.content.encode() == write_plan(made)
    assert (plan.hash, plan.status, plan.state) == (made.hash, "optimal", "completed")
    progress = [event.data for event in events_of(database, plan_id) if event.kind == "progress"]
    assert progress[-1] == plan.progress
    assert set(progress[-1]) == {*PROGRESS, "seconds"}
    assert progress[-1]["position"] == progress[-1]["of"]
    numbers = [event.number for event in events_of(database, plan_id)]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize(
    ("document", "failure"),
    [("{}", "invalid-round"), ("contradictory", "refused")],
)
def test_a_round_that_cannot_be_planned_fails_at_once(
    embedded: Database, document: str, failure: str
) -> None:
    if document == "contradictory":
        document = json.dumps(contradictory())
    plan_id = asked(embedded, document)
    solver(embedded).work(plan_id)
    plan = plan_of(embedded, plan_id)
    assert (plan.state, plan.failure, plan.attempt) == ("failed", failure, 1)
    assert plan.figures is not None
    if failure == "refused":
        conflict = next(c for c in plan.figures["conflicts"] if c["rule"] == "POSITIONS")
        assert set(conflict) == {"rule", "subject", "candidates", "figures"}
        assert len(conflict["candidates"]) == 3
    else:
        assert {"code", "place"} == set(plan.figures["faults"][0])


def contradictory() -> dict[str, Any]:
    """The sample, with two more holders of a seat that is taken."""
    document: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    held = next(c for c in document["commitments"] if c["state"] == "accepted")
    others = [c["id"] for c in document["candidates"] if c["id"] != held["candidate"]]
    document["commitments"] = [held, *({**held, "candidate": name} for name in others[:2])]
    return document


def test_a_search_that_needs_more_memory_than_it_may_have_is_not_begun_again(
    embedded: Database,
) -> None:
    """A list of millions of lists: a few bytes each to send, and many to hold."""
    plan_id = asked(embedded, "[" + "[]," * 5_000_000 + "[]]")
    solver(embedded, solve_mebibytes=512).work(plan_id)
    plan = plan_of(embedded, plan_id)
    assert (plan.failure, plan.figures) == ("out-of-memory", {"mebibytes": 512})
    assert states_of(embedded, plan_id) == [("queued", 0), ("running", 1), ("failed", 1)]


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [
        pytest.param("import os; os.kill(os.getpid(), 9)", -9, id="killed before it has read"),
        pytest.param(f"{READ} sys.exit(1)", 1, id="a fault"),
        pytest.param(saying({"ready": True}, then="os.abort()"), -6, id="aborted"),
        pytest.param(saying("no object", then="time.sleep(600)"), -9, id="another form"),
        pytest.param(f"{READ} print('?', flush=True); time.sleep(600)", -9, id="no form at all"),
    ],
)
def test_a_process_that_dies_is_begun_again_until_the_plan_is_given_up(
    embedded: Database, code: str, exit_code: int
) -> None:
    plan_id = asked(embedded)
    solver(embedded, code, attempts=2).work(plan_id)
    plan = plan_of(embedded, plan_id)
    assert (plan.state, plan.failure) == ("failed", "solver-died")
    assert plan.figures == {"attempts": 2, "exit_code": exit_code}
    assert [number for _, number in states_of(embedded, plan_id)] == [0, 1, 2, 2]


def test_memory_that_does_not_even_suffice_to_say_so(embedded: Database) -> None:
    plan_id = asked(embedded)
    solver(embedded, f"{READ} os._exit({OUT_OF_MEMORY})").work(plan_id)
    plan = plan_of(embedded, plan_id)
    assert (plan.failure, plan.attempt) == ("out-of-memory", 1)


def test_a_process_that_neither_ends_nor_stops_is_killed(embedded: Database) -> None:
    deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    plan_id = asked(embedded, seconds=0.2)
    making = solver(embedded, saying({"ready": True}, then=deaf), allowance=0.7)
    with in_work(making, plan_id):
        wait_for(lambda: plan_of(embedded, plan_id).state == "running")
        with embedded.writing(EVERYTHING) as session:
            request_stop(session, Plan, plan_id, NOW)
    plan = plan_of(embedded, plan_id)
    assert (plan.state, plan.failure, plan.attempt) == ("failed", "out-of-time", 1)
    assert plan.figures == {"seconds": 1.0}


def test_the_process_has_no_environment_and_learns_no_secret(
    embedded: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    tell = "print(json.dumps({'failure': {'code': 'x', 'figures': {'argv': sys.argv[1:],"
    code = f"import json; {READ} {tell} 'environment': dict(os.environ)}}}}}}))"
    plan_id = asked(embedded, "{}", seconds=7)
    solver(embedded, code, solve_mebibytes=1024).work(plan_id)
    figures = plan_of(embedded, plan_id).figures
    assert figures is not None
    order = {"kind": "plan", "round": "{}", "plan": None, "asked": None}
    assert figures["argv"] == ["7.0", "1024", str(len(json.dumps(order)))]
    # Python adds that one by itself.
    assert set(figures["environment"]) <= {"LC_CTYPE"}


def test_a_wish_for_a_longer_search_than_the_service_allows(embedded: Database) -> None:
    tell = "print(json.dumps({'failure': {'code': 'x', 'figures': {'seconds': sys.argv[1]}}}))"
    plan_id = asked(embedded, seconds=900)
    solver(embedded, f"import json; {READ} {tell}", solve_seconds=60.0).work(plan_id)
    assert plan_of(embedded, plan_id).figures == {"seconds": "60.0"}


def test_a_stop_before_the_search_has_begun_still_gives_a_plan(embedded: Database) -> None:
    plan_id = asked(embedded, write_round(generate("nord", 1)).decode())
    making = solver(embedded)
    with in_work(making, plan_id):
        wait_for(lambda: plan_of(embedded, plan_id).state == "running")
        with embedded.writing(EVERYTHING) as session:
            request_stop(session, Plan, plan_id, NOW)
    plan = plan_of(embedded, plan_id)
    assert (plan.state, plan.status) == ("completed", "feasible")


def test_who_has_lost_the_lease_stops_searching_and_leaves_no_trace(embedded: Database) -> None:
    plan_id = asked(embedded)
    making = solver(embedded, saying({"ready": True}, then="time.sleep(600)"))
    with in_work(making, plan_id) as raised:
        wait_for(lambda: plan_of(embedded, plan_id).state == "running")
        with embedded.writing(EVERYTHING) as session:
            begin(session, plan_id, "w1", attempts=3, now=NOW)
        before = everything_of(embedded, plan_id)
    assert [type(error) for error in raised] == [Elsewhere]
    assert everything_of(embedded, plan_id) == before


def test_who_leaves_gives_the_plan_back(embedded: Database) -> None:
    plan_id = asked(embedded)
    making = solver(embedded, saying({"ready": True}, then="time.sleep(600)"))
    with in_work(making, plan_id) as raised:
        wait_for(lambda: plan_of(embedded, plan_id).state == "running")
        making.leave(60)
        assert states_of(embedded, plan_id) == [("queued", 0), ("running", 1), ("queued", 0)]
    assert [type(error) for error in raised] == [Elsewhere]
    with pytest.raises(Elsewhere):
        making.work(plan_id)
    assert plan_of(embedded, plan_id).state == "queued"


@pytest.mark.parametrize("name", ["begin", "tell", "stop_requested", "complete"])
def test_a_database_that_is_away_for_a_moment_is_waited_for(
    embedded: Database, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(solver_module, "RETRY_SECONDS", 0.01)
    real, away = getattr(solver_module, name), [OperationalError("select", {}, Exception())] * 2

    def sometimes(*args: Any, **kwargs: Any) -> Any:
        if away:
            raise away.pop()
        return real(*args, **kwargs)

    monkeypatch.setattr(solver_module, name, sometimes)
    plan_id = asked(embedded)
    progress = {"progress": {**PROGRESS, "seconds": 0.1}}
    solver(embedded, saying(progress, then=f"time.sleep(1); print({line(RESULT)!r})")).work(plan_id)
    assert away == []
    plan = plan_of(embedded, plan_id)
    assert (plan.state, plan.attempt, plan.content) == ("completed", 1, CONTENT)
    kinds = [event.kind for event in events_of(embedded, plan_id)]
    assert kinds == ["state", "state", "progress", "state"]


def line(result: object) -> str:
    return json.dumps({"result": result})


def test_many_reports_at_once_are_told_in_brief(embedded: Database) -> None:
    """The newest of each level, and every incident."""
    reports: list[object] = []
    for tier in ("placed", "wish"):
        level = {**PROGRESS, "tier": tier, "seconds": 1}
        reports.extend({"progress": level | {"value": value}} for value in range(50))
        reports.append({"incident": {"tier": tier, "level": 1, "outcome": "infeasible"}})
    plan_id = asked(embedded)
    solver(embedded, saying(*reports, {"result": RESULT})).work(plan_id)
    told = [event for event in events_of(embedded, plan_id) if event.kind != "state"]
    assert [event.kind for event in told if event.kind == "incident"] == ["incident"] * 2
    newest = [event.data["value"] for event in told if event.kind == "progress"]
    assert newest.count(49) == 2
    assert len(newest) < 20
    assert plan_of(embedded, plan_id).incidents == 2


@pytest.mark.parametrize("name", ["SolverProcess", "complete"])
def test_a_fault_of_ours_costs_an_attempt_and_no_more(
    embedded: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    name: str,
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("Kari Nordmann")

    monkeypatch.setattr(solver_module, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(solver_module, name, broken)
    plan_id = asked(embedded)
    solver(embedded, saying({"result": RESULT}), attempts=2).work(plan_id)
    plan = plan_of(embedded, plan_id)
    assert (plan.state, plan.failure) == ("failed", "too-many-attempts")
    assert "ZeroDivisionError" in caplog.text
    assert "Nordmann" not in caplog.text

"""Web and worker are killed at random moments while everybody writes: nothing acknowledged is lost.

No run of the solver is lost, done twice or stuck. Moments and contents come from a fixed seed; how
far each process has come by then does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Event

import pytest
from sqlmodel import Session, col, select

from api.clock import utc_now
from api.collecting.moves import admit
from api.running.opening import prepare
from api.running.sample import load_sample
from data.synthetic import generate
from models.database import Database
from models.scope import EVERYTHING
from models.tables import Plan, PlanEvent, Round, Submission, Unit
from tests.api.durability.killing import SEED, free_port, kill_about, nursery
from tests.api.durability.writers import Acknowledged, Writer
from tests.api.running import Site, awaited
from tests.api.served import FINNMARK
from tests.databases import mostly

WEB_KILLS, WORKER_KILLS, PLANS = 6, 2, 2


@dataclass
class Storm:
    """What was acknowledged while processes were killed, and where."""

    acknowledged: Acknowledged
    round: str
    asked: int


@pytest.fixture
def storm(database: Database, tmp_path: Path) -> Storm:
    """Everybody writes while web and worker are killed; then every plan is given time to end."""
    prepare(database)
    load_sample(database, utc_now())
    environment = {
        "DATABASE_URL": database.url,
        "ROTATIONS_LEASE_SECONDS": "2",
        "ROTATIONS_ATTEMPTS": "10",
        "ROTATIONS_REQUESTS_PER_MINUTE": "1000000",
    }
    site = Site(tmp_path, environment)
    token = site.token("planner")
    with database.writing(EVERYTHING) as session:
        collected = session.exec(select(Round)).one().id
        document = generate("finnmark", 3)
        planned, _ = admit(session, FINNMARK, document, author="test", now=utc_now())
    acknowledged, stop = Acknowledged(), Event()
    with nursery(site) as made:
        port = free_port()
        web = f"web {port}"
        made.begin(web)
        made.begin("worker")
        writer = Writer(f"http://127.0.0.1:{port}", token, acknowledged, stop)
        lister = Writer(
            f"http://127.0.0.1:{port}",
            site.token("coordinator", municipality="5614"),
            acknowledged,
            stop,
        )
        lists = f"/v1/rounds/{collected}/municipalities/5614/requests"
        threads = [
            *(writer.start("units", SEED + number) for number in range(3)),
            lister.start("lists", lists, SEED),
            writer.start("plans", f"/v1/rounds/{planned.id}/plans", SEED, PLANS),
        ]
        try:
            kill_about(made, [web] * WEB_KILLS + ["worker"] * WORKER_KILLS, writer)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        assert writer.faults == lister.faults == []
        plans = list(acknowledged.plans.values())
        awaited(lambda: all_ended(database, plans), 60)
    return Storm(acknowledged, collected, PLANS)


def all_ended(database: Database, plans: list[str]) -> bool:
    with database.reading(EVERYTHING) as session:
        states = session.exec(select(col(Plan.state)).where(col(Plan.id).in_(plans))).all()
    return len(states) == len(plans) and not {"queued", "running"} & set(states)


@pytest.mark.parametrize("databases", mostly("sqlite"), indirect=True)
def test_nothing_acknowledged_is_lost_and_no_run_doubled(storm: Storm, database: Database) -> None:
    said = storm.acknowledged
    print(f"{len(said.units)} units, {len(said.lists)} lists, {len(said.plans)} plans")
    assert len(said.units) >= WEB_KILLS + WORKER_KILLS
    assert len(said.lists) >= WEB_KILLS + WORKER_KILLS
    assert len(said.plans) == PLANS
    with database.reading(EVERYTHING) as session:
        units = select(Unit).where(col(Unit.id).startswith("unit-"))
        assert said.units.items() <= {row.id: row.name for row in session.exec(units)}.items()
        lists = select(Submission).where(
            col(Submission.round) == storm.round, col(Submission.municipality) == "5614"
        )
        kept = {row.number: row.hash for row in session.exec(lists)}
        assert said.lists.items() <= kept.items()
        assert kept.keys() == set(range(1, len(kept) + 1))
        assert len(kept) - 1 - len(said.lists) <= 1, "more lists than were handed in"
        rows = session.exec(select(Plan)).all()
        assert {row.id for row in rows} == set(said.plans.values())
        assert {row.state for row in rows} == {"completed"}
        assert len({row.content for row in rows}) == 1
        for row in rows:
            check_events(session, row)


def check_events(session: Session, plan: Plan) -> None:
    """Hold what was told of a plan against what can be: in order, without gap, ended once."""
    rows = select(PlanEvent).where(col(PlanEvent.plan) == plan.id).order_by(col(PlanEvent.number))
    events = session.exec(rows).all()
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    states = [event.data["state"] for event in events if event.kind == "state"]
    assert states[0] == "queued"
    assert states.count("completed") == 1
    assert states[-1] == "completed"
    assert events[-1].kind == "state"
    assert states.count("running") >= plan.attempt >= 1

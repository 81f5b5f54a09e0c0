"""Locked rounds in a database, as a batch finds them."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from sqlmodel import col, select

from api.solving.jobs import prepare
from data.documents import read_round, write_plan
from models.database import Database
from models.scope import EVERYTHING
from models.tables import Plan, Round, Snapshot
from scheduler.planner import plan_round
from scheduler.plans import Plan as Planned
from tests.asked import SAMPLE, snapshot


@cache
def sample() -> str:
    return SAMPLE.read_text(encoding="utf-8")


@cache
def sample_plan() -> Planned:
    return plan_round(read_round(sample().encode()))


def lock(database: Database, document: str | None = None, **row: Any) -> str:
    """Lock a round with a document, by default the sample, and return its id."""
    prepare(database)
    content = document or sample()
    frozen = snapshot(database, content)
    with database.writing(EVERYTHING) as session:
        kept = session.get_one(Snapshot, frozen)
        kept.hash = read_round(content.encode()).hash
        round_ = session.get_one(Round, kept.round)
        for name, value in ({"label": f"runde/{kept.round[:4]}"} | row).items():
            setattr(round_, name, value)
        return kept.round


def plans_of(database: Database, round_id: str) -> list[Plan]:
    """Return a round's plans, the first asked for first."""
    with database.reading(EVERYTHING) as session:
        asked = select(Plan).where(col(Plan.round) == round_id)
        return list(session.exec(asked.order_by(col(Plan.requested_at))))


def end_plans(database: Database, state: str = "completed", **values: Any) -> int:
    """Let every plan that waits end, as if a worker had made it; return how many."""
    made = sample_plan()
    outcome: dict[str, Any] = {
        "completed": {
            "content": write_plan(made).decode(),
            "hash": made.hash,
            "status": str(made.status),
        },
        "failed": {"failure": "out-of-memory"},
        "cancelled": {},
    }[state]
    with database.writing(EVERYTHING) as session:
        waiting = session.exec(select(Plan).where(col(Plan.state) == "queued")).all()
        for plan in waiting:
            for name, value in ({"state": state} | outcome | values).items():
                setattr(plan, name, value)
        return len(waiting)


LONG_AGO = date(2020, 1, 15)


def refreeze(database: Database, round_id: str) -> str:
    """Freeze a round again, as it is, and return the snapshot's id."""
    with database.writing(EVERYTHING) as session:
        last = session.exec(select(Snapshot).where(col(Snapshot.round) == round_id)).one()
        row = last.model_dump() | {"id": f"again-{last.id}", "number": last.number + 1}
        session.add(Snapshot(**row))
        return str(row["id"])

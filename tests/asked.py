"""Plans that somebody has asked for, and what can be read of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import col, select

from api.solving.jobs import Jobs, prepare
from models.database import Database
from models.scope import EVERYTHING
from models.store.rows import saved
from models.store.solves import ask
from models.tables import Organisation, Plan, PlanEvent, Round, Snapshot

NOW = datetime(2027, 1, 15, 12, tzinfo=UTC)
SAMPLE = Path(str(files("data"))) / "samples" / "finnmark" / "round.json"
TRUST = "983974880"


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    """Wait until something is so, but not for ever."""
    pause, until = Event(), time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            pytest.fail("waited in vain")
        pause.wait(0.05)


def snapshot(database: Database, document: str = "{}") -> str:
    """Freeze a document as the only snapshot of a round of its own, and return its id."""
    round_id, snapshot_id = uuid4().hex, uuid4().hex
    made = {"made_at": NOW, "made_by": "somebody"}
    with database.writing(EVERYTHING) as session:
        if session.get(Organisation, TRUST) is None:
            trust = {"number": TRUST, "name": "Foretak", "kind": "HF", "trust": "finnmark"}
            saved(session, None, Organisation, trust)
        about = {"id": round_id, "organisation": TRUST, "label": round_id, "state": "locked"}
        imported = {"decision_date": date(2027, 1, 15), "origin": "imported"}
        saved(session, None, Round, about | imported | made)
        frozen = {"round": round_id, "number": 1, "content": document, "hash": "sha256:0"}
        saved(session, None, Snapshot, {"id": snapshot_id} | frozen | made)
    return snapshot_id


def asked(database: Database, document: str = "{}", seconds: float | None = None) -> str:
    """Ask for a plan of a round of its own, and tell nobody."""
    of = snapshot(database, document)
    with database.writing(EVERYTHING) as session:
        return ask(session, session.get_one(Snapshot, of), seconds, author="somebody", now=NOW).id


def enqueued(database: Database, document: str, seconds: float | None = None) -> str:
    """Ask for a plan, and tell the workers, in one transaction."""
    prepare(database)
    of = snapshot(database, document)
    with database.writing(EVERYTHING) as session:
        frozen = session.get_one(Snapshot, of)
        plan = ask(session, frozen, seconds, author="somebody", now=NOW)
        Jobs(database).enqueue(session, plan.id)
        return plan.id


def plan_of(database: Database, plan_id: str) -> Plan:
    """Return a plan as it is now."""
    with database.reading(EVERYTHING) as session:
        return session.get_one(Plan, plan_id)


def events_of(database: Database, plan_id: str) -> list[PlanEvent]:
    """Return what was told of a plan, in order."""
    with database.reading(EVERYTHING) as session:
        told = select(PlanEvent).where(col(PlanEvent.plan) == plan_id)
        return list(session.exec(told.order_by(col(PlanEvent.number))))


def states_of(database: Database, plan_id: str) -> list[tuple[str, int]]:
    """Return each state that a plan was in, with the attempt."""
    told = [event.data for event in events_of(database, plan_id) if event.kind == "state"]
    return [(data["state"], data["attempt"]) for data in told]


def everything_of(database: Database, plan_id: str) -> dict[str, Any]:
    """Return a plan with its events, to be compared with how it was before."""
    told = [event.model_dump() for event in events_of(database, plan_id)]
    return plan_of(database, plan_id).model_dump() | {"events": told}

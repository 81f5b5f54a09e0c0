"""Rounds that are locked and plans that are made, as rows: for tests of what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlmodel import Session

from data.documents import read_round, write_plan, write_round
from models.scope import EVERYTHING
from models.tables import (
    Participation,
    Plan,
    PlanEvent,
    Policy,
    Publication,
    Round,
    Site,
    Snapshot,
    Unit,
)
from scheduler import plans
from scheduler.planner import plan_round
from scheduler.rounds import Round as Planned
from tests.api.running import awaited
from tests.api.served import ALTA, FINNMARK, NOW, Person, Served

SAMPLE = Path(__file__).parents[3] / "data" / "samples" / "finnmark" / "round.json"


@cache
def finnmark() -> Planned:
    """Return the sample's round."""
    return read_round(SAMPLE.read_bytes())


@cache
def finnmark_plan() -> plans.Plan:
    """Return the sample's plan, proven."""
    return plan_round(finnmark())


@dataclass(frozen=True)
class Locked:
    """A locked round in a served database."""

    served: Served
    round: Planned
    id: str
    snapshot: str

    @property
    def address(self) -> str:
        return f"/v1/rounds/{self.id}/plans"

    def plan(self, plan: plans.Plan | None = None, *, published: bool = False, **row: Any) -> str:
        """Keep a plan, by default one that waits, and return its id; a given one is approved."""
        values: dict[str, Any] = {
            "id": uuid4().hex,
            "round": self.id,
            "snapshot": self.snapshot,
            "origin": "solver",
            "state": "queued",
            "requested_at": NOW,
            "requested_by": "test",
        }
        if plan is not None:
            values |= {
                "state": "completed",
                "started_at": NOW,
                "ended_at": NOW + timedelta(seconds=8),
                "attempt": 1,
                "content": write_plan(plan).decode(),
                "hash": plan.hash,
                "status": str(plan.status),
                "approved_at": NOW,
                "approved_by": "approver",
                "published_at": NOW if published else None,
                "published_by": "test" if published else None,
            }
        with self.served.database.writing(EVERYTHING) as session:
            session.add(Plan(**values | row))
            if published:
                session.flush()
                session.add(
                    Publication(
                        id=uuid4().hex,
                        round=self.id,
                        number=1,
                        plan=str((values | row)["id"]),
                        published_at=NOW,
                        published_by="test",
                    )
                )
        return str((values | row)["id"])

    def refreeze(self, round_: Planned | None = None) -> str:
        """Freeze the round again, by default as it is, and return the snapshot's id."""
        with self.served.database.writing(EVERYTHING) as session:
            return _frozen(session, self.id, round_ or self.round, 2)

    def unlock(self, state: str) -> None:
        """Make a collected round of it, that is not locked."""
        with self.served.database.writing(EVERYTHING) as session:
            row = session.get_one(Round, self.id)
            policy = Policy(
                id=uuid4().hex,
                organisation=row.organisation,
                name="p",
                version=1,
                valid_from=row.decision_date,
                content={},
                made_at=NOW,
                made_by="test",
            )
            session.add(policy)
            session.flush()
            row.policy, row.origin, row.state = policy.id, "collected", state

    def tell(self, plan: str, *kinds: str, first: int = 1) -> None:
        """Tell things of a plan, numbered from `first`."""
        with self.served.database.writing(EVERYTHING) as session:
            for number, kind in enumerate(kinds, first):
                data = {"position": number}
                session.add(PlanEvent(plan=plan, number=number, kind=kind, data=data, told_at=NOW))

    def change(self, plan: str, **row: Any) -> None:
        """Change a plan's row."""
        with self.served.database.writing(EVERYTHING) as session:
            kept = session.get_one(Plan, plan)
            for name, value in row.items():
                setattr(kept, name, value)


def locked(served: Served, round_: Planned, organisation: str = FINNMARK) -> Locked:
    """Lock a round, whose units are registered where the organisation is a trust."""
    id_ = uuid4().hex
    with served.database.writing(EVERYTHING) as session:
        session.add(
            Round(
                id=id_,
                organisation=organisation,
                label=round_.id,
                name=round_.name,
                decision_date=round_.decision_date,
                deadline=NOW,
                state="locked",
                origin="imported",
                made_at=NOW,
                made_by="test",
            )
        )
        session.flush()
        _register(session, round_, organisation)
        for municipality in round_.municipalities:
            session.add(Participation(round=id_, municipality=municipality.id))
        return Locked(served, round_, id_, _frozen(session, id_, round_, 1))


def _register(session: Session, round_: Planned, organisation: str) -> None:
    for site in {unit.site for unit in round_.units}:
        if session.get(Site, site) is None:
            session.add(Site(id=site, name=site, organisation=organisation))
    session.flush()
    for unit in round_.units:
        if session.get(Unit, unit.id) is None:
            goals = list(unit.learning_goals)
            session.add(
                Unit(id=unit.id, name=unit.id, site=unit.site, learning_goals=goals),
            )


def _frozen(session: Session, round_id: str, round_: Planned, number: int) -> str:
    snapshot = uuid4().hex
    session.add(
        Snapshot(
            id=snapshot,
            round=round_id,
            number=number,
            content=write_round(round_).decode(),
            hash=round_.hash,
            made_at=NOW,
            made_by="test",
        )
    )
    return snapshot


def bare(plan: plans.Plan, *without: str) -> dict[str, Any]:
    """Return a plan as somebody writes it by hand: placements alone, but for some candidates'."""
    placements = [
        {"candidate": p.candidate, "window": p.window, "start": str(p.start)}
        for p in plan.placements
        if p.candidate not in without
    ]
    return {"format": "rotations/plan@1", "round": plan.round_id, "placements": placements}


def parties(served: Served) -> list[Person]:
    return [
        served.coordinator(),
        served.as_("candidate", municipality=ALTA, candidate="5601-c2"),
        served.as_("unit_leader", unit="hammerfest-medisin"),
    ]


def ended(person: Person, address: str) -> str:
    """Return the state of a plan or a study when it has ended."""

    def state() -> str | None:
        said = str(person.get(address).json()["state"])
        return None if said in ("queued", "running") else said

    return awaited(state, 60)

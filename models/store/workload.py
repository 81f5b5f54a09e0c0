"""How much there is to do."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from models.tables import Plan
from models.tables.plans import UNFINISHED


@dataclass(frozen=True, slots=True)
class Workload:
    """Plans that wait for a worker, and plans in work."""

    queued: int
    running: int


def workload(session: Session) -> Workload:
    """Return how much there is to do for all workers together."""
    counts = select(col(Plan.state), func.count()).where(col(Plan.state).in_(UNFINISHED))
    found = dict(session.exec(counts.group_by(col(Plan.state))).all())
    return Workload(queued=found.get("queued", 0), running=found.get("running", 0))

"""How much there is to do."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from models.store.work import TABLES
from models.tables.tasks import UNFINISHED


@dataclass(frozen=True, slots=True)
class Workload:
    """Plans and studies that wait for a worker, and those in work."""

    queued: int
    running: int


def workload(session: Session) -> Workload:
    """Return how much there is to do for all workers together."""
    found = Counter[str]()
    for table in TABLES:
        counts = select(col(table.state), func.count()).where(col(table.state).in_(UNFINISHED))
        found.update(dict(session.exec(counts.group_by(col(table.state))).all()))
    return Workload(queued=found["queued"], running=found["running"])

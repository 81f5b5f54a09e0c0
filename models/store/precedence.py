"""Who goes first: what somebody waits for, then explanations, of which the one that is read next.

Explanations of a plan take minutes, and hardly anybody reads more than one of them.
"""

from __future__ import annotations

import json

from sqlmodel import Session, col, select

from models.store.studies import ready
from models.store.work import Lease, Work, taken
from models.tables import Plan, Study
from models.tables.tasks import UNFINISHED
from scheduler.canonical import encode

LAST = "explanations"
"""The kind of work that gives way to any other."""


def outranked(session: Session, lease: Lease) -> bool:
    """Tell whether some work should make room: it is of the last kind, and another one waits."""
    if lease.order.kind != LAST:
        return False
    plans = select(col(Plan.id)).where(col(Plan.state) == "queued")
    others = select(col(Study.id)).where(col(Study.state) == "queued", col(Study.kind) != LAST)
    return any(session.exec(asked.limit(1)).first() is not None for asked in (plans, others))


def hurry(session: Session, study: str, candidate: str) -> None:
    """Have a candidate explained before those for whom nobody has asked; once is enough."""
    row = taken(session, Study, study)
    if row is None or row.kind != LAST or row.state not in UNFINISHED:
        return
    asked = _asked_for(row.asked)
    if candidate not in asked:
        row.asked = _written([*asked, candidate])


def hurried(session: Session, lease: Lease) -> list[str]:
    """Return the candidates whose explanations somebody has asked for, the first one first."""
    asked = session.exec(select(Study.asked).where(col(Study.id) == lease.id)).one_or_none()
    return [] if asked is None or lease.order.kind != LAST else _asked_for(asked)


def still_asked(session: Session, row: Work) -> str | None:
    """Return what is asked of a study: where it explains, also what has been found already."""
    if isinstance(row, Plan):
        return None
    if row.kind != LAST:
        return row.asked
    order = {"first": _asked_for(row.asked), "found": sorted(ready(session, row.id))}
    return encode(order).decode()


def _asked_for(asked: str) -> list[str]:
    return [str(each) for each in json.loads(asked).get("first", [])]


def _written(first: list[str]) -> str:
    return encode({"first": first}).decode()

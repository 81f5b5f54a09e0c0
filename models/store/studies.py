"""Studies for those who ask for them and read them; `models.store.solves` has them made."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import func
from sqlalchemy.orm import defer
from sqlmodel import Session, col, delete, select
from sqlmodel.sql.expression import SelectOfScalar

from models.store.rows import saved
from models.tables import Explained, Plan, Snapshot, Study
from models.tables.tasks import UNFINISHED

MOST_UNFINISHED = 5
"""What-ifs of one round that may wait or be in work: a worker does one thing at a time."""

MOST_SCENARIOS = 12
"""Scenarios that are kept of one round: each is compared with each other."""

STANDING = (*UNFINISHED, "completed")
"""States of a study that need not be asked for again."""

_WITHOUT_CONTENT = (
    defer(Study.content),  # type: ignore[arg-type] # a column, once mapped
    defer(Study.asked),  # type: ignore[arg-type] # as above
)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a snapshot: which kind of study, in canonical JSON what, and its name."""

    kind: str
    asked: str = "{}"
    name: str | None = None


def ask(
    session: Session, snapshot: Snapshot, question: Question, *, author: str, now: datetime
) -> Study:
    """Ask for a study of a snapshot; it waits until a worker is told of it."""
    of = {"round": snapshot.round, "snapshot": snapshot.id}
    return _queued(session, asdict(question) | of, author, now)


def ask_why(session: Session, plan: Plan, *, author: str, now: datetime) -> Study:
    """Ask why a completed plan is as it is; everybody in it is explained."""
    of = {"round": plan.round, "snapshot": plan.snapshot, "plan": plan.id}
    return _queued(session, asdict(Question("explanations")) | of, author, now)


def _queued(session: Session, about: Mapping[str, Any], author: str, now: datetime) -> Study:
    made = {"id": uuid4().hex, "state": "queued", "requested_at": now, "requested_by": author}
    return saved(session, None, Study, made | dict(about))


def of_plan(session: Session, plan: str) -> Study | None:
    """Return the newest explanations of a plan."""
    rows = select(Study).where(col(Study.plan) == plan)
    return session.exec(_newest(rows)).first()


def of_snapshot(session: Session, snapshot: str, kind: str) -> Study | None:
    """Return the newest study of a kind that a snapshot has."""
    rows = select(Study).where(col(Study.snapshot) == snapshot, col(Study.kind) == kind)
    return session.exec(_newest(rows)).first()


def _newest(rows: SelectOfScalar[Study]) -> SelectOfScalar[Study]:
    """Ask for the one that stands, else for the newest that failed or was cancelled."""
    stands = col(Study.state).in_(STANDING).desc()
    return rows.order_by(stands, col(Study.requested_at).desc(), col(Study.id)).limit(1)


def one(session: Session, id_: str, kind: str) -> Study | None:
    """Return a study of a kind in scope."""
    rows = select(Study).where(col(Study.id) == id_, col(Study.kind) == kind)
    return session.exec(rows).one_or_none()


def of_round(round_id: str, kind: str) -> SelectOfScalar[Study]:
    """Return the question for a round's studies of a kind, without what was asked and found."""
    rows = select(Study).where(col(Study.round) == round_id, col(Study.kind) == kind)
    return rows.options(*_WITHOUT_CONTENT)


def scenarios(session: Session, snapshot: str) -> Sequence[Study]:
    """Return the completed scenarios of a snapshot, in the order in which they were asked for."""
    rows = select(Study).where(
        col(Study.snapshot) == snapshot,
        col(Study.kind) == "scenario",
        col(Study.state) == "completed",
    )
    return session.exec(rows.order_by(col(Study.requested_at), col(Study.id))).all()


def unfinished(session: Session, round_id: str) -> int:
    """Return how many what-ifs of a round wait or are in work; explanations are another matter."""
    counted = select(func.count()).select_from(Study)
    waiting = counted.where(
        col(Study.round) == round_id,
        col(Study.kind) != "explanations",
        col(Study.state).in_(UNFINISHED),
    )
    return session.exec(waiting).one()


def kept(session: Session, round_id: str, kind: str) -> int:
    """Return how many studies of a kind a round has."""
    counted = select(func.count()).select_from(Study)
    return session.exec(counted.where(col(Study.round) == round_id, col(Study.kind) == kind)).one()


def explained(session: Session, study: str, candidate: str) -> str | None:
    """Return the explanation of a candidate in scope, where it has been found."""
    rows = select(Explained.content).where(
        col(Explained.study) == study, col(Explained.candidate) == candidate
    )
    return session.exec(rows).one_or_none()


def ready(session: Session, study: str) -> frozenset[str]:
    """Return the candidates in scope whose explanations have been found."""
    rows = select(Explained.candidate).where(col(Explained.study) == study)
    return frozenset(session.exec(rows))


def what_ifs(session: Session, rounds: Collection[str]) -> Sequence[Study]:
    """Return all studies of rounds but explanations: whatever they say can be asked again."""
    rows = select(Study).where(col(Study.round).in_(rounds), col(Study.kind) != "explanations")
    return session.exec(rows.order_by(col(Study.id))).all()


def remove(session: Session, rows: Collection[Study]) -> int:
    """Remove studies, also those in work, and return how many that were."""
    for row in rows:
        session.exec(delete(Explained).where(col(Explained.study) == row.id))
        session.delete(row)
    session.flush()
    return len(rows)

"""Work on frozen rounds as it stands: who holds it, and how it moves from state to state.

`models.store.solves` does it, `models.store.orphans` sees to what is in nobody's hands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlmodel import Session, col, delete, select

from models.store import audit, plan_events
from models.tables import Plan, Share, Study

SERVICE = "rotations worker"
"""Who is recorded as having ended work that nobody cancelled over HTTP."""

ENDINGS = {"completed": "complete", "failed": "fail", "cancelled": "cancel"}
"""As what the ends of work are entered, by its state, together with what it is."""

Work = Plan | Study

TABLES: tuple[type[Plan] | type[Study], ...] = (Plan, Study)
"""Where work stands; an id is in one of them alone."""

Row = TypeVar("Row", Plan, Study)


class LostLease(Exception):
    """The work is no longer in these hands: what they bring is refused."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done, with all that it takes.

    Attributes
    ----------
    kind
        ``plan``, or the kind of a study.
    round
        The round, ``rotations/round@1``.
    plan
        The plan to be explained, ``rotations/plan@1``.
    asked
        What was asked of a study.
    """

    kind: str
    round: str
    plan: str | None = None
    asked: str | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """Work in somebody's hands.

    Attributes
    ----------
    id
        Of the plan or study.
    token
        Shown with every change.
    attempt
        How often the work has been begun, at least 1.
    seconds
        Longest search that was asked for, in seconds; None = no wish.
    """

    id: str
    token: str
    attempt: int
    order: Order
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Result:
    """What came of some work: of a plan with hash and status, of a study with figures for a list.

    Explanations have been told one by one: they have no content.
    """

    content: str | None = None
    hash: str | None = None
    status: str | None = None
    figures: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why work cannot be done: a stable code, and what a sentence about it needs."""

    code: str
    figures: Mapping[str, Any]


def taken(session: Session, table: type[Row], id_: str) -> Row | None:
    """Return some work as it is now, not to be changed by others before the transaction ends."""
    asked = select(table).where(col(table.id) == id_).with_for_update()
    return session.exec(asked, execution_options={"populate_existing": True}).one_or_none()


def found(session: Session, id_: str) -> Work | None:
    """Return work of either kind, as `taken` does."""
    return taken(session, Plan, id_) or taken(session, Study, id_)


def held(session: Session, lease: Lease) -> Work:
    """Return what a lease is for; LostLease where it holds no more."""
    row = found(session, lease.id)
    if row is None or row.lease != lease.token:
        raise LostLease
    return row


def wait_again(session: Session, row: Work, now: datetime) -> None:
    """Put work back into the queue."""
    row.state, row.lease = "queued", None
    row.started_at, row.progress = None, None
    moved(session, row, now)


def end(session: Session, row: Work, state: str, now: datetime) -> None:
    """End work in a state; whoever answers the call enters it in the audit."""
    row.state, row.lease, row.ended_at = state, None, now
    if isinstance(row, Plan):
        session.exec(delete(Share).where(col(Share.plan) == row.id))
    moved(session, row, now)


def moved(session: Session, row: Work, now: datetime) -> None:
    """Tell which state a plan has come to; a study's row says all there is."""
    if isinstance(row, Plan):
        plan_events.append_state(session, row, now)


def end_by_itself(session: Session, row: Work, state: str, now: datetime) -> None:
    """End work in a state, and enter that the service did."""
    end(session, row, state, now)
    about = audit.About(round=row.round)
    if isinstance(row, Plan):
        operation, about["plan"] = f"{ENDINGS[state]}_plan", row.id
    else:
        operation, about["named"] = f"{ENDINGS[state]}_study", {"studies": row.id}
    audit.append(session, [audit.Told.change(SERVICE, operation, now, **about)])

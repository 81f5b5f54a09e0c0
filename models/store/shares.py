"""Shares of a plan in the making: offered by its holder, taken by whoever is free, brought back.

A share is in the hands of a worker as long as that worker's row stands; then it is open again.
Taking it anew gives out another lease, and what comes with the old one is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from secrets import token_hex

from sqlmodel import Session, col, delete, or_, select, update

from models.store.work import Lease, LostLease, held
from models.store.workers import expect_worker
from models.tables import Plan, Share, Snapshot, Worker


@dataclass(frozen=True, slots=True)
class Offered:
    """A share to work out: what is asked, and the longest search."""

    asked: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Taken:
    """A share in somebody's hands, with the token that its outcome is brought with."""

    plan: str
    number: int
    token: str
    offered: Offered


def offer(session: Session, lease: Lease, offered: Sequence[Offered]) -> list[int]:
    """Let others take these shares and no other ones; return their numbers, in this order.

    What was worked out for an attempt that died is worked out: it keeps its number.

    Raises
    ------
    LostLease
        Another one has begun the plan, or it has ended.
    """
    held(session, lease)
    known = session.exec(select(Share.asked, Share.number).where(col(Share.plan) == lease.id)).all()
    by_asked = dict(known)
    wanted = {each.asked for each in offered}
    stale = [number for asked, number in known if asked not in wanted]
    undone = col(Share.number).in_(stale) & col(Share.content).is_(None)
    session.exec(delete(Share).where(col(Share.plan) == lease.id, undone))
    free = max(by_asked.values(), default=0) + 1
    for each in offered:
        if each.asked not in by_asked:
            by_asked[each.asked] = free
            row = Share(plan=lease.id, number=free, asked=each.asked, seconds=each.seconds)
            session.add(row)
            free += 1
    return [by_asked[each.asked] for each in offered]


def take(session: Session, plan: str, worker: str, attempts: int | None = None) -> Taken | None:
    """Take an open share of a plan; None where there is none.

    Parameters
    ----------
    attempts
        What was begun so often is left to the plan's holder, who gives none.

    Raises
    ------
    GivenUp
        The worker counts as dead.
    """
    expect_worker(session, worker)
    others = select(Worker.id).where(col(Worker.id) != worker)  # who asks has nothing in work
    is_open = or_(col(Share.worker).is_(None), col(Share.worker).not_in(others))
    asked = select(Share).where(col(Share.plan) == plan, col(Share.content).is_(None), is_open)
    if attempts is not None:
        asked = asked.where(col(Share.attempt) < attempts)
    first = asked.order_by(col(Share.number)).limit(1).with_for_update(skip_locked=True)
    row = session.exec(first, execution_options={"populate_existing": True}).one_or_none()
    if row is None:
        return None
    row.worker, row.lease = worker, token_hex(16)
    row.attempt += 1
    return Taken(plan, row.number, row.lease, Offered(row.asked, row.seconds))


def bring(session: Session, taken: Taken, content: str) -> None:
    """Keep what came of a share.

    Raises
    ------
    LostLease
        Another one has it, or the plan has ended.
    """
    _change(session, taken, content=content)


def let_go(session: Session, taken: Taken) -> None:
    """Leave a share to others.

    Raises
    ------
    LostLease
        Another one has it, or the plan has ended.
    """
    _change(session, taken, worker=None, lease=None)


def _change(session: Session, taken: Taken, **values: str | None) -> None:
    whose = (
        col(Share.plan) == taken.plan,
        col(Share.number) == taken.number,
        col(Share.lease) == taken.token,
    )
    changed = session.exec(
        update(Share).where(*whose, col(Share.content).is_(None)).values(values),
        execution_options={"synchronize_session": False},
    )
    if changed.rowcount != 1:
        raise LostLease


def brought(session: Session, plan: str, numbers: Collection[int]) -> dict[int, str]:
    """Return what has come of some shares of a plan, by number."""
    asked = select(Share.number, Share.content).where(
        col(Share.plan) == plan, col(Share.number).in_(numbers), col(Share.content).is_not(None)
    )
    return {number: content for number, content in session.exec(asked) if content is not None}


def wanted(session: Session, plan: str) -> bool:
    """Tell whether a plan is in the making, and nobody has asked to stop."""
    asked = select(Plan.id).where(
        col(Plan.id) == plan,
        col(Plan.state) == "running",
        col(Plan.stop_requested_at).is_(None),
    )
    return session.exec(asked).one_or_none() is not None


def waiting(session: Session, plan: str) -> bool:
    """Tell whether a plan that is wanted has a share that has not been worked out."""
    asked = select(Share.number).where(col(Share.plan) == plan, col(Share.content).is_(None))
    return wanted(session, plan) and session.exec(asked.limit(1)).first() is not None


def round_of(session: Session, plan: str) -> str:
    """Return the document of the round that a plan is made of."""
    asked = select(Snapshot.content).join(Plan, col(Plan.snapshot) == col(Snapshot.id))
    return session.exec(asked.where(col(Plan.id) == plan)).one()

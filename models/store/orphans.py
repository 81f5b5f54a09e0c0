"""Work whose worker has died, or that no worker will ever hear of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from models.store.work import TABLES, end_by_itself, found, wait_again
from models.tables import Plan, Study
from models.tables.tasks import UNFINISHED


def leases(session: Session) -> dict[str, str]:
    """Return the leases of the work in hands, by its id."""
    known: dict[str, str] = {}
    for table in TABLES:
        held = select(col(table.id), col(table.lease)).where(col(table.state) == "running")
        known |= {id_: lease for id_, lease in session.exec(held).all() if lease}
    return known


def release(session: Session, id_: str, lease: str, now: datetime) -> None:
    """Let work wait again whose worker has died; nothing, where another one has begun it.

    The attempt counts: it may be the work that workers die of.
    """
    row = found(session, id_)
    if row is not None and row.lease == lease:
        wait_again(session, row, now)


def wanting(session: Session, tables: Iterable[type[Plan] | type[Study]] = TABLES) -> set[str]:
    """Return the work that waits or is in hands, by its ids."""
    asked = (select(col(table.id)).where(col(table.state).in_(UNFINISHED)) for table in tables)
    return {id_ for each in asked for id_ in session.exec(each)}


def drop(session: Session, id_: str, now: datetime) -> bool:
    """Give up work that is in nobody's hands any more; return whether it had not ended."""
    row = found(session, id_)
    if row is None or row.state not in UNFINISHED:
        return False
    row.failure, row.figures = "lost", {"attempts": row.attempt}
    end_by_itself(session, row, "failed", now)
    return True

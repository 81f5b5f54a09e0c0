"""Worker processes: who is there, and who was given up.

A worker enters its row before it takes work, and a row that was taken away never comes back: its
worker was given up, and others may already have its work.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, delete, select, update

from models.tables import Worker


class GivenUp(Exception):
    """The worker was not seen for so long that others took its work: it must leave."""


def enter(session: Session, worker: str, now: datetime) -> None:
    """Say that a worker is there."""
    session.add(Worker(id=worker, started_at=now, seen_at=now))


def show(session: Session, worker: str, now: datetime) -> None:
    """Say that a worker is still there.

    Raises
    ------
    GivenUp
        Others have its work.
    """
    changed = session.exec(update(Worker).where(col(Worker.id) == worker).values(seen_at=now))
    if changed.rowcount != 1:
        raise GivenUp


def expect_worker(session: Session, worker: str) -> None:
    """Make sure that a worker is not given up before the transaction ends.

    Raises
    ------
    GivenUp
        Others have its work.
    """
    asked = select(col(Worker.id)).where(col(Worker.id) == worker).with_for_update(read=True)
    if session.exec(asked).one_or_none() is None:
        raise GivenUp


def seen(session: Session) -> Mapping[str, datetime]:
    """Return when each worker said last that it is there, by its own clock."""
    return dict(session.exec(select(col(Worker.id), col(Worker.seen_at))).all())


def give_up(session: Session, worker: str, seen_at: datetime) -> bool:
    """Take a worker's row away where nothing was seen of it since; True for who took it."""
    statement = delete(Worker).where(col(Worker.id) == worker, col(Worker.seen_at) == seen_at)
    return session.exec(statement).rowcount == 1


def leave(session: Session, worker: str) -> None:
    """Say that a worker goes; what it leaves undone is for others."""
    session.exec(delete(Worker).where(col(Worker.id) == worker))

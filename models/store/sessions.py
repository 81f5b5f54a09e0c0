"""Who is signed in to the pages, and the links by which somebody may sign in once."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, delete, select, update

from models.tables import SignedIn, SignInLink


def begin(session: Session, row: SignedIn) -> None:
    """Let somebody be signed in."""
    session.add(row)


def found(session: Session, id_: str, now: datetime, idle: timedelta) -> SignedIn | None:
    """Return a session that has not ended, neither by its time nor because nobody came back."""
    row = session.get(SignedIn, id_)
    if row is None or now >= row.ends_at or now >= row.seen_at + idle:
        return None
    return row


def seen(session: Session, id_: str, now: datetime) -> None:
    """Put down that somebody has come back."""
    session.exec(update(SignedIn).where(col(SignedIn.id) == id_).values(seen_at=now))


def end(session: Session, id_: str) -> None:
    """Sign somebody out."""
    session.exec(delete(SignedIn).where(col(SignedIn.id) == id_))


def offer(session: Session, row: SignInLink) -> None:
    """Keep a link."""
    session.add(row)


def is_offered(session: Session, id_: str, now: datetime) -> bool:
    """Tell whether a link is still good."""
    row = session.get(SignInLink, id_)
    return row is not None and now < row.ends_at


def redeem(session: Session, id_: str, now: datetime) -> str | None:
    """Use a link up and return whose it was; None where it was used before, or too late.

    Of two who use it at once the second finds nothing to take away.
    """
    row = session.exec(select(SignInLink).where(col(SignInLink.id) == id_)).first()
    if row is None:
        return None
    subject, is_good = row.subject, now < row.ends_at
    taken = session.exec(delete(SignInLink).where(col(SignInLink.id) == id_)).rowcount
    return subject if is_good and taken else None


def over(now: datetime, idle: timedelta) -> ColumnElement[bool]:
    """Condition: a session has ended."""
    return or_(col(SignedIn.ends_at) <= now, col(SignedIn.seen_at) <= now - idle)


def remove_over(session: Session, now: datetime, idle: timedelta) -> None:
    """Remove sessions and links that are good for nothing any more."""
    session.exec(delete(SignedIn).where(over(now, idle)))
    session.exec(delete(SignInLink).where(col(SignInLink.ends_at) <= now))

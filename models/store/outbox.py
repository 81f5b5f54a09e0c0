"""The outbox: notices taken out one by one, sent, tried again, or given up."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, delete, or_, select, update

from models.tables import Municipality, Notice, Organisation, RestoredNotice, Unit

SENDING = timedelta(seconds=45)
"""How long handing over one notice may take; whoever sends has to break off then."""

FIRST_PAUSE = SENDING + timedelta(seconds=15)
"""The pause is the lease too: longer than a notice may take, by more than clocks may differ."""

LONGEST_PAUSE = timedelta(hours=4)

ATTEMPTS = 14
"""How often sending is tried: over a day and a quarter of an hour, by the pauses between."""

RESTORED = "restored"
"""Why a notice is given up that waited in a backup: it may have been sent before the restore."""


def take_due(session: Session, now: datetime, resting: Collection[str]) -> Notice | None:
    """Return the notice that has waited longest, and let nobody else take it for a while.

    The pause before the next attempt is also the lease of this one: whoever is killed while
    sending needs nobody to clear up.

    Parameters
    ----------
    resting
        Channels and recipients that take nothing at the moment.
    """
    rows = (
        select(Notice)
        .where(
            col(Notice.state) == "waiting",
            # A clock that was set back holds up nothing that has not been tried yet.
            or_(col(Notice.attempts) == 0, col(Notice.due_at) <= now),
            col(Notice.channel).not_in(sorted(resting)),
            col(Notice.recipient).not_in(sorted(resting)),
        )
        .order_by(col(Notice.due_at), col(Notice.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    notice = session.exec(rows).first()
    if notice is not None:
        notice.attempts += 1
        notice.due_at = now + pause_after(notice.attempts)
        session.flush()
    return notice


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts, at least 1: twice as long each time."""
    doublings: int = 2 ** min(attempts - 1, 16)
    return min(FIRST_PAUSE * doublings, LONGEST_PAUSE)


def mark_sent(session: Session, notice: Notice, now: datetime) -> None:
    """Note that the receiver has taken a notice, whoever else may be trying it meanwhile."""
    _settle(session, notice, state="sent", sent_at=now, failure=None)


def mark_failed(session: Session, notice: Notice, code: str, *, final: bool) -> bool:
    """Note why a notice could not be sent; after the last attempt it is given up: True.

    Parameters
    ----------
    final
        Whether trying again is of no use.
    """
    over = final or notice.attempts >= ATTEMPTS
    noted = _settle(session, notice, state="failed" if over else "waiting", failure=code)
    return noted and over


def send_again(session: Session, notice: Notice, now: datetime) -> None:
    """Let a notice that was given up wait anew, for the address that its party has by now."""
    party = _party(session, notice) if notice.channel == "email" else None
    if party is not None and party.contact is not None:
        notice.recipient, notice.language = party.contact, party.language
    notice.state, notice.failure, notice.attempts, notice.due_at = "waiting", None, 0, now
    session.flush()


def mark_restored(session: Session) -> None:
    """Note which notices wait in a backup that is being put back."""
    waiting = select(Notice.id).where(col(Notice.state) == "waiting")
    session.add_all([RestoredNotice(id=id_) for id_ in session.exec(waiting)])


def keep_back(session: Session) -> None:
    """Give up what waited in a backup that was put back."""
    restored = col(Notice.id).in_(select(RestoredNotice.id))
    waiting = restored & (col(Notice.state) == "waiting")
    session.exec(update(Notice).where(waiting).values(state="failed", failure=RESTORED))
    session.exec(delete(RestoredNotice))


def counts(session: Session) -> Mapping[str, int]:
    """Return how many notices wait and how many were given up, by state."""
    rows = select(col(Notice.state), func.count()).where(col(Notice.state) != "sent")
    found = dict(session.exec(rows.group_by(col(Notice.state))).all())
    return {state: found.get(state, 0) for state in ("waiting", "failed")}


def _settle(session: Session, notice: Notice, **values: Any) -> bool:
    waiting = (col(Notice.id) == notice.id) & (col(Notice.state) == "waiting")
    return session.exec(update(Notice).where(waiting).values(**values)).rowcount > 0


def _party(session: Session, notice: Notice) -> Municipality | Unit | Organisation | None:
    """Return whom a letter is to."""
    if notice.municipality is not None:
        return session.get(Municipality, notice.municipality)
    if notice.unit is not None:
        return session.get(Unit, notice.unit)
    return session.get(Organisation, notice.organisation)

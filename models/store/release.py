"""Publications: which plan of a round is in force, since when, and what became of those before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import func
from sqlmodel import Session, col, select

from models.tables import Plan, Publication


def in_force(session: Session, round_id: str) -> Publication | None:
    """Return the publication of a round that is in force."""
    rows = select(Publication).where(
        col(Publication.round) == round_id, col(Publication.ended_at).is_(None)
    )
    return session.exec(rows).one_or_none()


def publications(session: Session, round_id: str) -> Sequence[Publication]:
    """Return every publication of a round, the newest first."""
    rows = select(Publication).where(col(Publication.round) == round_id)
    return session.exec(rows.order_by(col(Publication.number).desc())).all()


def approve(session: Session, plan: Plan, *, author: str, now: datetime) -> None:
    """Note who has approved a plan; the database refuses whoever asked for it."""
    plan.approved_at, plan.approved_by = now, author
    session.flush()


def publish(
    session: Session, plan: Plan, before: Publication | None, *, author: str, now: datetime
) -> Publication:
    """Put a plan in force, in the place of the publication `before`; the round is taken."""
    if before is not None:
        _end(session, before, "replaced", None, author=author, now=now)
    last = select(func.max(Publication.number)).where(col(Publication.round) == plan.round)
    row = Publication(
        id=uuid4().hex,
        round=plan.round,
        number=(session.exec(last).one() or 0) + 1,
        plan=plan.id,
        replaces=None if before is None else before.id,
        published_at=now,
        published_by=author,
    )
    session.add(row)
    _show(session, plan, row)
    return row


def void(
    session: Session, publication: Publication, reason: str, *, author: str, now: datetime
) -> Publication | None:
    """End a publication that was wrong; return the one before it, which is in force again.

    Its plan is published no more without being approved anew.
    """
    _end(session, publication, "voided", reason, author=author, now=now)
    wrong = session.get_one(Plan, publication.plan)
    wrong.approved_at = wrong.approved_by = None
    if publication.replaces is None:
        return None
    before = session.get_one(Publication, publication.replaces)
    before.ended_at = before.ended_by = before.ending = before.reason = None
    _show(session, session.get_one(Plan, before.plan), before)
    return before


def _end(
    session: Session,
    publication: Publication,
    ending: str,
    reason: str | None,
    *,
    author: str,
    now: datetime,
) -> None:
    publication.ended_at, publication.ended_by = now, author
    publication.ending, publication.reason = ending, reason
    plan = session.get_one(Plan, publication.plan)
    plan.published_at = plan.published_by = None
    session.flush()


def _show(session: Session, plan: Plan, publication: Publication) -> None:
    plan.published_at, plan.published_by = publication.published_at, publication.published_by
    session.flush()

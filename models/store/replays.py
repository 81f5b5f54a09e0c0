"""Answers that are kept for a caller who sends the same request again."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, delete, select

from models.scope import UNCONFINED
from models.tables import IdempotencyKey


def kept_answer(session: Session, subject: str, key: str) -> IdempotencyKey | None:
    """Return what was answered to a subject's request with this key."""
    mine = (col(IdempotencyKey.subject) == subject) & (col(IdempotencyKey.key) == key)
    rows = select(IdempotencyKey).where(mine).execution_options(**UNCONFINED)
    return session.exec(rows).one_or_none()


def forget_answers(session: Session, issuer: str, subject: str) -> None:
    """Forget what was answered to somebody: a right taken back must not be replayed."""
    theirs = delete(IdempotencyKey).where(col(IdempotencyKey.subject) == f"{issuer}|{subject}")
    session.exec(theirs.execution_options(**UNCONFINED))


def keep_answer(session: Session, answer: IdempotencyKey, expired: datetime) -> None:
    """Keep an answer, and no longer those to the same subject from before an instant."""
    old = delete(IdempotencyKey).where(
        col(IdempotencyKey.subject) == answer.subject,
        col(IdempotencyKey.answered_at) < expired,
    )
    session.exec(old.execution_options(**UNCONFINED))
    session.add(answer)

"""What is kept no longer: rounds that are over, and rows that have served."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, delete, select

from models.tables import (
    Grant,
    IdempotencyKey,
    Notice,
    Placement,
    Plan,
    Round,
    Webhook,
    Worker,
)
from models.tables.release import UNDERWAY


def rounds_over(session: Session, before: date) -> Iterator[str]:
    """Yield the rounds whose decision, last plan and last placement lie before a day."""
    for round_ in session.exec(select(Round).order_by(col(Round.id))).all():
        ends = [round_.decision_date, *_plan_days(session, round_.id)]
        stays = session.exec(select(Placement).where(col(Placement.round) == round_.id)).all()
        ends += [stay.end for stay in stays]
        if max(ends) < before and not any(stay.state in UNDERWAY for stay in stays):
            yield round_.id


def _plan_days(session: Session, round_id: str) -> list[date]:
    asked = select(Plan.requested_at, Plan.ended_at).where(col(Plan.round) == round_id)
    return [moment.date() for row in session.exec(asked) for moment in row if moment is not None]


def answers_before(moment: datetime) -> ColumnElement[bool]:
    """Condition: an answer was given before a moment."""
    return col(IdempotencyKey.answered_at) < moment


def workers_before(moment: datetime) -> ColumnElement[bool]:
    """Condition: a worker was last seen before a moment."""
    return col(Worker.seen_at) < moment


def notices_before(moment: datetime) -> ColumnElement[bool]:
    """Condition: a notice was made before a moment and waits no more."""
    return (col(Notice.state) != "waiting") & (col(Notice.made_at) < moment)


def webhooks_before(moment: datetime) -> ColumnElement[bool]:
    """Condition: a webhook was removed before a moment."""
    return col(Webhook.removed_at) < moment


def rights_before(moment: datetime) -> ColumnElement[bool]:
    """Condition: a right was taken back before a moment, or ended by then."""
    return or_(col(Grant.revoked_at) < moment, col(Grant.ends_on) < moment.date())


def removed(session: Session, conditions: Mapping[Any, ColumnElement[bool]]) -> dict[str, int]:
    """Remove the rows of each table that its condition names; return how many, by table."""
    return {
        str(table.__tablename__): session.exec(delete(table).where(condition)).rowcount
        for table, condition in conditions.items()
    }

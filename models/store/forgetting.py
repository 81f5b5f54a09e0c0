"""What is kept no longer: rounds that are over, and rows that have served."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, or_
from sqlmodel import Session, col, delete, select, update
from sqlmodel.sql.expression import SelectOfScalar

from models.tables import (
    AuditEntry,
    Grant,
    IdempotencyKey,
    Notice,
    Offer,
    Placement,
    PlacementStep,
    Plan,
    Publication,
    Round,
    Submission,
    Supervisor,
    Transition,
    Webhook,
    Worker,
)
from models.tables.release import UNDERWAY

_WRITTEN_DOWN = ("create_supervisor", "put_supervisor")
"""Changes by which a municipality says that it has a supervisor."""

_NAMED = '"name":"'
"""How canonical JSON writes a name; a list has names of candidates alone."""


def rounds_over(session: Session, before: date) -> Iterator[str]:
    """Yield the rounds whose decision, last plan and last placement lie before a day."""
    own = col(Placement.round) == col(Round.id)
    lasts = exists().where(
        own, or_(col(Placement.end) >= before, col(Placement.state).in_(UNDERWAY))
    )
    decided = select(Round.id).where(col(Round.decision_date) < before, ~lasts)
    for round_id in session.exec(decided.order_by(col(Round.id))).all():
        if all(day < before for day in _plan_days(session, round_id)):
            yield round_id


def telling_lists(round_id: str, erased: str) -> SelectOfScalar[Submission]:
    """Return the question for a round's lists with a name in them, or a reason that is not gone."""
    return select(Submission).where(
        col(Submission.round) == round_id,
        or_(col(Submission.content).contains(_NAMED), col(Submission.late_reason) != erased),
    )


def _plan_days(session: Session, round_id: str) -> list[date]:
    asked = select(Plan.requested_at, Plan.ended_at).where(col(Plan.round) == round_id)
    return [moment.date() for row in session.exec(asked) for moment in row if moment is not None]


def reasons_erased(session: Session, round_id: str, erased: str) -> dict[str, int]:
    """Put a word in the place of a round's reasons, but for its lists'; return rows by table."""
    places: dict[str, tuple[Any, Any]] = {
        "transitions": (Transition, Transition.reason),
        "publications": (Publication, Publication.reason),
        "offers": (Offer, Offer.reason),
    }
    return {
        name: session.exec(
            update(table)
            .where(col(table.round) == round_id, col(reason) != erased)
            .values({reason: erased})
        ).rowcount
        for name, (table, reason) in places.items()
    }


def supervisors_unneeded(session: Session, before: datetime) -> Iterator[Supervisor]:
    """Yield the supervisors whom nothing has named since an instant, and who were known before it.

    That is: no list, no placement that lasted beyond it, no exemption, and nobody has written
    anything down about them since. Where the audit is younger than that, nobody can tell.
    """
    first = session.exec(select(AuditEntry.at).order_by(col(AuditEntry.number)).limit(1)).first()
    if first is None or first >= before:
        return
    needed = {*_supervisors_of_lists(session, before), *_supervisors_of_stays(session, before)}
    written = select(AuditEntry.content).where(
        col(AuditEntry.at) >= before, col(AuditEntry.operation).in_(_WRITTEN_DOWN)
    )
    said = (json.loads(content) for content in session.exec(written))
    needed |= {each.get("named", {}).get("supervisors") for each in said}
    for row in session.exec(select(Supervisor).order_by(col(Supervisor.id))):
        exempt = row.exempt_until is not None and row.exempt_until >= before.date()
        if row.id not in needed and not exempt:
            yield row


def _supervisors_of_lists(session: Session, since: datetime) -> Iterator[str | None]:
    lists = (
        select(Submission.content)
        .join(Round, col(Round.id) == col(Submission.round))
        .where(or_(col(Submission.submitted_at) >= since, col(Round.decision_date) >= since.date()))
    )
    for content in session.exec(lists):
        yield from (each.get("supervisor") for each in json.loads(content)["candidates"])


def _supervisors_of_stays(session: Session, since: datetime) -> Iterator[str | None]:
    stays = (
        select(Placement.supervisor, PlacementStep.figures)
        .join(PlacementStep, col(PlacementStep.placement) == col(Placement.id), isouter=True)
        .where(or_(col(Placement.end) >= since.date(), col(Placement.state).in_(UNDERWAY)))
    )
    for supervisor, figures in session.exec(stays):
        yield supervisor
        yield (figures or {}).get("supervisor")


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

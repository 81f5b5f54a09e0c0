"""Reminders: what is due soon is told to whoever must do it, once, as long as it is yet to be done.

They are worked out from the deadlines anew each time, and only what is new is told: nobody keeps
count of what was, so that an outage, a second worker or a clock set back repeats nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlmodel import Session

from api.calendar import working_days_before
from api.clock import norwegian_date
from api.deadlines.deadline import Deadline
from api.deadlines.found import tasks
from api.settings import Settings
from models.database import Database
from models.scope import EVERYTHING
from models.store.notices import Telling, tell_anew
from models.tables import Municipality, Round

ANSWER_WORKING_DAYS = 1
"""Before the last day of an offer: early enough to reach the candidate, late enough to be rare."""

LIST_DAYS = (7, 1)
"""Before a round's deadline: a list takes a week to agree on, and a day to be sent."""

EVALUATION_DAYS = 30
"""Before the end of a stay: unit, supervisor and trainee have to find a day together."""

ENDING_DAYS = 90
"""Before an exemption or an agreement ends: a new one takes about as long as a planning quarter."""

OVERDUE: Mapping[str, str] = {
    "evaluation-due": "evaluation-overdue",
    "completion-due": "completion-overdue",
    "placement-overdue": "placement-overdue",
}
"""What is told when its day has passed: a stay that nobody completes never ends."""

KINDS: Mapping[str, str] = {
    "list-due": "list-due",
    "offer-answer": "offer-unanswered",
    "evaluation-due": "evaluation-awaited",
    "exemption-ends": "exemption-ends",
    "agreement-ends": "agreement-ends",
}
"""Which notice reminds of a deadline; of any other nobody is reminded."""


def remind(database: Database, _: Settings, now: datetime) -> None:
    """Tell what is due soon, and take back what waits and is done by now."""
    today = norwegian_date(now)
    with database.writing(EVERYTHING) as session:
        due = [(each, _told_of(each, now, today)) for each in tasks(session, today)]
        tellings = [_telling(session, each, *told) for each, told in due if told]
        tell_anew(session, {*KINDS.values(), *OVERDUE.values()}, tellings, now)


def _told_of(deadline: Deadline, now: datetime, today: date) -> tuple[str, date] | None:
    """Return the kind of the reminder of today, and the day from which it is told; or None.

    Of several that fell into an outage it is the last one: the others are the past.
    """
    begun = [day for day in _days(deadline) if day <= today]
    if not begun:
        return None
    if not deadline.is_over(now, today):
        return KINDS[deadline.kind], max(begun)
    overdue = OVERDUE.get(deadline.kind)
    return (overdue, deadline.day) if overdue else None


def _days(deadline: Deadline) -> list[date]:
    """Return the days from which a deadline is reminded of."""
    match deadline.kind:
        case "list-due":
            return [deadline.day - timedelta(days=days) for days in LIST_DAYS]
        case "offer-answer":
            return [working_days_before(deadline.day, ANSWER_WORKING_DAYS)]
        case "evaluation-due":
            return [deadline.day - timedelta(days=EVALUATION_DAYS)]
        case "completion-due" | "placement-overdue":
            return [deadline.day + timedelta(days=1)]
        case "exemption-ends" | "agreement-ends":
            return [deadline.day - timedelta(days=ENDING_DAYS)]
    return []


def _telling(session: Session, deadline: Deadline, kind: str, since: date) -> Telling:
    """Return what the party is told; whoever is a candidate is reached by her municipality."""
    by_town = deadline.party in ("municipality", "candidate")
    shown = {name: str(value) for name, value in deadline.figures.items()}
    if deadline.kind == "list-due":
        shown["round"] = shown["label"]
    return Telling(
        kind=kind,
        subject=deadline.subject,
        organisation=_organisation(session, deadline),
        round=deadline.round,
        municipality=deadline.municipality if by_town else None,
        unit=deadline.unit if deadline.party == "unit" else None,
        figures=shown | {"unit": deadline.unit, "day": str(deadline.day)},
        serial=f"{deadline.day}/{since}",  # a deadline that moves is another one
    )


def _organisation(session: Session, deadline: Deadline) -> str:
    """Return whose doing it is: who plans the round, has the agreement or keeps the record."""
    if deadline.organisation is not None:
        return deadline.organisation
    if deadline.round is not None:
        return session.get_one(Round, deadline.round).organisation
    return session.get_one(Municipality, deadline.municipality).organisation

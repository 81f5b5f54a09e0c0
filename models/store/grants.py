"""Rights: given, taken back, and asked for at every call."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cache
from uuid import uuid4

from sqlalchemy import BindParameter, ColumnElement, Date, String, bindparam
from sqlmodel import Session, col, or_, select, update
from sqlmodel.sql.expression import SelectOfScalar

from models.scope import UNCONFINED
from models.tables import Grant
from models.tables.access import ROLES

NARROWER: Mapping[str, frozenset[str]] = {
    "unit_leader": frozenset({"unit"}),
    "coordinator": frozenset({"municipality"}),
    "candidate": frozenset({"municipality", "candidate"}),
}
"""What a right in a role names beside the organisation; no other right names any of them."""


ENDING = frozenset({"candidate"})
"""Roles whose rights must end: a candidate's id may be another person's next year."""


class UnfitRight(ValueError):
    """The role is unknown, or what the right says beside it is not what the role asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """What somebody may act as, and for whom.

    A unit leader's right names the unit, a coordinator's the municipality, a candidate's both
    municipality and candidate; no other right names any of them. From `ends_on` on it is good for
    nothing; a candidate's right has such a day.

    Raises
    ------
    UnfitRight
        Where it does not.
    """

    role: str
    organisation: str
    unit: str | None = None
    municipality: str | None = None
    candidate: str | None = None
    ends_on: date | None = None

    def __post_init__(self) -> None:
        narrower = ("unit", "municipality", "candidate")
        named = {name for name in narrower if getattr(self, name) is not None}
        if self.role not in ROLES or named != NARROWER.get(self.role, frozenset()):
            raise UnfitRight("the role asks for other names than these")
        if self.role in ENDING and self.ends_on is None:
            raise UnfitRight("the role asks for a day on which the right ends")


def holding(today: date | BindParameter[date]) -> ColumnElement[bool]:
    """Condition: a right has neither been taken back nor ended by this day in Norway."""
    ends = col(Grant.ends_on)
    return col(Grant.revoked_at).is_(None) & or_(ends.is_(None), ends > today)


def rights_of(session: Session, issuer: str, subject: str, today: date) -> list[Grant]:
    """Return the rights of a subject that hold on a day in Norway, the oldest first.

    Parameters
    ----------
    session
        Sees everything: who calls is not known before.
    """
    whose = {"whose_issuer": issuer, "whose_subject": subject, "today": today}
    return list(session.exec(_rights(), params=whose))


@cache
def _rights() -> SelectOfScalar[Grant]:
    """Return the query for somebody's rights, made once: it is asked at every call."""
    issuer, subject = (bindparam(name, type_=String) for name in ("whose_issuer", "whose_subject"))
    mine = (col(Grant.issuer) == issuer) & (col(Grant.subject) == subject)
    rights = select(Grant).where(mine, holding(bindparam("today", type_=Date)))
    return rights.order_by(col(Grant.granted_at), col(Grant.id))


def grant(
    session: Session, issuer: str, subject: str, right: Right, now: datetime, by: str
) -> Grant:
    """Give a right and return its row, which has been sent to the database.

    Parameters
    ----------
    by
        Who gives it: ``issuer|subject``, or the name of a command.
    """
    row = Grant(
        id=uuid4().hex,
        issuer=issuer,
        subject=subject,
        granted_at=now,
        granted_by=by,
        **asdict(right),
    )
    session.add(row)
    session.flush()
    return row


def revoke(session: Session, id_: str, now: datetime) -> Grant | None:
    """Take a right back and return it, or None where the session sees none of this id.

    A right that was taken back before keeps its time, also where two do it at once.
    """
    standing = (col(Grant.id) == id_) & col(Grant.revoked_at).is_(None)
    session.exec(update(Grant).where(standing).values(revoked_at=now))
    return session.get(Grant, id_, populate_existing=True)


def is_granted(session: Session, column: str, id_: str, today: date) -> bool:
    """Tell whether somebody has a right to a unit or municipality, by the column that names it."""
    held = (col(getattr(Grant, column)) == id_) & holding(today)
    rows = select(Grant.id).where(held).execution_options(**UNCONFINED)
    return session.exec(rows).first() is not None


def rights_ever(session: Session, subjects: Collection[str]) -> dict[str, list[Grant]]:
    """Return the rights in scope that subjects have or had, the oldest first.

    Parameters
    ----------
    subjects
        Each ``issuer|subject``, as authors of rows are named.
    """
    whole = col(Grant.issuer) + "|" + col(Grant.subject)
    rows = select(Grant).where(whole.in_(subjects))
    found: dict[str, list[Grant]] = {}
    for row in session.exec(rows.order_by(col(Grant.granted_at), col(Grant.id))):
        found.setdefault(f"{row.issuer}|{row.subject}", []).append(row)
    return found


def acted_for(session: Session, subjects: Collection[str], role: str) -> dict[str, set[str]]:
    """Return for which organisations each subject has, or had, a right in a role; maybe none.

    Parameters
    ----------
    subjects
        Each ``issuer|subject``, as authors of rows are named.
    """
    whole = col(Grant.issuer) + "|" + col(Grant.subject)
    rows = select(whole, Grant.organisation).where(whole.in_(subjects), col(Grant.role) == role)
    found: dict[str, set[str]] = {subject: set() for subject in subjects}
    for subject, organisation in session.exec(rows, execution_options=UNCONFINED):
        found[subject].add(organisation)
    return found
